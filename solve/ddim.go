package solve

import "github.com/seed9a7962a8/ito"

// DDIM is the exponential integrator of order 1, exact when the prediction stays what it is: per mode
//
//	y' = α' x̂0 + σ' ε̂
//
// with x̂0 and ε̂ of the prediction at the start of the step (η = 0). It is the same map for every kind of
// prediction, equals DPM-Solver-1, and may end where σ = 0. One evaluation a step, Diagonal paths.
type DDIM struct{}

// Info implements ito.Solver.
func (DDIM) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "ddim", Order: 1, Evals: 1, Needs: []ito.Capability{ito.CapDiagonal}, Source: "Song, Meng & Ermon 2021, arXiv:2010.02502, eq. 12 with σ = 0; Lu et al. 2022, arXiv:2206.00927, eq. 4.1"}
}

// Plan implements ito.Solver.
func (DDIM) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	if !ito.Has(p, ito.CapDiagonal) {
		return nil, Check(p, DDIM{})
	}
	return planOneEval(p, g, k, func(pl *planner, t, next float64) (*update, error) {
		n := len(pl.p)
		x0P, x0R, epsP, epsR := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		pl.modes.At(t)
		pl.modes.Affine(k, ito.PredX0, x0P, x0R)
		pl.modes.Affine(k, ito.PredEps, epsP, epsR)
		pl.modes.At(next)
		for i, α := range pl.modes.Alpha {
			σ := pl.modes.Sigma[i]
			x0P[i] = float64(α*x0P[i]) + float64(σ*epsP[i])
			x0R[i] = float64(α*x0R[i]) + float64(σ*epsR[i])
		}
		return pl.update(t, "xp", x0R, x0P)
	})
}
