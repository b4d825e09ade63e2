package inverse

import (
	"context"
	"math"
)

// DPS is diffusion posterior sampling: after every step of the reverse chain a step down the distance between the
// measurement and that of the prediction, in the variance-preserving coordinates x = u/√(1+ρ²),
//
//	x' ← x' − ζ ∇_x ‖y − A(x̂_0(x))‖
//
// (Chung et al. 2023, arXiv:2209.14687, algorithm 1; the norm, not squared, as released). The norm is that of the
// row: code released for it takes that of the batch, so that rows depend on one another. With noise other than
// Gaussian each number of the distance is divided by its standard deviation. It serves every operator with a
// derivative.
type DPS struct {
	Zeta float64 `json:"zeta" default:"1" above:"0" help:"Length of a step."`
}

// Info implements Method.
func (DPS) Info() MethodInfo {
	return MethodInfo{Name: "dps", Is: Approximate, Exact: "nowhere", Calls: "2L", Levels: 200, Gradient: true,
		Source: "Chung et al. 2023, arXiv:2209.14687, algorithm 1"}
}

// Restore implements Method.
func (m DPS) Restore(ctx context.Context, r *Run) error {
	u := r.X
	if err := r.Begin(u); err != nil {
		return err
	}
	x0hat, w, g := u.Like(u.D), u.Like(u.D), u.Like(u.D)
	yhat := make([]float64, r.Y.D)
	for k, ρ := range r.Rho {
		if err := r.Denoise(ctx, x0hat, u, k); err != nil {
			return err
		}
		for i := range u.N {
			r.Operator.Apply(yhat, x0hat.Row(i))
			r.distance(yhat, r.Row(i))
			r.Operator.VJP(w.Row(i), x0hat.Row(i), yhat)
		}
		if err := r.Pull(ctx, g, u, k, w); err != nil {
			return err
		}
		r.Step(u, x0hat, k, 1, 0)
		next := 0.
		if k+1 < len(r.Rho) {
			next = r.Rho[k+1]
		}
		ζ := m.Zeta * math.Sqrt((1+ρ*ρ)*(1+next*next))
		for i, v := range g.X {
			u.X[i] -= float64(ζ * v)
		}
		if err := r.Level(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// distance replaces ŷ by the gradient of ‖y−ŷ‖ in it, 0 where they agree.
func (r *Run) distance(yhat, y []float64) {
	_, gaussian := r.Measured.Noise.(Gaussian)
	s := 0.
	for i, v := range y {
		d := yhat[i] - v
		if gaussian {
			s += float64(d * d)
			yhat[i] = d
			continue
		}
		σ2 := r.Measured.Noise.Variance(v)
		s += d * d / σ2
		yhat[i] = d / σ2
	}
	if s > 0 {
		divide(yhat, math.Sqrt(s))
	}
}
