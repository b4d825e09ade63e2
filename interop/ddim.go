package interop

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// limit reads clip_sample and thresholding; nil when neither is on.
func (r *reader) limit() *solve.Threshold {
	switch {
	case r.bool("thresholding"):
		return r.threshold()
	case r.bool("clip_sample"):
		return &solve.Threshold{Bound: r.number("clip_sample_range")}
	}
	return nil
}

// threshold is diffusers' dynamic thresholding, whose range is [−1,1].
func (r *reader) threshold() *solve.Threshold {
	q, most := r.number("dynamic_thresholding_ratio"), r.number("sample_max_value")
	if r.err == nil && (!(q > 0 && q <= 1) || !(most >= 1)) {
		r.fail("thresholding", fmt.Sprintf("a ratio of %g and a maximum of %g", q, most),
			"give a ratio above 0, at most 1, and a maximum of 1 or more")
	}
	return &solve.Threshold{Quantile: q, Max: most}
}

// beyond is the level of a step that may lie before the first: α = 1, or the first of the table.
func (t table) beyond(i int, one bool) Level {
	switch {
	case i >= 0:
		return t.at(i)
	case one:
		return Level{Alpha: 1}
	}
	return t.at(0)
}

func (t table) calls(r *reader, labels []float64) []Level {
	var out []Level
	for _, l := range labels {
		i := int(l)
		if i < 0 || i >= len(t.alpha) {
			r.fail("steps_offset", fmt.Sprintf("step %d is outside of a table of %d", i, len(t.alpha)),
				"take fewer steps or a smaller offset")
			i = 0
		}
		out = append(out, t.at(i))
	}
	return out
}

// planDDIM: every call steps to the level train/n training steps on, whatever the next call's own level is. With
// linspace and trailing they differ, and what the next call takes for its level is not the one it was brought to.
func planDDIM(r *reader, n int) (*SchedulerPlan, error) {
	t := r.table(false)
	train := len(t.alpha)
	if n > train {
		return nil, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("%d steps of a table of %d", n, train),
			Do: "take fewer"}
	}
	η := r.eta(0)
	levels := t.calls(r, r.spacing(n, train, train, false, true))
	d := ddim{from: levels, eta: η}
	for _, l := range levels {
		d.to = append(d.to, t.beyond(int(l.Label)-train/n, r.bool("set_alpha_to_one")))
	}
	end := d.to[len(d.to)-1]
	end.Label = 0
	s := &own{name: "diffusers-ddim", order: 1, limit: r.limit(), start: func() rule { return d },
		source: "Song, Meng & Ermon 2021, arXiv:2010.02502, eq. 12; a clipped x0 beside the ε as it was"}
	if η > 0 {
		s.noisy = func(int) bool { return true }
	}
	p := ladder(append(levels, end), 1, s)
	p.raw = r.prediction("epsilon", "sample", "v_prediction")
	return p, nil
}

type ddim struct {
	from, to []Level
	eta      float64
}

func (d ddim) next(k int, x, x0, eps, z ito.States) {
	a, b := d.from[k], d.to[k]
	q := a.Alpha / b.Alpha
	s := 0.
	if d.eta > 0 {
		s = d.eta * b.Sigma / a.Sigma * math.Sqrt(math.Max(0, 1-q*q))
	}
	c := math.Sqrt(math.Max(0, b.Sigma*b.Sigma-s*s))
	for i := range x.X {
		x.X[i] = float64(b.Alpha*x0.X[i]) + float64(c*eps.X[i])
		if z.X != nil {
			x.X[i] += s * z.X[i]
		}
	}
}

// planDDIMInverse carries data to noise: call k stands a stride below the step that its network is told, at the level
// from which it goes to that step.
func planDDIMInverse(r *reader, n int) (*SchedulerPlan, error) {
	t := r.table(false)
	train := len(t.alpha)
	if n > train {
		return nil, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("%d steps of a table of %d", n, train),
			Do: "take fewer"}
	}
	r.word("timestep_spacing", "leading", "trailing")
	told := t.calls(r, reversed(r.spacing(n, train, train, false, true)))
	levels := make([]Level, n, n+1)
	for k, l := range told {
		levels[k] = t.beyond(min(int(l.Label)-train/n, train-1), r.bool("set_alpha_to_one"))
		levels[k].Label = l.Label
	}
	s := &own{name: "diffusers-ddim-inverse", order: 1, limit: r.limit(),
		start:  func() rule { return ddim{from: levels, to: told} },
		source: "Song, Meng & Ermon 2021, arXiv:2010.02502, section 4.3"}
	p := ladder(append(levels, Level{Alpha: told[n-1].Alpha, Sigma: told[n-1].Sigma}), 1, s)
	p.raw = r.prediction("epsilon", "sample", "v_prediction")
	if p.raw == rawV {
		p.raw = rawVEps
	}
	if p.raw == rawX0 && r.err == nil && levels[0].Sigma == 0 {
		r.refuse("prediction_type sample from data without noise", "its ε is not known there", "epsilon")
	}
	return p, nil
}

// planDDPM is the ancestral step of the training table, to the next call's level.
func planDDPM(r *reader, n int) (*SchedulerPlan, error) {
	t := r.table(false)
	train := len(t.alpha)
	if n > train {
		return nil, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("%d steps of a table of %d", n, train),
			Do: "take fewer"}
	}
	variance := r.word("variance_type", "fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log", "learned",
		"learned_range")
	if variance == "fixed_large_log" {
		r.refuse("variance_type fixed_large_log", "the reference takes the root of a logarithm", "fixed_large")
	}
	labels := r.timesteps(train, true)
	if labels == nil {
		labels = r.spacing(n, train, train, false, true)
	}
	levels := t.calls(r, labels)
	d := ddpm{levels: append(levels, Level{Alpha: 1}), variance: variance}
	s := &own{name: "diffusers-ddpm", order: 1, limit: r.limit(), start: func() rule { return d },
		noisy:  func(k int) bool { return levels[k].Label > 0 },
		source: "Ho et al. 2020, arXiv:2006.11239, eq. 7; learned: Nichol & Dhariwal 2021, arXiv:2102.09672, eq. 15"}
	p := ladder(d.levels, 1, s)
	s.learnt = variance == "learned" || variance == "learned_range"
	p.wide = s.learnt
	p.raw = r.prediction("epsilon", "sample", "v_prediction")
	return p, nil
}

type ddpm struct {
	levels   []Level
	variance string
}

// between returns β = 1 − α²/α'² of call k and the posterior variance β σ'²/σ².
func (d ddpm) between(k int) (β, small float64) {
	a, b := d.levels[k], d.levels[k+1]
	q := a.Alpha / b.Alpha
	β = 1 - q*q
	return β, math.Max(b.Sigma*b.Sigma/(a.Sigma*a.Sigma)*β, 1e-20)
}

func (d ddpm) next(k int, x, x0, _, z ito.States) {
	a, b := d.levels[k], d.levels[k+1]
	β, small := d.between(k)
	v := a.Sigma * a.Sigma
	c0, c1 := b.Alpha*β/v, a.Alpha/b.Alpha*b.Sigma*b.Sigma/v
	s := math.Sqrt(small)
	switch d.variance {
	case "fixed_large":
		s = math.Sqrt(β)
	case "learned", "learned_range":
		s = 1 // z has it
	}
	for i := range x.X {
		x.X[i] = float64(c0*x0.X[i]) + float64(c1*x.X[i])
		if z.X != nil {
			x.X[i] += s * z.X[i]
		}
	}
}

// spread implements spreader: what is said is the variance, or where between the posterior variance (−1) and β (1) its
// logarithm is.
func (d ddpm) spread(k int, z, said ito.States) {
	β, small := d.between(k)
	lo, hi := math.Log(small), math.Log(β)
	for i, v := range said.X {
		if d.variance == "learned_range" {
			u := (v + 1) / 2
			z.X[i] *= math.Exp((float64(u*hi) + float64((1-u)*lo)) / 2)
		} else {
			z.X[i] *= math.Sqrt(v)
		}
	}
}
