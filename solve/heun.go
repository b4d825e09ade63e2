package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// Heun is the explicit trapezoidal rule for the probability flow in the path's own clock: an Euler step to x̃, then
// the mean of the slopes at both ends. Order 2, two evaluations in every step, the last included, on every path (of
// a predicted velocity where it is TwoEnded only). Where σ vanishes at the end of a step the slope there is its
// limit, x α̇/α.
type Heun struct{}

// Info implements ito.Solver.
func (Heun) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "heun", Order: 2, Evals: 2, Needs: flowPaths,
		Source: "Heun 1900; Karras et al. 2022, arXiv:2206.00364, algorithm 1, in the path's clock"}
}

// Plan implements ito.Solver.
func (Heun) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	st := &heun{Applier: affine.NewApplier(p), first: make([]*affine.Update, len(g)-1), second: make([]*affine.Update,
		len(g)-1)}
	for i := range st.first {
		t, next := g[i], g[i+1]
		h := next - t
		P, R := pl.Velocity(t)
		if st.first[i], err = pl.Update(t, "xp", pl.Scaled(R, h, 1), pl.Scaled(P, h, 0)); err != nil {
			return nil, err
		}
		x, p := pl.Scaled(R, h/2, 1), pl.Scaled(P, h/2, 0)
		P, R = pl.Velocity(next)
		if st.second[i], err = pl.Update(next, "xpxp", x, p, pl.Scaled(R, h/2, 0), pl.Scaled(P, h/2, 0)); err != nil {
			return nil, err
		}
	}
	return st, nil
}

type heun struct {
	affine.Applier
	first, second  []*affine.Update
	p1, p2, middle affine.Buffer
	t              [1]float64
}

// Step implements ito.Stepper.
func (st *heun) Step(ctx context.Context, s *ito.Step) error {
	p1, p2, x1 := st.p1.Like(s.X), st.p2.Like(s.X), st.middle.Like(s.X)
	st.t[0] = s.T
	if err := s.Predict(ctx, p1, s.X, st.t[:]); err != nil {
		return err
	}
	st.Apply(st.first[s.Index], x1, s.X, p1)
	st.t[0] = s.Next
	if err := s.Predict(ctx, p2, x1, st.t[:]); err != nil {
		return err
	}
	st.Apply(st.second[s.Index], s.X, s.X, p1, x1, p2)
	return nil
}
