package infer

import (
	"context"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/ode/traced"
	"github.com/seed9a7962a8/ito/rng"
)

// lossProgram is a loss over simulated paths with its gradient in one program: the process is carried over its steps by
// a traced integrator, the target is met as an external operation, and the gradient is ad.Grad of the loss. Inputs are
// x_0 and the cost there, and the weights; outputs the costs R of the paths and the gradient of the loss, divided by
// the dimension.
type lossProgram struct {
	c    *Training
	g    *ad.Graph
	pr   Process
	step tracedProcess

	score, density *ad.External
	noise          ad.Stream
	params         [][]ad.Value // of the networks
}

// compileLoss compiles the loss of a training.
func (c *Training) compileLoss() (*ad.Program, error) {
	l := &lossProgram{c: c, pr: c.Control.Process, step: c.Control.Process.traced()}
	l.score, l.density = externalScore(c.Target), externalDensity(c.Target)
	return ad.Compile(l.trace)
}

func (l *lossProgram) trace(g *ad.Graph) {
	l.g, l.noise = g, g.Stream()
	d, o := l.c.Control.D, l.c.objective()
	x, cost := g.Input("x", ad.F64, d), g.Input("cost", ad.F64)
	var params []ad.Value
	for _, n := range l.c.networks() {
		p := n.declare(g)
		l.params = append(l.params, p)
		params = append(params, p...)
	}
	times := l.times()
	in := []ad.Value{l.terms(), l.scales(times)}
	ends := traced.March(traced.Options{KeepAll: true}, times, []ad.Value{x, cost}, in, l.one)
	x, cost = ends.X[0], ends.X[1]
	logp := ad.At(l.density.Of(x), 0, 0)
	cost = ad.Sub(ad.Add(cost, l.step.end(x)), logp)
	fine := ad.Less(ad.Abs(cost), ad.Shift(ad.Zeros(cost), mostCost))
	kept := ad.BatchSum(ad.Cast(fine, ad.F64))
	total, over := o.loss(cost, fine, kept)
	over = ad.Cast(ad.Scale(over, float64(d)), l.c.Control.dtype)
	g.Output("cost", cost)
	// The number of paths is known when all have ended: what is divided by it afterwards is differentiated while they
	// are in cache.
	for i, v := range ad.Grad(total, params...) {
		g.Output(layerName("gradient", i), ad.Div(v, ad.BroadcastTo(over, v.Shape()...)))
	}
}

// times are the features of the steps and of the end.
func (l *lossProgram) times() ad.Value {
	k := l.pr.Steps()
	f := make([]float64, k+1)
	for i := range f {
		f[i] = l.c.Control.feature(i)
	}
	return l.g.Const(ad.F64, f, len(f))
}

// terms are those of all steps [K, terms].
func (l *lossProgram) terms() ad.Value {
	var all []float64
	k := l.pr.Steps()
	for i := range k {
		all = append(all, l.step.terms(i)...)
	}
	return l.g.Const(ad.F64, all, k, len(all)/k)
}

// scales are NN₂ at all steps [K,1]: no path changes them.
func (l *lossProgram) scales(times ad.Value) ad.Value {
	n := l.c.Control
	steps := ad.Cast(ad.Slice(times, 0, 0, l.pr.Steps()), n.dtype)
	return ad.Map1(func(t ad.Value) ad.Value { return n.scaled(l.g, l.params[0], ad.Reshape(t, 1)) }, 0, steps)
}

// one is a step of one path and its cost R so far. All values that a derivative multiplies are finite, since a path
// that is dropped has derivatives of zero and must not spoil the sum: coordinates that are not go to zero, and the cost
// to what counts as infinite.
func (l *lossProgram) one(at traced.At, state []ad.Value) []ad.Value {
	held := l.c.objective().held()
	x := ad.FiniteGradient(state[0])
	if held {
		x = ad.StopGradient(x)
	}
	c := make([]ad.Value, at.In[0].Size())
	for i := range c {
		c[i] = ad.At(at.In[0], 0, i)
	}
	ε := l.normal(at.K, 16)
	u := l.control(at.T, x, l.guide(c, x), at.In[1])
	if held {
		ε = ad.Sub(ε, ad.Mul(ad.Sub(u, ad.StopGradient(u)), l.rate(at.K)))
	}
	y := l.step.move(c, x, u, ε)
	away := y
	y = ad.Within(y, y)
	away = ad.StopGradient(ad.Sub(away, y)) // 0, infinite, not a number or large
	if held {                               // the noise takes up what the control changes, and x' stays
		y = ad.StopGradient(y)
	}
	cost := l.step.cost(c, x, y, u, ε)
	if b, both := l.pr.(Bridge); both {
		v, div := l.backward(b, at, x, y)
		cost = ad.Add(cost, b.tracedExtra(c, x, y, u, ε, v, div))
	}
	cost = ad.Add(cost, ad.Dot(away, away))
	return []ad.Value{y, ad.Add(state[1], cost)}
}

// normal are the normals of step k of stream first, those of [State].normals at 2k+first.
func (l *lossProgram) normal(k ad.Value, first int) ad.Value {
	i := ad.Add(ad.Mul(k, l.g.Scalar(ad.I32, 2)), l.g.Scalar(ad.I32, float64(first)))
	return ad.Keep(l.noise.Normal(i, ad.F64, l.c.Control.D))
}

// rate is Rate of step k.
func (l *lossProgram) rate(k ad.Value) ad.Value {
	r := make([]float64, l.pr.Steps())
	for i := range r {
		r[i] = l.pr.Rate(i)
	}
	return ad.Gather(l.g.Const(ad.F64, r, len(r)), k)
}

// guide is the process's direction, 0 where the score is not finite.
func (l *lossProgram) guide(c []ad.Value, x ad.Value) ad.Value {
	s := ad.Keep(l.score.Of(x))
	return ad.Within(l.step.guide(c, x, ad.Within(s, s)), s)
}

// control is u at the feature of a step.
func (l *lossProgram) control(t, x, guide, scale ad.Value) ad.Value {
	n := l.c.Control
	u := n.apply(l.g, l.params[0], ad.Cast(x, n.dtype), feature(n, t), ad.Cast(guide, n.dtype), scale)
	return ad.Cast(u, ad.F64)
}

func feature(n *Learned, t ad.Value) ad.Value { return ad.Reshape(ad.Cast(t, n.dtype), 1) }

// backward is the control of a bridge's backward process where it stands, and its divergence in the Euler form.
func (l *lossProgram) backward(b Bridge, at traced.At, x, y ad.Value) (v, div ad.Value) {
	n := b.Backward
	if !b.Euler {
		v = n.apply(l.g, l.params[1], ad.Cast(y, n.dtype), feature(n, at.T1), ad.Value{}, ad.Value{})
		return ad.Cast(v, ad.F64), div
	}
	place := ad.Cast(x, n.dtype)
	v = n.apply(l.g, l.params[1], place, feature(n, at.T), ad.Value{}, ad.Value{})
	var z ad.Value
	if b.Probe {
		z = l.normal(at.K, 17)
		one := ad.Shift(ad.Zeros(z), 1)
		z = ad.Cast(ad.Select(ad.Less(z, ad.Zeros(z)), ad.Neg(one), one), n.dtype)
	}
	return ad.Cast(v, ad.F64), ad.Cast(divergenceOf(l.g, v, place, z), ad.F64)
}

// evaluate runs the loss over b paths of the present control: their costs, and the gradient with respect to the weights
// of each network.
func (c *Training) evaluate(ctx context.Context, b int) (cost []float64, grads [][]float64, err error) {
	if c.loss == nil {
		if c.loss, err = c.compileLoss(); err != nil {
			return nil, nil, err
		}
	}
	d := c.Control.D
	ids := make([]uint64, b)
	for i := range ids {
		ids[i] = uint64(i)
	}
	x, start := make([]float64, b*d), make([]float64, b)
	prior(c.Seed, 1+uint32(c.Done)).Normals64(x, d, ids)
	for i := range start {
		start[i] = c.Control.Process.Start(x[i*d : (i+1)*d])
	}
	cost = make([]float64, b)
	call := ad.Call{N: b, IDs: ids, Seed: c.Seed, Purpose: rng.PurposeSolver, Step: uint32(c.Done), Pool: c.Pool,
		In: []ad.Array{ad.F64s(x), ad.F64s(start)}, Out: []ad.Array{ad.F64s(cost)}}
	var narrows [][]float32
	for _, l := range c.networks() {
		call.In = append(call.In, l.weights()...)
		g := make([]float64, len(l.Params))
		grads = append(grads, g)
		if l.dtype == ad.F64 {
			call.Out = append(call.Out, l.split64(g)...)
			continue
		}
		narrows = append(narrows, make([]float32, len(g)))
		call.Out = append(call.Out, l.split(narrows[len(narrows)-1])...)
	}
	if err := c.loss.Run(ctx, call); err != nil {
		return nil, nil, err
	}
	for i, n := range narrows {
		grads[i] = widen(n)
	}
	return cost, grads, nil
}
