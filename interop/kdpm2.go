package interop

import (
	"math"

	"github.com/seed9a7962a8/ito"
)

// planKDPM2 is the midpoint rule in ρ with the middle at the geometric mean: two calls a step, the last one alone.
func planKDPM2(r *reader, n int) (*SchedulerPlan, error) {
	return planMidpoint(r, n, false)
}

// planKDPM2Ancestral steps to σ_down and puts σ_up of noise back; the middle is that of σ and σ_down.
func planKDPM2Ancestral(r *reader, n int) (*SchedulerPlan, error) {
	return planMidpoint(r, n, true)
}

func planMidpoint(r *reader, n int, ancestral bool) (*SchedulerPlan, error) {
	rho, labels, t := r.sigmas(n, true, false)
	m := &midpoint{}
	var levels, told []float64
	for i, v := range rho {
		levels, told = append(levels, v), append(told, labels[i])
		if i == n-1 {
			break
		}
		down, up := rho[i+1], 0.
		if ancestral {
			up = math.Sqrt(math.Max(0, down*down*(v*v-down*down)/(v*v)))
			down = math.Sqrt(math.Max(0, down*down-up*up))
		}
		m.down, m.up = append(m.down, down), append(m.up, up)
		middle := math.Sqrt(v * down)
		levels, told = append(levels, middle), append(told, t.stepAt(middle))
	}
	m.levels = append(levels, 0)
	solver := &own{name: "diffusers-kdpm2", order: 2, inside: second,
		source: "Karras et al. 2022, arXiv:2206.00364, table 3, as " +
			"k-diffusion's DPM2", start: func() rule {
			fresh := *m
			return &fresh
		}}
	if ancestral {
		solver.name, solver.noisy = "diffusers-kdpm2-ancestral", func(k int) bool { return k%2 == 1 }
	}
	p := r.scaled(m.levels, told, solver)
	if p.raw == rawX0 {
		r.refuse("prediction_type sample", "the reference refuses it", "epsilon")
	}
	return p, nil
}

type midpoint struct {
	levels   []float64
	down, up []float64 // step by step
	start    []float64
}

func (m *midpoint) next(k int, x, x0, _, z ito.States) {
	at := m.levels[k]
	if k%2 == 0 {
		m.start = append(m.start[:0], x.X...)
		for i, v := range x0.X {
			x.X[i] += (x.X[i] - v) / at * (m.levels[k+1] - at)
		}
		return
	}
	δ, up := m.down[k/2]-m.levels[k-1], m.up[k/2]
	for i, v := range x0.X {
		x.X[i] = m.start[i] + float64((x.X[i]-v)/at*δ)
		if z.X != nil {
			x.X[i] += up * z.X[i]
		}
	}
}
