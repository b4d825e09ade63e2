package mcmc

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito/infer"
)

func (k Tempering) betas() []float64 {
	if k.Betas != nil {
		return k.Betas
	}
	n, least := cmp.Or(k.Count, 10), cmp.Or(k.Least, 1e-3)
	β := make([]float64, max(n, 0))
	for i := range β {
		β[i] = math.Pow(least, float64(i)/float64(max(n-1, 1)))
	}
	return β
}

// roundEnds says that a round of the ladder's adaptation ends after so many steps: at 1/32, 1/16, 1/8, 1/4 and 1/2
// of the warm-up, the second half of which is for the step sizes. A round of fewer steps than leastRound tells too
// little.
func roundEnds(steps, warmup int) bool {
	for _, part := range []int{32, 16, 8, 4, 2} {
		if steps == warmup/part && steps >= leastRound {
			return true
		}
	}
	return false
}

const leastRound = 20

// respace places the temperatures of ladder g so that neighbours are refused equally often (Syed et al., JRSS B 84,
// 2022, algorithm 3): the refusals between neighbours, summed up along the ladder, are the barrier Λ(β), here
// piecewise linear in log β, and the new β are where it has equal parts. The ends stay. Step sizes are interpolated
// in the same way, and their adaptation begins anew.
func (k Tempering) respace(s *infer.State, g int) {
	t := s.Slots
	β, eps := s.Var("ladder")[g*t:(g+1)*t], s.Var("eps")[g*t:(g+1)*t]
	rates, step := s.Var("rates")[g*2*(t-1):(g+1)*2*(t-1)], s.Var("step")[g*t*adapterWidth:]
	barrier := make([]float64, t)
	for i := range t - 1 {
		refused := 1.
		if n := rates[2*i+1]; n > 0 {
			refused -= rates[2*i] / n
		}
		barrier[i+1] = barrier[i] + max(refused, 1e-3) // a floor keeps it increasing
	}
	at, logEps := make([]float64, t), make([]float64, t)
	for i := range t {
		at[i], logEps[i] = math.Log(β[i]), math.Log(eps[i])
	}
	for i, j := 1, 0; i < t; i++ {
		want := barrier[t-1] * float64(i) / float64(t-1)
		for j < t-2 && barrier[j+1] < want {
			j++
		}
		f := min((want-barrier[j])/(barrier[j+1]-barrier[j]), 1)
		if i < t-1 {
			β[i] = math.Exp(at[j] + f*(at[j+1]-at[j]))
		}
		eps[i] = math.Exp(logEps[j] + f*(logEps[j+1]-logEps[j]))
	}
	for i, ε := range eps {
		stepAdapter(step[i*adapterWidth:][:adapterWidth]).restart(ε)
	}
	clear(rates)
}

// Ladder is β at each slot, the geometric mean over the ladders.
func (k Tempering) Ladder(s *infer.State) []float64 {
	t, β := s.Slots, s.Var("ladder")
	mean := make([]float64, t)
	for i := range mean {
		for g := range s.Groups {
			mean[i] += math.Log(β[g*t+i]) / float64(s.Groups)
		}
		mean[i] = math.Exp(mean[i])
	}
	return mean
}
