package affine

import (
	"context"

	"github.com/seed9a7962a8/ito"
)

// OneEval is a stepper that evaluates the field once and then takes an affine step.
type OneEval struct {
	Applier
	updates []*Update
	pred    Buffer
	t       [1]float64
}

// Step implements ito.Stepper.
func (st *OneEval) Step(ctx context.Context, s *ito.Step) error {
	pred := st.pred.Like(s.X)
	st.t[0] = s.T
	if err := s.Predict(ctx, pred, s.X, st.t[:]); err != nil {
		return err
	}
	st.Apply(st.updates[s.Index], s.X, s.X, pred)
	return nil
}

// NewOneEval plans a deterministic solver of one evaluation by its rule for a step from t to next.
func NewOneEval(p ito.Path, g ito.Grid, k ito.Prediction, rule func(pl *Planner, t, next float64) (*Update, error)) (
	*OneEval, error) {
	pl, err := New(p, k)
	if err != nil {
		return nil, err
	}
	st := &OneEval{Applier: NewApplier(p), updates: make([]*Update, len(g)-1)}
	for i := range st.updates {
		if st.updates[i], err = rule(pl, g[i], g[i+1]); err != nil {
			return nil, err
		}
	}
	return st, nil
}
