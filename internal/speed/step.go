package speed

import (
	"context"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/rng"
)

// size is a training step by which engines are compared.
type size struct{ Batch, Width int }

// sizes are the steps: bound by overhead, by both, and twice by arithmetic.
var sizes = []size{{64, 64}, {512, 128}, {256, 512}, {4096, 256}}

// flop counts the multiplications and additions of the products of one step: forward, gradient of the
// weights, and gradient of the inputs of every layer but the first.
func (s size) flop() float64 {
	b, w := float64(s.Batch), float64(s.Width)
	return 2 * b * (2*4*w + 3*2*w*w + 3*w*2)
}

// forwardFLOP counts those of a forward pass.
func (s size) forwardFLOP() float64 {
	b, w := float64(s.Batch), float64(s.Width)
	return 2 * b * (4*w + 2*w*w + 2*w)
}

// step is the training step by which engines are compared: a network 4 → W → W → W → 2 with SiLU learns the noise
// of x_t = α x_0 + σ ε from (x_t, α, σ). The noise is drawn in the step, and Adam moves the parameters.
type step struct {
	net  *nn.Weights
	prog *ad.Program
	call ad.Call
	grad []float32
	loss []float32
	mom  *nn.Moments
}

func newStep(s size, pool *ad.Pool) (*step, error) {
	net, err := nn.New(nn.MLP{Width: s.Width, Depth: 3, Time: nn.TimeNone}, nn.Flat(4, 2, 0), 1)
	if err != nil {
		return nil, err
	}
	t := &step{net: net, grad: make([]float32, len(net.Params)), loss: make([]float32, 1),
		mom: nn.NewMoments(len(net.Params))}
	if t.prog, err = t.compile(); err != nil {
		return nil, err
	}
	data := make([]float32, 4*s.Batch)
	rng.NewKey(1, rng.PurposeUser, 0, 0).Uniforms32(data, len(data), []uint64{0})
	t.call = ad.Call{N: s.Batch, Seed: 1, Purpose: rng.PurposeProgram, Pool: pool,
		In:  append([]ad.Array{ad.F32s(data[:2*s.Batch]), ad.F32s(data[2*s.Batch:])}, net.Arrays(net.Params)...),
		Out: append([]ad.Array{ad.F32s(t.loss)}, net.Arrays(t.grad)...),
	}
	return t, nil
}

// compile traces loss and gradient and plans their program.
func (t *step) compile() (*ad.Program, error) {
	return ad.Compile(func(g *ad.Graph) {
		x0, c := g.Input("x0", ad.F32, 2), g.Input("schedule", ad.F32, 2)
		params := t.net.Declare(g, ad.F32)
		ε := g.Normal(ad.F32, 2)
		xt := ad.Add(ad.Mul(ad.Slice(c, 0, 0, 1), x0), ad.Mul(ad.Slice(c, 0, 1, 2), ε))
		out := t.net.Apply(g, params, ad.Concat(0, xt, c), ad.Value{}, ad.Value{})
		loss := ad.BatchMean(ad.Mean(ad.Square(ad.Sub(out, ε))))
		g.Output("loss", loss)
		for i, d := range ad.Grad(loss, params...) {
			g.Output(t.net.Layout()[i].Name, d)
		}
	})
}

func (t *step) run(ctx context.Context) error {
	t.call.Step++
	if err := t.prog.Run(ctx, t.call); err != nil {
		return err
	}
	nn.DefaultAdam().StepOn(t.call.Pool, t.mom, t.net.Params, t.grad, 1e-3, 1)
	return nil
}

// forward is a pass of the same network without noise, loss or gradient.
func forward(s size, pool *ad.Pool) (func(ctx context.Context) error, error) {
	net, err := nn.New(nn.MLP{Width: s.Width, Depth: 3, Time: nn.TimeNone}, nn.Flat(4, 2, 0), 1)
	if err != nil {
		return nil, err
	}
	prog, err := ad.Compile(func(g *ad.Graph) {
		x := g.Input("x", ad.F32, 4)
		g.Output("y", net.Apply(g, net.Declare(g, ad.F32), x, ad.Value{}, ad.Value{}))
	})
	if err != nil {
		return nil, err
	}
	x, y := make([]float32, 4*s.Batch), make([]float32, 2*s.Batch)
	rng.NewKey(1, rng.PurposeUser, 0, 0).Uniforms32(x, len(x), []uint64{0})
	call := ad.Call{N: s.Batch, Pool: pool, In: append([]ad.Array{ad.F32s(x)}, net.Arrays(net.Params)...),
		Out: []ad.Array{ad.F32s(y)}}
	return func(ctx context.Context) error { return prog.Run(ctx, call) }, nil
}
