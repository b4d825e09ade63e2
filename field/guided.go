package field

import (
	"context"

	"github.com/seed9a7962a8/ito"
)

// Guided is classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598, eq. 6 with weight
// W = 1 + their w):
//
//	pred(x | c) = f(x | ∅) + W (f(x | c) − f(x | ∅)),
//
// where the null condition ∅ is a Cond of zeros, as learnt by dropping conditions. W = 1 is the
// conditional field, W = 0 the unconditional one; the zero value ignores the condition. An evaluation
// counts the calls of two, for every W.
type Guided struct {
	Field ito.Field
	W     float64
}

// Kind implements ito.Field.
func (g Guided) Kind() ito.Prediction { return g.Field.Kind() }

// OutDim implements ito.Field.
func (g Guided) OutDim(d int) int { return g.Field.OutDim(d) }

// Calls implements ito.Coster.
func (g Guided) Calls() int { return 2 * ito.Calls(g.Field) }

// Predict implements ito.Field. It is an error to guide without a condition.
func (g Guided) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	return g.mix(dst, c, func(dst ito.States, c ito.Cond) error { return g.Field.Predict(ctx, dst, x, t, c) })
}

// VJP implements ito.VJPer where the field does, by linearity.
func (g Guided) VJP(ctx context.Context, dx, x ito.States, t ito.Times, c ito.Cond, cotangent ito.States) error {
	f, ok := g.Field.(ito.VJPer)
	if !ok {
		return &ito.UnsupportedError{What: "a gradient through guidance", Why: "the guided field has none",
			Nearest: "a field with VJP"}
	}
	return g.mix(dx, c, func(dst ito.States, c ito.Cond) error { return f.VJP(ctx, dst, x, t, c, cotangent) })
}

// JVP implements ito.JVPer where the field does, by linearity.
func (g Guided) JVP(ctx context.Context, df, x ito.States, t ito.Times, c ito.Cond, dx ito.States, dt ito.Times) error {
	f, ok := g.Field.(ito.JVPer)
	if !ok {
		return &ito.UnsupportedError{What: "a tangent through guidance", Why: "the guided field has none",
			Nearest: "a field with JVP"}
	}
	return g.mix(df, c, func(dst ito.States, c ito.Cond) error { return f.JVP(ctx, dst, x, t, c, dx, dt) })
}

// Guidable reports a field that cannot be guided: on a path around a mean of each row nothing is predicted without the
// condition.
func Guidable(f ito.Field) error {
	if p, ok := Bound(f); ok {
		if _, means := p.(ito.RowMean); means {
			return &ito.UnsupportedError{What: "guidance on path " + p.Name(),
				Why: "the condition holds the centre of the row, and cannot be left out", Nearest: "guidance 1"}
		}
	}
	return nil
}

func (g Guided) mix(dst ito.States, c ito.Cond, f func(ito.States, ito.Cond) error) error {
	if c.None() {
		return &ito.InputError{Where: "guidance", What: "there is no condition to guide by",
			Do: "give a condition, or use the field without guidance"}
	}
	if err := Guidable(g.Field); err != nil {
		return err
	}
	null := ito.Cond{C: c.C, X: make([]float64, len(c.X))}
	if err := f(dst, null); err != nil {
		return err
	}
	cond := dst.Like(dst.D)
	if err := f(cond, c); err != nil {
		return err
	}
	for i, u := range dst.X {
		dst.X[i] = u + float64(g.W*(cond.X[i]-u))
	}
	return nil
}
