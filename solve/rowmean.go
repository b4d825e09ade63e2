package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// rowMean is a stepper of the path around the means of a RowMean path. It carries y = x−μ, μ of every row from the
// condition of the step; what is outside of it, hooks too, sees x. A coordinate that nobody has moved since the
// last step keeps its y to the last bit.
type rowMean struct {
	path  ito.RowMean
	inner ito.Stepper
	μ     ito.States
	y     ito.States // the inner states
	x     ito.States // the outer states that belong to y
	next  ito.States
	step  ito.Step
}

// Step implements ito.Stepper.
func (st *rowMean) Step(ctx context.Context, s *ito.Step) error {
	if st.y.N != s.X.N {
		st.μ, st.y, st.next = s.X.Like(s.X.D), s.X.Like(s.X.D), s.X.Like(s.X.D)
		st.x = ito.States{}
	}
	if err := st.enter(s); err != nil {
		return err
	}
	in := &st.step
	*in = ito.Step{Index: s.Index, T: s.T, Next: s.Next, X: st.y, Cond: s.Cond, Noise: s.Noise, Path: st.path.Around(),
		Field: around(s.Field, st.path), Stepper: st.inner, Evals: s.Evals}
	for _, h := range s.Hooks {
		in.Hooks = append(in.Hooks, rowMeanHook{h, st, s})
	}
	err := st.inner.Step(ctx, in)
	s.Evals, s.Cond = in.Evals, in.Cond
	st.leave(s)
	return err
}

// enter takes the outer states over.
func (st *rowMean) enter(s *ito.Step) error {
	next := st.next
	if err := st.path.MeanOf(next, s.Cond); err != nil {
		return err
	}
	kept := st.x.N == s.X.N
	for i, v := range s.X.X {
		if !kept || v != st.x.X[i] || next.X[i] != st.μ.X[i] {
			st.y.X[i] = v - next.X[i]
		}
	}
	copy(st.μ.X, next.X)
	return nil
}

// leave gives the outer states back.
func (st *rowMean) leave(s *ito.Step) {
	copy(s.X.X, st.y.X)
	matrix.AddScaled(s.X.X, 1, st.μ.X)
	if st.x.N != s.X.N {
		st.x = s.X.Like(s.X.D)
	}
	copy(st.x.X, s.X.X)
}

// Reset implements ito.Resetter.
func (st *rowMean) Reset() {
	if r, ok := st.inner.(ito.Resetter); ok {
		r.Reset()
	}
}

func (st *rowMean) counts() (evals, accepted, rejected []int) {
	if c, ok := st.inner.(counter); ok {
		return c.counts()
	}
	return nil, nil, nil
}

// rowMeanHook shows a hook the outer step where the inner one is between two updates.
type rowMeanHook struct {
	hook  ito.Hook
	st    *rowMean
	outer *ito.Step
}

// Before implements ito.Hook: the outer run has called it.
func (rowMeanHook) Before(context.Context, *ito.Step) error { return nil }

// After implements ito.Hook: the outer run will call it.
func (rowMeanHook) After(context.Context, *ito.Step) error { return nil }

// during calls do with the outer step as it is now, and takes over what do has changed.
func (h rowMeanHook) during(in *ito.Step, do func() error) error {
	h.outer.Evals, h.outer.Cond = in.Evals, in.Cond
	h.st.leave(h.outer)
	err := do()
	in.Evals, in.Cond = h.outer.Evals, h.outer.Cond
	if err != nil {
		return err
	}
	return h.st.enter(h.outer)
}

// Predicted implements ito.Hook. The rows of an evaluation may be some of the states.
func (h rowMeanHook) Predicted(ctx context.Context, in *ito.Step, e ito.Evaluation) error {
	μ, inner := e.X.Like(e.X.D), e
	if err := h.st.path.MeanOf(μ, e.Cond); err != nil {
		return err
	}
	e.X = e.X.Clone()
	matrix.AddScaled(e.X.X, 1, μ.X)
	if e.Kind == ito.PredX0 {
		e.Pred = e.Pred.Clone()
		matrix.AddScaled(e.Pred.X, 1, μ.X)
	}
	if err := h.during(in, func() error { return h.hook.Predicted(ctx, h.outer, e) }); err != nil {
		return err
	}
	if e.Kind == ito.PredX0 {
		copy(inner.Pred.X, e.Pred.X)
		matrix.AddScaled(inner.Pred.X, -1, μ.X)
	}
	return nil
}

// Corrected implements CorrectionHook.
func (h rowMeanHook) Corrected(ctx context.Context, in *ito.Step, k int) error {
	c, ok := h.hook.(CorrectionHook)
	if !ok {
		return nil
	}
	return h.during(in, func() error { return c.Corrected(ctx, h.outer, k) })
}
