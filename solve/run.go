package solve

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// RunOptions are what a run may be given besides its parts. The zero value is a plain run.
type RunOptions struct {
	Cond  ito.Cond
	Noise ito.Noise // nil: ito.Seed(0)
	Hooks []ito.Hook
	// Progress is told of every finished step.
	Progress func(StepEvent)
	// Trajectory sees the states at the start (step 0) and after every step. It must not keep x.
	Trajectory func(step int, t float64, x ito.States) error
	// Space, where it has parts, keeps the states legal: noise is drawn through it, and the states are projected at
	// the start and after every step, with masks from Cond. What is projected is exact where the path treats the
	// coordinates of a part alike and its mean is legal. Tokens are for jump paths, which keep them whole
	// themselves.
	Space ito.Space
	// Unchecked leaves out the search for NaN and infinity after every step.
	Unchecked bool
	// Planned is what [Plan] made before for this path, grid, solver and kind of prediction, and is used by no other
	// run at the time; nil: Run plans. One that remembers what it did, see [Repeatable], may be used once.
	Planned ito.Stepper
}

// StepEvent is one finished step.
type StepEvent struct {
	Step, Steps int // from 1 to Steps
	T           float64
	Rows        int
	Evals       int // network calls so far of the row that has had most
}

// RunInfo says what a run did.
type RunInfo struct {
	Steps int
	Rows  int
	Evals []int // [N] network calls
	// Accepted and Rejected are the inner steps of an adaptive solver [N]; nil for the others.
	Accepted, Rejected []int
}

// counter is a stepper that evaluates some rows more often than others.
type counter interface {
	counts() (evals, accepted, rejected []int)
}

// Run carries x in place along the grid: x holds the states at grid[0] and, at the end, those at the last node.
// Grids may begin and end anywhere that the path is defined, so warm starts and refinement are grids: x is at the
// data only where the last node is.
//
// It refuses, before anything is computed, what [Plan] refuses and shapes that do not fit (*ito.InputError). A
// state that is not finite stops the run with *ito.NonFiniteError; x then holds that step's states. ctx is looked
// at once a step.
//
// A row's bytes depend on the row, its id, the noise and the grid: Run on slices of x, in parallel or
// not, gives what one Run gives.
func Run(ctx context.Context, p ito.Path, f ito.Field, x ito.States, grid ito.Grid, solver ito.Solver,
	opts RunOptions) (
	RunInfo, error) {
	if err := check(p, f, x, opts.Cond); err != nil {
		return RunInfo{}, err
	}
	st := opts.Planned
	if st == nil {
		var err error
		if st, err = Plan(p, grid, solver, f.Kind()); err != nil {
			return RunInfo{}, err
		}
	}
	if opts.Noise == nil {
		opts.Noise = ito.Seed(0)
	}
	if len(opts.Space.Parts) > 0 {
		if err := enter(p, x, opts.Space, opts.Cond); err != nil {
			return RunInfo{}, err
		}
		opts.Noise = opts.Space.Noise(opts.Noise, x.ID, opts.Cond)
	}
	info := RunInfo{Rows: x.N}
	if opts.Trajectory != nil {
		if err := opts.Trajectory(0, grid[0], x); err != nil {
			return info, err
		}
	}
	s := &ito.Step{X: x, Cond: opts.Cond, Noise: opts.Noise, Path: p, Field: f, Hooks: opts.Hooks, Stepper: st}
	if x.N > 0 {
		for k := range len(grid) - 1 {
			s.Index, s.T, s.Next = k, grid[k], grid[k+1]
			if err := one(ctx, s, st, opts); err != nil {
				info.count(s, st)
				return info, wrap(err, solver, s)
			}
			info.Steps++
			if opts.Progress != nil {
				opts.Progress(StepEvent{Step: k + 1, Steps: len(grid) - 1, T: s.Next, Rows: x.N, Evals: s.Evals})
			}
		}
	}
	info.count(s, st)
	return info, nil
}

// one is one step with everything around it.
func one(ctx context.Context, s *ito.Step, st ito.Stepper, opts RunOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, h := range s.Hooks {
		if err := h.Before(ctx, s); err != nil {
			return err
		}
	}
	if err := st.Step(ctx, s); err != nil {
		return err
	}
	for _, h := range s.Hooks {
		if err := h.After(ctx, s); err != nil {
			return err
		}
	}
	if len(opts.Space.Parts) > 0 && !ito.Has(s.Path, ito.CapJump) {
		if err := opts.Space.Project(s.X, opts.Cond); err != nil {
			return err
		}
	}
	if !opts.Unchecked && !finite(s.X.X) {
		return &ito.NonFiniteError{What: "sample", Step: s.Index, Sample: s.X.ID[s.X.FirstNonFinite()], T: s.Next}
	}
	if opts.Trajectory != nil {
		return opts.Trajectory(s.Index+1, s.Next, s.X)
	}
	return nil
}

func wrap(err error, solver ito.Solver, s *ito.Step) error {
	var nf *ito.NonFiniteError
	if errors.As(err, &nf) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%s, step %d from t=%g to %g: %w", solver.Info().Name, s.Index, s.T, s.Next, err)
}

func (info *RunInfo) count(s *ito.Step, st ito.Stepper) {
	if c, ok := st.(counter); ok {
		if info.Evals, info.Accepted, info.Rejected = c.counts(); info.Evals != nil {
			return
		}
	}
	info.Evals = make([]int, info.Rows)
	for i := range info.Evals {
		info.Evals[i] = s.Evals
	}
}

// finite reports that every value is finite: v−v is 0, or NaN for NaN and ±Inf.
func finite(x []float64) bool {
	var a, b, c, d float64
	for len(x) >= 4 {
		a += x[0] - x[0]
		b += x[1] - x[1]
		c += x[2] - x[2]
		d += x[3] - x[3]
		x = x[4:]
	}
	for _, v := range x {
		a += v - v
	}
	return !math.IsNaN(a + b + c + d)
}

func check(p ito.Path, f ito.Field, x ito.States, c ito.Cond) error {
	bad := func(do, format string, a ...any) error {
		return &ito.InputError{Where: "run", What: fmt.Sprintf(format, a...), Do: do}
	}
	if err := x.Check(); err != nil {
		return bad("", "%v", err)
	}
	if x.D == 0 {
		return bad("", "the states have no dimensions")
	}
	if d := p.Dim(); d != 0 && d != x.D {
		return bad("", "the states have dimension %d, the path %s has %d", x.D, p.Name(), d)
	}
	if j, ok := p.(ito.Jump); ok {
		if f.Kind() != ito.PredLogits || f.OutDim(x.D) != x.D*j.Data() {
			return bad("give a field of logits", "the field predicts %d values of %s for %d tokens, path %s has %d "+
				"levels", f.OutDim(x.D), f.Kind(), x.D, p.Name(), j.Data())
		}
		if err := path.Tokens(j, x); err != nil {
			return err
		}
	} else if f.Kind() == ito.PredLogits {
		return &ito.UnsupportedError{What: "logits on path " + p.Name(), Why: "they are of tokens",
			Nearest: "path absorbing"}
	} else if d := f.OutDim(x.D); d != x.D {
		return bad("", "the field predicts %d values for states of dimension %d", d, x.D)
	}
	if c.C != 0 && len(c.X) != c.C*x.N {
		return bad("", "%d values are not conditions of width %d for %d rows", len(c.X), c.C, x.N)
	}
	if r, ok := p.(ito.RowMean); ok {
		if err := r.MeanOf(x.Like(x.D), c); err != nil {
			return err
		}
		p = r.Around()
	}
	return path.Admits(p, f.Kind())
}

// Check reports a solver that cannot work on p, with the nearest that can.
func Check(p ito.Path, solver ito.Solver) error {
	if c, ok := p.(ito.RowMean); ok {
		p = c.Around()
	}
	info := solver.Info()
	if serves(p, info) {
		return nil
	}
	why := fmt.Sprintf("it needs a path that is %s", either(info.Needs))
	if info.Stochastic && !ito.Has(p, ito.CapGaussian) && !ito.Has(p, ito.CapJump) {
		why = "it puts Gaussian noise back, which is not the noise of the path"
	}
	nearest := ""
	for _, strict := range []bool{true, false} {
		for _, other := range append(append(All(), Jumps()...), Mixed{}) {
			o := other.Info()
			if nearest == "" && serves(p, o) && (!strict || o.Stochastic == info.Stochastic &&
				o.Adaptive == info.Adaptive) {
				nearest = o.Name
			}
		}
	}
	return &ito.UnsupportedError{What: fmt.Sprintf("solver %s on path %s", info.Name, p.Name()), Why: why,
		Nearest: nearest}
}

func serves(p ito.Path, info ito.SolverInfo) bool {
	if info.Stochastic && !ito.Has(p, ito.CapGaussian) && !ito.Has(p, ito.CapJump) && !ito.Has(p, path.CapMixed) {
		return false
	}
	for _, c := range info.Needs {
		if ito.Has(p, c) {
			return true
		}
	}
	return len(info.Needs) == 0
}

func either(needs []ito.Capability) string {
	s := ""
	for i, c := range needs {
		if i > 0 {
			s += " or "
		}
		s += string(c)
	}
	return s
}
