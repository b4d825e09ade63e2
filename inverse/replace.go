package inverse

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Replace keeps what was measured: after every step the coordinates z = Vᵀu along the singular vectors become
//
//	z ← ȳ + √(ρ² − σ²/s²) ε,  ȳ = Uᵀy/s,
//
// as far as the level ρ lies above their own noise σ/s (Song et al. 2021, arXiv:2011.13456, appendix I). It is exact
// where what is measured and what is not are independent.
type Replace struct{}

// Info implements Method.
func (Replace) Info() MethodInfo {
	return MethodInfo{Name: "replace", Is: Approximate, Exact: "where the measured and the rest are independent",
		Calls: "L", Levels: 100, Spectral: true, OneMode: true,
		Source: "Song et al. 2021, arXiv:2011.13456, appendix I"}
}

// Restore implements Method.
func (Replace) Restore(ctx context.Context, r *Run) error { return replace(ctx, r, 1) }

// RePaint is Replace with every step made Times times, with noise put back in between, so that the rest can follow what
// is measured (Lugmayr et al. 2022, arXiv:2201.09865, algorithm 1). Levels below the noise of a measurement are passed
// once: nothing holds the coordinate there, and repeating would forget it.
type RePaint struct {
	Times int `json:"times" default:"10" min:"1" max:"1000" help:"How often a step is made."`
}

// Info implements Method.
func (RePaint) Info() MethodInfo {
	return MethodInfo{Name: "repaint", Is: Approximate, Exact: "as `replace`, and nearer the more `times`",
		Calls: "L·times", Levels: 50, Spectral: true, OneMode: true,
		Source: "Lugmayr et al. 2022, arXiv:2201.09865, algorithm 1"}
}

// Restore implements Method.
func (m RePaint) Restore(ctx context.Context, r *Run) error { return replace(ctx, r, max(m.Times, 1)) }

func replace(ctx context.Context, r *Run, times int) error {
	u := r.X
	if err := r.Begin(u); err != nil {
		return err
	}
	c := newCoordinates(r.SVD, u.D, r.Sigma)
	x0hat, e := u.Like(u.D), u.Like(u.D)
	keep := func(ρ float64, step, sub uint32) {
		r.Noise.Normal(e, rng.PurposePath, step, sub)
		for i := range u.N {
			c.see(r.Row(i))
			c.svd.VT(c.b, e.Row(i))
			c.change(u.Row(i), func(k int, z float64) float64 {
				if c.sd[k] > ρ {
					return z
				}
				return c.y[k] + float64(math.Sqrt(float64(ρ*ρ)-float64(c.sd[k]*c.sd[k]))*c.b[k])
			})
		}
	}
	held := 0. // the largest noise of a coordinate that is measured
	for _, τ := range c.sd {
		if !math.IsInf(τ, 1) {
			held = math.Max(held, τ)
		}
	}
	keep(r.Rho[0], 0, 0)
	for k := range r.Rho {
		next := 0.
		if k+1 < len(r.Rho) {
			next = r.Rho[k+1]
		}
		for j := range times {
			if err := r.Denoise(ctx, x0hat, u, k); err != nil {
				return err
			}
			r.Step(u, x0hat, k, 1, uint32(j))
			keep(next, uint32(k)+1, uint32(j))
			if k+1 == len(r.Rho) || j+1 == times || next < held {
				break
			}
			r.back(u, e, r.Rho[k], next, uint32(k), uint32(j))
		}
		if err := r.Level(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// back puts the noise between two levels back.
func (r *Run) back(u, e ito.States, ρ, next float64, step, sub uint32) {
	r.Noise.Normal(e, rng.PurposePath, step, 1<<16+sub)
	for i, v := range e.X {
		u.X[i] += float64(math.Sqrt(float64(ρ*ρ)-float64(next*next)) * v)
	}
}
