package infer

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
)

// Learned is the control of the path-space samplers, u(t, x) = clip(NN₁(t, x)) + guide(t, x)·NN₂(t), where the guide is what [Process] makes of ∇log ρ, clipped. NN₁ begins at
// zero and NN₂ at a constant, .01 or, for DIS, 1.
type Learned struct {
	Process Process
	D       int
	Params  []float32 // both networks, one behind the other

	main, scale       *nn.Net
	forward, backward *ad.Program
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
	main, err := nn.New(nn.Config{In: d, Out: d, Width: int(or(float64(shape.Width), 64)), Depth: int(or(float64(shape.Depth), 3)), Activation: "gelu"}, seed)
	if err != nil {
		return nil, err
	}
	scale, err := nn.New(nn.Config{In: 1, Out: 1, Width: 32, Depth: 2, Activation: "gelu"}, seed+1)
	if err != nil {
		return nil, err
	}
	scale.Params[len(scale.Params)-1] = .01
	if pr.Name() == "dis" {
		scale.Params[len(scale.Params)-1] = 1
	}
	l := &Learned{Process: pr, D: d, Params: slices.Concat(main.Params, scale.Params)}
	n := len(main.Params)
	if l.main, err = main.With(l.Params[:n:n]); err != nil {
		return nil, err
	}
	if l.scale, err = scale.With(l.Params[n:]); err != nil {
		return nil, err
	}
	if l.forward, err = ad.Compile(func(g *ad.Graph) {
		u, _ := l.trace(g)
		g.Output("u", u)
	}); err != nil {
		return nil, err
	}
	l.backward, err = ad.Compile(func(g *ad.Graph) {
		u, params := l.trace(g)
		c := g.Input("cotangent", ad.F32, d)
		for i, v := range ad.Grad(ad.BatchSum(ad.Dot(u, c)), params...) {
			g.Output(layerName("gradient", i), v)
		}
	})
	return l, err
}

func layerName(what string, i int) string {
	return what + string(rune('a'+i%26)) + string(rune('a'+i/26))
}

// trace is the control of one row.
func (l *Learned) trace(g *ad.Graph) (u ad.Value, params []ad.Value) {
	x, feat, guide := g.Input("x", ad.F32, l.D), g.Input("feat", ad.F32, 1), g.Input("guide", ad.F32, l.D)
	declare := func(n *nn.Net, what string) []ad.Value {
		var p []ad.Value
		for i, t := range n.Layout() {
			p = append(p, g.Shared(layerName(what, i), ad.F32, t.Shape...))
		}
		return p
	}
	a, b := declare(l.main, "main"), declare(l.scale, "scale")
	net := l.main.Apply(g, a, x, feat, ad.Value{})
	limit := g.Scalar(ad.F32, 10)
	net = ad.Max(ad.Min(net, limit), ad.Neg(limit))
	s := l.scale.Apply(g, b, feat, feat, ad.Value{})
	return ad.Add(net, ad.Mul(guide, s)), append(a, b...)
}

// feature is the time feature of step k.
func (l *Learned) feature(k int) float32 { return 10 * float32(k) / float32(l.Process.Steps()) }

// inputs are the arrays of a call in the order of declaration, without a cotangent.
func (l *Learned) inputs(x, feat, guide []float32) []ad.Array {
	in := []ad.Array{ad.F32s(x), ad.F32s(feat), ad.F32s(guide)}
	return append(append(in, l.main.Arrays(l.main.Params)...), l.scale.Arrays(l.scale.Params)...)
}

// Control implements Control.
func (l *Learned) Control(ctx context.Context, k, d int, u, x, guide []float64) error {
	n := len(x) / d
	x32, g32, u32, feat := narrow(x), narrow(guide), make([]float32, len(u)), make([]float32, n)
	for i := range feat {
		feat[i] = l.feature(k)
	}
	if err := l.forward.Run(ctx, ad.Call{N: n, In: l.inputs(x32, feat, g32), Out: []ad.Array{ad.F32s(u32)}}); err != nil {
		return err
	}
	for i, v := range u32 {
		u[i] = float64(v)
	}
	return nil
}

// vjp adds up, over rows, the gradient of Σ cotangent·u with respect to the parameters.
func (l *Learned) vjp(ctx context.Context, pool *ad.Pool, grad, x, feat, guide, cotangent []float32) error {
	n := len(l.main.Params)
	out := append(l.main.Arrays(grad[:n]), l.scale.Arrays(grad[n:])...)
	return l.backward.Run(ctx, ad.Call{N: len(feat), In: append(l.inputs(x, feat, guide), ad.F32s(cotangent)), Out: out, Pool: pool})
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}
