package tabular

import (
	"fmt"
	"math"
	"testing"
)

// naiveTrend is the definition, word for word.
func naiveTrend(xa, xb, ya, yb Column) float64 {
	if ya.Levels == 0 && yb.Levels == 0 {
		ρ := func(a, b []float64) float64 {
			var u, v []float64
			for i := range a {
				if a[i] == a[i] && b[i] == b[i] {
					u, v = append(u, a[i]), append(v, b[i])
				}
			}
			mu, su := moments(u)
			mv, sv := moments(v)
			s := 0.0
			for i := range u {
				s += (u[i] - mu) * (v[i] - mv)
			}
			return s / float64(len(u)-1) / su / sv
		}
		return 1 - math.Abs(ρ(xa.X, xb.X)-ρ(ya.X, yb.X))/2
	}
	word := func(v float64, real Column) string {
		if v != v || real.Levels > 0 {
			return fmt.Sprint(v)
		}
		lo, hi := bounds(real.X)
		for k := range 10 {
			left, right := lo+float64(k)*(hi-lo)/10, lo+float64(k+1)*(hi-lo)/10
			if v >= left && (v < right || k == 9 && v <= hi) {
				return fmt.Sprint("bin", k)
			}
		}
		return fmt.Sprint("out", v > hi)
	}
	share := map[string]float64{}
	for i := range xa.X {
		share[word(xa.X[i], ya)+"|"+word(xb.X[i], yb)] += 1 / float64(len(xa.X))
	}
	for i := range ya.X {
		share[word(ya.X[i], ya)+"|"+word(yb.X[i], yb)] -= 1 / float64(len(ya.X))
	}
	s := 0.0
	for _, v := range share {
		s += math.Abs(v) / 2
	}
	return 1 - s
}

func TestTrends(t *testing.T) {
	x, y := law(300, 6, 1), law(200, 6, 2)
	for i := range 5 {
		x.Columns[0].X[i] += 20 // outside of the real range
	}
	list := Trends(x, y)
	if len(list) != 15 {
		t.Fatalf("%d pairs", len(list))
	}
	for _, p := range list {
		want := naiveTrend(x.Columns[p.A], x.Columns[p.B], y.Columns[p.A], y.Columns[p.B])
		near(t, fmt.Sprint(p.A, p.B), p.Score, want, 1e-9)
	}
	// large tables of counts go another way to the same sum
	a, b, c, d := []int32{0, 1, 5, 5}, []int32{3, 3, 1, 1}, []int32{0, 5, 2}, []int32{3, 1, 2}
	near(t, "sorted", contingency(a, b, c, d, 6, 1<<20), contingency(a, b, c, d, 6, 4), 1e-12)
}

// A column that is mixed hangs together with nothing: it is blamed, and no other; the same law is not.
func TestTogether(t *testing.T) {
	x, y := law(2000, 5, 1), law(2000, 5, 2)
	list := allPairs(5)
	Together(list, x, y, make([]bool, 5), 1)
	for _, p := range list {
		if p.P < 1e-4 {
			t.Errorf("one law: %+v", p)
		}
	}
	x.Columns[1] = Marginals(x, x.Rows, 9).Columns[1]
	Together(list, x, y, make([]bool, 5), 1)
	for _, p := range list {
		if (p.A == 1 || p.B == 1) != (p.P < 1e-6) {
			t.Errorf("column 1 is mixed: %+v", p)
		}
	}
	// A column that is off by itself, and hangs together as it should, is not blamed for that.
	x = law(2000, 5, 1)
	for i := range x.Columns[1].X {
		x.Columns[1].X[i] = math.Pow(x.Columns[1].X[i], 3) + 2
	}
	Together(list, x, y, []bool{false, true, false, false, false}, 1)
	for _, p := range list {
		if p.P < 1e-4 {
			t.Errorf("another shape only: %+v", p)
		}
	}
}
