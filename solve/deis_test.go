package solve

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// Coefficients on VP for predictions at .4, .6 and .8 and a step to .25.
func TestDEISCoefficients(t *testing.T) {
	pl, err := affine.New(path.VP{}, ito.PredEps)
	if err != nil {
		t.Fatal(err)
	}
	from, to := pl.Knots(ito.Grid{.4, .6, .8}, ito.PredEps), pl.Knot(.25, ito.PredEps)
	for name, c := range map[string]struct {
		w    affine.Weigher
		want []float64
	}{
		"tAB": {newTimes(pl).weigh, []float64{-1.225136129257, .637116097722, -.189630608128}},
		"ρAB": {weighRho, []float64{-.901649178094, .128554601342, -.004556062911}},
	} {
		m := make([]float64, 3)
		x, _ := c.w(to, from, 0, m)
		near(t, name, x, to.Alpha[0]/from[0].Alpha[0], 1e-15)
		sum := 0.0
		for j, want := range c.want {
			near(t, name, m[j], want, 1e-12)
			sum += m[j]
		}
		near(t, name+" in all", sum, to.Alpha[0]*(to.Rho(0)-from[0].Rho(0)), 1e-13)
	}
}

// In log ρ the weights are those of the exact multistep DPM-Solver by another integral: Gauss–Legendre in λ.
func TestDEISLogRho(t *testing.T) {
	pl, err := affine.New(path.VP{}, ito.PredEps)
	if err != nil {
		t.Fatal(err)
	}
	from, to := pl.Knots(ito.Grid{.4, .6, .8}, ito.PredEps), pl.Knot(.25, ito.PredEps)
	m := make([]float64, 3)
	DPMpp{Order: 3, Second: SecondTaylor}.Weigh(to, from, 0, m)
	c := newTimes(pl)
	for j := range m {
		sum, h := 0.0, to.Lambda[0]-from[0].Lambda[0]
		for q, u := range c.u {
			l := 1.0
			for k := range m {
				if k != j {
					l *= (from[0].Lambda[0] + u*h - from[k].Lambda[0]) / (from[j].Lambda[0] - from[k].Lambda[0])
				}
			}
			sum += c.w[q] * l * -h * from[0].Rho(0) / math.Exp(u*h)
		}
		near(t, "weight", m[j], to.Alpha[0]*sum, 1e-13)
	}
}
