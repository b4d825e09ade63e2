package interop

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// planPNDM is pseudo linear multistep after three pseudo Runge–Kutta steps, or after a step repeated once
// (skip_prk_steps). Liu et al. 2022, arXiv:2202.09778.
func planPNDM(r *reader, n int) (*SchedulerPlan, error) {
	t := r.table(false)
	train := len(t.alpha)
	if n < 4 && !r.bool("skip_prk_steps") || n < 2 || n > train {
		return nil, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("%d steps of PNDM on a table of %d", n,
			train), Do: "take 4 or more, not more than the table"}
	}
	steps := r.spacing(n, train, train, false, true)
	if r.err != nil {
		return failed(), nil
	}
	p := &pndm{one: r.bool("set_alpha_to_one"), table: t, stride: train / n}
	var labels []float64
	if r.bool("skip_prk_steps") {
		labels = append([]float64{steps[0], steps[1]}, steps[1:]...)
	} else {
		half := float64(p.stride / 2)
		for i, s := range steps[:4] {
			// three rounds of four calls: at s, twice in the middle, and at the end
			if i > 0 {
				labels = append(labels, s+half, s+half, s)
			}
			if i < 3 {
				labels = append(labels, s)
			}
		}
		p.prk = len(labels)
		labels = append(labels, steps[3:]...)
	}
	plan := &own{name: "diffusers-pndm", order: 4, inside: func(k int) bool { return k > 0 },
		source: "Liu et al. 2022, arXiv:2202.09778, algorithm 2",
		start: func() rule {
			fresh := *p
			return &fresh
		}}
	levels := t.calls(r, labels)
	p.levels = levels
	end := t.beyond(int(labels[len(labels)-1])-p.stride, p.one)
	end.Label = 0
	out := ladder(append(append([]Level(nil), levels...), end), 1, plan)
	out.raw = r.prediction("epsilon", "v_prediction")
	p.v = out.raw == rawV
	return out, nil
}

type pndm struct {
	levels []Level
	table  table
	one    bool // set_alpha_to_one
	v      bool // the slopes are of v, turned to ε when they are used
	stride int  // training steps a step
	prk    int  // calls of the Runge–Kutta part

	from []float64 // the states at the start of a round
	sum  []float64
	ets  [][]float64 // newest last
}

func (p *pndm) next(k int, x, x0, eps, _ ito.States) {
	said := append([]float64(nil), eps.X...)
	if p.v {
		l := p.levels[k]
		for i := range said {
			said[i] = (l.Alpha*x.X[i] - x0.X[i]) / l.Sigma
		}
	}
	if k < p.prk {
		p.rungeKutta(k, x.X, said)
		return
	}
	p.multistep(k, x.X, said)
}

func (p *pndm) rungeKutta(k int, x, said []float64) {
	round := p.levels[k/4*4]
	to := int(p.levels[k].Label)
	if k%2 == 0 {
		to -= p.stride / 2
	}
	if k%4 == 0 {
		p.from = append(p.from[:0], x...)
		p.sum = make([]float64, len(x))
		p.ets = append(p.ets, said)
	}
	slope := said
	switch k % 4 {
	case 0:
		add(p.sum, 1./6, said)
	case 1, 2:
		add(p.sum, 1./3, said)
	case 3:
		add(p.sum, 1./6, said)
		slope = p.sum
	}
	p.transfer(x, p.from, slope, round, p.table.beyond(to, p.one))
}

func (p *pndm) multistep(k int, x, said []float64) {
	at, to := int(p.levels[k].Label), int(p.levels[k].Label)-p.stride
	start := x
	if k == 1 { // the first step again, with the slope at its end
		at, to = at+p.stride, at
		start = p.from
	} else {
		p.ets = append(p.ets[max(0, len(p.ets)-3):], said)
	}
	e := func(j int) []float64 { return p.ets[len(p.ets)-j] }
	slope := make([]float64, len(x))
	switch {
	case k == 0:
		p.from = append([]float64(nil), x...)
		add(slope, 1, said)
	case k == 1:
		add(slope, .5, said)
		add(slope, .5, e(1))
	default:
		for j, c := range adams[min(len(p.ets), 4)-1] {
			add(slope, c, e(j+1))
		}
	}
	p.transfer(x, start, slope, p.table.beyond(at, p.one), p.table.beyond(to, p.one))
}

// adams are the Adams–Bashforth coefficients, newest first.
var adams = [4][]float64{{1}, {3. / 2, -1. / 2}, {23. / 12, -16. / 12, 5. / 12}, {55. / 24, -59. / 24, 37. / 24,
	-9. / 24}}

// transfer is the DDIM step from a to b with a slope, which is turned to ε at the states where the step starts.
func (p *pndm) transfer(dst, x, slope []float64, a, b Level) {
	c := b.Alpha / a.Alpha
	m := b.Sigma - a.Sigma*c
	for i, s := range slope {
		v := x[i]
		if p.v {
			s = float64(a.Alpha*s) + float64(a.Sigma*v)
		}
		dst[i] = float64(c*v) + float64(m*s)
	}
}

func add(dst []float64, c float64, v []float64) {
	for i, x := range v {
		dst[i] += float64(c * x)
	}
}
