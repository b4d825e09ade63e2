package inverse

import (
	"context"
	"math"
)

// PiGDM is pseudo-inverse guidance: x_0 given u is taken as normal around its mean x̂_0 with variance r² = ρ²c²/(ρ²+c²)
// everywhere, c the spread of the data, so that the prediction given y is
//
//	x̂_0 + ρ² (∂x̂_0/∂u)ᵀ Aᵀ (r²AAᵀ + σ²)⁻¹ (y − Ax̂_0)
//
// (Song et al. 2023, ICLR, "Pseudoinverse-guided diffusion models", eq. 7 and algorithm 1). It is exact for Gaussian
// data with covariance c²I.
type PiGDM struct {
	Spread float64 `json:"spread" default:"1" above:"0" help:"Standard deviation of the data, c."`
	Eta    float64 `json:"eta" default:"1" min:"0" max:"1" help:"Noise of a step: 1 that of the reverse chain, 0 none."`
}

// Info implements Method.
func (PiGDM) Info() MethodInfo {
	return MethodInfo{Name: "pigdm", Is: Approximate, Exact: "for Gaussian data of one variance", Calls: "2L",
		Levels: 100, Spectral: true, OneMode: true, Gradient: true, Source: "Song et al. 2023, ICLR, algorithm 1"}
}

// Restore implements Method.
func (m PiGDM) Restore(ctx context.Context, r *Run) error {
	u := r.X
	if err := r.Begin(u); err != nil {
		return err
	}
	c := newCoordinates(r.SVD, u.D, r.Sigma)
	x0hat, w, g := u.Like(u.D), u.Like(u.D), u.Like(u.D)
	for k, ρ := range r.Rho {
		if err := r.Denoise(ctx, x0hat, u, k); err != nil {
			return err
		}
		r2 := ρ * ρ * m.Spread * m.Spread / (ρ*ρ + m.Spread*m.Spread)
		for i := range u.N {
			c.see(r.Row(i))
			c.svd.VT(c.a, x0hat.Row(i))
			for j, s := range c.s {
				if s > c.zero { // s/(r²s²+σ²) (sȳ − sz)
					c.a[j] = (c.y[j] - c.a[j]) / (r2 + float64(c.sd[j]*c.sd[j]))
				} else {
					c.a[j] = 0
				}
			}
			c.svd.V(w.Row(i), c.a)
		}
		if err := r.Pull(ctx, g, u, k, w); err != nil {
			return err
		}
		r.Spread(g, k)
		for i, v := range g.X {
			x0hat.X[i] += v
		}
		r.Step(u, x0hat, k, m.Eta, 0)
		if err := r.Level(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// finiteNorm reports a number that is neither NaN nor infinite.
func finiteNorm(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
