package solve

import "github.com/seed9a7962a8/ito"

// TauLeaping samples tokens by the rates of the reverse process, held over the step and of at most one jump a token:
//
//	R̂(b→a) = R_u(a,b) Σ_v p(x_0 = v | x_t) P(0,u)[v,a]/P(0,u)[v,b],   P(no jump) = e^{−h Σ_a R̂(b→a)},   h = t−s,
//
// where u is the middle of the step, so that nothing is infinite at the drawn end. A step that ends at the sampled
// end is that of [Ancestral]: no level that the data do not have is left over. Order 1, one evaluation a step, O(V
// K) a token (Gillespie 2001; Campbell et al. 2022, arXiv:2205.14987, §4.3).
type TauLeaping struct{}

// Info implements ito.Solver.
func (TauLeaping) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "tau-leaping", Order: 1, Stochastic: true, Evals: 1,
		Needs: []ito.Capability{ito.CapJump}, Source: "Campbell et al. 2022, arXiv:2205.14987, §4.3"}
}

// Plan implements ito.Solver.
func (l TauLeaping) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	return planJumps(l.Info().Name, p, g, k, func(j ito.Jump) func(s, t float64) *jumpLaw {
		lo, _ := j.Span()
		return func(s, t float64) *jumpLaw {
			if s <= lo {
				return posteriorLaw(j, s, t)
			}
			n, u := j.Levels(), (s+t)/2
			m := make([]float64, n*n)
			r := make([]float64, n*n)
			j.Transition(lo, u, m)
			j.Rates(u, r)
			return &jumpLaw{k: n, from: m, to: m, back: r, leap: t - s}
		}
	})
}
