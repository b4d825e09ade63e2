package solve

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// Euler is the Euler method for the probability flow in the path's own clock, x' = x + h dx/dt. Order 1,
// one evaluation a step, on every path; on one that is TwoEnded only, of a predicted velocity.
type Euler struct{}

// Info implements ito.Solver.
func (Euler) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "euler", Order: 1, Evals: 1, Needs: flowPaths,
		Source: "Song et al. 2021, arXiv:2011.13456, eq. 13"}
}

var everyPath = []ito.Capability{ito.CapDiagonal, ito.CapLinear}

// flowPaths are the paths whose probability flow can be followed: every one with a velocity.
var flowPaths = []ito.Capability{ito.CapDiagonal, ito.CapLinear, ito.CapTwoEnded}

// Plan implements ito.Solver.
func (Euler) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	return affine.NewOneEval(p, g, k, func(pl *affine.Planner, t, next float64) (*affine.Update, error) {
		P, R := pl.Velocity(t)
		return pl.Update(t, "xp", pl.Scaled(R, next-t, 1), pl.Scaled(P, next-t, 0))
	})
}
