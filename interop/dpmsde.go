package interop

import (
	"math"

	"github.com/seed9a7962a8/ito"
)

// planDPMSDE is DPM-Solver++ of the reverse SDE with a call in the middle of log σ, as k-diffusion's sample_dpmpp_sde:
// both calls of a step draw from one Brownian motion in σ, so that the noise of the whole step holds that of its first
// half. Levels are called twice but for the first and the last. Its noise is addressed and not a tree's:
// noise_sampler_seed has no part in it.
func planDPMSDE(r *reader, n int) (*SchedulerPlan, error) {
	rho, labels, t := r.sigmas(n, false, false)
	m := &dpmSDE{spread: r.sNoise()}
	var told []float64
	for i, σ := range rho {
		m.levels, told = append(m.levels, σ), append(told, labels[i])
		if i < n-1 {
			middle := math.Sqrt(σ * rho[i+1])
			m.levels, told = append(m.levels, middle), append(told, t.stepAt(middle))
		}
	}
	m.levels = append(m.levels, 0)
	calls := len(told)
	p := r.scaled(m.levels, told, &own{name: "diffusers-dpm-sde", order: 1, inside: second,
		source: "Lu et al. 2022, arXiv:2211.01095, with one more call; Karras et al. 2022 for σ_up",
		noisy:  func(k int) bool { return k < calls-1 },
		start: func() rule {
			fresh := *m
			return &fresh
		}})
	if p.raw == rawX0 {
		r.refuse("prediction_type sample", "the reference refuses it", "epsilon")
	}
	return p, nil
}

type dpmSDE struct {
	levels   []float64
	spread   float64 // s_noise
	start, ξ []float64
}

func (m *dpmSDE) next(k int, x, x0, _, z ito.States) {
	if z.X == nil {
		copy(x.X, x0.X)
		return
	}
	from, to, noise := m.levels[k], m.levels[k+1], z.X
	if k%2 == 0 {
		m.start, m.ξ = append(m.start[:0], x.X...), append(m.ξ[:0], z.X...)
	} else { // from where the step began, with the increments of both halves
		middle := from
		from = m.levels[k-1]
		a, b := math.Sqrt((from-middle)/(from-to)), math.Sqrt((middle-to)/(from-to))
		for i, ξ := range m.ξ {
			noise[i] = float64(a*ξ) + float64(b*noise[i])
		}
	}
	up := math.Min(to, math.Sqrt(math.Max(0, to*to*(from*from-to*to)/(from*from))))
	keep := math.Sqrt(math.Max(0, to*to-up*up)) / from
	for i, v := range m.start {
		x.X[i] = float64(keep*v) + float64((1-keep)*x0.X[i]) + float64(m.spread*up*noise[i])
	}
}
