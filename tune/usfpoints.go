package tune

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// Decided is a solver whose steps are decisions: a search begins from it too.
type Decided interface {
	ito.Solver
	// Decisions are those of k steps, of which a step goes from a node of the grid to the next.
	Decisions(k int) ([]Decision, error)
}

// Decisions writes a solver of one evaluation a step as what each of k steps of [USF] does, and likewise
// single-step DPM-Solver 2S with one decision for each evaluation: its middles are then nodes of the grid, and k is
// even. They are DDIM (η = 0), DPM of order 1 and 2, DPMpp, UniPC, DEIS and IPNDM, without Compat, and every [Decided];
// others are an *ito.UnsupportedError.
func Decisions(s ito.Solver, k int) ([]Decision, error) {
	out := make([]Decision, k)
	fill := func(order int, lower bool, d func(order int) Decision) {
		for i := range out {
			n := min(order, i+1)
			if lower {
				n = min(n, k-i)
			}
			out[i] = d(n)
			out[i].Use = last(n)
		}
	}
	switch s := s.(type) {
	case Decided:
		d, err := s.Decisions(k)
		if err == nil && len(d) != k {
			err = &ito.InputError{Where: "solver " + s.Info().Name, What: fmt.Sprintf("%d decisions for %d steps",
				len(d), k)}
		}
		if err != nil {
			return nil, err
		}
		return d, USF{Steps: d}.Check()
	case solve.DDIM:
		if s.Eta == 0 {
			return out, nil
		}
	case solve.DPM:
		s = s.WithDefaults()
		if s.Order == 1 || s.Order == 2 && k%2 == 0 {
			for i := range out {
				out[i] = Decision{Eps: !s.Data}
				if s.Order == 2 && i%2 == 1 {
					out[i].Use, out[i].Rule = []int{1, 0}, RuleMidpoint
				}
			}
			return out, nil
		}
	case solve.DPMpp:
		if s = s.WithDefaults(); s.Compat == "" {
			fill(s.Order, s.LowerFinal.Lowers(k), func(n int) Decision {
				d := Decision{Eps: s.Eps, Rule: RuleTaylor}
				if n == 2 && !s.Second.IsTaylor(s.Order) {
					d.Rule = RuleMidpoint
				}
				return d
			})
			return out, nil
		}
	case solve.UniPC:
		if s = s.WithDefaults(); s.Compat == "" {
			r := map[solve.UniB]Rule{solve.UniB2: RuleMidpoint, solve.UniB1: RuleHalf, solve.UniVary: RuleTaylor}[s.B]
			fill(s.Order, s.LowerFinal.Lowers(k), func(int) Decision { return Decision{Eps: s.Eps, Rule: r} })
			for i := 1; i < k && !s.NoCorrector; i++ {
				out[i].Correct = r
			}
			return out, nil
		}
	case solve.DEIS:
		s = s.WithDefaults()
		r := map[solve.Clock]Rule{solve.ClockT: RuleTime, solve.ClockRho: RuleRho,
			solve.ClockLogRho: RuleTaylor}[s.Clock]
		fill(s.Order, s.LowerFinal > 0 && s.LowerFinal.Lowers(k),
			func(int) Decision { return Decision{Eps: true, Rule: r} })
		return out, nil
	case solve.IPNDM:
		s = s.WithDefaults()
		fill(s.Order, s.LowerFinal > 0 && s.LowerFinal.Lowers(k),
			func(int) Decision { return Decision{Eps: true, Rule: RuleAdams} })
		return out, nil
	}
	return nil, &ito.UnsupportedError{What: fmt.Sprintf("solver %s in %d decisions", s.Info().Name, k),
		Why: "its steps are not of that kind", Nearest: "dpmpp-2m"}
}

// last lists the last n nodes, newest first.
func last(n int) []int {
	use := make([]int, n)
	for i := range use {
		use[i] = i
	}
	return use
}
