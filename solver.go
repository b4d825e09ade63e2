package ito

import "context"

// Grid holds the times at which a solver stops, from its start to its end: decreasing for sampling.
type Grid []float64

// SolverInfo describes a solver to people and to the checks before a run.
type SolverInfo struct {
	Name       string
	Order      int
	Stochastic bool
	Adaptive   bool         // chooses its own steps inside each grid interval, per row
	Evals      int          // field evaluations a step (0 when adaptive)
	Needs      []Capability // any one of them suffices
	Source     string       // paper and algorithm or equation number
}

// Solver is a rule that carries states along a grid.
type Solver interface {
	Info() SolverInfo
	// Plan fixes every coefficient for one path, grid and kind of prediction. The Stepper holds the
	// history of one run and is not shared between runs.
	Plan(p Path, g Grid, k Prediction) (Stepper, error)
}

// Stepper is a solver planned for one path and grid, with its history.
type Stepper interface {
	// Step carries s.X from s.T to s.Next in place.
	Step(ctx context.Context, s *Step) error
}

// Resetter is a Stepper with a multistep history that a hook may drop.
type Resetter interface{ Reset() }

// Hook acts at every step: before it, after each prediction of the field (which it may change), and after the update.
type Hook interface {
	Before(context.Context, *Step) error
	Predicted(context.Context, *Step) error
	After(context.Context, *Step) error
}

// Step is one step of a run as its stepper and hooks see it.
type Step struct {
	Index   int     // from 0
	T, Next float64 // the step goes from T to Next
	X       States  // the states, overwritten by the stepper
	Cond    Cond
	Noise   Noise
	Path    Path
	Field   Field
	Hooks   []Hook
	Stepper Stepper

	// At a call of Hook.Predicted: where the field was evaluated and what it said.
	PredX States
	PredT Times
	Pred  States

	Evals int // network calls per row so far
}

// Predict evaluates the field at (x, t) into dst, counts it, and lets the hooks see and change dst.
func (s *Step) Predict(ctx context.Context, dst, x States, t Times) error {
	if err := s.Field.Predict(ctx, dst, x, t, s.Cond); err != nil {
		return err
	}
	return s.Predicted(ctx, dst, x, t, Calls(s.Field))
}

// Predicted is the second half of Predict, for a stepper that has evaluated otherwise what s.Field predicts at (x, t): it
// counts so many network calls a row, and lets the hooks see and change dst.
func (s *Step) Predicted(ctx context.Context, dst, x States, t Times, calls int) error {
	s.Evals += calls
	if len(s.Hooks) == 0 {
		return nil
	}
	s.PredX, s.PredT, s.Pred = x, t, dst
	for _, h := range s.Hooks {
		if err := h.Predicted(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// Reset drops the stepper's multistep history: a hook that moved X discontinuously calls it.
func (s *Step) Reset() {
	if r, ok := s.Stepper.(Resetter); ok {
		r.Reset()
	}
}
