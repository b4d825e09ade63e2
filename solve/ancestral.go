package solve

import "github.com/seed9a7962a8/ito"

// Ancestral samples tokens by the posterior of a jump path, every token by itself given the others of the step before:
//
//	x_s ~ Σ_v p(x_0 = v | x_t) q(x_s | x_t, x_0 = v).
//
// With exact logits and one token it is exact in any number of steps; tokens that change in the same step are drawn
// as if they were independent, an error of the order of the step. One evaluation a step, O(V K) a token (Austin et
// al. 2021, arXiv:2107.03006, eq. 4; on an absorbing path Sahoo et al. 2024, arXiv:2406.07524, §3.2).
type Ancestral struct{}

// Info implements ito.Solver.
func (Ancestral) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "ancestral", Order: 1, Stochastic: true, Evals: 1, Needs: []ito.Capability{ito.CapJump},
		Source: "Austin et al. 2021, arXiv:2107.03006, eq. 4"}
}

// Plan implements ito.Solver.
func (a Ancestral) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	return planJumps(a.Info().Name, p, g, k, func(j ito.Jump) func(s, t float64) *jumpLaw {
		return func(s, t float64) *jumpLaw { return posteriorLaw(j, s, t) }
	})
}
