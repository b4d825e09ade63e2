package interop

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

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

// runs makes a solver of the house end as the scheduler does where it begins in the middle: lower_order_final counts
// the steps of the whole.
func (p *SchedulerPlan) runs(n int) {
	whole := func(l solve.LowerFinal) solve.LowerFinal {
		if l.Lowers(n) {
			return math.MaxInt32
		}
		return -1
	}
	switch s := p.Solver.(type) {
	case solve.DPMpp:
		s.LowerFinal = whole(s.LowerFinal)
		p.tail = func(int) ito.Solver { return s }
	case solve.SDEDPMpp:
		s.LowerFinal = whole(s.LowerFinal)
		p.tail = func(int) ito.Solver { return s }
	}
}

func planDPMMultistep(r *reader, n int) (*SchedulerPlan, error) {
	levels := r.levels(n, family{listed: true, clipped: true, spaced: true, last: true, lu: true})
	p := ladder(levels, 1, r.multistep(levels, "dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver", "deis"))
	p.runs(n)
	r.tablePrediction(p)
	r.thresholding(p)
	return p, nil
}

func planEDMDPM(r *reader, n int) (*SchedulerPlan, error) {
	levels := r.edmLevels(n)
	p := ladder(levels, math.Hypot(r.number("sigma_max"), 1), r.multistep(levels, "dpmsolver++", "sde-dpmsolver++",
		"deis"))
	p.runs(n)
	r.edm(p)
	r.thresholding(p)
	return p, nil
}

// planDEIS is the exponential integrator of a polynomial of ε in log ρ.
func planDEIS(r *reader, n int) (*SchedulerPlan, error) {
	levels := r.levels(n, family{spaced: true, repeat: true})
	p := ladder(levels, 1, solve.DPMpp{Order: r.order(), Eps: true, Second: solve.SecondTaylor, LowerFinal: r.lower()})
	p.runs(n)
	r.tablePrediction(p)
	r.thresholding(p)
	return p, nil
}

func planUniPC(r *reader, n int) (*SchedulerPlan, error) {
	levels := r.levels(n, family{spaced: true, last: true, repeat: true, fromStart: true})
	s := solve.UniPC{Order: r.order(), B: solve.UniB2, Eps: !r.bool("predict_x0"), LowerFinal: -1}
	if r.word("solver_type", "bh1", "bh2", "midpoint", "heun", "logrho") == "bh1" {
		s.B = solve.UniB1
	}
	if r.bool("lower_order_final") {
		s.LowerFinal = math.MaxInt
	}
	off := r.list("disable_corrector")
	// from says what the steps from a call on do: corrections are told by the calls of the whole
	from := func(call int) (ito.Solver, error) {
		if len(off) == 0 {
			return s, nil
		}
		steps, err := tune.Decisions(s, n-call)
		for i := 1; i < len(steps); i++ {
			if slices.Contains(off, float64(call+i-1)) {
				steps[i].Correct = tune.RuleNone
			}
		}
		return tune.USF{Steps: steps}, err
	}
	solver, err := from(0)
	if err != nil {
		return nil, err
	}
	if v := r.s.keys["solver_p"]; v != nil && string(v) != "null" {
		r.refuse("solver_p", "the predictor is UniPC's own", "null")
	}
	p := ladder(levels, 1, solver)
	p.tail = func(call int) ito.Solver {
		tail, _ := from(call) // as many decisions as before, or fewer
		return tail
	}
	r.tablePrediction(p)
	if !s.Eps {
		r.thresholding(p)
	}
	return p, nil
}
