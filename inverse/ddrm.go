package inverse

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/rng"
)

// DDRM restores singular value by singular value: with z the coordinates along the singular vectors, ȳ what was
// measured of them and τ = σ/s its noise, the next level ρ' has
//
//	z' = ẑ + √(1−η²) ρ' (z−ẑ)/ρ + η ρ' ε        where nothing is measured,
//	z' = ẑ + √(1−η²) ρ' (ȳ−ẑ)/τ + η ρ' ε        where τ > ρ',
//	z' = (1−b) ẑ + b ȳ + √(ρ'² − b²τ²) ε         where τ ≤ ρ'
//
// (Kawar et al. 2022, arXiv:2201.11793, eq. 7 and 8, b their η_b).
type DDRM struct {
	Eta  float64 `json:"eta" default:"0.85" min:"0" max:"1" help:"Noise of a step."`
	EtaB float64 `json:"eta-b" name:"eta-b" default:"1" min:"0" max:"1" help:"Weight of what is measured below the level."`
}

// Info implements Method.
func (DDRM) Info() MethodInfo {
	return MethodInfo{Name: "ddrm", Is: Approximate, Exact: "nowhere", Calls: "L", Levels: 20, Spectral: true,
		OneMode: true, Source: "Kawar et al. 2022, arXiv:2201.11793, eq. 7 and 8"}
}

// Restore implements Method.
func (m DDRM) Restore(ctx context.Context, r *Run) error {
	u := r.X
	if err := r.Begin(u); err != nil {
		return err
	}
	c := newCoordinates(r.SVD, u.D, r.Sigma)
	x0hat, e := u.Like(u.D), u.Like(u.D)
	r.Noise.Normal(e, rng.PurposePath, 0, 0)
	for i := range u.N { // eq. 5: what is measured begins there
		c.see(r.Row(i))
		c.svd.VT(c.b, e.Row(i))
		c.change(u.Row(i), func(j int, z float64) float64 {
			if ρ := r.Rho[0]; c.sd[j] <= ρ {
				return c.y[j] + float64(math.Sqrt(float64(ρ*ρ)-float64(c.sd[j]*c.sd[j]))*c.b[j])
			}
			return z
		})
	}
	zhat := make([]float64, len(c.s))
	for k, ρ := range r.Rho {
		if err := r.Denoise(ctx, x0hat, u, k); err != nil {
			return err
		}
		next := 0.
		if k+1 < len(r.Rho) {
			next = r.Rho[k+1]
		}
		r.Noise.Normal(e, rng.PurposeSolver, uint32(k), 0)
		left := math.Sqrt(1 - m.Eta*m.Eta)
		for i := range u.N {
			c.see(r.Row(i))
			row, mean, n := u.Row(i), x0hat.Row(i), e.Row(i)
			c.svd.VT(zhat, mean)
			c.svd.VT(c.b, n)
			for j, v := range row { // of what is not measured, and of all to begin with
				row[j] = mean[j] + float64(left*next*(v-mean[j])/ρ) + float64(m.Eta*next*n[j])
			}
			c.change(row, func(j int, z float64) float64 {
				τ := c.sd[j]
				switch {
				case math.IsInf(τ, 1):
					return z
				case τ > next:
					return zhat[j] + float64(left*next*(c.y[j]-zhat[j])/τ) + float64(m.Eta*next*c.b[j])
				}
				b := m.EtaB
				return float64((1-b)*zhat[j]) + float64(b*c.y[j]) +
					float64(math.Sqrt(float64(next*next)-float64(b*b*τ*τ))*c.b[j])
			})
		}
		if err := r.Level(ctx, k); err != nil {
			return err
		}
	}
	return nil
}
