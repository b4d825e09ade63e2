package advise

import (
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/infer/mcmc"
)

// One basin has no warning, however skewed or badly scaled; several have one that names what crosses.
func TestAdvise(t *testing.T) {
	for what, c := range map[string]struct {
		target infertest.Density
		modes  int
		method string
	}{
		"normal":           {infertest.Normal(0, []float64{1, -2}, []float64{.1, 5}), 1, "nuts"},
		"correlated":       {infertest.Correlated(.95), 1, "nuts"},
		"eight schools":    {infertest.EightSchools, 1, "nuts"},
		"two modes":        {infertest.Mixture([]float64{.1, .9}, [][]float64{{-5}, {5}}, 1), 2, "nuts"},
		"far apart":        {infertest.Mixture([]float64{.5, .5}, [][]float64{{-8}, {30}}, 1), 2, "nuts"},
		"many dimensions":  {infertest.Normal(0, make([]float64, 2001), infertest.Ones(2001)), 1, "hmc"},
		"one of the wells": {infertest.ManyWell(2), 2, "nuts"},
	} {
		a, err := Advise(t.Context(), c.target, 0)
		if err != nil || a.Modes != c.modes || a.Method != c.method || (a.Warning != "") != (c.modes > 1) {
			t.Errorf("%s: %+v, %v", what, a, err)
		}
	}
}

// counted is a target whose gradient is known to cost something.
type counted struct {
	infertest.Density
	operations float64
}

func (c counted) Operations() float64 { return c.operations }

// A dear gradient is the other reason not to take NUTS.
func TestAdviseByCost(t *testing.T) {
	for cost, want := range map[float64]string{0: "nuts", 1e8: "nuts", 1.1e8: "hmc"} {
		a, err := Advise(t.Context(), counted{infertest.Normal(0, []float64{0}, []float64{1}), cost}, 0)
		if err != nil || a.Method != want || strings.Contains(a.Why, "operations") != (cost > 0) {
			t.Errorf("%v operations: %+v, %v", cost, a, err)
		}
		if k, ok := a.Kernel.(mcmc.HMC); ok && k.Metric != mcmc.Dense {
			t.Errorf("%+v", k)
		}
	}
}

// On a long curved ridge steepest ascent does not arrive from far away; the places where it stops are not modes.
func TestAdviseCountsNoRidges(t *testing.T) {
	ridge := infertest.NewDensity(2, func(x, g []float64) float64 {
		a, b := 1-x[0], x[1]-x[0]*x[0]
		if g != nil {
			g[0], g[1] = 2*a+400*x[0]*b, -200*b
		}
		return -a*a - 100*b*b
	})
	a, err := Advise(t.Context(), ridge, 1)
	if err != nil || a.Modes != 1 || a.Warning != "" {
		t.Errorf("%d modes, %q, %v", a.Modes, a.Warning, err)
	}
}
