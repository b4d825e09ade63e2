package solve

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/ode"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// Dopri5 is the adaptive Runge–Kutta pair of Dormand and Prince for the probability flow. Every row
// chooses its own steps between the nodes of the grid, which it meets exactly; [RunInfo] counts them row
// by row. Order 5, every path (of a predicted velocity where it is TwoEnded only).
type Dopri5 struct {
	Tol      float64 `config:"-"` // absolute and relative tolerance of a step; 0: 1e-5
	MaxSteps int     `config:"-"` // of a row between two nodes; 0: 10000
}

// Info implements ito.Solver.
func (Dopri5) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "dopri5", Order: 5, Adaptive: true, Needs: flowPaths, Source: ode.Dopri5.Source}
}

// Plan implements ito.Solver.
func (o Dopri5) Plan(p ito.Path, _ ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	if _, err := affine.New(p, k); err != nil {
		return nil, err
	}
	if o.Tol < 0 {
		return nil, &ito.InputError{Where: "dopri5", What: fmt.Sprintf("a tolerance of %g", o.Tol),
			Do: "give a positive one"}
	}
	if o.Tol == 0 {
		o.Tol = 1e-5
	}
	return &dopri5{method: ode.Adaptive{Atol: o.Tol, Rtol: o.Tol, MaxSteps: o.MaxSteps}, path: p, kind: k}, nil
}

type dopri5 struct {
	method                    ode.Adaptive
	path                      ito.Path
	kind                      ito.Prediction
	to                        *field.Converter
	id                        []uint64
	cond                      []float64
	evals, accepted, rejected []int
}

func (st *dopri5) counts() (evals, accepted, rejected []int) {
	return st.evals, st.accepted, st.rejected
}

// Step implements ito.Stepper.
func (st *dopri5) Step(ctx context.Context, s *ito.Step) error {
	if st.to == nil {
		var err error
		if st.to, err = field.NewConverter(st.path, st.kind, ito.PredVelocity, s.X.D); err != nil {
			return err
		}
		st.id, st.cond = make([]uint64, s.X.N), make([]float64, len(s.Cond.X))
		st.evals, st.accepted, st.rejected = make([]int, s.X.N), make([]int, s.X.N), make([]int, s.X.N)
	}
	before := s.Evals
	res, err := st.method.Integrate(ctx, func(ctx context.Context, dst, x, t []float64, rows []int) error {
		return st.slope(ctx, s, dst, x, t, rows)
	}, s.X.X, s.X.D, s.T, s.Next)
	s.Evals = before
	if res != nil {
		calls := ito.Calls(s.Field)
		for i := range st.evals {
			st.evals[i] += calls * res.Evals[i]
			st.accepted[i] += res.Accepted[i]
			st.rejected[i] += res.Rejected[i]
			s.Evals = max(s.Evals, st.evals[i])
		}
	}
	var stuck *ode.StepError
	if errors.As(err, &stuck) {
		return fmt.Errorf("sample %d: %w", s.X.ID[stuck.Row], err)
	}
	return err
}

// slope evaluates the velocity of the rows that have not arrived, with their ids and conditions.
func (st *dopri5) slope(ctx context.Context, s *ito.Step, dst, x, t []float64, rows []int) error {
	m, d, cond := len(rows), s.X.D, s.Cond
	for i, r := range rows {
		st.id[i] = s.X.ID[r]
		copy(st.cond[i*cond.C:(i+1)*cond.C], cond.Row(r))
	}
	in, out := ito.States{N: m, D: d, X: x, ID: st.id[:m]}, ito.States{N: m, D: d, X: dst, ID: st.id[:m]}
	e := ito.Evaluation{X: in, T: t, Cond: ito.Cond{C: cond.C, X: st.cond[:m*cond.C]}, Pred: out, Kind: st.kind}
	if err := s.Evaluate(ctx, e); err != nil {
		return err
	}
	for i := range m {
		st.to.At(t[i])
		st.to.Row(out.Row(i), in.Row(i))
	}
	return nil
}
