package infer

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/learn"
)

// Trainer learns, iteration by iteration, what a kernel needs before it can run: a [learn.Loop] under a loss, or
// several one after the other. Training continued from its state gives the bytes of one that was not interrupted.
type Trainer interface {
	Step(ctx context.Context) (TrainingReport, error)
	Progress() (done, of int)
	Gradients() float64 // of the target, evaluated so far
	// State is one state for each loop, after the last whole iteration. It shares memory with the trainer.
	State() ([]TrainerState, error)
	// Restore continues from such states, which it copies. States of other trainings are an *ito.InputError.
	Restore(states []TrainerState) error
}

// TrainerState is the state of one training: of its loop, and what the method adds to it, by name.
type TrainerState struct {
	Trainer string // what is trained
	Loop    learn.State
	Extra   map[string][]float64
}

// TrainingReport is what one iteration saw.
type TrainingReport struct {
	Iteration int
	Value     float64 // of the loss, divided by d
	Variance  float64 // of R, divided by d
	ELBO      float64 // mean of −R
	Dropped   int     // paths of this iteration
}

// Train takes iterations of a trainer until all are done. progress, unless nil, is called after every one;
// an error of it ends the training.
func Train(ctx context.Context, t Trainer, progress func(TrainingReport) error) error {
	for done, of := t.Progress(); done < of; done++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		loss, err := t.Step(ctx)
		if err != nil {
			return err
		}
		if progress == nil {
			continue
		}
		if err := progress(loss); err != nil {
			return err
		}
	}
	return nil
}

// SingleState is the state of a trainer that has one, with extras of given lengths; −1: any length.
func SingleState(states []TrainerState, trainer string, extra map[string]int) (TrainerState, error) {
	if len(states) != 1 || states[0].Trainer != trainer {
		return TrainerState{}, &ito.InputError{Where: "resuming", What: fmt.Sprintf("%d states of trainings, where "+
			"one of a %s is needed", len(states), trainer), Do: "begin the training anew"}
	}
	s := states[0]
	for name, n := range extra {
		if v, ok := s.Extra[name]; !ok || n >= 0 && len(v) != n {
			return s, &ito.InputError{Where: "resuming", What: fmt.Sprintf("the state of the %s has %d numbers of %s, "+
				"not %d", trainer, len(v), name, n), Do: "begin the training anew"}
		}
	}
	return s, nil
}

// ReadCount reads a count of a state's extras; one that is no count is 0.
func ReadCount(x []float64) int {
	if !(x[0] >= 0 && x[0] < 1<<52) {
		return 0
	}
	return int(x[0])
}
