package pathspace

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// The gradient of KL, which passes through the paths, is the slope of the mean cost over the same noise.
func TestKLGradient(t *testing.T) {
	for what, l := range processes(t) {
		c := &Training{Target: infertest.Asymmetric, Control: l, PathLoss: KL{}, Batch: 24, Seed: 1}
		mean := func() float64 {
			p, err := c.simulate(t.Context(), 24, 0)
			if err != nil {
				t.Fatal(err)
			}
			loss := c.summary(0, p.cost)
			if loss.Dropped > 0 {
				t.Fatal(loss)
			}
			return -loss.ELBO / 2
		}
		slopes(t, what, c, c.gradients(t, 24), mean)
	}
}

// KL needs the Hessian of log ρ and says so of a target that has none.
func TestKLRefuses(t *testing.T) {
	l, err := NewLearned(PIS{K: 3}, 1, NetworkShape{Width: 8, Depth: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := &Training{Target: infertest.Normal(0, []float64{1}, []float64{1}), Control: l, PathLoss: KL{}}
	if _, err := c.Step(t.Context()); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(),
		"Hessian-vector") {
		t.Errorf("%v", err)
	}
}
