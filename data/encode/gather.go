package encode

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/extsort"
)

// gathered are numbers of which a map is made: in memory, or where there are more than most in a file, where they are
// sorted in runs. It is the same map.
type gathered struct {
	most    int
	few     int // so many different numbers of a lattice are points; 0: none
	v       []float64
	n       int
	scratch *frame.Scratch
	buffer  []uint64
}

// mostGathered numbers are sorted in memory: 32 MB.
var mostGathered = 1 << 22 // a variable for tests

func (g *gathered) add(v float64) error {
	if g.n++; g.scratch == nil {
		if g.most == 0 {
			g.most = mostGathered
		}
		if len(g.v) < g.most {
			g.v = append(g.v, v)
			return nil
		}
		var err error
		if g.scratch, err = frame.NewScratch(); err != nil {
			return err
		}
		g.buffer = make([]uint64, 0, g.most)
		for _, x := range g.v {
			g.buffer = append(g.buffer, math.Float64bits(x))
		}
		g.v = nil
		if err := g.scratch.WriteWords(g.buffer, 0); err != nil {
			return err
		}
		g.buffer = g.buffer[:0]
	}
	if g.buffer = append(g.buffer, math.Float64bits(v)); len(g.buffer) == cap(g.buffer) {
		return g.flush()
	}
	return nil
}

// close gives up the numbers.
func (g *gathered) close() error {
	if g.v = nil; g.scratch == nil {
		return nil
	}
	return g.scratch.Close()
}

// flush writes what is gathered behind what is written.
func (g *gathered) flush() error {
	err := g.scratch.WriteWords(g.buffer, int64(g.n-len(g.buffer)))
	g.buffer = g.buffer[:0]
	return err
}

// number is the map, and gives up the numbers.
func (g *gathered) number(step float64) (*Number, error) {
	if g.scratch == nil {
		return fitNumber(g.v, step, g.few), nil
	}
	defer g.scratch.Close()
	if err := g.flush(); err != nil {
		return nil, err
	}
	g.buffer = nil
	// sorted in runs, behind the numbers as they came
	s := extsort.Sorter{Held: max(g.most/4, 1), Scratch: behind{g.scratch, int64(g.n)}}
	s.Reset(g.n)
	b := make([]float64, min(g.n, 1<<16))
	for from := 0; from < g.n; from += len(b) {
		part := b[:min(len(b), g.n-from)]
		if err := g.scratch.ReadFloats(part, int64(from)); err != nil {
			return nil, err
		}
		for i, x := range part {
			if err := s.Add(x, from+i); err != nil {
				return nil, err
			}
		}
	}
	if err := s.Finish(); err != nil {
		return nil, err
	}
	low, err := s.At(0)
	if err != nil {
		return nil, err
	}
	high, err := s.At(g.n - 1)
	if err != nil {
		return nil, err
	}
	// each gives the different numbers in order, with how many there are of each
	each := func(take func(x float64, count int)) error {
		c, err := s.From(0, false)
		x, count := 0., 0
		for ; err == nil && c.More(); err = c.Next() {
			if v := c.Value(); count == 0 || v != x {
				if count > 0 {
					take(x, count)
				}
				x, count = v, 0
			}
			count++
		}
		if err == nil && count > 0 {
			take(x, count)
		}
		return err
	}
	different := 0
	if err := each(func(float64, int) { different++ }); err != nil {
		return nil, err
	}
	return fitSorted(g.n, different, g.few, low, high, step, each)
}

// behind is a scratch that begins behind other words.
type behind struct {
	*frame.Scratch
	from int64
}

func (b behind) ReadWords(dst []uint64, at int64) error  { return b.Scratch.ReadWords(dst, b.from+at) }
func (b behind) WriteWords(src []uint64, at int64) error { return b.Scratch.WriteWords(src, b.from+at) }

// fitNumber makes the map of finite numbers, which it sorts. step is that of their lattice. Up to few are points.
func fitNumber(v []float64, step float64, few int) *Number {
	slices.Sort(v)
	each := func(take func(x float64, count int)) error {
		for i := 0; i < len(v); {
			j := i + 1
			for j < len(v) && v[j] == v[i] {
				j++
			}
			take(v[i], j-i)
			i = j
		}
		return nil
	}
	different := 0
	_ = each(func(float64, int) { different++ })                             // a slice does not fail
	m, _ := fitSorted(len(v), different, few, v[0], v[len(v)-1], step, each) // as above
	return m
}

// fitSorted is fitNumber of n sorted numbers, different of them, which each gives with their counts.
// Up to few of them on a lattice are points.
func fitSorted(n, different, few int, low, high, step float64, each func(take func(x float64, count int)) error) (
	*Number, error) {
	m := &Number{}
	if low == high {
		m.X = []float64{low}
		return m, nil
	}
	if step > finest*(high-low) {
		m.Jitter = step
	}
	all := different <= mostPlaces && n >= often*different
	if all && different <= few {
		m.Jitter, m.Points = 0, true
	}
	half := m.Jitter / 2
	// knots: the ends, places of their own, and an even grid of z between
	knots := min(mostKnots, max(n/often, 2))
	first, last := quantile(0, n), quantile(1, n)
	next := 0
	add := func(a, b float64) {
		if k := len(m.Z); k == 0 || a > m.Z[k-1] || b > m.X[k-1] {
			m.Z, m.X = append(m.Z, a), append(m.X, b)
		}
	}
	// the ends of places in order, each after the one before
	var before struct {
		z, x float64
		own  bool
	}
	any := false
	end := func(z, x float64, own, whole bool) {
		if any { // the end of a place and the start of the next are the same but for rounding, which must not turn back
			z, x = max(z, before.z), max(x, before.x)
		}
		if !all {
			for ; next < knots; next++ {
				at := first + (last-first)*float64(next)/float64(knots-1)
				if !any || at > z {
					break
				}
				if at > before.z && at < z && !(before.own && own) {
					add(at, before.x+(x-before.x)*(at-before.z)/(z-before.z))
				}
			}
		}
		if own || !any || whole {
			add(z, x)
		}
		before.z, before.x, before.own, any = z, x, own, true
	}
	done := 0
	err := each(func(x float64, count int) {
		// F at both ends of the place
		f0, f1 := float64(done)/float64(n), float64(done+count)/float64(n)
		own := all || count >= often && float64(count) >= heavy*float64(n)
		// a wide place has knots between, so that even jitter is normal in it
		parts := 1
		if half > 0 {
			parts += int((quantile(f1, n) - quantile(f0, n)) / widest)
		}
		done += count
		for i := range parts + 1 {
			end(quantile(f0+(f1-f0)*float64(i)/float64(parts), n), x-half+m.Jitter*float64(i)/float64(parts), own,
				done == n && i == parts)
		}
	})
	return m, err
}
