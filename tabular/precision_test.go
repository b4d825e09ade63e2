package tabular

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// naiveSupports is the definition, word for word.
func naiveSupports(x, y ito.States) (s Support) {
	n := y.N
	d := func(a, b []float64) float64 { return math.Sqrt(squared(a, b)) }
	within := func(level float64, rows ito.States) float64 { // radius of the ball of a share of the rows
		var r []float64
		for i := range n {
			r = append(r, d(rows.Row(i), centre(rows)))
		}
		slices.Sort(r)
		return quantile(r, level)
	}
	nearest := func(a []float64, rows ito.States, skip int) (at int) {
		best := math.Inf(1)
		for k := range n {
			if v := d(a, rows.Row(k)); k != skip && v < best {
				at, best = k, v
			}
		}
		return at
	}
	var offA, offB, all float64
	for k := range 30 {
		level := float64(k) / 29
		α, β := 0.0, 0.0
		for i := range n {
			if d(x.Row(i), centre(y)) <= within(level, y) {
				α += 1 / float64(n)
			}
			j := nearest(y.Row(i), x, -1)
			own := nearest(y.Row(i), y, i)
			if d(y.Row(i), x.Row(j)) < d(y.Row(i), y.Row(own)) && d(x.Row(j), centre(x)) <= within(level, x) {
				β += 1 / float64(n)
			}
		}
		offA, offB, all = offA+math.Abs(level-α), offB+math.Abs(level-β), all+level
	}
	s.Precision, s.Recall = 1-offA/all, 1-offB/all
	for i := range n {
		r := nearest(x.Row(i), y, -1)
		if d(x.Row(i), y.Row(r)) > d(y.Row(r), y.Row(nearest(y.Row(r), y, r))) {
			s.Authenticity += 1 / float64(n)
		}
	}
	return s
}

func TestSupports(t *testing.T) {
	x, y := law(40, 5, 1), law(40, 5, 2)
	e := newEmbedding(y, []Table{x}, 1)
	got, want := supports(e.states(x), e.states(y)), naiveSupports(e.states(x), e.states(y))
	near(t, "precision", got.Precision, want.Precision, 1e-9)
	near(t, "recall", got.Recall, want.Recall, 1e-9)
	near(t, "authenticity", got.Authenticity, want.Authenticity, 1e-9)

	y = gauss(800, 3, 0, 0, 1)
	if s := Supports(y, y, 800, 1); s.Authenticity != 0 || s.Precision < .999 || s.Recall < .95 {
		t.Errorf("copies: %+v", s)
	}
	if s := Supports(gauss(800, 3, 0, 0, 2), y, 800, 1); math.Abs(s.Authenticity-.5) > .08 || s.Precision < .9 {
		t.Errorf("one law: %+v", s)
	}
	if s := Supports(gauss(800, 3, 100, 0, 2), y, 800, 1); s.Precision > .05 || s.Recall > .05 || s.Authenticity < .99 {
		t.Errorf("far away: %+v", s)
	}
}
