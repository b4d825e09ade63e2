package solve

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

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
			return leapLaw(j, s, t)
		}
	})
}

// leapLaw has the rates at the middle of the step.
func leapLaw(j ito.Jump, s, t float64) *jumpLaw {
	lo, _ := j.Span()
	u, l := (s+t)/2, newLaw(j, t-s)
	if r, ok := j.(path.Replacing); ok {
		α, dα := r.Keep(u)
		l.replacing.from, l.replacing.to, l.replacing.back = α, α, -dα/α
		return l
	}
	j.Transition(lo, u, l.from)
	copy(l.to, l.from)
	j.Rates(u, l.back)
	return l
}
