package interop

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// rule is a scheduler's own step, where it is not one of ito's solvers. It holds what it keeps between calls.
type rule interface {
	// next overwrites x, the states before call k, by those after it. x0 and eps are what the network said there, z
	// is noise, or nil where the call is not noisy. Only x may be changed, and x alone is not kept.
	next(k int, x, x0, eps, z ito.States)
}

// own is an ito.Solver made of a rule. It runs on the ladder that it was made for.
type own struct {
	name   string
	order  int
	source string
	limit  *solve.Threshold // of x0, which leaves eps as it was; nil: none
	noisy  func(k int) bool // nil: never
	learnt bool             // the network says the variance of the noise
	inside func(k int) bool // a run cannot begin at call k: it belongs to a step that has begun; nil: at any
	start  func() rule
}

// spreader is a rule whose noise has what the network said of its variance: it turns z into the noise of call k.
type spreader interface {
	spread(k int, z, variance ito.States)
}

// Info implements ito.Solver.
func (o *own) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: o.name, Order: o.order, Stochastic: o.noisy != nil, Evals: 1,
		Needs: []ito.Capability{ito.CapOneMode}, Source: o.source}
}

// Plan implements ito.Solver.
func (o *own) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	l, ok := p.(*Ladder)
	if !ok {
		return nil, &ito.UnsupportedError{What: "solver " + o.name + " on path " + p.Name(),
			Why: "it steps on the levels of its scheduler", Nearest: "ddim"}
	}
	if k > ito.PredScore {
		return nil, &ito.UnsupportedError{What: "solver " + o.name + " with prediction " + k.String(),
			Why: "the clock of a scheduler has no velocity", Nearest: "x0"}
	}
	for i, t := range g {
		if t != math.Trunc(t) || i > 0 && g[i-1]-t != 1 || g[0] > float64(len(l.levels)-1) || t < 0 {
			return nil, &ito.InputError{Where: "solver " + o.name, What: fmt.Sprintf("the grid has t=%g", t),
				Do: "take consecutive nodes of the plan's grid"}
		}
	}
	if from := len(l.levels) - 1 - int(g[0]); o.inside != nil && o.inside(from) {
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("solver %s from call %d", o.name, from),
			Why: "that call ends a step, or needs the slopes of those before it", Nearest: o.nearest(from)}
	}
	return &ownStepper{own: o, ladder: l, kind: k, rule: o.start()}, nil
}

// nearest is the last call before k at which a run can begin.
func (o *own) nearest(k int) string {
	for k > 0 && o.inside(k) {
		k--
	}
	return fmt.Sprintf("call %d", k)
}

// second reports the odd calls, which end a step of two.
func second(k int) bool { return k%2 == 1 }

type ownStepper struct {
	*own
	ladder     *Ladder
	kind       ito.Prediction
	rule       rule
	x0, eps, z ito.States
	variance   ito.States
}

// Step implements ito.Stepper.
func (st *ownStepper) Step(ctx context.Context, s *ito.Step) error {
	k := len(st.ladder.levels) - 1 - int(s.T)
	if st.x0.N != s.X.N {
		st.x0, st.eps = s.X.Like(s.X.D), s.X.Like(s.X.D)
	}
	said, other := st.x0, st.eps
	if st.kind != ito.PredX0 {
		said, other = st.eps, st.x0
	}
	if err := st.predict(ctx, s, said); err != nil {
		return err
	}
	l := st.ladder.levels[k]
	switch st.kind {
	case ito.PredX0:
		combine(other, s.X, said, l.Alpha, l.Sigma)
	case ito.PredScore:
		for i, v := range said.X {
			said.X[i] = -l.Sigma * v
		}
		fallthrough
	default:
		combine(other, s.X, said, l.Sigma, l.Alpha)
	}
	if st.limit != nil {
		for i := range st.x0.N {
			st.limit.Limit(st.x0.Row(i))
		}
	}
	var z ito.States
	if st.noisy != nil && st.noisy(k) {
		if st.z.N != s.X.N {
			st.z = s.X.Like(s.X.D)
		}
		z = st.z
		s.Noise.Normal(z, rng.PurposeSolver, uint32(s.Index), 0)
		if st.learnt {
			st.rule.(spreader).spread(k, z, st.variance)
		}
	}
	st.rule.next(k, s.X, st.x0, st.eps, z)
	return nil
}

// predict asks the field, for what it says of the variance too where that is used.
func (st *ownStepper) predict(ctx context.Context, s *ito.Step, said ito.States) error {
	if !st.learnt {
		return s.Predict(ctx, said, s.X, ito.Times{s.T})
	}
	f, ok := s.Field.(*networkField)
	if !ok {
		return &ito.UnsupportedError{What: "a learned variance from a field of one's own", Why: "it says no variance",
			Nearest: "Plan.Field, or variance_type fixed_small"}
	}
	if st.variance.N != s.X.N {
		st.variance = s.X.Like(s.X.D)
	}
	mine := *f // fields are shared by runs
	mine.variance = &st.variance
	e := ito.Evaluation{X: s.X, T: ito.Times{s.T}, Cond: s.Cond, Pred: said, Kind: f.Kind()}
	if err := mine.Predict(ctx, said, e.X, e.T, e.Cond); err != nil {
		return err
	}
	return s.Evaluated(ctx, e, ito.Calls(f))
}

// combine writes (x − c·v)/by, zero where by is 0.
func combine(dst, x, v ito.States, c, by float64) {
	for i, a := range x.X {
		dst.X[i] = 0
		if by != 0 {
			dst.X[i] = (a - float64(c*v.X[i])) / by
		}
	}
}
