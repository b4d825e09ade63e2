package advise

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// banana is N(0, 10²) in x_1 and, given it, N(10 − x_1²/10, .1²) in x_2: exact draws are known.
var banana = infertest.NewDensity(2, func(x, g []float64) float64 {
	b := (x[1] + x[0]*x[0]/10 - 10) / .1
	if g != nil {
		g[0], g[1] = -x[0]/100-b*x[0]/5/.1, -b/.1
	}
	return -x[0]*x[0]/200 - b*b/2
})

func bananaDraws(n int) ito.States {
	x := ito.NewStates(n, 2, 0)
	infer.PriorKey(7, 0).Normals64(x.X, 2, x.ID)
	for i := range n {
		r := x.Row(i)
		r[0] *= 10
		r[1] = .1*r[1] + 10 - r[0]*r[0]/10
	}
	return x
}

// Exact draws, of one mode and of several, pass; particles of the dilation path on a banana, draws that are scaled
// and draws that are displaced do not, and the check says how.
func TestCheckSpread(t *testing.T) {
	check := func(target infertest.Density, x ito.States) Spread {
		t.Helper()
		s, err := CheckSpread(t.Context(), target, x, CheckOptions{Seed: 3, Workers: 2})
		if err != nil || s.Particles != 256 || s.Gradients < 256*16*120 || s.Gradients > 256*16*200 {
			t.Fatal(s, err)
		}
		return s
	}
	exact := bananaDraws(1000)
	if s := check(banana, exact); s.Wrong {
		t.Errorf("exact draws: %v", s)
	}
	modes, m := infertest.Grid16()
	x := ito.NewStates(1000, 2, 0)
	infer.PriorKey(8, 0).Normals64(x.X, 2, x.ID)
	for i, v := range x.X {
		x.X[i] = v + m[i/2%16][i%2]
	}
	if s := check(modes, x); s.Wrong {
		t.Errorf("exact draws of sixteen modes: %v", s)
	}
	k := anneal.Annealed{}
	d := infer.NewState(k, 400, 2, 0)
	if _, err := infer.Run(t.Context(), banana, k, d, infer.RunOptions{Seed: 1}); err != nil {
		t.Fatal(err)
	}
	_, before, _ := columnMoments(d.X, 2, 0)
	s := check(banana, d.Particles())
	t.Logf("dilation has sd %.3g of 10: %v", before, s)
	if !s.Wrong || !(s.After > spreadRatio*s.Before) {
		t.Errorf("dilation on a banana: %v", s)
	}
	narrow, away := exact.Clone(), exact.Clone()
	for i := range narrow.X {
		narrow.X[i] /= 4
		if i%2 == 0 {
			away.X[i] += 8
		}
	}
	if s := check(banana, narrow); !s.Wrong {
		t.Errorf("narrow: %v", s)
	}
	unit := infertest.Normal(0, []float64{0, 0}, []float64{1, 1})
	for i := range away.X {
		away.X[i] = x.X[i] - m[i/2%16][i%2] + float64(i%2)*1.2
	}
	if s := check(unit, away); !s.Wrong || s.Coordinate != 1 || math.Abs(s.Shift-1.2) > .3 {
		t.Errorf("displaced: %+v", s)
	}
}
