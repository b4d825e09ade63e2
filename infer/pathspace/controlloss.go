package pathspace

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/ode/traced"
	"github.com/seed9a7962a8/ito/rng"
)

// controlLoss is a loss over simulated paths: the process is carried over its steps by a traced integrator, and the
// target is an external operation. What a step reads is x_0 and the cost there; it writes the costs R of the paths.
type controlLoss struct {
	c              *Training
	x, start, cost []float64 // [B,D], [B], [B]
}

func newControlLoss(c *Training, b int) *controlLoss {
	return &controlLoss{c, make([]float64, b*c.Control.D), make([]float64, b), make([]float64, b)}
}

// Rows implements learn.Loss.
func (l *controlLoss) Rows() int { return len(l.cost) }

// Noise implements learn.Random.
func (l *controlLoss) Noise() (seed uint64, purpose rng.Purpose) { return l.c.Seed, rng.PurposeSolver }

// Inputs implements learn.Loss.
func (l *controlLoss) Inputs() []ad.Array { return []ad.Array{ad.F64s(l.x), ad.F64s(l.start)} }

// Outputs implements learn.Loss.
func (l *controlLoss) Outputs() []ad.Array { return []ad.Array{ad.F64s(l.cost)} }

// Draw implements learn.Loss.
func (l *controlLoss) Draw(_ context.Context, step uint32, _ *ad.Pool) error {
	d, b := l.c.Control.D, l.Rows()
	ids := make([]uint64, b)
	for i := range ids {
		ids[i] = uint64(i)
	}
	infer.PriorKey(l.c.Seed, 1+step).Normals64(l.x, d, ids)
	for i := range l.start {
		l.start[i] = l.c.Control.Process.Start(l.x[i*d : (i+1)*d])
	}
	return nil
}

// Trace implements learn.Loss.
func (l *controlLoss) Trace(g *ad.Graph, nets []learn.Apply) ad.Value {
	sum, over := l.TraceRatio(g, nets)
	return ad.Cast(ad.Div(sum, over), ad.F32)
}

// TraceRatio implements learn.Ratio. nets are those of the controls, one control behind the other. Fewer than two paths
// of finite cost are no loss: the ratio is not a number.
func (l *controlLoss) TraceRatio(g *ad.Graph, nets []learn.Apply) (sum, over ad.Value) {
	c := l.c
	p := &pathProgram{c: c, g: g, noise: g.Stream(), pr: c.Control.Process, step: c.Control.Process.Traced(),
		score: externalScore(c.Target), density: externalDensity(c.Target), main: nets[0], scale: nets[1]}
	if len(nets) > 2 {
		p.back = nets[2]
	}
	cost := p.cost(g.Input("x", ad.F64, c.Control.D), g.Input("cost", ad.F64))
	fine := ad.Less(ad.Abs(cost), ad.Shift(ad.Zeros(cost), mostCost))
	kept := ad.BatchSum(ad.Cast(fine, ad.F64))
	sum, over = c.pathLoss().Trace(cost, fine, kept)
	g.Output("cost", cost)
	few := ad.Less(kept, ad.Shift(ad.Zeros(kept), 2))
	over = ad.Select(few, g.Scalar(ad.F64, math.NaN()), ad.Scale(over, float64(c.Control.D)))
	return sum, over
}

// pathProgram is the simulation of one path under construction.
type pathProgram struct {
	c    *Training
	g    *ad.Graph
	pr   Process
	step TracedProcess

	score, density    *ad.External
	noise             ad.Stream
	main, scale, back learn.Apply // NN₁ and NN₂ of the control; that of the backward process of a bridge
}

// cost is R of a path from x_0 and the cost there.
func (l *pathProgram) cost(x, cost ad.Value) ad.Value {
	times := l.times()
	in := []ad.Value{l.terms(), l.scales(times)}
	ends := traced.March(traced.ReverseOptions{KeepAll: true}, times, []ad.Value{x, cost}, in, l.one)
	x, cost = ends.X[0], ends.X[1]
	logp := ad.At(l.density.Of(x), 0, 0)
	return ad.Sub(ad.Add(cost, l.step.End(x)), logp)
}

// times are the features of the steps and of the end.
func (l *pathProgram) times() ad.Value {
	k := l.pr.Steps()
	f := make([]float64, k+1)
	for i := range f {
		f[i] = l.c.Control.feature(i)
	}
	return l.g.Const(ad.F64, f, len(f))
}

// terms are those of all steps [K, terms].
func (l *pathProgram) terms() ad.Value {
	var all []float64
	k := l.pr.Steps()
	for i := range k {
		all = append(all, l.step.Terms(i)...)
	}
	return l.g.Const(ad.F64, all, k, len(all)/k)
}

// scales are NN₂ at all steps [K,1]: no path changes them.
func (l *pathProgram) scales(times ad.Value) ad.Value {
	n := l.c.Control
	steps := ad.Cast(ad.Slice(times, 0, 0, l.pr.Steps()), n.dtype)
	return ad.Map1(func(t ad.Value) ad.Value { return n.scaled(l.scale, ad.Reshape(t, 1)) }, 0, steps)
}

// one is a step of one path and its cost R so far. All values that a derivative multiplies are finite, since a path
// that is dropped has derivatives of zero and must not spoil the sum: coordinates that are not go to zero, and the cost
// to what counts as infinite.
func (l *pathProgram) one(at traced.At, state []ad.Value) []ad.Value {
	held := l.c.pathLoss().Held()
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
	y := l.step.Move(c, x, u, ε)
	away := y
	y = ad.Within(y, y)
	away = ad.StopGradient(ad.Sub(away, y)) // 0, infinite, not a number or large
	if held {                               // the noise takes up what the control changes, and x' stays
		y = ad.StopGradient(y)
	}
	cost := l.step.Cost(c, x, y, u, ε)
	if b, both := l.pr.(BothWays); both {
		v, div := l.backward(b, at, x, y)
		cost = ad.Add(cost, b.TracedExtra(c, x, y, u, ε, v, div))
	}
	cost = ad.Add(cost, ad.Dot(away, away))
	return []ad.Value{y, ad.Add(state[1], cost)}
}

// normal are the normals of step k of stream first, those of [infer.State].normals at 2k+first.
func (l *pathProgram) normal(k ad.Value, first int) ad.Value {
	i := ad.Add(ad.Mul(k, l.g.Scalar(ad.I32, 2)), l.g.Scalar(ad.I32, float64(first)))
	return ad.Keep(l.noise.Normal(i, ad.F64, l.c.Control.D))
}

// rate is Rate of step k.
func (l *pathProgram) rate(k ad.Value) ad.Value {
	r := make([]float64, l.pr.Steps())
	for i := range r {
		r[i] = l.pr.Rate(i)
	}
	return ad.Gather(l.g.Const(ad.F64, r, len(r)), k)
}

// guide is the process's direction, 0 where the score is not finite.
func (l *pathProgram) guide(c []ad.Value, x ad.Value) ad.Value {
	s := ad.Keep(l.score.Of(x))
	return ad.Within(l.step.Guide(c, x, ad.Within(s, s)), s)
}

// control is u at the feature of a step.
func (l *pathProgram) control(t, x, guide, scale ad.Value) ad.Value {
	n := l.c.Control
	u := n.apply(l.main, ad.Cast(x, n.dtype), feature(n, t), ad.Cast(guide, n.dtype), scale)
	return ad.Cast(u, ad.F64)
}

func feature(n *Learned, t ad.Value) ad.Value { return ad.Reshape(ad.Cast(t, n.dtype), 1) }

// backward is the control of a bridge's backward process where it stands, and its divergence in the Euler form.
func (l *pathProgram) backward(b BothWays, at traced.At, x, y ad.Value) (v, div ad.Value) {
	n := b.BackwardControl()
	needed, probed := b.Divergence()
	if !needed {
		v = n.apply(l.back, ad.Cast(y, n.dtype), feature(n, at.T1), ad.Value{}, ad.Value{})
		return ad.Cast(v, ad.F64), div
	}
	place := ad.Cast(x, n.dtype)
	v = n.apply(l.back, place, feature(n, at.T), ad.Value{}, ad.Value{})
	var z ad.Value
	if probed {
		z = l.normal(at.K, 17)
		one := ad.Shift(ad.Zeros(z), 1)
		z = ad.Cast(ad.Select(ad.Less(z, ad.Zeros(z)), ad.Neg(one), one), n.dtype)
	}
	return ad.Cast(v, ad.F64), ad.Cast(divergenceOf(l.g, v, place, z), ad.F64)
}
