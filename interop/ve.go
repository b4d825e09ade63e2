package interop

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// planVE is the predictor–corrector sampler of the variance-exploding SDE: at every time correct_steps steps of
// Langevin, then the reverse diffusion, each with a call of its own. The network is told σ and says the score. The
// last call is given its noise like every other, as the reference's prev_sample. A Langevin step is 2(snr ‖z‖/‖s‖)²
// with the mean norms of the batch where Options.CoupledNorms is set; without it, and for any batch, 2(snr σ)²: see
// [solve.PC].
func planVE(r *reader, n int) (*SchedulerPlan, error) {
	lo, hi, eps := r.number("sigma_min"), r.number("sigma_max"), r.number("sampling_eps")
	correct, snr := r.count("correct_steps", 0), r.number("snr")
	if r.err != nil {
		return failed(), nil
	}
	if !(lo > 0 && hi > lo && eps > 0 && eps < 1 && snr > 0) || n < 2 {
		return nil, &ito.InputError{Where: "scheduler " + r.s.class,
			What: fmt.Sprintf("%d steps from σ=%g to %g with ε=%g and snr=%g", n, hi, lo, eps, snr),
			Do:   "give two or more steps, 0 < sigma_min < sigma_max, 0 < sampling_eps < 1 and a positive snr"}
	}
	σ := exponentials(lo, hi, linspace(0, 1, n))
	if correct > 0 {
		r.take("CoupledNorms")
	}
	v := &ve{snr: snr, coupled: r.o.CoupledNorms}
	var levels []Level
	for _, t := range linspace(1, eps, n) {
		told := lo * math.Pow(hi/lo, t)
		i := int(t * float64(n-1))
		below := 0.
		if i > 0 {
			below = σ[i-1]
		}
		for c := range correct + 1 {
			levels = append(levels, Level{1, told, told})
			δ := 0. // a corrector
			if c == correct {
				δ = σ[i]*σ[i] - below*below
			}
			v.variance = append(v.variance, δ)
		}
	}
	v.levels = append(levels, Level{Alpha: 1})
	p := ladder(v.levels, hi, &own{name: "diffusers-ve", order: 1, noisy: func(int) bool { return true },
		source: "Song et al. 2021, arXiv:2011.13456, algorithms 2 and 4",
		start:  func() rule { return v }})
	p.raw = rawScore
	return p, nil
}

type ve struct {
	levels   []Level
	variance []float64 // that a predictor takes off; 0 for a corrector
	snr      float64
	coupled  bool
}

func (v *ve) next(k int, x, _, eps, z ito.States) {
	σ := v.levels[k].Sigma
	step, spread := v.variance[k], math.Sqrt(v.variance[k])
	if step == 0 {
		q := v.snr * σ
		if v.coupled {
			var ofNoise, ofEps float64
			for i := range x.N {
				ofNoise += norm(z.Row(i))
				ofEps += norm(eps.Row(i))
			}
			q *= ofNoise / ofEps
		}
		step = 2 * q * q
		spread = math.Sqrt(2 * step)
	}
	for i, e := range eps.X {
		x.X[i] += float64(-step/σ*e) + float64(spread*z.X[i])
	}
}

func norm(x []float64) float64 {
	s := 0.
	for _, v := range x {
		s += float64(v * v)
	}
	return math.Sqrt(s)
}
