package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
)

// oneEval is a stepper that evaluates the field once and then takes an affine step.
type oneEval struct {
	applier
	updates []*update
	pred    buffer
	t       [1]float64
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
