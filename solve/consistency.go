package solve

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// Consistency samples a field whose x̂0 is a consistency function, the end of the probability flow from x_t: a step
// takes that end and adds the noise of the next level to it anew,
//
//	x' = μ + α'(x̂0−μ) + σ' ξ,
//
// and the last step stops at the end itself. Of a field that is not trained so, whose x̂0 is a mean, samples are too
// narrow. One evaluation a step, Diagonal paths, from noise to data only.
type Consistency struct{}

// Info implements ito.Solver.
func (Consistency) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "consistency", Order: 1, Evals: 1, Needs: []ito.Capability{ito.CapDiagonal},
		Stochastic: true, Source: "Song, Dhariwal, Chen & Sutskever 2023, arXiv:2303.01469, algorithm 1"}
}

// Plan implements ito.Solver.
func (o Consistency) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	if err := Check(p, o); err != nil {
		return nil, err
	}
	if err := towardsData(g, o, "consistency"); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	return affine.NewStochastic(p, g, func(t, next float64) (*affine.Update, error) {
		x0P, x0R := pl.Affine(t, ito.PredX0)
		ξ := make([]float64, len(x0P))
		if next != g[len(g)-1] {
			pl.Modes.At(next)
			for i, α := range pl.Modes.Alpha {
				x0P[i], x0R[i], ξ[i] = α*x0P[i], α*x0R[i], pl.Modes.Sigma[i]
			}
		}
		return pl.Update(t, "xpn", x0R, x0P, ξ)
	})
}
