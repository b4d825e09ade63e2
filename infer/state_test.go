package infer_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// A start that has a density is left where it was drawn while others are drawn again: a chain begins at the same
// place whoever is beside it.
func TestScatterLeavesGoodStarts(t *testing.T) {
	positive := infertest.NewDensity(1, func(x, _ []float64) float64 {
		if x[0] < 0 {
			return math.Inf(-1)
		}
		return -x[0]
	})
	const n, seed = 16, 4
	all := infer.NewState(walk{}, n, 1, 0)
	if err := all.Scatter(t.Context(), positive, seed, 2); err != nil {
		t.Fatal(err)
	}
	first := make([]float64, n)
	infer.PriorKey(seed, 0).Uniforms64(first, 1, all.ID)
	again := 0
	for i, x := range all.X {
		one := infer.NewState(walk{}, 1, 1, uint64(i))
		if err := one.Scatter(t.Context(), positive, seed, 2); err != nil {
			t.Fatal(err)
		}
		if x < 0 || one.X[0] != x {
			t.Errorf("chain %d begins at %v beside others, at %v alone", i, x, one.X[0])
		}
		if at := 2 * (2*first[i] - 1); at < 0 {
			again++
		} else if at != x {
			t.Errorf("chain %d, drawn at %v, begins at %v", i, at, x)
		}
	}
	if again == 0 || again == n {
		t.Errorf("%d of %d were drawn again: the test sees too little", again, n)
	}
}

// stage is a trainer of a given number of states.
type stage struct {
	n        int
	restored []infer.TrainerState
}

func (*stage) Step(context.Context) (infer.TrainingReport, error) { return infer.TrainingReport{}, nil }
func (*stage) Progress() (done, of int)                           { return 0, 0 }
func (*stage) Gradients() float64                                 { return 0 }
func (s *stage) State() ([]infer.TrainerState, error)             { return make([]infer.TrainerState, s.n), nil }

func (s *stage) Restore(states []infer.TrainerState) error {
	if s.restored = states; len(states) != s.n {
		return &ito.InputError{Where: "resuming", What: "another number of states"}
	}
	return nil
}

// Each stage is given its own states, of however many it has; too few or too many are refused.
func TestStagesShareStates(t *testing.T) {
	states := []infer.TrainerState{{Trainer: "a"}, {Trainer: "b"}, {Trainer: "c"}, {Trainer: "d"}}
	for n := range len(states) + 1 {
		first, second := &stage{n: 1}, &stage{n: 2}
		err := infer.Stages{first, second}.Restore(slices.Clip(states[:n]))
		if n != 3 {
			if !errors.Is(err, ito.ErrInput) {
				t.Errorf("%d states for 3: %v", n, err)
			}
			continue
		}
		if err != nil || first.restored[0].Trainer != "a" || second.restored[0].Trainer != "b" ||
			second.restored[1].Trainer != "c" {
			t.Errorf("the stages have %v and %v: %v", first.restored, second.restored, err)
		}
	}
}
