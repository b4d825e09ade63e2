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
	Predicted(context.Context, *Step, Evaluation) error
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

	Evals int // network calls per row so far
}

// Evaluation is one evaluation of a field: where, and what was predicted there. Its rows may be some of the step's,
// each at its own time, with their ids and conditions. A hook may change the values of Pred.
type Evaluation struct {
	X    States
	T    Times
	Cond Cond // of the rows of X
	Pred States
	Kind Prediction
}

// Predict evaluates the field at (x, t) of all rows into dst, counts it, and lets the hooks see and change dst.
func (s *Step) Predict(ctx context.Context, dst, x States, t Times) error {
	return s.Evaluate(ctx, Evaluation{X: x, T: t, Cond: s.Cond, Pred: dst, Kind: s.Field.Kind()})
}

// Evaluate is Predict for rows of the caller's choice: it evaluates the field at e.X, e.T and e.Cond into e.Pred.
func (s *Step) Evaluate(ctx context.Context, e Evaluation) error {
	if err := s.Field.Predict(ctx, e.Pred, e.X, e.T, e.Cond); err != nil {
		return err
	}
	return s.Evaluated(ctx, e, Calls(s.Field))
}

// Evaluated is the second half of Evaluate, for a stepper that has evaluated otherwise what e holds: it counts so many
// network calls a row, and lets the hooks see and change e.Pred.
func (s *Step) Evaluated(ctx context.Context, e Evaluation, calls int) error {
	s.Evals += calls
	for _, h := range s.Hooks {
		if err := h.Predicted(ctx, s, e); err != nil {
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
