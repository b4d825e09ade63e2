package infer

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
)

// LogVariance is the loss Var R over paths of the present control, whose gradient does not pass through the
// paths (Richter, Boustati, Nüsken, Ruiz and Akyildiz 2020; arXiv:2307.01198, §2.3). Along a held path ∂R_i/∂u_k = Rate_k ε_k, so that
//
//	∇Var R = 2/(B−1) Σ_i (R_i − R̄) Σ_k Rate_k ε_{k,i}ᵀ ∂_θ u(t_k, x_{k,i}),
//
// one pass of the network over all steps and paths and no Hessian of log ρ. Zero at the optimum, with zero variance.
type LogVariance struct{}

// Name implements Objective.
func (LogVariance) Name() string { return "log-variance" }

func (LogVariance) fits(ito.Target) error { return nil }

func (LogVariance) gradient(ctx context.Context, c *Training, p *paths, grads [][]float64) (Loss, error) {
	l := c.Control
	loss, kept, err := p.summary(c.Done)
	if err != nil {
		return loss, err
	}
	loss.Value = loss.Variance
	weight := make([]float64, p.b) // of path i: the derivative of the loss with respect to R_i
	for i, r := range p.cost {
		if math.Abs(r) < mostCost {
			weight[i] = 2 / (kept - 1) * (r + loss.ELBO) / float64(p.d)
		}
	}
	cot := make([]float64, len(p.ε))
	for k := range p.steps {
		rate, ε, out := l.Process.Rate(k), p.at(p.ε, k, p.d), p.at(cot, k, p.d)
		for j, e := range ε {
			out[j] = weight[j/p.d] * rate * e
		}
	}
	n := len(p.ε)
	if err := l.pull(ctx, c.Pool, grads[0], nil, nil, p.x[:n], p.feat[:p.steps*p.b], p.guide, cot); err != nil {
		return loss, err
	}
	b, both := l.Process.(Bridge)
	if !both {
		return loss, nil
	}
	place, feat := p.x[p.b*p.d:], p.feat[p.b:]
	if b.Euler {
		place, feat = p.x[:n], p.feat[:p.steps*p.b]
	}
	ediv, unused := make([]float64, p.steps*p.b), make([]float64, p.d)
	for k := range p.steps {
		x, y, u, ε, v, ev := p.at(p.x, k, p.d), p.at(p.x, k+1, p.d), p.at(p.u, k, p.d), p.at(p.ε, k, p.d), p.at(p.v, k, p.d), p.at(cot, k, p.d)
		for i := range p.b {
			at := p.row(ev, i)
			ediv[k*p.b+i] = weight[i] * b.slopes(k, unused, unused, unused, at, p.row(x, i), p.row(y, i), p.row(u, i), p.row(ε, i), p.row(v, i))
			for j := range at {
				at[j] *= weight[i]
			}
		}
	}
	return loss, b.pull(ctx, c.Pool, grads[1], nil, place, feat, cot, ediv, p.z)
}
