package inverse

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// REDDiff minimises, by Adam from the pseudo-inverse of the measurement, level by level from noise to data,
//
//	½ mean |y − A(μ)|² + λ mean (sg[μ − E(x_0 | u)] · μ),   u = μ + ρε,
//
// which is the loss of Mardani et al. 2023, arXiv:2305.04391, eq. 10 and algorithm 1, with the weight σ/α:
// (σ/α)(ε̂−ε) = μ − x̂_0. It gives a point, near a mode: draws with other noise differ by chance and not by what is
// unknown.
type REDDiff struct {
	Lambda float64 `json:"lambda" default:"0.25" min:"0" help:"Weight of the prior, λ."`
	LR     float64 `json:"lr" name:"lr" default:"0.1" above:"0" help:"Learning rate of Adam."`
}

// Info implements Method.
func (REDDiff) Info() MethodInfo {
	return MethodInfo{Name: "reddiff", Is: Point, Exact: "nowhere", Calls: "L", Levels: 500,
		Source: "Mardani et al. 2023, arXiv:2305.04391, algorithm 1"}
}

// Adam's moments, as the paper has them.
const redBeta1, redBeta2 = .9, .99

// Restore implements Method.
func (m REDDiff) Restore(ctx context.Context, r *Run) error {
	μ := r.X
	if err := m.begin(r); err != nil {
		return err
	}
	u, x0hat, e := μ.Like(μ.D), μ.Like(μ.D), μ.Like(μ.D)
	first, second := μ.Like(μ.D), μ.Like(μ.D)
	yhat, g := make([]float64, r.Y.D), make([]float64, r.Y.D)
	dx := make([]float64, μ.D)
	for k := range r.Rho {
		r.Noise.Normal(e, rng.PurposePath, uint32(k), 0)
		r.noisy(u, e, k)
		if err := r.Denoise(ctx, x0hat, u, k); err != nil {
			return err
		}
		b1, b2 := 1-math.Pow(redBeta1, float64(k+1)), 1-math.Pow(redBeta2, float64(k+1))
		for i := range μ.N {
			row, y := μ.Row(i), r.Row(i)
			r.Operator.Apply(yhat, row)
			r.Measured.Noise.Grad(g, y, yhat)
			for j := range g { // the gradient of ½|y−ŷ|² where the noise is Gaussian
				v := r.Measured.Noise.Variance(y[j])
				if v == 0 {
					v = 1
				}
				g[j] *= v / float64(len(g))
			}
			r.Operator.VJP(dx, row, g)
			for j, v := range row {
				d := m.Lambda*(v-x0hat.Row(i)[j])/float64(len(row)) - dx[j]
				f, s := &first.Row(i)[j], &second.Row(i)[j]
				*f = float64(redBeta1**f) + float64((1-redBeta1)*d)
				*s = float64(redBeta2**s) + float64((1-redBeta2)*d*d)
				row[j] -= m.LR * (*f / b1) / (math.Sqrt(*s/b2) + 1e-8)
			}
		}
		if err := r.Level(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// begin writes the pseudo-inverse of the measurement, or its pull-back at 0 where there is none.
func (m REDDiff) begin(r *Run) error {
	var svd SVD
	if s, ok := r.Operator.(Spectral); ok {
		if d, err := s.SVD(); err == nil {
			svd = d
		}
	}
	zero := make([]float64, r.X.D)
	for i := range r.X.N {
		if svd != nil {
			PInv(r.X.Row(i), r.Row(i), svd)
		} else {
			r.Operator.VJP(r.X.Row(i), zero, r.Row(i))
		}
	}
	return nil
}

// noisy writes X + Q diag(ρ) Qᵀ e at level k into u.
func (r *Run) noisy(u, e ito.States, k int) {
	for i := range r.X.N {
		n := append([]float64(nil), e.Row(i)...)
		y := make([]float64, len(n))
		r.modes.Turn(y, n)
		for j := range y {
			y[j] *= r.rho[k][path.Mode(j, len(r.rho[k]))]
		}
		r.modes.Back(n, y)
		for j, v := range r.X.Row(i) {
			u.Row(i)[j] = v + n[j]
		}
	}
}
