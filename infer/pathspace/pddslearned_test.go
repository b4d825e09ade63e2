package pathspace

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/rng"
)

// The learned potential of the notebook's case: −.04 there. Two rounds of 1500 iterations bring the mean log Ẑ of
// 30 runs from −12 to within .1 of 0.
func TestPDDSLearns(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of training")
	}
	target := infertest.Normal(0, []float64{2.75}, []float64{.25})
	k := PDDS{Particles: 2000, Steps: 8, Noise: LinearNoise(.001, 12)}
	l, err := NewLearnedPotential(1, NetworkShape{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := &PotentialTraining{Target: target, Kernel: k, Potential: l, Iterations: 1500, Seed: 1}
	if err := c.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	k.Potential = l
	s := infer.NewState(k, 30, 1, 0)
	r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	m := 0.
	for _, z := range r.LogZ {
		m += z / 30
	}
	t.Logf("learned: mean log Ẑ %.3f, sd %.3f", m, r.Evidence().SD)
	if math.Abs(m) > .1 {
		t.Errorf("learned potential: mean log Ẑ %v", m)
	}
}

// randomised is a learned potential whose weights are no good at all.
func randomised(t *testing.T, d int) *LearnedPotential {
	t.Helper()
	l, err := NewLearnedPotential(d, NetworkShape{Width: 16, Depth: 2}, 4)
	if err != nil {
		t.Fatal(err)
	}
	z := make([]float64, len(l.Params))
	rng.NewKey(8, rng.PurposeUser, 0, 0).Normals64(z, len(z), []uint64{0})
	for i, v := range z {
		l.Params[i] += float32(.1 * v)
	}
	return l
}

// An untrained potential is the naive one; any has g_0 at λ = 0, and the gradient of its own differences between.
func TestLearnedPotential(t *testing.T) {
	target := infertest.Normal(1, []float64{.5, -1}, []float64{.6, 2})
	s := &infer.State{Groups: 1, Slots: 1, D: 2, ID: []uint64{0}}
	s.AddVar("tally", infer.TallyWidth)
	at := func(p Potential, λ, x, y float64) (float64, []float64) {
		l, g := make([]float64, 1), make([]float64, 2)
		if err := p.Log(t.Context(), infer.SeededTarget{Target: target}, s, λ, 1.5, l, g, []float64{x, y}); err != nil {
			t.Fatal(err)
		}
		return l[0], g
	}
	fresh, err := NewLearnedPotential(2, NetworkShape{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	wild := randomised(t, 2)
	for _, λ := range []float64{0, .4, 1} {
		a, ga := at(Naive{}, λ, .3, -.7)
		if b, gb := at(fresh, λ, .3, -.7); a != b || !slices.Equal(ga, gb) {
			t.Errorf("untrained at λ = %v: %v %v, want %v %v", λ, b, gb, a, ga)
		}
		b, gb := at(wild, λ, .3, -.7)
		if (λ == 0) != (a == b) {
			t.Errorf("any weights at λ = %v: %v, naive %v", λ, b, a)
		}
		const h = .01 // the networks are float32
		up, _ := at(wild, λ, .3+h, -.7)
		down, _ := at(wild, λ, .3-h, -.7)
		if math.Abs((up-down)/(2*h)-gb[0]) > 1e-3 {
			t.Errorf("λ = %v: slope %v, gradient %v", λ, (up-down)/(2*h), gb[0])
		}
	}
}

// Training continued from its state, in the middle of a round or between two, has the state of one that was not
// interrupted.
func TestPotentialTrainingResumes(t *testing.T) {
	target := infertest.Normal(0, []float64{1}, []float64{.5})
	made := func() *PotentialTraining {
		l, err := NewLearnedPotential(1, NetworkShape{Width: 8, Depth: 1}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return &PotentialTraining{Target: target, Kernel: PDDS{Particles: 20, Steps: 4}, Potential: l, Iterations: 4,
			Refresh: 3, Batch: 8, Seed: 2}
	}
	steps := func(c *PotentialTraining, n int) *PotentialTraining {
		for range n {
			if _, err := c.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return c
	}
	for _, cut := range []int{2, 4, 5, 7} {
		second := made()
		if err := second.Restore(infertest.StateOf(t, steps(made(), cut))); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(infertest.StateBytes(t, steps(second, 8-cut)), infertest.StateBytes(t, steps(made(), 8))) {
			t.Errorf("cut after %d: the continued training has other weights", cut)
		}
		infertest.RefusesStates(t, second)
	}
}
