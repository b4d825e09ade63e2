package inverse

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// Moments is PiGDM with the covariance C of x_0 given u that the field's own derivative tells, C = ρ² ∂x̂_0/∂u: the
// prediction given y is
//
//	x̂_0 + C Aᵀ (A C Aᵀ + σ²)⁻¹ (y − Ax̂_0),
//
// the system solved by conjugate gradients, and u follows the probability flow by steps of second order (Boys et al.
// 2023, arXiv:2310.06721, "Tweedie moment projected diffusions"). It is exact for Gaussian data, as the levels become
// many. It needs a linear operator and noise.
type Moments struct {
	Iterations int     `json:"iterations" default:"20" min:"1" max:"10000" help:"Most steps of conjugate gradients; each is a derivative."`
	Tolerance  float64 `json:"tolerance" default:"1e-4" above:"0" below:"1" help:"Part of the residual at which they end."`
}

// Info implements Method.
func (Moments) Info() MethodInfo {
	return MethodInfo{Name: "moments", Is: Approximate, Exact: "for Gaussian data, with many levels",
		Calls: "up to 2L·(2+iterations)", Levels: 50, Gradient: true, Source: "Boys et al. 2023, arXiv:2310.06721"}
}

// Restore implements Method.
func (m Moments) Restore(ctx context.Context, r *Run) error {
	a, ok := r.Operator.(Linear)
	g, gaussian := r.Measured.Noise.(Gaussian)
	switch {
	case !ok || !gaussian:
		return &ito.UnsupportedError{What: "method moments with operator " + r.Operator.Kind() + " and noise " +
			r.Measured.Noise.Kind(), Why: "it needs a linear one and Gaussian noise", Nearest: "method dps"}
	case g.Sigma == 0:
		return &ito.InputError{Where: "method moments", What: "a measurement without noise", Do: "give a small " +
			"noise, or take method pigdm"}
	}
	u := r.X
	if err := r.Begin(u); err != nil {
		return err
	}
	x0hat, ahead, far := u.Like(u.D), u.Like(u.D), u.Like(u.D)
	for k := range r.Rho {
		if err := m.predict(ctx, r, a, x0hat, u, k); err != nil {
			return err
		}
		if k+1 < len(r.Rho) {
			copy(ahead.X, u.X)
			r.Step(ahead, x0hat, k, 0, 0)
			if err := m.predict(ctx, r, a, far, ahead, k+1); err != nil {
				return err
			}
			for i, v := range far.X {
				x0hat.X[i] = (x0hat.X[i] + v) / 2
			}
		}
		r.Step(u, x0hat, k, 0, 0)
		if err := r.Level(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// predict writes the prediction given y.
func (m Moments) predict(ctx context.Context, r *Run, a Linear, x0hat, u ito.States, k int) error {
	if err := r.Denoise(ctx, x0hat, u, k); err != nil {
		return err
	}
	n, my := u.N, r.Y.D
	b := ito.States{N: n, D: my, X: make([]float64, n*my), ID: u.ID}
	for i := range n {
		a.Apply(b.Row(i), x0hat.Row(i))
		for j, y := range r.Row(i) {
			b.Row(i)[j] = y - b.Row(i)[j]
		}
	}
	// conjugate gradients for (ACAᵀ+σ²)v = b, row by row: a row that has converged stays
	p, ap := b.Clone(), b.Like(my)
	w, cw, total := u.Like(u.D), u.Like(u.D), u.Like(u.D)
	rr, stop, open := make([]float64, n), make([]float64, n), make([]bool, n)
	for i := range n {
		rr[i] = matrix.Dot(b.Row(i), b.Row(i))
		stop[i], open[i] = m.Tolerance*m.Tolerance*rr[i], rr[i] > 0
	}
	for it := 0; it < max(m.Iterations, 1) && anyOf(open); it++ {
		for i := range n {
			a.Adjoint(w.Row(i), p.Row(i))
		}
		if err := r.Pull(ctx, cw, u, k, w); err != nil {
			return err
		}
		r.Spread(cw, k)
		for i := range n {
			if !open[i] {
				continue
			}
			q, pr := ap.Row(i), p.Row(i)
			a.Apply(q, cw.Row(i))
			matrix.AddScaled(q, r.Sigma*r.Sigma, pr)
			step := rr[i] / matrix.Dot(pr, q)
			if !(step > 0) || !finiteNorm(step) { // a network's derivative need not be a covariance
				open[i] = false
				continue
			}
			matrix.AddScaled(total.Row(i), step, cw.Row(i))
			matrix.AddScaled(b.Row(i), -step, q)
			next := matrix.Dot(b.Row(i), b.Row(i))
			β := next / rr[i]
			rr[i] = next
			for j, x := range b.Row(i) {
				pr[j] = x + float64(β*pr[j])
			}
			open[i] = next > stop[i]
		}
	}
	for i, x := range total.X {
		x0hat.X[i] += x
	}
	return nil
}

func anyOf(x []bool) bool {
	for _, v := range x {
		if v {
			return true
		}
	}
	return false
}
