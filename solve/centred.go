package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// runCentred runs the inner path of p in the coordinates x−μ, μ of every row from the condition. The
// field, hooks and trajectory see x.
func runCentred(ctx context.Context, p *path.Centred, f ito.Field, x ito.States, grid ito.Grid, solver ito.Solver, opts Options) (Info, error) {
	if err := x.Check(); err != nil {
		return Info{}, &ito.InputError{Where: "run", What: err.Error()}
	}
	μ := x.Like(x.D)
	if err := p.Centres(μ, opts.Cond); err != nil {
		return Info{}, err
	}
	hooks := make([]ito.Hook, len(opts.Hooks))
	for i, h := range opts.Hooks {
		hooks[i] = centredHook{h, p, f, μ}
	}
	opts.Hooks = hooks
	if see := opts.Trajectory; see != nil {
		y := x.Like(x.D)
		opts.Trajectory = func(step int, t float64, x ito.States) error {
			copy(y.X, x.X)
			move(y, μ, 1)
			return see(step, t, y)
		}
	}
	move(x, μ, -1)
	info, err := Run(ctx, p.Inner(), field.Centre(f, p), x, grid, solver, opts)
	move(x, μ, 1)
	return info, err
}

// move adds c·μ to every row.
func move(x, μ ito.States, c float64) {
	for i, m := range μ.X {
		x.X[i] += c * m
	}
}

// centredHook shows a hook data coordinates.
type centredHook struct {
	ito.Hook
	path  *path.Centred
	field ito.Field
	μ     ito.States // of all rows
}

// shown calls f with the step in data coordinates.
func (h centredHook) shown(ctx context.Context, s *ito.Step, f func(context.Context, *ito.Step) error) error {
	p, inner := s.Path, s.Field
	s.Path, s.Field = h.path, h.field
	move(s.X, h.μ, 1)
	err := f(ctx, s)
	move(s.X, h.μ, -1)
	s.Path, s.Field = p, inner
	return err
}

// Before implements ito.Hook.
func (h centredHook) Before(ctx context.Context, s *ito.Step) error {
	return h.shown(ctx, s, h.Hook.Before)
}

// After implements ito.Hook.
func (h centredHook) After(ctx context.Context, s *ito.Step) error {
	return h.shown(ctx, s, h.Hook.After)
}

// Corrected implements CorrectionHook.
func (h centredHook) Corrected(ctx context.Context, s *ito.Step, k int) error {
	c, ok := h.Hook.(CorrectionHook)
	if !ok {
		return nil
	}
	return h.shown(ctx, s, func(ctx context.Context, s *ito.Step) error { return c.Corrected(ctx, s, k) })
}

// Predicted implements ito.Hook.
func (h centredHook) Predicted(ctx context.Context, s *ito.Step, e ito.Evaluation) error {
	μ := e.X.Like(e.X.D)
	if err := h.path.Centres(μ, e.Cond); err != nil {
		return err
	}
	e.X = e.X.Clone()
	move(e.X, μ, 1)
	if e.Kind == ito.PredX0 {
		move(e.Pred, μ, 1)
		defer move(e.Pred, μ, -1)
	}
	return h.shown(ctx, s, func(ctx context.Context, s *ito.Step) error { return h.Hook.Predicted(ctx, s, e) })
}
