package methods

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/path"
)

// By its name, dmcmc is led by a field and rows of its data: it trains the levels, finds the mass .1 of the small
// mode within .03, goes on from its bytes, and needs levels that the path has.
func TestFieldTarget(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of training")
	}
	rows := infertest.ExactMixture(4000, [][]float64{{-5}, {5}}, []float64{.1, .9})
	p := path.EDM{}
	f, err := field.NewMixture(p, field.Mixture{D: 1, Weights: []float64{.1, .9}, Means: []float64{-5, 5},
		Var: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	score, err := mcmc.NewFieldScore(f, p, 1)
	if err != nil {
		t.Fatal(err)
	}
	target, err := mcmc.NewFieldTarget(score, rows)
	if err != nil {
		t.Fatal(err)
	}
	m, err := infer.FindMethod("dmcmc")
	if err != nil {
		t.Fatal(err)
	}
	s := infer.DefaultSettings()
	s.Chains, s.Draws, s.Warmup, s.Iterations, s.Width, s.Batch, s.StepSize, s.Seed = 60, 200, 1000, 1200, 32, 256, .5,
		1
	plan, err := m.Plan(target, s)
	if err != nil {
		t.Fatal(err)
	}
	left, total := 0., 0.
	if _, _, err := plan.Run(t.Context(), target, infer.RunOptions{Sink: func(d infer.Draw) error {
		for _, x := range d.State.X {
			if x < 0 {
				left++
			}
			total++
		}
		return nil
	}}); err != nil {
		t.Fatal(err)
	}
	t.Logf("mass %.4f", left/total)
	if math.Abs(left/total-.1) > .03 || total != 60*200 {
		t.Errorf("mass %v of %v draws at the mode of weight .1", left/total, total)
	}
	s.Scale = .01
	if _, err := m.Plan(target, s); !errors.Is(err, ito.ErrInput) {
		t.Errorf("levels from .05 to .01: %v", err)
	}
	if _, err := mcmc.NewFieldTarget(target.Field, ito.NewStates(3, 2, 0)); !errors.Is(err, ito.ErrInput) {
		t.Errorf("rows of two columns: %v", err)
	}
}
