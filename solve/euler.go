package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
)

// Euler is the Euler method for the probability flow in the path's own clock, x' = x + h dx/dt. Order 1,
// one evaluation a step, on every path; on one that is TwoEnded only, of a predicted velocity.
type Euler struct{}

// Info implements ito.Solver.
func (Euler) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "euler", Order: 1, Evals: 1, Needs: flowPaths,
		Source: "Song et al. 2021, arXiv:2011.13456, eq. 13"}
}

var everyPath = []ito.Capability{ito.CapDiagonal, ito.CapLinear}

// flowPaths are the paths whose probability flow can be followed: every one with a velocity.
var flowPaths = []ito.Capability{ito.CapDiagonal, ito.CapLinear, ito.CapTwoEnded}

// Plan implements ito.Solver.
func (Euler) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	return planOneEval(p, g, k, func(pl *planner, t, next float64) (*update, error) {
		P, R := pl.velocity(t)
		return pl.update(t, "xp", pl.scaled(R, next-t, 1), pl.scaled(P, next-t, 0))
	})
}

// oneEval is a stepper that evaluates the field once and then takes an affine step.
type oneEval struct {
	applier
	updates []*update
	pred    buffer
	t       [1]float64
}

// planOneEval plans a deterministic solver of one evaluation by its rule for a step from t to next.
func planOneEval(p ito.Path, g ito.Grid, k ito.Prediction, rule func(pl *planner, t, next float64) (*update, error)) (
	*oneEval, error) {
	pl, err := newPlanner(p, k)
	if err != nil {
		return nil, err
	}
	st := &oneEval{applier: newApplier(p), updates: make([]*update, len(g)-1)}
	for i := range st.updates {
		if st.updates[i], err = rule(pl, g[i], g[i+1]); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// Step implements ito.Stepper.
func (st *oneEval) Step(ctx context.Context, s *ito.Step) error {
	pred := st.pred.like(s.X)
	st.t[0] = s.T
	if err := s.Predict(ctx, pred, s.X, st.t[:]); err != nil {
		return err
	}
	st.apply(st.updates[s.Index], s.X, s.X, pred)
	return nil
}
