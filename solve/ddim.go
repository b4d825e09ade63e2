package solve

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// DDIM is the exponential integrator of order 1 and the family of samplers around it: per mode, with
// h = λ'−λ the gain in λ = log(α/σ),
//
//	y' = α' x̂0 + √(σ'²−σ̃²) ε̂ + σ̃ ξ,   σ̃ = η σ' √(1−e^{−2h}),
//
// with x̂0 and ε̂ of the prediction at the start of the step. η = 0 is deterministic and equals DPM-Solver-1; η = 1 is
// DDPM's posterior and equals SDE-DPM-Solver++(1). It is the same map for every kind of prediction and may end
// where σ = 0. One evaluation a step, Diagonal paths; with noise from noise to data only.
type DDIM struct {
	// η from 0 to 1
	Eta float64 `min:"0" max:"1" help:"η, the noise of a step; 0: none, 1: DDPM's"`
}

// Info implements ito.Solver.
func (o DDIM) Info() ito.SolverInfo {
	info := ito.SolverInfo{Name: Word("ddim", o), Order: 1, Evals: 1, Needs: []ito.Capability{ito.CapDiagonal},
		Source: "Song, Meng & Ermon 2021, arXiv:2010.02502, eq. 12 and 16; Lu et al. 2022, arXiv:2206.00927, eq. 4.1"}
	info.Stochastic = o.Eta != 0
	return info
}

// Plan implements ito.Solver.
func (o DDIM) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	if err := Check(p, o); err != nil {
		return nil, err
	}
	if o.Eta == 0 {
		return affine.NewOneEval(p, g, k, o.step)
	}
	if !(o.Eta > 0 && o.Eta <= 1) {
		return nil, &ito.InputError{Where: "solver ddim", What: fmt.Sprintf("η = %g", o.Eta),
			Do: "give one from 0 to 1"}
	}
	if err := towardsData(g, o, "ddim"); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	return affine.NewStochastic(p, g, func(t, next float64) (*affine.Update, error) { return o.step(pl, t, next) })
}

func (o DDIM) step(pl *affine.Planner, t, next float64) (*affine.Update, error) {
	x0P, x0R := pl.Affine(t, ito.PredX0)
	epsP, epsR := pl.Affine(t, ito.PredEps)
	ξ := make([]float64, len(x0P))
	for i, α := range pl.Modes.Alpha {
		ξ[i] = pl.Modes.Sigma[i] / α // ρ, for now
	}
	pl.Modes.At(next)
	for i, α := range pl.Modes.Alpha {
		σ := pl.Modes.Sigma[i]
		s := 0.0
		if o.Eta > 0 {
			q := σ / α / ξ[i] // e^{−h}
			s = o.Eta * σ * math.Sqrt(math.Max(0, 1-q*q))
			σ = math.Sqrt(math.Max(0, float64(σ*σ)-float64(s*s)))
		}
		ξ[i] = s
		x0P[i] = float64(α*x0P[i]) + float64(σ*epsP[i])
		x0R[i] = float64(α*x0R[i]) + float64(σ*epsR[i])
	}
	if o.Eta == 0 {
		return pl.Update(t, "xp", x0R, x0P)
	}
	return pl.Update(t, "xpn", x0R, x0P, ξ)
}
