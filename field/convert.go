package field

import (
	"context"
	"reflect"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// As is f with another prediction on the path p that f belongs to. It costs one evaluation of f and
// arithmetic, O(D) a row or O(D²) with a basis. The result has VJP, JVP and Divergence where f has them
// (Divergence on a path of many modes only for exact fields). On a Linear path a score becomes the
// probability-flow velocity F(x−μ) − ½GGᵀ score and nothing else can be converted.
// What happens where σ or α vanishes is told at [path.Modes.Affine]; an exact field has no such ends.
func As(f ito.Field, p ito.Path, kind ito.Prediction) (ito.Field, error) {
	if f.Kind() == kind {
		return f, nil
	}
	if n, ok := f.(Kinds); ok {
		if b, ok := Bound(f); ok && samePath(b, p) {
			return n.As(kind)
		}
	}
	return convert(f, p, kind)
}

// convert is As without the shortcut of fields that know every kind.
func convert(f ito.Field, p ito.Path, kind ito.Prediction) (ito.Field, error) {
	if _, err := NewConverter(meanless(p), f.Kind(), kind, max(p.Dim(), 1)); err != nil {
		return nil, err
	}
	c := &converted{f: f, path: p, kind: kind}
	_, vjp := f.(ito.VJPer)
	_, jvp := f.(ito.JVPer)
	_, div := f.(ito.Divergencer)
	div = div && ito.Has(meanless(p), ito.CapOneMode)
	v, j, d := withVJP{c}, withJVP{c}, withDivergence{c}
	switch [3]bool{vjp, jvp, div} { // an interface each, so a type for each set of them
	case [3]bool{true, false, false}:
		return struct {
			*converted
			withVJP
		}{c, v}, nil
	case [3]bool{false, true, false}:
		return struct {
			*converted
			withJVP
		}{c, j}, nil
	case [3]bool{true, true, false}:
		return struct {
			*converted
			withVJP
			withJVP
		}{c, v, j}, nil
	case [3]bool{false, false, true}:
		return struct {
			*converted
			withDivergence
		}{c, d}, nil
	case [3]bool{true, false, true}:
		return struct {
			*converted
			withVJP
			withDivergence
		}{c, v, d}, nil
	case [3]bool{false, true, true}:
		return struct {
			*converted
			withJVP
			withDivergence
		}{c, j, d}, nil
	case [3]bool{true, true, true}:
		return struct {
			*converted
			withVJP
			withJVP
			withDivergence
		}{c, v, j, d}, nil
	}
	return c, nil
}

type converted struct {
	f    ito.Field
	path ito.Path
	kind ito.Prediction
}

type (
	withVJP        struct{ c *converted }
	withJVP        struct{ c *converted }
	withDivergence struct{ c *converted }
)

func (c *converted) converter(d int) *Converter {
	m, _ := NewConverter(meanless(c.path), c.f.Kind(), c.kind, d) // checked by convert
	return m
}

func (c *converted) Kind() ito.Prediction { return c.kind }
func (c *converted) OutDim(d int) int     { return c.f.OutDim(d) }
func (c *converted) Calls() int           { return ito.Calls(c.f) }

func (c *converted) Predict(ctx context.Context, dst, x ito.States, t ito.Times, cond ito.Cond) error {
	if err := c.f.Predict(ctx, dst, x, t, cond); err != nil {
		return err
	}
	return Convert(c.path, c.f.Kind(), c.kind, dst, x, t, cond)
}

// Convert turns the predictions at x from one kind into another in place, each row at its time. c holds the means
// of the rows on an [ito.RowMean] path.
func Convert(p ito.Path, from, to ito.Prediction, pred, x ito.States, t ito.Times, c ito.Cond) error {
	if from == to {
		return nil
	}
	var μ ito.States
	if r, ok := p.(ito.RowMean); ok {
		μ = x.Like(x.D)
		if err := r.MeanOf(μ, c); err != nil {
			return err
		}
		x = x.Clone()
		matrix.AddScaled(x.X, -1, μ.X)
		if from == ito.PredX0 {
			matrix.AddScaled(pred.X, -1, μ.X)
		}
	}
	m, err := NewConverter(meanless(p), from, to, x.D)
	if err != nil {
		return err
	}
	for i := range x.N {
		m.At(t.At(i))
		m.Row(pred.Row(i), x.Row(i))
	}
	if μ.N > 0 && to == ito.PredX0 {
		matrix.AddScaled(pred.X, 1, μ.X)
	}
	return nil
}

// meanless is the path around the means of the rows, or p itself.
func meanless(p ito.Path) ito.Path {
	if r, ok := p.(ito.RowMean); ok {
		return r.Around()
	}
	return p
}

// VJP of P f(x) + R x: the VJP of f at Pᵀw, plus Rᵀw.
func (v withVJP) VJP(ctx context.Context, dx, x ito.States, t ito.Times, cond ito.Cond, cotangent ito.States) error {
	inner := cotangent.Like(x.D)
	m := v.c.converter(x.D)
	for i := range x.N {
		m.At(t.At(i))
		m.times(inner.Row(i), cotangent.Row(i), true, true)
	}
	if err := v.c.f.(ito.VJPer).VJP(ctx, dx, x, t, cond, inner); err != nil {
		return err
	}
	for i := range x.N {
		m.At(t.At(i))
		m.times(inner.Row(i), cotangent.Row(i), false, true)
		for j, w := range inner.Row(i) {
			dx.Row(i)[j] += w
		}
	}
	return nil
}

// JVP along x by linearity; the part along t is the inner field's, plus a difference quotient of the
// path's coefficients, and so of the whole prediction.
func (v withJVP) JVP(ctx context.Context, df, x ito.States, t ito.Times, cond ito.Cond, dx ito.States,
	dt ito.Times) error {
	if err := v.c.f.(ito.JVPer).JVP(ctx, df, x, t, cond, dx, ito.Times{0}); err != nil {
		return err
	}
	m := v.c.converter(x.D)
	tmp := make([]float64, x.D)
	for i := range x.N {
		m.At(t.At(i))
		row := df.Row(i)
		m.times(tmp, row, true, false)
		copy(row, tmp)
		m.times(tmp, dx.Row(i), false, false)
		for j, w := range tmp {
			row[j] += w
		}
	}
	return alongTime(ctx, v.c.path, v.c.Predict, df, x, t, cond, dt)
}

// Divergence of P f + R x with one mode: P ∇·f + D R.
func (v withDivergence) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times, cond ito.Cond) error {
	if err := v.c.f.(ito.Divergencer).Divergence(ctx, div, x, t, cond); err != nil {
		return err
	}
	m := v.c.converter(x.D)
	for i := range div {
		m.At(t.At(i))
		div[i] = float64(m.p[0]*div[i]) + float64(x.D)*m.r[0]
	}
	return nil
}

// Kinds is a field that predicts several kinds natively: As is the same field with another prediction. A user's
// type may be one; with a method Bound, [As] makes use of it on that path.
type Kinds interface {
	ito.Field
	As(kind ito.Prediction) (ito.Field, error)
}

func samePath(a, b ito.Path) bool {
	ta, tb := reflect.TypeOf(a), reflect.TypeOf(b)
	return ta == tb && ta.Comparable() && a == b
}
