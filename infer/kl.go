package infer

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// KL is the loss E R over paths of the present control u, which is KL(paths of u | paths of the target) − log Z: the usual loss of PIS, DDS and DIS. Its gradient passes through the paths by the
// discrete adjoint: backward from ∂R/∂x_K,
//
//	a_k = ∂(cost of step k and what follows)/∂x_k,  ∂R/∂θ = Σ_k ∂_θu(t_k, x_k)ᵀ ∂R/∂u_k,
//
// with one pass of the network and one Hessian-vector product of log ρ a step, since the control looks at ∇log ρ. All x_k are kept with their controls, noise and scores, 5·K·B·D numbers, and so nothing is simulated twice.
// It needs a target with exact Hessian-vector products ([ito.HVPer]): model files, compiled densities and the zoo have them.
type KL struct{}

// Name implements Objective.
func (KL) Name() string { return "kl" }

func (KL) fits(t ito.Target) error {
	if _, ok := t.(ito.HVPer); !ok {
		return &ito.InputError{Where: "kl", What: fmt.Sprintf("the loss differentiates through the paths, whose control looks at ∇log ρ, and %T has no Hessian-vector products", t),
			Do: "write the target as a traced density or a model file, or train by log-variance, which needs gradients alone"}
	}
	return nil
}

func (KL) gradient(ctx context.Context, c *Training, p *paths, grads [][]float64) (Loss, error) {
	loss, kept, err := p.summary(c.Done)
	if err != nil {
		return loss, err
	}
	loss.Value = -loss.ELBO / float64(p.d)
	t := newAdjoint(c, p)
	for k := p.steps - 1; k >= 0; k-- {
		if err := ctx.Err(); err != nil {
			return loss, err
		}
		if err := t.back(ctx, k, grads); err != nil {
			return loss, err
		}
	}
	for i := range t.lost {
		if t.lost[i] && math.Abs(p.cost[i]) < mostCost {
			loss.Dropped++
		}
	}
	for _, g := range grads {
		for i := range g {
			g[i] /= kept * float64(p.d)
		}
	}
	return loss, nil
}

// adjoint goes back along the paths.
type adjoint struct {
	c    *Training
	p    *paths
	a    []float64 // [B,D]
	lost []bool    // paths that count for nothing

	du, dx, dguide, hv []float64 // [B,D]
	ex, ey, eu, ev     []float64 // [B,D] of a bridge
	ediv               []float64 // [B]
}

func newAdjoint(c *Training, p *paths) *adjoint {
	room := func() []float64 { return make([]float64, p.b*p.d) }
	t := &adjoint{c: c, p: p, a: room(), lost: make([]bool, p.b), du: room(), dx: room(), dguide: room(), hv: room()}
	if _, both := c.Control.Process.(Bridge); both {
		t.ex, t.ey, t.eu, t.ev, t.ediv = room(), room(), room(), room(), make([]float64, p.b)
	}
	end := p.at(p.x, p.steps, p.d)
	for i, r := range p.cost {
		if t.lost[i] = !(math.Abs(r) < mostCost); t.lost[i] {
			continue
		}
		a := p.row(t.a, i)
		c.Control.Process.EndGradient(a, p.row(end, i))
		for j, s := range p.row(p.last, i) {
			a[j] -= s
		}
	}
	return t
}

// back takes the adjoint from x_{k+1} to x_k and adds up the gradients of step k.
func (t *adjoint) back(ctx context.Context, k int, grads [][]float64) error {
	c, p, d := t.c, t.p, t.p.d
	pr := c.Control.Process
	x, u, ε := p.at(p.x, k, d), p.at(p.u, k, d), p.at(p.ε, k, d)
	bridge, both := pr.(Bridge)
	if both {
		if err := t.backward(ctx, bridge, k, grads[1]); err != nil {
			return err
		}
	}
	back := pr.Adjoint(k)
	for i := range p.b {
		back(p.row(t.a, i), p.row(t.du, i), p.row(x, i), p.row(u, i), p.row(ε, i))
	}
	if both {
		for j := range t.a {
			t.a[j] += t.ex[j]
			t.du[j] += t.eu[j]
		}
	}
	t.forget(t.du)
	feat := p.at(p.feat, k, 1)
	if err := c.Control.pull(ctx, c.Pool, grads[0], t.dx, t.dguide, x, feat, p.at(p.guide, k, d), t.du); err != nil {
		return err
	}
	score := p.at(p.score, k, d)
	for j := range t.a {
		sx, ss := pr.GuideSlopes(k, x[j], score[j])
		if !finite(score[j]) {
			sx, ss = 0, 0
		}
		t.a[j] += t.dx[j] + sx*t.dguide[j]
		t.dguide[j] *= ss
	}
	ids := make([]uint64, p.b)
	state := func(x []float64) ito.States { return ito.States{N: p.b, D: d, X: x, ID: ids} }
	if err := c.Target.(ito.HVPer).HVP(ctx, state(t.hv), state(x), state(t.dguide)); err != nil {
		return err
	}
	for i := range p.b {
		if w := p.row(t.dguide, i); dot(w, w) == 0 {
			continue // 0 even where the Hessian is not finite
		}
		for j, h := range p.row(t.hv, i) {
			t.a[i*d+j] += h
		}
	}
	t.forget(t.a)
	return nil
}

// backward is the part of the backward control: its own gradient, and what it adds to the adjoint at the place where it stands.
func (t *adjoint) backward(ctx context.Context, b Bridge, k int, grad []float64) error {
	p, d := t.p, t.p.d
	x, y, u, ε, v := p.at(p.x, k, d), p.at(p.x, k+1, d), p.at(p.u, k, d), p.at(p.ε, k, d), p.at(p.v, k, d)
	for i := range p.b {
		t.ediv[i] = b.slopes(k, p.row(t.ex, i), p.row(t.ey, i), p.row(t.eu, i), p.row(t.ev, i), p.row(x, i), p.row(y, i), p.row(u, i), p.row(ε, i), p.row(v, i))
		if t.lost[i] {
			t.ediv[i] = 0
			for _, e := range [][]float64{t.ex, t.ey, t.eu, t.ev} {
				clear(p.row(e, i))
			}
		}
	}
	step, place := b.at(k, x, y)
	if err := b.pull(ctx, t.c.Pool, grad, t.dx, place, p.at(p.feat, step, 1), t.ev, t.ediv, p.at(p.z, k, d)); err != nil {
		return err
	}
	at := t.ey // what follows depends on y through it
	if b.Euler {
		at = t.ex
	}
	for j := range at {
		at[j] += t.dx[j]
	}
	for j := range t.a {
		t.a[j] += t.ey[j]
	}
	return nil
}

// forget loses the paths whose derivative is not finite, and clears the rows of lost ones.
func (t *adjoint) forget(rows []float64) {
	for i := range t.lost {
		r := t.p.row(rows, i)
		if t.lost[i] = t.lost[i] || !finiteRow(r); t.lost[i] {
			clear(r)
			clear(t.p.row(t.a, i))
		}
	}
}
