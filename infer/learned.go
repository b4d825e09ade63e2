package infer

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
)

// Learned is the control of the path-space samplers, u(t, x) = clip(NN₁(t, x)) + guide(t, x)·NN₂(t), where the guide is what [Process] makes of ∇log ρ, clipped. NN₁ begins at
// zero and NN₂ at a constant, .01 or, for DIS and the bridge, 1. The control of the backward process of a [Bridge] has no guide: it is NN₁ alone.
type Learned struct {
	Process Process
	D       int
	Params  []float32 // both networks, one behind the other

	main, scale       *nn.Weights // scale is nil without a guide
	forward, backward *ad.Program
	through           *ad.Program // backward that goes on to x and the guide
	dtype             ad.DType    // of the networks; tests of derivatives take float64,
	wide              []float64   // whose parameters are these instead of Params
}

// Shape is the size of the networks of a Learned control.
type Shape struct {
	Width int // 0: 64
	Depth int // hidden layers of NN₁; 0: 3
}

// NewLearned makes the control of a process in dimension d with initial weights of the seed.
func NewLearned(pr Process, d int, shape Shape, seed uint64) (*Learned, error) {
	if err := pr.validate(); err != nil {
		return nil, err
	}
	return newLearned(pr, d, shape, seed, true, ad.F32)
}

func newLearned(pr Process, d int, shape Shape, seed uint64, guided bool, dtype ad.DType) (*Learned, error) {
	main, err := nn.New(nn.MLP{Width: int(or(float64(shape.Width), 64)), Depth: int(or(float64(shape.Depth), 3)), Activation: "gelu"}, nn.Flat(d, d, 0), seed)
	if err != nil {
		return nil, err
	}
	l := &Learned{Process: pr, D: d, Params: main.Params, main: main, dtype: dtype}
	if guided {
		scale, err := nn.New(nn.MLP{Width: 32, Depth: 2, Activation: "gelu"}, nn.Flat(1, 1, 0), seed+1)
		if err != nil {
			return nil, err
		}
		last := &scale.Params[len(scale.Params)-1]
		*last = .01
		if _, ok := pr.(DIS); ok || isBridge(pr) {
			*last = 1
		}
		n := len(main.Params)
		l.Params = slices.Concat(main.Params, scale.Params)
		if l.scale, err = scale.With(l.Params[n:]); err != nil {
			return nil, err
		}
		if l.main, err = main.With(l.Params[:n:n]); err != nil {
			return nil, err
		}
	}
	if dtype == ad.F64 {
		l.wide = widen(l.Params)
	}
	if l.forward, err = ad.Compile(func(g *ad.Graph) {
		t := l.trace(g)
		g.Output("u", t.u)
	}); err != nil {
		return nil, err
	}
	if l.backward, err = l.compilePull(false); err != nil {
		return nil, err
	}
	l.through, err = l.compilePull(true)
	return l, err
}

// compilePull is the gradient of Σ cotangent·u: with respect to the parameters and, through, to x and the guide.
func (l *Learned) compilePull(through bool) (*ad.Program, error) {
	return ad.Compile(func(g *ad.Graph) {
		t := l.trace(g)
		c := g.Input("cotangent", l.dtype, l.D)
		wrt := t.params
		if through {
			wrt = append(slices.Clone(wrt), t.x)
		}
		if through && l.scale != nil {
			wrt = append(wrt, t.guide)
		}
		for i, v := range ad.Grad(ad.BatchSum(ad.Dot(t.u, c)), wrt...) {
			g.Output(layerName("gradient", i), v)
		}
	})
}

func layerName(what string, i int) string {
	return what + string(rune('a'+i%26)) + string(rune('a'+i/26))
}

// traced is the control of one row under construction.
type traced struct {
	u, x, guide ad.Value
	params      []ad.Value
}

func (l *Learned) trace(g *ad.Graph) traced {
	x, feat := g.Input("x", l.dtype, l.D), g.Input("feat", l.dtype, 1)
	var guide ad.Value
	if l.scale != nil {
		guide = g.Input("guide", l.dtype, l.D)
	}
	params := declareNet(g, l.main, "main", l.dtype)
	limit := g.Scalar(l.dtype, guideLimit)
	u := ad.Max(ad.Min(l.main.Apply(g, params, x, feat, ad.Value{}), limit), ad.Neg(limit))
	if l.scale == nil {
		return traced{u, x, guide, params}
	}
	b := declareNet(g, l.scale, "scale", l.dtype)
	s := l.scale.Apply(g, b, feat, feat, ad.Value{})
	return traced{ad.Add(u, ad.Mul(guide, s)), x, guide, append(params, b...)}
}

// declareNet declares the tensors of one of several networks of a program.
func declareNet(g *ad.Graph, n *nn.Weights, what string, dtype ad.DType) []ad.Value {
	var p []ad.Value
	for i, t := range n.Layout() {
		p = append(p, g.Shared(layerName(what, i), dtype, t.Shape...))
	}
	return p
}

// feature is the time feature of step k.
func (l *Learned) feature(k int) float64 { return 10 * float64(k) / float64(l.Process.Steps()) }

// features are those of n rows at step k.
func (l *Learned) features(k, n int) []float64 {
	f := make([]float64, n)
	for i := range f {
		f[i] = l.feature(k)
	}
	return f
}

// array is a per-row input in the networks' dtype.
func (l *Learned) array(x []float64) ad.Array {
	if l.dtype == ad.F64 {
		return ad.F64s(x)
	}
	return ad.F32s(narrow(x))
}

// inputs are those of a program without a cotangent.
func (l *Learned) inputs(x, feat, guide []float64) []ad.Array {
	in := []ad.Array{l.array(x), l.array(feat)}
	if l.scale != nil {
		in = append(in, l.array(guide))
	}
	return append(in, l.weights()...)
}

// weights are the shared inputs.
func (l *Learned) weights() []ad.Array {
	if l.dtype == ad.F64 {
		return l.split64(l.wide)
	}
	return l.split(l.Params)
}

func (l *Learned) split(p []float32) []ad.Array {
	n := len(l.main.Params)
	a := l.main.Arrays(p[:n])
	if l.scale != nil {
		a = append(a, l.scale.Arrays(p[n:])...)
	}
	return a
}

func (l *Learned) split64(p []float64) []ad.Array {
	n := len(l.main.Params)
	a := l.main.Arrays64(p[:n])
	if l.scale != nil {
		a = append(a, l.scale.Arrays64(p[n:])...)
	}
	return a
}

// run runs a program of this control on rows; out are the per-row outputs behind the gradients, whose sum is added to grad unless that is nil.
func (l *Learned) run(ctx context.Context, pool *ad.Pool, p *ad.Program, n int, grad []float64, in []ad.Array, out ...[]float64) error {
	if l.dtype == ad.F64 {
		sum := make([]float64, len(grad))
		var o []ad.Array
		if grad != nil {
			o = l.split64(sum)
		}
		for _, x := range out {
			o = append(o, ad.F64s(x))
		}
		if err := p.Run(ctx, ad.Call{N: n, In: in, Out: o, Pool: pool}); err != nil {
			return err
		}
		for i, v := range sum {
			grad[i] += v
		}
		return nil
	}
	sum := make([]float32, len(grad))
	var o []ad.Array
	if grad != nil {
		o = l.split(sum)
	}
	rows := make([][]float32, len(out))
	for i, x := range out {
		rows[i] = make([]float32, len(x))
		o = append(o, ad.F32s(rows[i]))
	}
	if err := p.Run(ctx, ad.Call{N: n, In: in, Out: o, Pool: pool}); err != nil {
		return err
	}
	for i, v := range sum {
		grad[i] += float64(v)
	}
	for i, x := range out {
		for j, v := range rows[i] {
			x[j] = float64(v)
		}
	}
	return nil
}

// Control implements Control.
func (l *Learned) Control(ctx context.Context, k, d int, u, x, guide []float64) error {
	n := len(x) / d
	return l.run(ctx, nil, l.forward, n, nil, l.inputs(x, l.features(k, n), guide), u)
}

// pull adds to grad the gradient of Σ cotangent·u over rows with respect to the parameters, and writes that with respect to x and guide unless dx is nil.
func (l *Learned) pull(ctx context.Context, pool *ad.Pool, grad, dx, dguide, x, feat, guide, cotangent []float64) error {
	in := append(l.inputs(x, feat, guide), l.array(cotangent))
	switch {
	case dx == nil:
		return l.run(ctx, pool, l.backward, len(feat), grad, in)
	case l.scale == nil:
		return l.run(ctx, pool, l.through, len(feat), grad, in, dx)
	}
	return l.run(ctx, pool, l.through, len(feat), grad, in, dx, dguide)
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
