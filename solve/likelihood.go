package solve

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/ode"
	"github.com/seed9a7962a8/ito/rng"
)

// Likelihood measures log p of data under the probability flow of a field,
//
//	log p(x_lo) = log p_hi(x_hi) + ∫_lo^hi ∇·(dx/dt) dt,
//
// by Dopri5 on the state with its integral beside it (Song et al. 2021, arXiv:2011.13456, eq. 39; Chen et al. 2018,
// arXiv:1806.07366). On an ito.RowMean path a Prior and a Density count from μ. The zero value takes every default.
type Likelihood struct {
	Tol  float64    // of a step, absolute and relative; 0: 1e-5
	Span [2]float64 // from data to noise; the zero value is the path's own span
	// Prior is the density at the noisy end; nil: the path's own prior. Its mismatch with the true
	// marginal there is an error that no tolerance removes.
	Prior *ito.Gaussian
	// Density, where it is not nil, writes the log density at the noisy end instead of any prior: the drawn
	// end of an interpolant between two data sets has no prior.
	Density func(ctx context.Context, dst []float64, x ito.States) error
	// ExactDim is the largest dimension whose divergence is computed exactly, by D vector-Jacobian
	// products, for a field without Divergence; 0: 16. Beyond, it is estimated (Hutchinson).
	ExactDim int
	Probes   int       // Rademacher probes of an estimate; 0: 8
	Noise    ito.Noise // of the probes, which belong to the sample ids; nil: ito.Seed(0)
	Cond     ito.Cond
}

// LogDensity is what Likelihood found, row by row.
type LogDensity struct {
	LogP []float64 // nats
	// Err is the estimated error: the accumulated error estimates of the integral, and with probes
	// the standard error of their mean besides (infinite for a single probe).
	Err []float64
	// Evals counts evaluations of the field; beside each stands one divergence, or D or Probes products.
	Evals []int
	Exact bool // the divergence was computed, not estimated
}

// Rows computes the log density of each row of x, which is left as it is.
func (l Likelihood) Rows(ctx context.Context, p ito.Path, f ito.Field, x ito.States) (*LogDensity, error) {
	if c, ok := p.(ito.RowMean); ok {
		μ, y := x.Like(x.D), x.Clone()
		if err := c.MeanOf(μ, l.Cond); err != nil {
			return nil, err
		}
		matrix.AddScaled(y.X, -1, μ.X)
		return l.Rows(ctx, c.Around(), around(f, c), y)
	}
	l = l.filled(p)
	if err := check(p, f, x, l.Cond); err != nil {
		return nil, err
	}
	if err := Check(p, Dopri5{}); err != nil {
		return nil, err
	}
	if err := checkTimes(p, l.Span[:]); err != nil {
		return nil, err
	}
	v, err := field.As(f, p, ito.PredVelocity)
	if err != nil {
		return nil, err
	}
	density := l.Density
	if density == nil {
		prior, err := l.prior(p, x.D)
		if err != nil {
			return nil, err
		}
		density = prior.rows
	}
	a, err := l.augment(v, x)
	if err != nil {
		return nil, err
	}
	z := make([]float64, x.N*a.width)
	for i := range x.N {
		copy(z[i*a.width:], x.Row(i))
	}
	res, err := ode.Adaptive{Atol: l.Tol, Rtol: l.Tol}.Integrate(ctx, a.slope, z, a.width, l.Span[0], l.Span[1])
	if err != nil {
		return nil, fmt.Errorf("likelihood: %w", err)
	}
	end := x.Like(x.D)
	for i := range x.N {
		copy(end.Row(i), z[i*a.width:])
	}
	out := &LogDensity{LogP: make([]float64, x.N), Err: make([]float64, x.N), Evals: res.Evals, Exact: a.probes == nil}
	if err := density(ctx, out.LogP, end); err != nil {
		return nil, err
	}
	for i := range x.N {
		row, e := z[i*a.width:(i+1)*a.width], res.Error[i*a.width:(i+1)*a.width]
		mean, se := meanError(row[x.D:])
		out.LogP[i] += mean
		for _, v := range e[x.D:] {
			out.Err[i] += v / float64(a.width-x.D)
		}
		if !out.Exact {
			out.Err[i] = math.Hypot(out.Err[i], se)
		}
		if math.IsNaN(out.LogP[i]) || math.IsInf(out.LogP[i], 0) {
			return nil, &ito.NonFiniteError{What: "log density", Sample: x.ID[i], T: l.Span[1]}
		}
	}
	return out, nil
}

// filled is l with its defaults.
func (l Likelihood) filled(p ito.Path) Likelihood {
	l.Tol, l.ExactDim, l.Probes = cmp.Or(l.Tol, 1e-5), cmp.Or(l.ExactDim, 16), cmp.Or(l.Probes, 8)
	if l.Span == [2]float64{} {
		l.Span[0], l.Span[1] = p.Span()
	}
	if l.Noise == nil {
		l.Noise = ito.Seed(0)
	}
	return l
}

// meanError is the mean of v and its standard error.
func meanError(v []float64) (mean, se float64) {
	n := float64(len(v))
	for _, x := range v {
		mean += x / n
	}
	if n == 1 {
		return mean, math.Inf(1)
	}
	for _, x := range v {
		se += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(se / (n - 1) / n)
}

// augmented is the state with the integrals of its divergence beside it: one, or one for each probe.
type augmented struct {
	v      ito.Field
	x      ito.States // the whole batch, for ids
	cond   ito.Cond
	width  int
	probes []ito.States // nil: exact

	id                  []uint64
	c, in, out, w, prod []float64
}

func (l Likelihood) augment(v ito.Field, x ito.States) (*augmented, error) {
	d, n := x.D, len(x.X)
	a := &augmented{v: v, x: x, cond: l.Cond, width: d + 1, id: make([]uint64, x.N), c: make([]float64, len(l.Cond.X)),
		in: make([]float64, n), out: make([]float64, n), w: make([]float64, n), prod: make([]float64, n)}
	_, divergence := v.(ito.Divergencer)
	_, vjp := v.(ito.VJPer)
	_, jvp := v.(ito.JVPer)
	switch {
	case divergence:
	case !vjp && !jvp:
		return nil, &ito.UnsupportedError{What: "a likelihood of this field", Why: "it has no derivatives",
			Nearest: "a field with VJP or JVP"}
	case d > l.ExactDim:
		a.width = d + l.Probes
		for j := range l.Probes {
			p := x.Like(d)
			l.Noise.Normal(p, rng.PurposeProbe, 0, uint32(j))
			for i, g := range p.X {
				p.X[i] = math.Copysign(1, g)
			}
			a.probes = append(a.probes, p)
		}
	}
	return a, nil
}

// slope is the right-hand side of the augmented equation.
func (a *augmented) slope(ctx context.Context, dst, z, t []float64, rows []int) error {
	d, m, c := a.x.D, len(rows), a.cond.C
	in := ito.States{N: m, D: d, X: a.in[:m*d], ID: a.id[:m]}
	out := ito.States{N: m, D: d, X: a.out[:m*d], ID: in.ID}
	for i, r := range rows {
		copy(in.Row(i), z[i*a.width:i*a.width+d])
		a.id[i] = a.x.ID[r]
		copy(a.c[i*c:(i+1)*c], a.cond.Row(r))
	}
	cond := ito.Cond{C: c, X: a.c[:m*c]}
	if err := a.v.Predict(ctx, out, in, t, cond); err != nil {
		return err
	}
	for i := range m {
		copy(dst[i*a.width:], out.Row(i))
		clear(dst[i*a.width+d : (i+1)*a.width])
	}
	if f, ok := a.v.(ito.Divergencer); ok {
		if err := f.Divergence(ctx, a.w[:m], in, t, cond); err != nil {
			return err
		}
		for i := range m {
			dst[i*a.width+d] = a.w[i]
		}
		return nil
	}
	return a.traces(ctx, dst, in, t, cond, rows)
}

// traces writes wᵀ ∂v/∂x w beside the slopes: summed over the unit vectors, or one for each probe.
func (a *augmented) traces(ctx context.Context, dst []float64, in ito.States, t []float64, cond ito.Cond,
	rows []int) error {
	d, m := in.D, in.N
	w := ito.States{N: m, D: d, X: a.w[:m*d], ID: in.ID}
	prod := ito.States{N: m, D: d, X: a.prod[:m*d], ID: in.ID}
	n := len(a.probes)
	if n == 0 {
		n = d
	}
	for j := range n {
		at := d
		if a.probes == nil {
			clear(w.X)
			for i := range m {
				w.Row(i)[j] = 1
			}
		} else {
			at += j
			for i, r := range rows {
				copy(w.Row(i), a.probes[j].Row(r))
			}
		}
		var err error
		if f, ok := a.v.(ito.VJPer); ok {
			err = f.VJP(ctx, prod, in, t, cond, w)
		} else {
			err = a.v.(ito.JVPer).JVP(ctx, prod, in, t, cond, w, ito.Times{0})
		}
		if err != nil {
			return err
		}
		for i := range m {
			s := 0.0
			for k, v := range w.Row(i) {
				s += float64(v * prod.Row(i)[k])
			}
			dst[i*a.width+at] += s
		}
	}
	return nil
}
