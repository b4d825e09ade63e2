package interop

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// churn is γ of the first n levels: min(s_churn/n, √2−1) from s_tmin to s_tmax, 0 elsewhere; nil: there is none. n is
// the number of calls. Karras et al. 2022, arXiv:2206.00364, algorithm 2.
func (r *reader) churn(σ []float64, n int) []float64 {
	r.take("Churn")
	o := r.o
	most := o.ChurnMax
	if most == 0 {
		most = math.Inf(1)
	}
	if !(o.Churn >= 0 && o.ChurnMin >= 0 && most > o.ChurnMin) {
		r.fail("s_churn", fmt.Sprintf("Options.Churn is %g from %g to %g", o.Churn, o.ChurnMin, o.ChurnMax),
			"give numbers from 0, ChurnMin below ChurnMax")
		return nil
	}
	if o.Churn == 0 {
		if o.ChurnMin != 0 || o.ChurnMax != 0 {
			r.refuse("Options.ChurnMin or ChurnMax without Options.Churn", "no noise is put in", "Options.Churn")
		}
		return nil
	}
	out := make([]float64, len(σ))
	for i, v := range σ {
		if v >= o.ChurnMin && v <= most {
			out[i] = math.Min(o.Churn/float64(n), math.Sqrt2-1)
		}
	}
	return out
}

// churned makes Euler's steps of a plan those with churn, as one of n, where there is any. As in the reference the
// network is asked before the noise is put in.
func (r *reader) churned(p *SchedulerPlan, n int) {
	levels := p.Path.levels
	var σ []float64
	for _, l := range levels[:len(levels)-1] {
		σ = append(σ, l.Sigma)
	}
	γ := r.churn(σ, n)
	if γ == nil {
		return
	}
	e := eulerChurn{plan: p, gamma: γ, spread: r.sNoise()}
	p.Solver = &own{name: "diffusers-euler-churn", order: 1, noisy: func(k int) bool { return γ[k] > 0 },
		source: "Karras et al. 2022, arXiv:2206.00364, algorithm 2 with Euler's steps",
		start:  func() rule { return e }}
}

type eulerChurn struct {
	plan   *SchedulerPlan
	gamma  []float64
	spread float64
}

func (e eulerChurn) next(k int, x, x0, eps, z ito.States) {
	l, to := e.plan.Path.levels[k], e.plan.Path.levels[k+1].Sigma
	up := l
	up.Sigma *= 1 + e.gamma[k]
	grow := e.spread * math.Sqrt(up.Sigma*up.Sigma-l.Sigma*l.Sigma)
	skip, out := e.plan.scales(l)
	skipUp, outUp := e.plan.scales(up)
	for i, v := range x.X {
		if z.X != nil {
			v += grow * z.X[i]
		}
		data := x0.X[i]
		switch e.plan.raw {
		case rawEps:
			data = v - up.Sigma*eps.X[i]
		case rawV: // with the scales of σ, as there
			data += skip * (v - x.X[i])
		case rawEDM, rawEDMNeg:
			data = float64(skipUp*v) + float64(outUp*(data-skip*x.X[i])/out)
		}
		x.X[i] = v + (v-data)/up.Sigma*(to-up.Sigma)
	}
}
