package interop

import (
	"fmt"
	"math"
	"sort"
)

// family says what differs among the schedulers that step on levels of a training table with α² + σ² = 1.
type family struct {
	listed  bool // Options.Timesteps may be given
	clipped bool // lambda_min_clipped, which the first steps must not fall below
	spaced  bool // timestep_spacing; else linspace
	last    bool // final_sigmas_type
	// Where the levels are spaced anew: the last is repeated, or is σ_min of the table, when it is not zero.
	repeat    bool
	lu        bool
	fromStart bool // flow sigmas from 1 down, with shift_terminal; else those of a list from 0 up
}

// levels are those of DPM-Solver, UniPC and DEIS.
func (r *reader) levels(n int, f family) []Level {
	t := r.table(true)
	train := len(t.alpha)
	steps := r.trainingSteps(n, t, f)
	if r.err != nil {
		return []Level{{Alpha: 1}, {Alpha: 1}}
	}
	rho, anew := r.curve(nil, n, t.rho[0], t.rho[train-1])
	if f.lu && !r.bool("use_karras_sigmas") && r.bool("use_lu_lambdas") { // before exponential and beta, as there
		rho, anew = exponentials(t.rho[train-1], t.rho[0], linspace(0, 1, n)), true
	}
	flow := r.bool("use_flow_sigmas")
	if anew && flow && !(f.fromStart && r.bool("use_karras_sigmas")) {
		r.refuse("use_flow_sigmas and another spacing", fmt.Sprintf("the reference takes σ/α of its table, up to "+
			"%.4g, for the σ of a flow, whose α = 1−σ is then negative", rho[0]),
			"use_flow_sigmas alone, or with use_karras_sigmas in UniPCMultistepScheduler")
		return []Level{{Alpha: 1}, {Alpha: 1}}
	}
	switch {
	case anew && flow:
		for i, v := range rho {
			rho[i] = v / (v + 1)
			steps[i] = rho[i] * float64(train)
		}
	case anew:
		rounds := r.roundsSteps(f)
		for i, v := range rho {
			if steps[i] = t.stepAt(v); rounds {
				steps[i] = math.RoundToEven(steps[i])
			}
		}
	case flow:
		rho = r.flowSigmas(n, train, f.fromStart)
		for i, v := range rho {
			steps[i] = v * float64(train)
		}
	default:
		for _, s := range steps {
			rho = append(rho, t.rhoAt(s))
		}
	}
	end := t.rho[0]
	if f.repeat && (anew || flow) {
		end = rho[n-1]
	}
	if f.last && r.word("final_sigmas_type", "zero", "sigma_min") == "zero" {
		end = 0
	}
	return labelled(append(rho, end), steps[:n], flow)
}

// trainingSteps are the steps of training at which the n levels are, before they are spaced anew.
func (r *reader) trainingSteps(n int, t table, f family) []float64 {
	train := len(t.alpha)
	last := train
	if f.clipped {
		least := r.number("lambda_min_clipped")
		last = sort.Search(train, func(i int) bool { return -math.Log(t.rho[i]) < least })
	}
	if f.listed {
		if list := r.timesteps(train, true); list != nil {
			for i, t := range list {
				list[i] = math.Trunc(t)
			}
			return list
		}
	}
	if f.spaced {
		return r.spacing(n, last, train, true, true)
	}
	steps := reversed(linspace(0, float64(last-1), n+1))[:n]
	for i, s := range steps {
		steps[i] = math.RoundToEven(s)
	}
	return steps
}

// roundsSteps reports that the steps of levels that are spaced anew are whole, which not every class makes them.
func (r *reader) roundsSteps(f family) bool {
	rounds := r.bool("use_karras_sigmas") || f.lu && r.bool("use_lu_lambdas")
	return rounds && !(f.lu && r.text("beta_schedule") == "squaredcos_cap_v2")
}

// labelled are the levels of ρ = σ/α, or of σ = 1−α of a flow; the last, where sampling ends, has no label.
func labelled(rho, steps []float64, flow bool) []Level {
	var out []Level
	for i, v := range rho {
		label := 0.
		if i < len(steps) {
			label = math.Trunc(steps[i])
		}
		if flow {
			out = append(out, Level{1 - v, v, label})
		} else {
			out = append(out, vp(v, label))
		}
	}
	return out
}

// flowSigmas are levels of a flow, shifted.
func (r *reader) flowSigmas(n, train int, fromStart bool) []float64 {
	shift, dynamic := r.number("flow_shift"), r.bool("use_dynamic_shifting")
	if !fromStart {
		if dynamic && r.o.Mu != nil {
			if r.word("time_shift_type", "exponential", "linear") != "exponential" {
				r.refuse("mu and a linear time_shift_type", "the reference refuses it", "exponential")
			}
			shift = math.Exp(r.mu())
		}
		out := linspace(1, 1/float64(train), n+1)
		for i, a := range out {
			out[i] = shifted(1-a, shift)
		}
		return reversed(out)[:n]
	}
	mu := 0.
	if dynamic {
		mu = r.mu()
	}
	out := linspace(1, 1/float64(train), n+1)[:n]
	for i, v := range out {
		if dynamic {
			out[i] = r.timeShift(v, mu)
		} else {
			out[i] = shifted(v, shift)
		}
	}
	r.stretch(out)
	if math.Abs(out[0]-1) < 1e-6 {
		out[0] -= 1e-6
	}
	return out
}

// shifted is sσ/(1+(s−1)σ).
func shifted(σ, s float64) float64 { return s * σ / (1 + (s-1)*σ) }

func (r *reader) timeShift(σ, mu float64) float64 {
	if r.word("time_shift_type", "exponential", "linear") == "exponential" {
		mu = math.Exp(mu)
	}
	return mu / (mu + (1/σ - 1))
}

// stretch moves the last level to shift_terminal, where that is given.
func (r *reader) stretch(σ []float64) {
	end := r.number("shift_terminal")
	if !r.owns("shift_terminal") || math.IsNaN(end) || end == 0 {
		return
	}
	scale := (1 - σ[len(σ)-1]) / (1 - end)
	for i, v := range σ {
		σ[i] = 1 - (1-v)/scale
	}
}
