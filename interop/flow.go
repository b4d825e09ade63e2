package interop

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// flowLevels are those of the flow matching schedulers: shifted once when the training's levels are made and once more
// when those of the run are, as the reference does, unless the shift is dynamic.
func (r *reader) flowLevels(n int) []float64 {
	train, shift := float64(r.count("num_train_timesteps", 1)), r.number("shift")
	dynamic := r.bool("use_dynamic_shifting")
	lo, mu := 1/train, 0.
	if dynamic {
		mu = r.mu()
	} else {
		lo = shifted(lo, shift)
	}
	σ := linspace(1, lo, n)
	if r.s.class == "FlowMatchEulerDiscreteScheduler" {
		switch list := r.customSigmas(1); {
		case list != nil:
			σ = list
			r.take("Timesteps") // told to the network, whatever the levels
		case r.o.Timesteps != nil:
			σ = r.timesteps(int(train)+1, false)
			for i := range σ {
				σ[i] /= train
			}
		}
	}
	for i, v := range σ {
		if dynamic {
			σ[i] = r.timeShift(v, mu)
		} else {
			σ[i] = shifted(v, shift)
		}
	}
	r.stretch(σ)
	σ, _ = r.curve(σ, n, σ[n-1], σ[0])
	return σ
}

func (r *reader) flow(σ []float64, s ito.Solver) *SchedulerPlan {
	train := r.number("num_train_timesteps")
	var levels []Level
	for _, v := range σ {
		levels = append(levels, Level{1 - v, v, v * train})
	}
	p := ladder(append(levels, Level{Alpha: 1}), 1, s)
	p.raw = rawFlow
	return p
}

// planFlowEuler: Euler's step in σ of a straight path is DDIM's.
func planFlowEuler(r *reader, n int) (*SchedulerPlan, error) {
	σ := r.flowLevels(n)
	p := r.flow(σ, solve.DDIM{})
	for i, t := range r.o.Timesteps {
		p.Path.levels[i].Label = t
	}
	if r.bool("invert_sigmas") { // from data to noise, σ mirrored at ½
		train := r.number("num_train_timesteps")
		levels := p.Path.levels
		for i, v := range σ {
			levels[i] = Level{v, 1 - v, (1 - v) * train}
		}
		levels[n] = Level{Sigma: 1}
		p.raw = rawFlowEps
		p.Solver = &own{name: "diffusers-flow-inverse", order: 1, start: func() rule { return straight(levels) },
			source: "Liu et al. 2023, arXiv:2209.03003, Euler's method on a straight path, towards the noise"}
	}
	if r.bool("stochastic_sampling") {
		p.Solver = &own{name: "diffusers-flow-renoise", order: 1, noisy: func(int) bool { return true },
			source: "Song et al. 2023, arXiv:2303.01469, algorithm 1",
			start:  func() rule { return renoise(p.Path.levels) }}
	}
	return p, nil
}

// straight is Euler's step in σ of a straight path, in either direction: x' = α'x0 + σ'ε.
type straight []Level

func (levels straight) next(k int, x, x0, eps, _ ito.States) {
	to := levels[k+1]
	for i, v := range x0.X {
		x.X[i] = float64(to.Alpha*v) + float64(to.Sigma*eps.X[i])
	}
}

// renoise forgets the noise of every step: x' = α'x0 + σ'z.
type renoise []Level

func (levels renoise) next(k int, x, x0, _, z ito.States) {
	to := levels[k+1]
	for i, v := range x0.X {
		x.X[i] = float64(to.Alpha*v) + float64(to.Sigma*z.X[i])
	}
}

func planFlowHeun(r *reader, n int) (*SchedulerPlan, error) {
	solver := &own{name: "diffusers-heun", order: 2, inside: second,
		source: "Karras et al. 2022, arXiv:2206.00364, algorithm 2, in " +
			"σ of a flow"}
	σ := r.flowLevels(n)
	p := r.flow(doubled(σ), solver)
	h := heun{levels: p.Path.levels}
	if h.gamma = r.churn(σ, 2*n-1); h.gamma != nil {
		h.spread = r.sNoise()
		solver.noisy = func(k int) bool { return k%2 == 0 && h.gamma[k/2] > 0 }
	}
	solver.start = func() rule {
		fresh := h
		return &fresh
	}
	return p, nil
}

// planIPNDM has levels of its own, σ = sin²(πu/2) for u from 1 to 0, or those of trained_betas.
func planIPNDM(r *reader, n int) (*SchedulerPlan, error) {
	σ := r.list("trained_betas")
	if σ == nil {
		for _, u := range linspace(1, 0, n+1) {
			s := math.Sin(u * math.Pi / 2)
			σ = append(σ, s*s)
		}
	}
	if len(σ) != n+1 {
		r.fail("trained_betas", fmt.Sprintf("%d levels for %d steps", len(σ), n), "give one more than the steps")
		return failed(), nil
	}
	var levels []Level
	for _, s := range σ {
		α := math.Sqrt(math.Max(0, 1-s*s))
		levels = append(levels, Level{α, s, math.Atan2(s, α) / math.Pi * 2})
	}
	levels[len(levels)-1].Label = 0
	p := ladder(levels, 1, &own{name: "diffusers-ipndm", order: 2,
		source: "Zhang & Chen 2023, arXiv:2204.13902, iPNDM; as released, at α = 0 x0 counts as 0",
		start:  func() rule { return &ipndm{levels: levels} }})
	p.raw = rawV
	return p, nil
}

type ipndm struct {
	levels []Level
	ets    [][]float64
}

func (p *ipndm) next(k int, x, _, eps, _ ito.States) {
	p.ets = append(p.ets[max(0, len(p.ets)-3):], append([]float64(nil), eps.X...))
	slope := make([]float64, len(x.X))
	for j, c := range adams[len(p.ets)-1] {
		add(slope, c, p.ets[len(p.ets)-1-j])
	}
	a, b := p.levels[k], p.levels[k+1]
	for i, e := range slope {
		x.X[i] = float64(b.Alpha*(x.X[i]-a.Sigma*e)/math.Max(a.Alpha, 1e-8)) + float64(b.Sigma*e)
	}
}
