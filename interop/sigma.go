package interop

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// sigmas are levels and labels of the schedulers whose states are z = x/α: ρ of the table at the steps, or spaced anew,
// without the end. Where listed says so Options.Timesteps may be given.
func (r *reader) sigmas(n int, rounds, listed bool) (rho, labels []float64, t table) {
	t = r.table(true)
	train := len(t.alpha)
	if listed {
		labels = r.timesteps(train, true)
	}
	if labels == nil {
		labels = r.spacing(n, train, train, false, false)
	}
	if r.err != nil {
		return make([]float64, n), make([]float64, n), t
	}
	for _, s := range labels {
		rho = append(rho, t.rhoAt(s))
	}
	lo, hi := rho[n-1], rho[0]
	if r.owns("interpolation_type") && r.text("interpolation_type") == "log_linear" { // the ends of the table
		lo, hi = t.rho[0], t.rho[train-1]
	}
	if anew, ok := r.curve(nil, n, lo, hi); ok {
		rho = anew
		for i, v := range rho {
			if labels[i] = t.stepAt(v); rounds && r.bool("use_karras_sigmas") {
				labels[i] = math.RoundToEven(labels[i])
			}
		}
	}
	return rho, labels, t
}

// scaled makes a plan of levels of ρ, of which the last has no label.
func (r *reader) scaled(rho, labels []float64, s ito.Solver) *SchedulerPlan {
	start := 0.
	levels := make([]Level, len(rho))
	for i, v := range rho {
		levels[i] = Level{Alpha: 1, Sigma: v}
		if i < len(labels) {
			levels[i].Label = labels[i]
		}
		start = math.Max(start, v)
	}
	if r.word("timestep_spacing", "linspace", "leading", "trailing") == "leading" {
		start = math.Hypot(start, 1)
	}
	p := ladder(levels, start, s)
	p.raw = r.sigmaPrediction()
	return p
}

func (r *reader) sigmaPrediction() raw {
	if r.text("prediction_type") == "original_sample" {
		return rawX0
	}
	return r.prediction("epsilon", "sample", "v_prediction")
}

// planEuler: Euler's step in ρ is DDIM's.
func planEuler(r *reader, n int) (*SchedulerPlan, error) {
	rho, labels, t := r.sigmas(n, false, len(r.o.Sigmas) == 0)
	end := 0.
	if r.word("final_sigmas_type", "zero", "sigma_min") == "sigma_min" {
		end = t.rho[0]
	}
	curved := r.bool("use_karras_sigmas") || r.bool("use_exponential_sigmas") || r.bool("use_beta_sigmas")
	if r.word("interpolation_type", "linear", "log_linear") == "log_linear" && !curved {
		// n+1 levels for n steps: what follows the last is never used
		rho = exponentials(t.rho[len(t.rho)-1], t.rho[0], linspace(0, 1, n+1))
		if r.text("timestep_type") == "continuous" && r.text("prediction_type") == "v_prediction" {
			labels = append(labels, 0) // where every level but the last is called
		} else {
			end, rho = rho[n], rho[:n]
		}
	}
	if list := r.customSigmas(math.MaxFloat64); list != nil && r.err == nil {
		rho, end = list[:n], list[n]
		for i, v := range rho {
			labels[i] = t.stepAt(v)
		}
	}
	if r.word("timestep_type", "discrete", "continuous") == "continuous" &&
		r.text("prediction_type") == "v_prediction" {
		if r.o.Timesteps != nil {
			r.refuse("Options.Timesteps and timestep_type continuous", "the reference refuses it", "discrete")
		}
		for i, v := range rho {
			labels[i] = math.Log(v) / 4
		}
	}
	p := r.scaled(append(rho, end), labels, solve.DDIM{})
	if log := r.text("interpolation_type") == "log_linear" && !curved && r.o.Sigmas == nil; log && len(labels) == n {
		r.churned(p, n+1) // which has a level more, that no step goes to
	} else {
		r.churned(p, len(labels))
	}
	return p, nil
}

// planEulerAncestral: with σ_up of the ancestral step it is DDIM with η = 1.
func planEulerAncestral(r *reader, n int) (*SchedulerPlan, error) {
	rho, labels, _ := r.sigmas(n, false, false)
	p := r.scaled(append(rho, 0), labels, solve.DDIM{Eta: 1})
	if p.raw == rawX0 {
		r.refuse("prediction_type sample", "the reference refuses it", "epsilon")
	}
	return p, nil
}

// planLMS: linear multistep in ρ with exact integrals is DEIS of four predictions in the clock ρ.
func planLMS(r *reader, n int) (*SchedulerPlan, error) {
	rho, labels, _ := r.sigmas(n, false, false)
	return r.scaled(append(rho, 0), labels, solve.DEIS{Order: 4, Clock: solve.ClockRho}), nil
}

// planHeun calls the network twice a step, the second time at the level that the next step starts from.
func planHeun(r *reader, n int) (*SchedulerPlan, error) {
	rho, labels, _ := r.sigmas(n, false, true)
	solver := &own{name: "diffusers-heun", order: 2, source: "Karras et al. 2022, arXiv:2206.00364, algorithm 2 " +
		"without churn", inside: second}
	if r.bool("clip_sample") {
		solver.limit = &solve.Threshold{Bound: r.number("clip_sample_range")}
	}
	p := r.scaled(append(doubled(rho), 0), doubled(labels), solver)
	solver.start = func() rule { return &heun{levels: p.Path.levels} }
	return p, nil
}

// doubled repeats all but the first.
func doubled(x []float64) []float64 {
	out := []float64{x[0]}
	for _, v := range x[1:] {
		out = append(out, v, v)
	}
	return out
}

// heun is the trapezoidal rule in σ for dx/dσ = (x − x0)/σ: Euler at even calls, corrected at odd ones.
type heun struct {
	levels       []Level
	start, slope []float64

	gamma  []float64 // of a flow with churn, whose network is asked before the noise is put in; nil: none
	spread float64
}

func (h *heun) next(k int, x, x0, _, z ito.States) {
	at, to, γ := h.levels[k].Sigma, h.levels[k+1].Sigma, 0.
	if h.gamma != nil {
		γ = h.gamma[k/2]
	}
	if k%2 == 0 {
		grow := h.spread * at * math.Sqrt(γ*(2+γ))
		h.slope = append(h.slope[:0], x.X...)
		for i, v := range x0.X {
			h.slope[i] = (x.X[i] - v) / at
			if γ > 0 {
				h.slope[i] /= 1 + γ
				x.X[i] += grow * z.X[i]
			}
		}
		h.start = append(h.start[:0], x.X...)
		for i := range x0.X {
			x.X[i] += float64(h.slope[i] * (to - at*(1+γ)))
		}
		return
	}
	δ := to - h.levels[k-1].Sigma*(1+γ)
	for i, v := range x0.X {
		d := (h.slope[i] + (x.X[i]-v)/at) / 2
		x.X[i] = h.start[i] + float64(d*δ)
	}
}

// edmLevels are those of EDM: equal steps in σ^{1/ρ} or in log σ, and the end.
func (r *reader) edmLevels(n int) []Level {
	lo, hi, p := r.number("sigma_min"), r.number("sigma_max"), r.number("rho")
	if r.err == nil && !(lo > 0 && hi > lo && p > 0) {
		r.fail("sigma_min", fmt.Sprintf("levels from %g to %g with exponent %g", hi, lo, p),
			"give 0 < sigma_min < sigma_max and a positive rho")
	}
	u := linspace(0, 1, n)
	σ := reversed(exponentials(lo, hi, u)) // a single level is the lower one, as there
	if r.word("sigma_schedule", "karras", "exponential") == "karras" {
		σ = powers(hi, lo, p, u)
	}
	end := 0.
	if r.word("final_sigmas_type", "zero", "sigma_min") == "sigma_min" {
		end = σ[n-1]
		if r.s.class == "EDMDPMSolverMultistepScheduler" {
			end = lo
		}
	}
	var out []Level
	for _, v := range σ {
		out = append(out, Level{1, v, math.Log(v) / 4})
	}
	return append(out, Level{Alpha: 1, Sigma: end})
}

// edm is what EDM's networks say.
func (r *reader) edm(p *SchedulerPlan) {
	p.data = r.number("sigma_data")
	p.raw = rawEDM
	if r.word("prediction_type", "epsilon", "v_prediction") == "v_prediction" {
		p.raw = rawEDMNeg
	}
}

func planEDMEuler(r *reader, n int) (*SchedulerPlan, error) {
	p := ladder(r.edmLevels(n), math.Hypot(r.number("sigma_max"), 1), solve.DDIM{})
	r.edm(p)
	r.churned(p, n)
	return p, nil
}
