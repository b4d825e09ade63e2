package metric

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/extsort"
)

// The normal scores Φ⁻¹((r − 3/8)/(S + 1/4)) of zScale, from sorted draws. Draws in the middle of odd chains have
// no rank: their place is −1.

// score is that of the ranks from lo+1 to hi among s, which equal draws share.
func score(lo, hi, s int) float64 {
	r := float64(lo+1+hi) / 2
	return math.Sqrt2 * math.Erfinv(2*(r-.375)/(float64(s)+.25)-1)
}

const noPlace = math.MaxUint64 // −1

// ranked is R̂ and the bulk effective size.
func (w *Summariser) ranked(chains, draws int, median float64) (rhat, bulk float64, err error) {
	s := series{halves: chains, n: draws}
	if draws > 1 {
		s.halves, s.n = 2*chains, draws/2
	}
	if s.read, err = w.scored(s.halves, s.n); err != nil {
		return 0, 0, err
	}
	m, err := w.measure(s)
	if err != nil {
		return 0, 0, err
	}
	if bulk, err = w.ess(s, m); err != nil {
		return 0, 0, err
	}
	folded, err := w.folded(s.halves, s.n, median)
	if err != nil {
		return 0, 0, err
	}
	a, b := m.rhat(s.n), folded.rhat(s.n)
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.NaN(), bulk, nil
	}
	return max(a, b), bulk, nil
}

// rhat is the function of this name.
func (m *moments) rhat(n int) float64 {
	if m.degenerate {
		return math.NaN()
	}
	within := 0.0
	for _, v := range m.variance {
		within += v / float64(len(m.variance))
	}
	_, between := meanVariance(m.mean)
	return math.Sqrt((float64(n)*between/within + float64(n) - 1) / float64(n))
}

// scored puts the scores of the ranks in the places of their draws and returns how to read them. Many go through
// buckets of places, each as large as memory holds.
func (w *Summariser) scored(halves, n int) (func(dst []float64, half, first int) error, error) {
	s := halves * n
	if s <= w.sorted.Held {
		if cap(w.scores) < s {
			w.scores = make([]float64, s)
		}
		scores := w.scores[:s]
		err := w.ranks(s, func(place uint64, z float64) error {
			scores[place] = z
			return nil
		})
		return func(dst []float64, half, first int) error {
			copy(dst, scores[half*n+first:])
			return nil
		}, err
	}
	at, err := w.sorted.Scatter(s, func(put func(place, word uint64) error) error {
		return w.ranks(s, func(place uint64, z float64) error { return put(place, math.Float64bits(z)) })
	})
	if err != nil {
		return nil, err
	}
	words := make([]uint64, blockDraws)
	return func(dst []float64, half, first int) error {
		for from := at + int64(half*n+first); len(dst) > 0; {
			c := words[:min(len(words), len(dst))]
			if err := w.Scratch.ReadWords(c, from); err != nil {
				return err
			}
			for i, v := range c {
				dst[i] = math.Float64frombits(v)
			}
			dst, from = dst[len(c):], from+int64(len(c))
		}
		return nil
	}, nil
}

// ranks calls f with the place and the score of every draw that has a place, in the order of the draws. One cursor
// looks ahead to the end of equal draws.
func (w *Summariser) ranks(s int, f func(place uint64, z float64) error) error {
	lead, err := w.sorted.From(0, false)
	if err != nil {
		return err
	}
	lag, err := w.sorted.From(0, false)
	if err != nil {
		return err
	}
	for lo := 0; lag.More(); {
		hi, equal := lo, lead.Key()
		for ; lead.More() && lead.Key() == equal; err = lead.Next() {
			if err != nil {
				return err
			}
			if lead.Place() != noPlace {
				hi++
			}
		}
		if err != nil {
			return err
		}
		z := 0.
		if hi > lo {
			z = score(lo, hi, s)
		}
		for lag.More() && lag.Key() == equal {
			if p := lag.Place(); p != noPlace {
				if err := f(p, z); err != nil {
					return err
				}
			}
			if err := lag.Next(); err != nil {
				return err
			}
		}
		lo = hi
	}
	return nil
}

// folded is the moments of the scores of |x − median|: two cursors go outwards from the median, and the nearer draw
// is next. Moments are updated as those of joined samples (Chan, Golub and LeVeque, 1979), equal distances
// together.
func (w *Summariser) folded(halves, n int, median float64) (moments, error) {
	m := moments{mean: make([]float64, halves), variance: make([]float64, halves)}
	middle := (w.sorted.N - 1) / 2
	down, err := w.sorted.From(middle, true)
	if err != nil {
		return m, err
	}
	up, err := w.sorted.From(middle+1, false)
	if err != nil {
		return m, err
	}
	if w.counts == nil || len(w.counts) != 2*halves {
		w.counts = make([]int, 2*halves)
	}
	seen, counts := w.counts[:halves], w.counts[halves:] // draws of each half so far, and of those at this distance
	clear(w.counts)
	distance := func(c *extsort.Cursor) float64 {
		if !c.More() {
			return math.Inf(1)
		}
		return math.Abs(c.Value() - median)
	}
	var here []int
	lowest, highest := math.Inf(1), math.Inf(-1)
	for lo := 0; down.More() || up.More(); {
		d := min(distance(&down), distance(&up))
		hi := lo
		for _, c := range []*extsort.Cursor{&down, &up} {
			for c.More() && distance(c) == d {
				if p := c.Place(); p != noPlace {
					h := int(p) / n
					if counts[h] == 0 {
						here = append(here, h)
					}
					counts[h]++
					hi++
				}
				if err := c.Next(); err != nil {
					return m, err
				}
			}
		}
		if hi > lo {
			z := score(lo, hi, halves*n)
			lowest, highest = min(lowest, z), max(highest, z)
			for _, h := range here {
				old, k := float64(seen[h]), float64(counts[h])
				δ := z - m.mean[h]
				m.mean[h] += δ * k / (old + k)
				m.variance[h] += δ * δ * old * k / (old + k)
				seen[h] += counts[h]
				counts[h] = 0
			}
			here = here[:0]
		}
		lo = hi
	}
	for h := range m.variance {
		m.variance[h] /= float64(n - 1)
	}
	m.degenerate = constant(lowest, highest)
	return m, nil
}
