package field

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// Exact is the closed-form field of mixture data on a path. With Φ and Σ the path's transition,
//
//	p_t = Σ_k w_k N(μ + Φ(c_k−μ), Φ C_k Φᵀ + Σ_t),
//
// so every prediction is a posterior mean with weights by log-sum-exp. It is what a perfectly trained
// network would say: solvers, hooks and objectives are proved on it first.
//
// A prediction costs O(K·D) a row when the covariances are diagonal in the path's basis, O(K·D²) otherwise, and
// O(K·D³) once for each run of equal times. A row's bytes depend on the row and its time only. The condition holds
// the row's mean on an [ito.RowMean] path and is ignored otherwise. An Exact is immutable and safe for concurrent
// calls.
type Exact struct {
	src  *source
	kind ito.Prediction
}

// NewMixture is the score of m on p, a Diagonal, Linear or RowMean path. Use As for the other predictions.
func NewMixture(p ito.Path, m Mixture) (*Exact, error) {
	s, err := newSource(p, m)
	if err != nil {
		return nil, err
	}
	return &Exact{s, ito.PredScore}, nil
}

// NewGaussian is the score of Gaussian data on p.
func NewGaussian(p ito.Path, g ito.Gaussian) (*Exact, error) { return NewMixture(p, Gaussian(g)) }

// As implements [Kinds]: the same field with another prediction, any kind on a Diagonal path, score or
// probability-flow velocity on a Linear one.
func (e *Exact) As(kind ito.Prediction) (ito.Field, error) {
	if kind > ito.PredVelocity {
		return nil, unsupportedKind(e.src.path, kind)
	}
	if e.src.linear != nil && kind != ito.PredScore && kind != ito.PredVelocity {
		return nil, unsupportedKind(e.src.path, kind)
	}
	return &Exact{e.src, kind}, nil
}

// Bound is the path that the field belongs to.
func (e *Exact) Bound() ito.Path { return e.src.path }

func unsupportedKind(p ito.Path, kind ito.Prediction) error {
	return &ito.UnsupportedError{What: fmt.Sprintf("prediction %s on path %s", kind, p.Name()),
		Why: "only a diagonal path separates x0 from ε", Nearest: "score"}
}

// Kind implements ito.Field.
func (e *Exact) Kind() ito.Prediction { return e.kind }

// OutDim implements ito.Field.
func (e *Exact) OutDim(d int) int { return d }

// Predict implements ito.Field.
func (e *Exact) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	if dst.N != x.N || dst.D != x.D {
		return shapeError("predictions", dst, x)
	}
	return e.rows(ctx, x, t, c, e.kind, func(i int, l *law, p *posterior) {
		p.moments(l)
		p.predict(l, dst.Row(i), e.kind)
	})
}

// VJP implements ito.VJPer.
func (e *Exact) VJP(ctx context.Context, dx, x ito.States, t ito.Times, c ito.Cond, cotangent ito.States) error {
	if dx.N != x.N || dx.D != x.D || cotangent.N != x.N || cotangent.D != x.D {
		return shapeError("cotangents", cotangent, x)
	}
	d := e.src.d
	w, v, out := make([]float64, d), make([]float64, d), make([]float64, d)
	return e.rows(ctx, x, t, c, e.kind, func(i int, l *law, p *posterior) {
		p.each(l)
		p.moments(l)
		clear(out)
		if l.linear != nil {
			e.vjpLinear(l, p, dx.Row(i), cotangent.Row(i), v)
			return
		}
		p.modes.Turn(w, cotangent.Row(i))
		for j := range v {
			v[j] = l.sc[j] * w[j]
		}
		p.scoreTimes(l, out, v, 1)
		if l.useX0 {
			for j := range v {
				v[j] = l.xc[j] * w[j]
			}
			p.meanTransposed(l, out, v)
		}
		p.modes.Back(dx.Row(i), out)
	})
}

func (e *Exact) vjpLinear(l *law, p *posterior, dx, w, v []float64) {
	d := l.d
	clear(dx)
	if l.drift == nil {
		p.scoreTimes(l, dx, w, 1)
		return
	}
	for j := range v {
		v[j] = matrix.Dot(l.half[j*d:(j+1)*d], w) // ½GGᵀ is symmetric
	}
	p.scoreTimes(l, dx, v, -1)
	for i, c := range w {
		for j := range dx {
			dx[j] += float64(l.drift[i*d+j] * c)
		}
	}
}

// JVP implements ito.JVPer. Along x it is in closed form, along t a difference quotient of fourth
// order, good to about ten digits; where every entry of dt is zero it costs nothing.
func (e *Exact) JVP(ctx context.Context, df, x ito.States, t ito.Times, c ito.Cond, dx ito.States, dt ito.Times) error {
	if df.N != x.N || df.D != x.D || dx.N != x.N || dx.D != x.D {
		return shapeError("tangents", dx, x)
	}
	if len(dt) != 1 && len(dt) != x.N {
		return &ito.InputError{Where: "exact field", What: fmt.Sprintf("%d tangents of time for %d rows", len(dt), x.N)}
	}
	d := e.src.d
	w, v, out := make([]float64, d), make([]float64, d), make([]float64, d)
	err := e.rows(ctx, x, t, c, e.kind, func(i int, l *law, p *posterior) {
		p.each(l)
		p.moments(l)
		clear(out)
		clear(v)
		if l.linear != nil {
			e.jvpLinear(l, p, df.Row(i), dx.Row(i), v)
			return
		}
		p.modes.Turn(w, dx.Row(i))
		p.scoreTimes(l, v, w, 1)
		for j := range out {
			out[j] = l.sc[j] * v[j]
		}
		if l.useX0 {
			clear(v)
			p.meanTimes(l, v, w)
			for j := range out {
				out[j] += l.xc[j] * v[j]
			}
		}
		p.modes.Back(df.Row(i), out)
	})
	if err != nil {
		return err
	}
	return alongTime(ctx, e.src.path, e.Predict, df, x, t, c, dt)
}

func (e *Exact) jvpLinear(l *law, p *posterior, df, w, v []float64) {
	d := l.d
	p.scoreTimes(l, v, w, 1)
	for j := range df {
		if l.drift == nil {
			df[j] = v[j]
			continue
		}
		df[j] = matrix.Dot(l.drift[j*d:(j+1)*d], w) - matrix.Dot(l.half[j*d:(j+1)*d], v)
	}
}

// Divergence implements ito.Divergencer.
func (e *Exact) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times, c ito.Cond) error {
	if err := checkRoom("exact field", div, x); err != nil {
		return err
	}
	return e.rows(ctx, x, t, c, e.kind, func(i int, l *law, p *posterior) {
		p.each(l)
		p.moments(l)
		if l.linear != nil {
			div[i] = p.traceLinear(l)
		} else {
			div[i] = p.trace(l)
		}
	})
}

// LogDensity writes log p_t(x), in nats, of each row into dst [N].
func (e *Exact) LogDensity(ctx context.Context, dst []float64, x ito.States, t ito.Times) error {
	if len(dst) != x.N {
		return &ito.InputError{Where: "exact field", What: fmt.Sprintf("room for %d densities of %d rows", len(dst),
			x.N)}
	}
	if e.src.rowMean != nil {
		return &ito.UnsupportedError{What: "a density on path " + e.src.path.Name(), Why: "its mean is each row's own",
			Nearest: "solve.Likelihood"}
	}
	return e.rows(ctx, x, t, ito.Cond{}, ito.PredScore, func(i int, _ *law, p *posterior) { dst[i] = p.logp })
}

// rows calls f for every row with the law at its time, made once for each run of equal times.
func (e *Exact) rows(ctx context.Context, x ito.States, t ito.Times, c ito.Cond, kind ito.Prediction,
	f func(i int, l *law, p *posterior)) error {
	if x.D != e.src.d {
		return &ito.InputError{Where: "exact field", What: fmt.Sprintf("states of dimension %d, the data have %d", x.D,
			e.src.d)}
	}
	if len(t) != 1 && len(t) != x.N {
		return &ito.InputError{Where: "exact field", What: fmt.Sprintf("%d times for %d rows", len(t), x.N),
			Do: "give one time, or one for each row"}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	p := newPosterior(e.src)
	var μ ito.States
	if r := e.src.rowMean; r != nil {
		μ, p.mean = x.Like(x.D), make([]float64, x.D)
		if err := r.MeanOf(μ, c); err != nil {
			return err
		}
	}
	var l *law
	for i := range x.N {
		if at := t.At(i); l == nil || at != l.t {
			next, err := e.src.at(at, kind)
			if err != nil {
				return err
			}
			l = next
		}
		if p.mean != nil {
			p.modes.Turn(p.mean, μ.Row(i))
		}
		p.see(l, x.Row(i))
		f(i, l, p)
	}
	return nil
}

func shapeError(what string, got, x ito.States) error {
	return &ito.InputError{Where: "field", What: fmt.Sprintf("%s are %d×%d, the states %d×%d", what, got.N, got.D, x.N,
		x.D)}
}

// checkRoom reports a slice of divergences that has not one for every row.
func checkRoom(where string, div []float64, x ito.States) error {
	if len(div) != x.N {
		return &ito.InputError{Where: where, What: fmt.Sprintf("room for %d divergences of %d rows", len(div), x.N)}
	}
	return nil
}
