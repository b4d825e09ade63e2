package field

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/simd"
)

// Watched is the same field, which calls see before every prediction, from the goroutine that asks for it. What see is
// given is valid during the call.
func (f *Net) Watched(see func(x ito.States, t ito.Times, c ito.Cond)) *Net {
	g := *f
	g.see = see
	return &g
}

// Quantise is the same field by a network of bytes: see [nn.Weights.Quantise].
func (f *Net) Quantise(grids map[string]ad.Grid, calibration string) (*Net, error) {
	w, err := f.Weights.Quantise(grids, calibration)
	if err != nil {
		return nil, err
	}
	return f.with(w), nil
}

// Observe evaluates the network at these rows in float32, as Predict does, and calls see with what each linear layer
// and convolution reads, a row behind the other: n rows of a layer. It compiles a program.
func (f *Net) Observe(ctx context.Context, x ito.States, t ito.Times, c ito.Cond, see func(layer string, n int,
	values []float32)) error {
	w := f.Weights
	absent := c.None() && w.Absent()
	var layers []string
	var sizes []int
	prog, err := ad.Compile(func(g *ad.Graph) {
		in, feat := g.Input("x", ad.F32, w.Ports.Reads()), g.Input("feature", ad.F32, 1)
		var cond ad.Value
		if n := w.Ports.CondWidth(); n > 0 && !absent {
			cond = g.Input("cond", ad.F32, n)
		}
		w.Observe(g, w.Declare(g, ad.F32), in, feat, cond, func(layer string, v ad.Value) {
			g.Output(layer, v)
			layers, sizes = append(layers, layer), append(sizes, v.Size())
		})
	})
	if err != nil || len(layers) == 0 {
		return err
	}
	return f.chunks(ctx, x, t, c, func(s *netScratch, lo, hi int) error {
		if absent {
			s.cond = s.cond[:0]
		}
		call := ad.Call{N: s.n, Pool: f.pool}
		for _, v := range s.forward() {
			if len(v) > 0 {
				narrow := make([]float32, len(v))
				simd.CvtF64F32(narrow, v)
				call.In = append(call.In, ad.F32s(narrow))
			}
		}
		call.In = append(call.In, w.Arrays(w.Params)...)
		outs := make([][]float32, len(layers))
		for i, n := range sizes {
			outs[i] = make([]float32, n*s.n)
			call.Out = append(call.Out, ad.F32s(outs[i]))
		}
		if err := prog.Run(ctx, call); err != nil {
			return err
		}
		for i, layer := range layers {
			see(layer, s.n, slices.Clip(outs[i]))
		}
		return nil
	})
}
