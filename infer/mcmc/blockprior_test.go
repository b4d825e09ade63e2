package mcmc

import (
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/model"
)

// linear declares a correlated and an independent normal prior, and sees the first coordinate of each.
const linear = `
f = param("f", shape = 2, prior = multi_normal([1, 0], cov = [[1, 0.8], [0.8, 2]]))
g = param("g", shape = (2, 2), prior = normal([[3, 0], [0, 0]], 2))
observe(normal(f[0], 0.5), 2.5)
observe(normal(g[0, 0] + g[1, 1], 1), 1)
`

// The prior has the density of the model without observations, up to a constant, and roots that make its covariance.
func TestBlockPriorIsTheModel(t *testing.T) {
	src := linear[:strings.Index(linear, "observe")]
	m, err := model.Compile("prior.star", src, nil, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	law, err := m.NormalPrior()
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewBlockPrior(law)
	if err != nil {
		t.Fatal(err)
	}
	x := ito.NewStates(2, 6, 0)
	copy(x.X, []float64{1, -2, .5, 3, 2, -1, 0, .3, -.7, 1, 4, 2})
	logp := make([]float64, 2)
	if err := m.LogDensity(t.Context(), logp, x); err != nil {
		t.Fatal(err)
	}
	if got, want := p.LogDensity(x.Row(0))-p.LogDensity(x.Row(1)), logp[0]-logp[1]; math.Abs(got-want) > 1e-12 {
		t.Errorf("log density differs by %v, want %v", got, want)
	}
	var c [36]float64
	for j := range 6 {
		z, r := make([]float64, 6), make([]float64, 6)
		z[j] = 1
		p.Root(r, z)
		for i := range c {
			c[i] += r[i/6] * r[i%6]
		}
	}
	for i, v := range c {
		want := map[int]float64{0: 1, 1: .8, 6: .8, 7: 2, 14: 4, 21: 4, 28: 4, 35: 4}[i]
		if math.Abs(v-want) > 1e-12 {
			t.Errorf("covariance (%d, %d) is %v, want %v", i/6, i%6, v, want)
		}
	}
}
