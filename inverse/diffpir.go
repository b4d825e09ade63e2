package inverse

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/rng"
)

// DiffPIR alternates a denoiser with a proximal step: with the prediction x̂_0 at level ρ
//
//	x̃_0 = argmin_x ‖y − Ax‖²/σ² + λ‖x − x̂_0‖²/ρ²,   ε̂ = (u − x̃_0)/ρ,
//	u' = x̃_0 + ρ' (√(1−ζ) ε̂ + √ζ ε)
//
// (Zhu et al. 2023, arXiv:2305.08995, algorithm 1). It needs no derivative.
type DiffPIR struct {
	Lambda float64 `json:"lambda" default:"7" above:"0" help:"Weight of the prediction, λ."`
	Zeta   float64 `json:"zeta" default:"0.3" min:"0" max:"1" help:"Part of the noise that is drawn anew, ζ."`
}

// Info implements Method.
func (DiffPIR) Info() MethodInfo {
	return MethodInfo{Name: "diffpir", Is: Approximate, Exact: "nowhere", Calls: "L", Levels: 100, Spectral: true,
		OneMode: true, Source: "Zhu et al. 2023, arXiv:2305.08995, algorithm 1"}
}

// Restore implements Method.
func (m DiffPIR) Restore(ctx context.Context, r *Run) error {
	u := r.X
	if err := r.Begin(u); err != nil {
		return err
	}
	c := newCoordinates(r.SVD, u.D, r.Sigma)
	x0hat, e := u.Like(u.D), u.Like(u.D)
	keep, fresh := math.Sqrt(1-m.Zeta), math.Sqrt(m.Zeta)
	for k, ρ := range r.Rho {
		if err := r.Denoise(ctx, x0hat, u, k); err != nil {
			return err
		}
		next := 0.
		if k+1 < len(r.Rho) {
			next = r.Rho[k+1]
		}
		r.Noise.Normal(e, rng.PurposeSolver, uint32(k), 0)
		for i := range u.N {
			c.see(r.Row(i))
			row, mean, n := u.Row(i), x0hat.Row(i), e.Row(i)
			c.change(mean, func(j int, z float64) float64 {
				if math.IsInf(c.sd[j], 1) {
					return z
				}
				κ := m.Lambda * c.sd[j] * c.sd[j] / (ρ * ρ)
				return (c.y[j] + float64(κ*z)) / (1 + κ)
			})
			for j, v := range row {
				row[j] = mean[j] + next*(float64(keep*(v-mean[j])/ρ)+float64(fresh*n[j]))
			}
		}
		if err := r.Level(ctx, k); err != nil {
			return err
		}
	}
	return nil
}
