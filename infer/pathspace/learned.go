package pathspace

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
)

// Learned is the control of the path-space samplers, u(t, x) = clip(NN₁(t, x)) + guide(t, x)·NN₂(t), where the
// guide is what [Process] makes of ∇log ρ, clipped. NN₁ begins at zero and NN₂ at a constant, .01 or what
// a method FirstScale() float64 of the process says, which for DIS and the bridge is 1. The control of a backward
// process ([BothWays]) has no guide: it is NN₁ alone.
type Learned struct {
	Process Process
	D       int
	Params  []float32 // both networks, one behind the other

	main, scale *nn.Weights // scale is nil without a guide
	forward     *ad.Program
	dividing    sync.Mutex
	divergent   [2]*withDivergence // without probes and with them, made when they are needed
	dtype       ad.DType           // of the networks; tests of derivatives take float64,
	wide        []float64          // whose parameters are these instead of Params
}

// NetworkShape is the size of the networks of a Learned control.
type NetworkShape struct {
	Width int // 0: 64
	Depth int // hidden layers of NN₁; 0: 3
}

// NewLearned makes the control of a process in dimension d with initial weights of the seed.
func NewLearned(pr Process, d int, shape NetworkShape, seed uint64) (*Learned, error) {
	if err := pr.Validate(); err != nil {
		return nil, err
	}
	return newLearned(pr, d, shape, seed, true, ad.F32)
}

func newLearned(pr Process, d int, shape NetworkShape, seed uint64, guided bool, dtype ad.DType) (*Learned, error) {
	main, err := nn.New(nn.MLP{Width: cmp.Or(shape.Width, 64), Depth: cmp.Or(shape.Depth, 3),
		Activation: "gelu"}, nn.Flat(d, d, 0), seed)
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
		if f, ok := pr.(interface{ FirstScale() float64 }); ok {
			*last = float32(f.FirstScale())
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
	l.forward, err = ad.Compile(func(g *ad.Graph) { g.Output("u", l.trace(g).u) })
	return l, err
}

// tracedControl is the control of one row under construction.
type tracedControl struct{ u, x ad.Value }

func (l *Learned) trace(g *ad.Graph) tracedControl {
	x, feat := g.Input("x", l.dtype, l.D), g.Input("feat", l.dtype, 1)
	var guide ad.Value
	if l.scale != nil {
		guide = g.Input("guide", l.dtype, l.D)
	}
	nets, _ := applies(g, l.networks(), l.dtype)
	var scale ad.Value
	if l.scale != nil {
		scale = l.scaled(nets[1], feat)
	}
	return tracedControl{l.apply(nets[0], x, feat, guide, scale), x}
}

// networks are NN₁ and, where there is a guide, NN₂.
func (l *Learned) networks() []*nn.Weights {
	if l.scale == nil {
		return []*nn.Weights{l.main}
	}
	return []*nn.Weights{l.main, l.scale}
}

// adopt takes the parameters of a loop, and the networks that have them.
func (l *Learned) adopt(params []float32, nets []*nn.Weights) {
	l.Params, l.main = params, nets[0]
	if l.scale != nil {
		l.scale = nets[1]
	}
}

// apply is u of NN₁, and from NN₂ [1] where there is one.
func (l *Learned) apply(main learn.Apply, x, feat, guide, scale ad.Value) ad.Value {
	u := clipped(main(x, feat, ad.Value{}))
	if l.scale == nil {
		return u
	}
	return ad.Add(u, ad.Mul(guide, scale))
}

// scaled is NN₂ [1] at a time.
func (l *Learned) scaled(net learn.Apply, feat ad.Value) ad.Value { return net(feat, feat, ad.Value{}) }

// applies declares the tensors of networks, which it returns beside what traces them.
func applies(g *ad.Graph, nets []*nn.Weights, dtype ad.DType) (out []learn.Apply, params []ad.Value) {
	for _, n := range nets {
		p := n.Declare(g, dtype)
		params = append(params, p...)
		out = append(out, func(x, time, cond ad.Value) ad.Value { return n.Apply(g, p, x, time, cond) })
	}
	return out, params
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

// run runs a program of this control on n rows; out are its outputs.
func (l *Learned) run(ctx context.Context, p *ad.Program, n int, in []ad.Array, out ...[]float64) error {
	call := ad.Call{N: n, In: in}
	rows := make([][]float32, len(out))
	for i, x := range out {
		if l.dtype == ad.F64 {
			call.Out = append(call.Out, ad.F64s(x))
			continue
		}
		rows[i] = make([]float32, len(x))
		call.Out = append(call.Out, ad.F32s(rows[i]))
	}
	if err := p.Run(ctx, call); err != nil {
		return err
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
	return l.run(ctx, l.forward, n, l.inputs(x, l.features(k, n), guide), u)
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
