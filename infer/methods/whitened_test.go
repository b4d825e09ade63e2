package methods

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/infer/pathspace"
)

// In the coordinates of a normal target PDDS has nothing to do: log Z without error in 4 steps, where N(0, I) is a
// hundred standard deviations away, and the particles come back in the target's own coordinates with its density.
func TestWhitenedPDDS(t *testing.T) {
	mean, sd := []float64{100, -3}, []float64{.5, 20}
	target := infertest.Normal(1.5, mean, sd)
	k := infer.Whitened{Kernel: pathspace.PDDS{Particles: 4000, Steps: 4}, Reference: infer.Reference{Mean: mean,
		SD: sd}}
	s := infer.NewState(k, 2, 2, 0)
	r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range r.LogZ {
		if math.Abs(z-1.5) > 1e-9 {
			t.Errorf("log Z = %v", z)
		}
	}
	logp := make([]float64, len(s.LogP))
	if err := target.LogDensity(t.Context(), logp, s.Particles()); err != nil {
		t.Fatal(err)
	}
	m := 0.
	for i, l := range logp {
		m += s.X[2*i] / float64(len(logp))
		if math.Abs(l-s.LogP[i]) > 1e-9 {
			t.Fatalf("log ρ of particle %d is %v, not %v", i, l, s.LogP[i])
		}
	}
	if math.Abs(m-100) > 5*.5/math.Sqrt(8000) {
		t.Errorf("mean %v", m)
	}
}

// Groups that end at different steps come home once each: neither workers nor a restart in the middle change a byte.
func TestWhitenedRestarts(t *testing.T) {
	target := infertest.Funnel(3)
	k := infer.Whitened{Kernel: anneal.SMC{Particles: 30}, Reference: infer.Reference{Mean: []float64{1},
		SD: []float64{2}}}
	start := func() *infer.State { return infer.NewState(k, 3, 3, 0) }
	run := func(s *infer.State, o infer.RunOptions) *infer.State {
		o.Seed = 2
		if _, err := infer.Run(t.Context(), target, k, s, o); err != nil {
			t.Fatal(err)
		}
		return s
	}
	var between [][]byte
	one := run(start(), infer.RunOptions{Workers: 3, CheckpointEvery: 1, Checkpoint: func(s *infer.State) error {
		b, err := s.MarshalBinary()
		between = append(between, b)
		return err
	}})
	want, _ := one.MarshalBinary()
	if s := run(start(), infer.RunOptions{}); !slices.Equal(s.X, one.X) || !slices.Equal(s.LogP, one.LogP) {
		t.Error("one worker has other particles than three")
	}
	for _, b := range between {
		var s infer.State
		if err := s.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if got, _ := run(&s, infer.RunOptions{}).MarshalBinary(); !bytes.Equal(got, want) {
			t.Fatalf("continued from step %d: another state", s.Step)
		}
	}
}

// The whitened target has the derivatives of its own differences.
func TestWhiten(t *testing.T) {
	w := infer.Whiten(infertest.Funnel(2), infer.Reference{Mean: []float64{.5, -1}, SD: []float64{2, .3}})
	const h = 1e-5
	x := ito.NewStates(3, 2, 0)
	copy(x.X, []float64{.2, .4, .2 + h, .4, .2, .4 + h})
	logp, g := make([]float64, 3), ito.NewStates(3, 2, 0)
	if err := w.Gradient(t.Context(), logp, g, x); err != nil {
		t.Fatal(err)
	}
	for j := range 2 {
		if d := (logp[j+1] - logp[0]) / h; math.Abs(d-g.X[j]) > 1e-3 {
			t.Errorf("slope %d: %v, gradient %v", j, d, g.X[j])
		}
	}
}

// A method that is whitened fits first and then trains; its training continues from its bytes.
func TestWhitenedPlan(t *testing.T) {
	target := infertest.Normal(0, []float64{7, -7}, []float64{.5, .5})
	m, err := infer.FindMethod("pdds")
	if err != nil {
		t.Fatal(err)
	}
	set := infer.DefaultSettings()
	set.Whiten, set.WhitenIterations, set.Potential, set.Iterations, set.Draws, set.Steps, set.Seed = "meanfield", 2000,
		"learned", 3, 100, 4, 1
	made := func() infer.MethodPlan {
		p, err := m.Plan(target, set)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	steps := func(p infer.MethodPlan, n int) []byte {
		for range n {
			if _, err := p.Train.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return infertest.StateBytes(t, p.Train)
	}
	whole := made()
	all := steps(whole, 2006)
	for _, cut := range []int{3, 2000, 2004} {
		second := made()
		first := made()
		steps(first, cut)
		if err := second.Train.Restore(infertest.StateOf(t, first.Train)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(steps(second, 2006-cut), all) {
			t.Errorf("cut after %d: the continued training is another", cut)
		}
	}
	r, _, err := whole.Run(t.Context(), target, infer.RunOptions{})
	if err != nil || math.Abs(r.Evidence().LogZ) > .05 {
		t.Errorf("log Z = %v, %v", r.Evidence().LogZ, err)
	}
	if err := whole.Train.Restore(infertest.StateOf(t, whole.Train)[:1]); !errors.Is(err, ito.ErrInput) {
		t.Errorf("the state of one stage: %v", err)
	}
}
