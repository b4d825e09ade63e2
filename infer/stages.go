package infer

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// Stages are trainers one after the other: a fit of the reference, and then what is trained in its coordinates.
type Stages []Trainer

// Step implements Trainer: one of the first stage that is not finished.
func (s Stages) Step(ctx context.Context) (TrainingReport, error) {
	for _, t := range s {
		if done, of := t.Progress(); done < of {
			return t.Step(ctx)
		}
	}
	return TrainingReport{}, nil
}

// Progress implements Trainer.
func (s Stages) Progress() (done, of int) {
	for _, t := range s {
		d, o := t.Progress()
		done, of = done+d, of+o
	}
	return done, of
}

// Gradients implements Trainer.
func (s Stages) Gradients() float64 {
	n := 0.
	for _, t := range s {
		n += t.Gradients()
	}
	return n
}

// Warnings are those of the stages that have any.
func (s Stages) Warnings() []string {
	var w []string
	for _, t := range s {
		if t, ok := t.(interface{ Warnings() []string }); ok {
			w = append(w, t.Warnings()...)
		}
	}
	return w
}

// State implements Trainer: those of all stages, in their order.
func (s Stages) State() ([]TrainerState, error) {
	var all []TrainerState
	for _, t := range s {
		part, err := t.State()
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	return all, nil
}

// Restore implements Trainer: the stages must be those that the states are of.
func (s Stages) Restore(states []TrainerState) error {
	for _, t := range s {
		own, err := t.State()
		if err != nil {
			return err
		}
		n := min(len(own), len(states))
		if err := t.Restore(states[:n]); err != nil {
			return err
		}
		states = states[n:]
	}
	if len(states) > 0 {
		return &ito.InputError{Where: "resuming", What: fmt.Sprintf("%d states of trainings too many", len(states)),
			Do: "begin the training anew"}
	}
	return nil
}
