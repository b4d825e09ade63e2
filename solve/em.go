package solve

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
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
	pl, err := newPlanner(p, k)
	if err != nil {
		return nil, err
	}
	if pl.linear != nil && k != ito.PredScore {
		return nil, &ito.UnsupportedError{What: "solver em with a velocity on path " + p.Name(),
			Why: "the reverse SDE needs the score", Nearest: "heun"}
	}
	if len(g) > 1 && g[1] > g[0] {
		return nil, &ito.UnsupportedError{What: "solver em on an increasing grid",
			Why: "the reverse SDE goes from noise to data", Nearest: "heun"}
	}
	if pl.linear != nil {
		return stochastic(p, g, pl.maruyamaLinear)
	}
	return stochastic(p, g, pl.maruyama)
}

func (pl *planner) maruyama(t, next float64) (*update, error) {
	h := next - t
	pl.modes.At(t)
	pl.modes.Affine(pl.kind, ito.PredVelocity, pl.p, pl.r)
	pl.modes.Affine(pl.kind, ito.PredScore, pl.ps, pl.rs)
	n := len(pl.p)
	x, p, ξ := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, g2 := range pl.modes.G2 {
		x[i] = 1 + h*(pl.r[i]-g2/2*pl.rs[i])
		p[i] = h * (pl.p[i] - g2/2*pl.ps[i])
		ξ[i] = math.Sqrt(-h * g2)
	}
	return pl.update(t, "xpn", x, p, ξ)
}

func (pl *planner) maruyamaLinear(t, next float64) (*update, error) {
	h := next - t
	pl.linear.Drift(t, pl.r, pl.p)
	ξ, ok := matrix.Root(pl.p, pl.d)
	if !ok {
		return nil, &ito.UnsupportedError{What: "solver em on path " + pl.path.Name(),
			Why: "its diffusion matrix has no root", Nearest: "heun"}
	}
	return pl.update(t, "xpn", pl.scaled(pl.r, h, 1), pl.scaled(pl.p, -h, 0), pl.scaled(ξ, math.Sqrt(-h), 0))
}
