package metric

import (
	"cmp"
	"errors"
	"math"

	"github.com/seed9a7962a8/ito/internal/extsort"
)

// Summariser computes summaries of columns of any length in bounded memory, the same as [Summarise] to rounding
// (relative errors of 1e-12). It sorts once, where Summarise sorts seven times. Buffers are kept for the next
// column: one Summariser serves one goroutine.
//
//   - Ranks: a column of more than Held draws is sorted in runs in the scratch, which are merged; normal scores
//     go back to the draws' places by buckets.
//   - Folding: |x − median| is read off the sorted draws from the middle outwards.
//   - Effective sizes: autocovariances by windows of Lags lags, as many as Geyer's sequence has. Halves of n >
//     Lags draws that do not mix at all
//     have sequences of n lags, at a cost of O(n²/Lags · log Lags); otherwise the cost is O(n log n).
//
// Memory is 40 bytes for each of Held draws and 96 for each of Lags lags, or of the draws where they are fewer: 23
// MB with the defaults. Five words a draw are in the scratch.
type Summariser struct {
	Scratch Scratch // nil: columns of more than Held draws are an error
	Held    int     // draws in memory; 0: 1 << 18
	Lags    int     // of a window, a power of two; 0: 1 << 17

	sorted  extsort.Sorter
	spectra spectra
	lags    int
	block   []float64
	scores  []float64 // of the ranks, where they fit
	counts  []int
}

// SummariserBytes is about the memory of a Summariser with its defaults for columns of so many chains and draws of
// each.
func SummariserBytes(chains, draws int) int {
	return 40*min(chains*draws, defaultHeld) + 96*min(draws/2+1, defaultLags)
}

const (
	defaultHeld = 1 << 18
	defaultLags = 1 << 17
	blockDraws  = 1 << 12 // draws in a block that is read
)

// Summarise computes the summary of a column. What is not defined is NaN. Errors are those of the column and the
// scratch.
func (w *Summariser) Summarise(name string, c Column) (Summary, error) {
	chains, draws := c.Chains(), c.Draws()
	nan := math.NaN()
	out := Summary{name, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan}
	if chains*draws == 0 {
		return out, nil
	}
	if w.block == nil {
		w.block = make([]float64, blockDraws)
	}
	w.sorted.Held, w.lags = cmp.Or(w.Held, defaultHeld), cmp.Or(w.Lags, defaultLags)
	w.sorted.Scratch = w.Scratch
	if chains*draws > w.sorted.Held && w.Scratch == nil {
		return out, errors.New("metric: no scratch for a column of this length")
	}
	w.sorted.Reset(chains * draws)
	c, err := w.keep(c)
	if err != nil {
		return out, err
	}
	if err := w.sorted.Finish(); err != nil {
		return out, err
	}
	all := series{chains, draws, c.Read}
	one := series{1, chains * draws, func(dst []float64, _, first int) error { return readFlat(c, dst, first) }}
	total, err := w.measure(one)
	if err != nil {
		return out, err
	}
	if e := exponent(total.lo, total.hi); e != 0 {
		out, err := w.Summarise(name, scaled{c, e})
		for _, v := range []*float64{&out.Mean, &out.Median, &out.SD, &out.Q5, &out.Q95, &out.MCSEMean, &out.MCSESD} {
			*v = math.Ldexp(*v, e)
		}
		return out, err
	}
	mean, variance := total.mean[0], total.variance[0]
	out.Mean, out.SD = mean, math.Sqrt(variance)
	for _, q := range []struct {
		to *float64
		p  float64
	}{{&out.Median, .5}, {&out.Q5, .05}, {&out.Q95, .95}} {
		if *q.to, err = w.quantile(q.p); err != nil {
			return out, err
		}
	}
	if total.degenerate {
		return out, nil
	}
	if out.RHat, out.ESSBulk, err = w.ranked(chains, draws, out.Median); err != nil {
		return out, err
	}
	size := func(f func(v float64) float64) float64 {
		s := halved(c, f)
		m, e := w.measure(s)
		if e == nil {
			var n float64
			if n, e = w.ess(s, m); e == nil {
				return n
			}
		}
		err = errors.Join(err, e)
		return nan
	}
	below := func(q float64) func(float64) float64 {
		return func(v float64) float64 {
			if v <= q {
				return 1
			}
			return 0
		}
	}
	out.ESSTail = least(size(below(out.Q5)), size(below(out.Q95)))
	out.MCSEMean = math.Sqrt(variance / size(nil))
	var m2, m4 float64
	for h := range chains {
		err = errors.Join(err, w.each(all, h, func(v float64) {
			d := (v - mean) * (v - mean)
			m2 += d
			m4 += d * d
		}))
	}
	m2, m4 = m2/float64(one.n), m4/float64(one.n)
	out.MCSESD = math.Sqrt((m4 - m2*m2) / size(func(v float64) float64 { return (v - mean) * (v - mean) }) / m2 / 4)
	return out, err
}

// quantile is the quantile of the function of this name.
func (w *Summariser) quantile(p float64) (float64, error) {
	at := float64(w.sorted.N-1) * p
	lo := int(math.Floor(at))
	a, err := w.sorted.At(lo)
	if err != nil || at == math.Floor(at) {
		return a, err
	}
	b, err := w.sorted.At(lo + 1)
	return quantile([]float64{a, b}, at-float64(lo)), err
}

// least is the smaller number, NaN if one is.
func least(a, b float64) float64 {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.NaN()
	}
	return min(a, b)
}

// keep adds the draws to the sorter, places counted through the halves, the middle draws of odd chains beyond the
// last. A column that fits is from then on in memory.
func (w *Summariser) keep(c Column) (Column, error) {
	chains, draws := c.Chains(), c.Draws()
	var held chainsColumn
	if chains*draws <= w.sorted.Held {
		held = make(chainsColumn, chains)
		x := make([]float64, chains*draws)
		for i := range held {
			held[i] = x[i*draws : (i+1)*draws]
			if err := c.Read(held[i], i, 0); err != nil {
				return nil, err
			}
		}
		c = held
	}
	s := series{chains, draws, c.Read}
	for chain := range chains {
		var failed error
		i := 0
		err := w.each(s, chain, func(v float64) {
			if failed == nil {
				failed = w.sorted.Add(v, splitPlace(chains, draws, chain, i))
			}
			i++
		})
		if err = errors.Join(err, failed); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// readFlat reads from all chains, one behind the other.
func readFlat(c Column, dst []float64, first int) error {
	draws := c.Draws()
	for len(dst) > 0 {
		chain, i := first/draws, first%draws
		n := min(len(dst), draws-i)
		if err := c.Read(dst[:n], chain, i); err != nil {
			return err
		}
		dst, first = dst[n:], first+n
	}
	return nil
}
