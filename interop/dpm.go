package interop

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// family says what differs among the schedulers that step on levels of a training table with α² + σ² = 1.
type family struct {
	clipped bool // lambda_min_clipped, which the first steps must not fall below
	spaced  bool // timestep_spacing; else linspace
	last    bool // final_sigmas_type
	// Where the levels are spaced anew: the last is repeated, or is σ_min of the table, when it is not zero.
	repeat    bool
	lu        bool
	fromStart bool // flow sigmas from 1 down, with shift_terminal; else those of a list from 0 up
}

// levels are those of DPM-Solver, UniPC and DEIS.
func (r *reader) levels(n int, f family, o CallOptions) []Level {
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
		rho = r.flowSigmas(n, train, f.fromStart, o)
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
func (r *reader) flowSigmas(n, train int, fromStart bool, o CallOptions) []float64 {
	shift, dynamic := r.number("flow_shift"), r.bool("use_dynamic_shifting")
	if !fromStart {
		if dynamic && o.Mu != nil {
			if r.word("time_shift_type", "exponential", "linear") != "exponential" {
				r.refuse("Options.Mu and a linear time_shift_type", "the reference refuses it", "exponential")
			}
			shift = math.Exp(r.mu(o))
		}
		out := linspace(1, 1/float64(train), n+1)
		for i, a := range out {
			out[i] = shifted(1-a, shift)
		}
		return reversed(out)[:n]
	}
	mu := 0.
	if dynamic {
		mu = r.mu(o)
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

// tablePrediction reads the prediction of the schedulers of this file.
func (r *reader) tablePrediction(p *SchedulerPlan) {
	p.raw = r.prediction("epsilon", "sample", "v_prediction", "flow_prediction")
	switch flow := r.bool("use_flow_sigmas"); {
	case flow && p.raw == rawV:
		r.refuse("v_prediction and use_flow_sigmas", "v is defined where α² + σ² = 1", "flow_prediction")
	case !flow && p.raw == rawFlow:
		r.refuse("flow_prediction without use_flow_sigmas", "its network is of another path", "use_flow_sigmas")
	}
	_, known := r.defaults["variance_type"]
	if v := r.s.keys["variance_type"]; known && v != nil && string(v) != "null" {
		switch r.word("variance_type", "learned", "learned_range", "fixed_small", "fixed_large") {
		case "learned", "learned_range": // which these schedulers leave aside
			if p.wide = true; p.raw != rawEps {
				r.refuse("variance_type "+string(v)+" and prediction_type "+rawNames[p.raw],
					"the reference takes the variance off ε only", "epsilon")
			}
		}
	}
}

// second is solver_type.
func (r *reader) second() solve.Second {
	if r.word("solver_type", "midpoint", "heun", "logrho", "bh1", "bh2") == "heun" {
		return solve.SecondTaylor
	}
	return solve.SecondMidpoint
}

// order is solver_order.
func (r *reader) order() int {
	n := r.count("solver_order", 1)
	if n > 3 {
		r.fail("solver_order", fmt.Sprintf("an order of %d", n), "give 1 to 3")
		return 3
	}
	return n
}

// lower is the LowerFinal of lower_order_final, which ends runs of fewer than 15 steps with lower orders.
func (r *reader) lower() solve.LowerFinal {
	if r.bool("lower_order_final") {
		return 15
	}
	return -1
}

func (r *reader) thresholding(p *SchedulerPlan) {
	if r.bool("thresholding") {
		p.Hooks = append(p.Hooks, *r.threshold())
	}
}

// multistep is DPM-Solver or DPM-Solver++, with its released third order: what the scheduler computes.
func (r *reader) multistep(levels []Level, words ...string) ito.Solver {
	o := solve.DPMpp{Order: r.order(), Second: r.second(), LowerFinal: r.lower()}
	if o.Order == 3 {
		o.Compat = solve.CompatThirdOrderFactor
	}
	n, end := len(levels)-1, levels[len(levels)-1].Sigma
	lower := o.LowerFinal > 0 && n < int(o.LowerFinal)
	m := multistep{levels: levels, taylor: o.Second == solve.SecondTaylor}
	word := r.word("algorithm_type", words...)
	switch word {
	case "dpmsolver":
		o.Eps, m.eps = true, true
	case "sde-dpmsolver":
		m.eps, m.sde = true, true
		if o.Order == 3 {
			r.refuse("algorithm_type sde-dpmsolver and solver_order 3", "the reference has no such step", "2")
		}
	}
	if m.eps && end == 0 {
		r.refuse("algorithm_type "+word+" and final_sigmas_type zero", "the reference refuses it", "sigma_min")
	}
	euler := r.bool("euler_at_final") && end != 0 && !lower
	switch {
	case euler && o.Order < 3: // to lower the order over the last steps is to lower that of the last
		o.LowerFinal = math.MaxInt
	case euler && word == "sde-dpmsolver++":
		m.sde = true
	}
	if m.sde || euler && o.Order == 3 {
		m.orders = multistepOrders(n, o.Order, euler, lower)
		s := &own{name: "diffusers-dpm-multistep", order: min(o.Order, 2),
			source: "Lu et al. 2022, arXiv:2211.01095, algorithm 2 and appendix B",
			start:  func() rule { fresh := m; return &fresh }}
		if m.sde {
			s.noisy = func(int) bool { return true }
		}
		return s
	}
	if word == "sde-dpmsolver++" {
		s := solve.SDEDPMpp{Order: o.Order, Second: o.Second, LowerFinal: o.LowerFinal}
		if o.Order == 3 {
			s.Compat = solve.CompatSDE3Sign
		}
		return s
	}
	return o
}

func planDPMMultistep(r *reader, n int, o CallOptions) (*SchedulerPlan, error) {
	levels := r.levels(n, family{clipped: true, spaced: true, last: true, lu: true}, o)
	p := ladder(levels, 1, r.multistep(levels, "dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver", "deis"))
	r.tablePrediction(p)
	r.thresholding(p)
	return p, nil
}

func planEDMDPM(r *reader, n int, _ CallOptions) (*SchedulerPlan, error) {
	levels := r.edmLevels(n)
	p := ladder(levels, math.Hypot(r.number("sigma_max"), 1), r.multistep(levels, "dpmsolver++", "sde-dpmsolver++",
		"deis"))
	r.edm(p)
	r.thresholding(p)
	return p, nil
}

// planDEIS is the exponential integrator of a polynomial of ε in log ρ.
func planDEIS(r *reader, n int, o CallOptions) (*SchedulerPlan, error) {
	levels := r.levels(n, family{spaced: true, repeat: true}, o)
	p := ladder(levels, 1, solve.DPMpp{Order: r.order(), Eps: true, Second: solve.SecondTaylor, LowerFinal: r.lower()})
	r.tablePrediction(p)
	r.thresholding(p)
	return p, nil
}

func planUniPC(r *reader, n int, o CallOptions) (*SchedulerPlan, error) {
	levels := r.levels(n, family{spaced: true, last: true, repeat: true, fromStart: true}, o)
	s := solve.UniPC{Order: r.order(), B: solve.UniB2, Eps: !r.bool("predict_x0"), LowerFinal: -1}
	if r.word("solver_type", "bh1", "bh2", "midpoint", "heun", "logrho") == "bh1" {
		s.B = solve.UniB1
	}
	if r.bool("lower_order_final") {
		s.LowerFinal = math.MaxInt
	}
	var solver ito.Solver = s
	if off := r.list("disable_corrector"); len(off) > 0 {
		steps, err := tune.Decisions(s, n)
		if err != nil {
			return nil, err
		}
		for i := 1; i < n; i++ {
			if slices.Contains(off, float64(i-1)) {
				steps[i].Correct = tune.RuleNone
			}
		}
		solver = tune.USF{Steps: steps}
	}
	if v := r.s.keys["solver_p"]; v != nil && string(v) != "null" {
		r.refuse("solver_p", "the predictor is UniPC's own", "null")
	}
	p := ladder(levels, 1, solver)
	r.tablePrediction(p)
	if !s.Eps {
		r.thresholding(p)
	}
	return p, nil
}
