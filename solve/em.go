package solve

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// EM is the Euler–Maruyama method for the reverse SDE. With h > 0 the length of the step,
//
//	x' = x − h (f(x−μ) − g² s) + g √h ξ,   ξ ~ N(0,I) with purpose rng.PurposeSolver and the step's index.
//
// The drift is taken as velocity − ½g²s, which is the same and stays finite where f does not. Weak
// order 1, one evaluation a step, on every Diagonal and Linear path, from noise to data only. A Linear
// path needs the score.
type EM struct{}

// Info implements ito.Solver.
func (EM) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "em", Order: 1, Stochastic: true, Evals: 1, Needs: everyPath,
		Source: "Maruyama 1955; Song et al. 2021, arXiv:2011.13456, eq. 6"}
}

// Plan implements ito.Solver.
func (EM) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	if pl.Linear != nil && k != ito.PredScore {
		return nil, &ito.UnsupportedError{What: "solver em with a velocity on path " + p.Name(),
			Why: "the reverse SDE needs the score", Nearest: "heun"}
	}
	if len(g) > 1 && g[1] > g[0] {
		return nil, &ito.UnsupportedError{What: "solver em on an increasing grid",
			Why: "the reverse SDE goes from noise to data", Nearest: "heun"}
	}
	if pl.Linear != nil {
		return affine.NewStochastic(p, g, func(t, next float64) (*affine.Update, error) {
			return maruyamaLinear(pl, t,
				next)
		})
	}
	return affine.NewStochastic(p, g, func(t, next float64) (*affine.Update, error) { return maruyama(pl, t, next) })
}

func maruyama(pl *affine.Planner, t, next float64) (*affine.Update, error) {
	h := next - t
	p, x := pl.Affine(t, ito.PredVelocity)
	ps, rs := pl.Affine(t, ito.PredScore)
	ξ := make([]float64, len(p))
	for i, g2 := range pl.Modes.G2 {
		x[i] = 1 + h*(x[i]-g2/2*rs[i])
		p[i] = h * (p[i] - g2/2*ps[i])
		ξ[i] = math.Sqrt(-h * g2)
	}
	return pl.Update(t, "xpn", x, p, ξ)
}

func maruyamaLinear(pl *affine.Planner, t, next float64) (*affine.Update, error) {
	h := next - t
	drift, diffusion := make([]float64, pl.D*pl.D), make([]float64, pl.D*pl.D)
	pl.Linear.Drift(t, drift, diffusion)
	ξ, ok := matrix.Root(diffusion, pl.D)
	if !ok {
		return nil, &ito.UnsupportedError{What: "solver em on path " + pl.Path.Name(),
			Why: "its diffusion matrix has no root", Nearest: "heun"}
	}
	return pl.Update(t, "xpn", pl.Scaled(drift, h, 1), pl.Scaled(diffusion, -h, 0), pl.Scaled(ξ, math.Sqrt(-h), 0))
}
