package solve

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// Finish is a solver with an explicit end: what happens after the last node t of the grid, where noise σ(t) is left.
// Denoise and Euler cost one evaluation more than the solver. The solvers themselves always stop at the last node;
// those of the exponential kind may also be given a grid that ends where σ = 0.
type Finish struct {
	Solver ito.Solver
	Action Action
}

// Action is what Finish does after the last node.
type Action uint8

// The actions.
const (
	Stop    Action = iota // nothing: the states are those at t
	Denoise               // x ← x̂0(x, t): Tweedie's formula, which is also Euler's step to 0 in σ/α. Diagonal paths
	// x ← x − t dx/dt: Euler's step of the probability flow in the path's clock to its time 0, where σ must be 0
	Euler0
)

var actionNames = [...]string{"stop", "denoise", "euler"}

// ActionByName finds an action: stop, denoise or euler.
func ActionByName(name string) (Action, error) {
	for i, n := range actionNames {
		if n == name {
			return Action(i), nil
		}
	}
	return 0, unknown("final action", name, actionNames[:])
}

// Info implements ito.Solver: the solver's, with the action in the name.
func (o Finish) Info() ito.SolverInfo {
	info := o.Solver.Info()
	if o.Action != Stop && int(o.Action) < len(actionNames) {
		info.Name += "+" + actionNames[o.Action]
	}
	return info
}

// Plan implements ito.Solver.
func (o Finish) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	inner, err := o.Solver.Plan(p, g, k)
	if err != nil || o.Action == Stop {
		return inner, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	t := g[len(g)-1]
	st := &finish{inner: inner, last: len(g) - 2, t: [1]float64{t}, Applier: affine.NewApplier(p)}
	switch o.Action {
	case Denoise:
		if pl.Modes == nil {
			return nil, &ito.UnsupportedError{What: "denoising on path " + p.Name(),
				Why: "it does not separate x0 from ε", Nearest: "euler"}
		}
		P, R := pl.Affine(t, ito.PredX0)
		st.end, err = pl.Update(t, "xp", R, P)
	case Euler0:
		if d, ok := p.(ito.Diagonal); ok {
			σ := make([]float64, d.Modes())
			d.Schedule(0, nil, σ, nil, nil)
			for _, v := range σ {
				if v != 0 {
					return nil, &ito.UnsupportedError{What: "an Euler step to time 0 on path " + p.Name(),
						Why: fmt.Sprintf("its noise there is %g", v), Nearest: "denoise"}
				}
			}
		}
		P, R := pl.Velocity(t)
		st.end, err = pl.Update(t, "xp", pl.Scaled(R, -t, 1), pl.Scaled(P, -t, 0))
	default:
		err = &ito.InputError{Where: "finish", What: fmt.Sprintf("action %d", o.Action),
			Do: "take Stop, Denoise or Euler0"}
	}
	return st, err
}

type finish struct {
	affine.Applier
	inner ito.Stepper
	last  int
	end   *affine.Update
	pred  affine.Buffer
	t     [1]float64
	extra int // network calls of the end, for solvers that count row by row
}

// Step implements ito.Stepper.
func (st *finish) Step(ctx context.Context, s *ito.Step) error {
	if err := st.inner.Step(ctx, s); err != nil || s.Index != st.last {
		return err
	}
	pred := st.pred.Like(s.X)
	if err := s.Predict(ctx, pred, s.X, st.t[:]); err != nil {
		return err
	}
	st.extra += ito.Calls(s.Field)
	st.Apply(st.end, s.X, s.X, pred)
	return nil
}

// Reset implements ito.Resetter.
func (st *finish) Reset() {
	if r, ok := st.inner.(ito.Resetter); ok {
		r.Reset()
	}
}

func (st *finish) counts() (evals, accepted, rejected []int) {
	c, ok := st.inner.(counter)
	if !ok {
		return nil, nil, nil
	}
	evals, accepted, rejected = c.counts()
	if evals == nil {
		return nil, accepted, rejected
	}
	total := make([]int, len(evals))
	for i, e := range evals {
		total[i] = e + st.extra
	}
	return total, accepted, rejected
}
