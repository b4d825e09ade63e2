package tabular

import (
	"math"
	"testing"
)

func naiveDistance(a, b, y Table, i, k int) float64 {
	s := 0.0
	for j, c := range y.Columns {
		u, v := a.Columns[j].X[i], b.Columns[j].X[k]
		lo, hi := bounds(c.X)
		switch {
		case u != u && v != v:
		case u != u || v != v:
			s++
		case c.Levels > 0 && u != v:
			s++
		case c.Levels == 0 && u != v:
			s += min(math.Abs(u-v)/(hi-lo), 1)
		}
	}
	return s / float64(len(y.Columns))
}

func TestNearest(t *testing.T) {
	x, y := law(60, 9, 1), law(80, 9, 2)
	for i := range y.Rows {
		y.Columns[4].X[i] = 7 // does not vary: another number is another
	}
	x.Columns[4].X[3] = 7
	space := NewSpace(y)
	px, py := space.Points(x), space.Points(y)
	for i, got := range Nearest(px, py, false) {
		first, second := math.Inf(1), math.Inf(1)
		for k := range y.Rows {
			d := naiveDistance(x, y, y, i, k)
			near(t, "distance", distance(px.row(i), py.row(k), 2), d, 1e-12)
			if d < first {
				first, second = d, first
			} else if d < second {
				second = d
			}
		}
		near(t, "first", got.First, first, 1e-12)
		near(t, "second", got.Second, second, 1e-12)
		near(t, "row", naiveDistance(x, y, y, i, got.Row), first, 1e-12)
	}
	for i, got := range Nearest(py, py, true) {
		if got.Row == i {
			t.Fatalf("row %d is its own neighbour", i)
		}
	}
}

// Squared distances of the vectors are the sum over columns of (Δ/range)² and of 1 for another level, over their
// number.
func TestEmbedding(t *testing.T) {
	x, y := law(40, 7, 1), law(50, 7, 2)
	s := mixedStates(y, x)
	for i := range x.Rows {
		for k := range y.Rows {
			want := 0.0
			for j, c := range y.Columns {
				u, v := x.Columns[j].X[i], c.X[k]
				lo, hi := bounds(c.X)
				switch {
				case c.Levels > 0 && u != v:
					want++
				case c.Levels == 0 && u == u && v == v:
					d := (min(max((u-lo)/(hi-lo), -1), 2) - (v-lo)/(hi-lo))
					want += d * d
				case (u == u) != (v == v):
					w := u
					if w != w {
						w = v
					}
					d := (w-lo)/(hi-lo) - .5
					want += 1 + d*d
				}
			}
			near(t, "squared", squared(s[1].Row(i), s[0].Row(k)), want/7, 1e-12)
		}
	}
}
