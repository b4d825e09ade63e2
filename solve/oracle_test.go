package solve_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// quasi fills n rows of dimension 2 with normals by Box–Muller on the points frac(½+iφ⁻ʲ), φ³ = φ+1.
func quasi(n int) ito.States {
	φ := 1.32471795724474602596
	x := ito.NewStates(n, 2, 0)
	for i := range n {
		_, u := math.Modf(.5 + float64(i+1)/φ)
		_, v := math.Modf(.5 + float64(i+1)/φ/φ)
		r := math.Sqrt(-2 * math.Log(u))
		sin, cos := math.Sincos(2 * math.Pi * v)
		x.Row(i)[0], x.Row(i)[1] = r*cos, r*sin
	}
	return x
}

// The error of DDIM and Euler on a ring of 8 Gaussians, against figures computed by independent programs.
func TestRingErrors(t *testing.T) {
	vp := problem{"vp", path.VP{}, 1, 1e-3}
	edm := problem{"edm", path.EDM{}, 80, .002}
	refs := map[ito.Path]ito.States{}
	for _, c := range []struct {
		pr   problem
		m    field.Mixture
		s    ito.Solver
		grid solve.GridFunc
		want map[int]float64 // by evaluations
	}{
		{vp, ring(1, .05), solve.DDIM{}, solve.Uniform, map[int]float64{5: .39786, 10: .18254, 20: .07894, 50: .02255}},
		{vp, ring(1, .05), solve.DDIM{}, solve.LogSNR, map[int]float64{5: .13058, 10: .05720, 20: .02680, 50: .01020}},
		{edm, ring(.7, .05), solve.Euler{}, solve.Karras, map[int]float64{6: .12585, 10: .06329, 18: .03428, 34: .01770}},
	} {
		x := quasi(2048)
		if c.pr.name == "edm" {
			for i := range x.X {
				x.X[i] *= 80
			}
		}
		f := must(field.NewMixture(c.pr.p, c.m))
		ref, ok := refs[c.pr.p]
		if !ok {
			ref, _ = run(t, c.pr, f, x, ito.Grid{c.pr.from, c.pr.to}, solve.Dopri5{Tol: 1e-7})
			refs[c.pr.p] = ref
		}
		for nfe, want := range c.want {
			k := must(solve.StepsFor(c.s, nfe, 1))
			y, _ := run(t, c.pr, f, x, must(c.grid(c.pr.p, c.pr.from, c.pr.to, k)), c.s)
			if e := rmse(y, ref); math.Abs(e-want) > .002*want {
				t.Errorf("%s on %s, %d evaluations: error %.5f, want %.5f", c.s.Info().Name, c.pr.name, nfe, e, want)
			}
		}
	}
}
