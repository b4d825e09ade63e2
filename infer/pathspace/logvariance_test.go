package pathspace

import (
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/infer/infertest"
)

// The gradient of the log-variance loss, computed without passing through the paths, is the slope of Var R along
// held paths.
func TestLogVarianceGradient(t *testing.T) {
	for what, l := range processes(t) {
		c := &Training{Target: infertest.Asymmetric, Control: l, Batch: 24, Seed: 1}
		p, err := c.simulate(t.Context(), 24, 0)
		if err != nil {
			t.Fatal(err)
		}
		slopes(t, what, c, c.gradients(t, 24), func() float64 { return heldVariance(t, c, p) })
	}
}

// heldVariance is Var R/d of the present controls along the places of p, the noise absorbing the change of the control.
func heldVariance(t *testing.T, c *Training, p *paths) float64 {
	t.Helper()
	pr, d := c.Control.Process, p.d
	cost := slices.Clone(p.cost)
	for k := range p.steps {
		x, y, old, ε := p.at(p.x, k, d), p.at(p.x, k+1, d), p.at(p.u, k, d), p.at(p.ε, k, d)
		u, v, div := make([]float64, len(x)), make([]float64, len(x)), make([]float64, p.b)
		if err := c.Control.Control(t.Context(), k, d, u, x, p.at(p.guide, k, d)); err != nil {
			t.Fatal(err)
		}
		b, both := pr.(Bridge)
		if both {
			if err := backwards(t.Context(), b, k, v, div, x, y, p.at(p.z, k, d)); err != nil {
				t.Fatal(err)
			}
		}
		move, rate := pr.Move(k), pr.Rate(k)
		for i := range p.b {
			e := make([]float64, d)
			for j := range e {
				e[j] = ε[i*d+j] - rate*(u[i*d+j]-old[i*d+j])
			}
			row := func(x []float64) []float64 { return slices.Clone(p.row(x, i)) }
			cost[i] += move(row(x), row(u), e) - move(row(x), row(old), p.row(ε, i))
			if both {
				cost[i] += b.Extra(k, row(x), row(y), row(u), e, row(v), div[i]) - b.Extra(k, row(x), row(y), row(old),
					p.row(ε, i), p.row(p.at(p.v, k, d), i), p.div[k*p.b+i])
			}
		}
	}
	return c.summary(0, cost).Variance
}
