package tabular

import "math"

// Space is rows under the mixed distance
//
//	d(a,b) = mean over the columns of min(|a−b|/range, 1) of numbers, 0 or 1 of equal or other levels
//
// with the range of the real column; two gaps are at 0, a gap and a value at 1. It is the distance of SDMetrics' DCR.
type Space struct{ lo, scale []float64 }

// far is a coordinate that stands for a gap: more than 1 from everything else.
const far = 1e300

// NewSpace takes the ranges of the real table.
func NewSpace(y Table) *Space {
	s := &Space{lo: make([]float64, len(y.Columns)), scale: make([]float64, len(y.Columns))}
	for j, c := range y.Columns {
		s.scale[j] = 1 // levels are at 1 or more from each other
		if c.Levels == 0 {
			lo, hi := bounds(c.X)
			s.lo[j], s.scale[j] = lo, 1/(hi-lo)
			if !(hi > lo) {
				s.scale[j] = far // any other number is another
			}
		}
	}
	return s
}

// Points are rows as coordinates, [rows, columns].
type Points struct {
	n, d int
	x    []float64
}

// Points places the rows of a table.
func (s *Space) Points(t Table) Points {
	p := Points{t.Rows, len(t.Columns), make([]float64, t.Rows*len(t.Columns))}
	for j, c := range t.Columns {
		for i, v := range c.X {
			u := far
			if v == v {
				u = min(max((v-s.lo[j])*s.scale[j], -far/2), far/2)
			}
			p.x[i*p.d+j] = u
		}
	}
	return p
}

func (p Points) row(i int) []float64 { return p.x[i*p.d : (i+1)*p.d] }

// distance is the mixed distance; anything above most as soon as it is more than that.
func distance(a, b []float64, most float64) float64 {
	s, d := 0.0, float64(len(a))
	most *= d
	for len(a) > 4 {
		s += min(math.Abs(a[0]-b[0]), 1) + min(math.Abs(a[1]-b[1]), 1) + min(math.Abs(a[2]-b[2]), 1) +
			min(math.Abs(a[3]-b[3]), 1)
		if s > most {
			return s / d
		}
		a, b = a[4:], b[4:]
	}
	for k, v := range a {
		s += min(math.Abs(v-b[k]), 1)
	}
	return s / d
}

// Near is the nearest row of a set, and the distance of the second nearest.
type Near struct {
	Row           int
	First, Second float64
}

// Nearest finds for each row of q the nearest of p. own: q and p are the same rows, and none is its own neighbour. Of
// equally near ones the first counts. O(q·p·columns), less where a row is near.
func Nearest(q, p Points, own bool) []Near {
	out := make([]Near, q.n)
	parallel(q.n, func(i int) {
		best := Near{-1, math.Inf(1), math.Inf(1)}
		a := q.row(i)
		for k := range p.n {
			if own && k == i {
				continue
			}
			d := distance(a, p.row(k), best.Second)
			if d < best.First {
				best.Row, best.First, best.Second = k, d, best.First
			} else if d < best.Second {
				best.Second = d
			}
		}
		out[i] = best
	})
	return out
}
