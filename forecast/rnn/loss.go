package rnn

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/learn"
)

// likelihood is the loss: −log p of the observed steps of the horizon under the Student-t laws, in units of the scale.
type likelihood struct {
	c       *config
	windows *forecast.Windows
	seed    uint64
	n       int

	x, naive, target, weight []float32 // [n, …]
}

func newLoss(c *config, w *forecast.Windows, batch int, seed uint64) *likelihood {
	h := c.Horizon
	return &likelihood{c: c, windows: w, seed: seed, n: batch, x: make([]float32, batch*c.length()*c.channels()),
		naive: make([]float32, batch*h), target: make([]float32, batch*h), weight: make([]float32, batch*h)}
}

// Rows implements learn.Loss.
func (l *likelihood) Rows() int { return l.n }

// law is the Student-t law of the steps of the horizon, [H] each, of what the network writes: ν > 2.
func (c *config) law(out, naive ad.Value) (μ, σ, ν ad.Value) {
	h := c.Horizon
	rows := ad.Slice(ad.Reshape(out, c.length(), 3), 0, c.Context, c.length())
	column := func(k int) ad.Value { return ad.Reshape(ad.Slice(rows, 1, k, k+1), h) }
	μ = ad.Add(naive, column(0))
	σ = ad.Shift(ad.Softplus(column(1)), 1e-3)
	return μ, σ, ad.Shift(ad.Softplus(ad.Shift(column(2), 2)), 2)
}

// noTime is the time feature, of which a forecast has none.
func noTime(g *ad.Graph) ad.Value { return g.Const(ad.F32, []float64{0}, 1) }

// Trace implements learn.Loss.
func (l *likelihood) Trace(g *ad.Graph, nets []learn.Apply) ad.Value {
	h := l.c.Horizon
	x := g.Input("x", ad.F32, l.c.length()*l.c.channels())
	naive, target, weight := g.Input("naive", ad.F32, h), g.Input("target", ad.F32, h), g.Input("weight", ad.F32, h)
	μ, σ, ν := l.c.law(nets[0](x, noTime(g), ad.Value{}), naive)
	half := ad.Scale(ad.Shift(ν, 1), .5)
	z := ad.Div(ad.Sub(target, μ), σ)
	nll := ad.Add(ad.Sub(ad.Lgamma(ad.Scale(ν, .5)), ad.Lgamma(half)), ad.Add(ad.Scale(ad.Log(ad.Scale(ν,
		math.Pi)), .5),
		ad.Add(ad.Log(σ), ad.Mul(half, ad.Log1p(ad.Div(ad.Square(z), ν))))))
	return ad.BatchMean(ad.Mean(ad.Mul(weight, nll)))
}

// Inputs implements learn.Loss.
func (l *likelihood) Inputs() []ad.Array {
	return []ad.Array{ad.F32s(l.x), ad.F32s(l.naive), ad.F32s(l.target), ad.F32s(l.weight)}
}

// Outputs implements learn.Loss.
func (*likelihood) Outputs() []ad.Array { return nil }

// Draw implements learn.Loss.
func (l *likelihood) Draw(_ context.Context, step uint32, pool *ad.Pool) error {
	clear(l.x)
	size, h := l.c.length()*l.c.channels(), l.c.Horizon
	pool.Do(l.n, func(_, i int) {
		p := l.windows.Draw(l.seed, step, uint64(i))
		// what came later must not be in the inputs
		seen := forecast.Place{Series: p.Until(p.Origin, h), Origin: p.Origin}
		w := l.c.encode(seen, l.x[i*size:(i+1)*size])
		for k := range h {
			at := i*h + k
			l.naive[at] = float32(w.naive[k])
			v := p.At(p.Origin + k)
			l.target[at], l.weight[at] = 0, 0
			if v == v {
				l.target[at], l.weight[at] = float32(w.scale.Apply(v)), 1
			}
		}
	})
	return nil
}
