package field

import (
	"context"
	"fmt"
	"reflect"

	"github.com/seed9a7962a8/ito"
)

// As is f with another prediction on the path p that f belongs to. It costs one evaluation of f and
// arithmetic, O(D) a row or O(D²) with a basis. The result has VJP, JVP and Divergence where f has them
// (Divergence on a path of many modes only for exact fields). On a Linear path a score becomes the
// probability-flow velocity F(x−μ) − ½GGᵀ score and nothing else can be converted.
// What happens where σ or α vanishes is told at [Modes.Affine]; an exact field has no such ends.
func As(f ito.Field, p ito.Path, kind ito.Prediction) (ito.Field, error) {
	if f.Kind() == kind {
		return f, nil
	}
	if e, ok := f.(*Exact); ok && samePath(e.src.path, p) {
		return e.As(kind)
	}
	return convert(f, p, kind)
}

// convert is As without the shortcut of exact fields.
func convert(f ito.Field, p ito.Path, kind ito.Prediction) (ito.Field, error) {
	c := &converted{f: f, path: p, kind: kind}
	switch p := p.(type) {
	case ito.Diagonal:
		if kind > ito.PredVelocity || f.Kind() > ito.PredVelocity {
			return nil, &ito.UnsupportedError{What: fmt.Sprintf("turning %s into %s", f.Kind(), kind), Why: "one of them is not a prediction", Nearest: "score"}
		}
		c.diagonal = p
	case ito.Linear:
		if f.Kind() != ito.PredScore || kind != ito.PredVelocity {
			return nil, unsupportedKind(p, kind)
		}
		c.linear = p
	default:
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("turning %s into %s on path %s", f.Kind(), kind, p.Name()), Why: "the path's transition is not known to be Gaussian", Nearest: f.Kind().String()}
	}
	_, vjp := f.(ito.VJPer)
	_, jvp := f.(ito.JVPer)
	_, div := f.(ito.Divergencer)
	div = div && (c.linear == nil && c.diagonal.Modes() == 1)
	switch {
	case vjp && jvp && div:
		return struct {
			*converted
			withVJP
			withJVP
			withDivergence
		}{c, withVJP{c}, withJVP{c}, withDivergence{c}}, nil
	case vjp && jvp:
		return struct {
			*converted
			withVJP
			withJVP
		}{c, withVJP{c}, withJVP{c}}, nil
	case vjp:
		return struct {
			*converted
			withVJP
		}{c, withVJP{c}}, nil
	case jvp:
		return struct {
			*converted
			withJVP
		}{c, withJVP{c}}, nil
	}
	return c, nil
}

type converted struct {
	f        ito.Field
	path     ito.Path
	diagonal ito.Diagonal
	linear   ito.Linear
	kind     ito.Prediction
}

type (
	withVJP        struct{ c *converted }
	withJVP        struct{ c *converted }
	withDivergence struct{ c *converted }
)

func (c *converted) Kind() ito.Prediction { return c.kind }
func (c *converted) OutDim(d int) int     { return c.f.OutDim(d) }
func (c *converted) Calls() int           { return ito.Calls(c.f) }

func (c *converted) Predict(ctx context.Context, dst, x ito.States, t ito.Times, cond ito.Cond) error {
	if err := c.f.Predict(ctx, dst, x, t, cond); err != nil {
		return err
	}
	m := c.at(x.D)
	for i := range x.N {
		m.move(t.At(i))
		m.point(dst.Row(i), x.Row(i))
	}
	return nil
}

// VJP of P f(x) + R x: the VJP of f at Pᵀw, plus Rᵀw.
func (v withVJP) VJP(ctx context.Context, dx, x ito.States, t ito.Times, cond ito.Cond, cotangent ito.States) error {
	inner := cotangent.Like(x.D)
	m := v.c.at(x.D)
	for i := range x.N {
		m.move(t.At(i))
		m.times(inner.Row(i), cotangent.Row(i), true, true)
	}
	if err := v.c.f.(ito.VJPer).VJP(ctx, dx, x, t, cond, inner); err != nil {
		return err
	}
	for i := range x.N {
		m.move(t.At(i))
		m.times(inner.Row(i), cotangent.Row(i), false, true)
		for j, w := range inner.Row(i) {
			dx.Row(i)[j] += w
		}
	}
	return nil
}

// JVP along x by linearity; the part along t is the inner field's, plus a difference quotient of the
// path's coefficients, and so of the whole prediction.
func (v withJVP) JVP(ctx context.Context, df, x ito.States, t ito.Times, cond ito.Cond, dx ito.States, dt ito.Times) error {
	if err := v.c.f.(ito.JVPer).JVP(ctx, df, x, t, cond, dx, ito.Times{0}); err != nil {
		return err
	}
	m := v.c.at(x.D)
	tmp := make([]float64, x.D)
	for i := range x.N {
		m.move(t.At(i))
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
	m := v.c.at(x.D)
	for i := range div {
		m.move(t.At(i))
		div[i] = float64(m.p[0]*div[i]) + float64(x.D)*m.r[0]
	}
	return nil
}

// affine is the map (prediction, x) → P prediction + R (x−μ) at one time.
type affine struct {
	*converted
	modes   *Modes
	t       float64
	ready   bool
	p, r    []float64 // [M], or [D,D] on a Linear path
	a, b, w []float64
}

func (c *converted) at(d int) *affine {
	m := &affine{converted: c, a: make([]float64, d), b: make([]float64, d), w: make([]float64, d)}
	if c.linear != nil {
		m.p, m.r = make([]float64, d*d), make([]float64, d*d)
		return m
	}
	m.modes = NewModes(c.diagonal)
	m.p, m.r = make([]float64, c.diagonal.Modes()), make([]float64, c.diagonal.Modes())
	return m
}

func (m *affine) move(t float64) {
	if m.ready && t == m.t {
		return
	}
	m.t, m.ready = t, true
	if m.linear != nil {
		m.linear.Drift(t, m.r, m.p)
		for i := range m.p {
			m.p[i] /= -2
		}
		return
	}
	m.modes.At(t)
	m.modes.Affine(m.f.Kind(), m.kind, m.p, m.r)
}

// point replaces the inner prediction in pred by the outer one.
func (m *affine) point(pred, x []float64) {
	d := len(x)
	if m.linear != nil {
		for i, v := range x {
			m.a[i] = v
		}
		for i, μ := range m.linear.Mean() {
			m.a[i] -= μ
		}
		copy(m.b, pred)
		for i := range pred {
			pred[i] = dot(m.p[i*d:(i+1)*d], m.b) + dot(m.r[i*d:(i+1)*d], m.a)
		}
		return
	}
	m.modes.Point(m.a, x)
	m.modes.From(m.b, pred, m.f.Kind())
	for i, y := range m.a {
		k := mode(i, len(m.p))
		m.a[i] = float64(m.p[k]*m.b[i]) + float64(m.r[k]*y)
	}
	m.modes.To(pred, m.a, m.kind)
}

// times writes P v or R v, or with the transposed matrix.
func (m *affine) times(dst, v []float64, p, transposed bool) {
	c := m.r
	if p {
		c = m.p
	}
	if m.linear != nil {
		d := len(v)
		for i := range dst {
			s := 0.0
			for j, x := range v {
				if transposed {
					s += float64(c[j*d+i] * x)
				} else {
					s += float64(c[i*d+j] * x)
				}
			}
			dst[i] = s
		}
		return
	}
	m.modes.Turn(m.w, v)
	for i := range m.w {
		m.w[i] *= c[mode(i, len(c))]
	}
	m.modes.Back(dst, m.w)
}

func samePath(a, b ito.Path) bool {
	ta, tb := reflect.TypeOf(a), reflect.TypeOf(b)
	return ta == tb && ta.Comparable() && a == b
}
