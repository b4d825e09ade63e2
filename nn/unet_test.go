package nn

import (
	"context"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// TestUNetBits: a step of training gives the same gradient on one worker, on two and again, and allocates nothing once
// it has run; a batch that is cut otherwise gives the same outputs.
func TestUNetBits(t *testing.T) {
	const n, size = 10, 8 * 8 * 2
	shape := []int{8, 8, 2}
	w, err := New(UNet2D{UNet{Base: 8, Mult: "1-2", Heads: 2, Dropout: .2}}, between(shape, shape), 1)
	if err != nil {
		t.Fatal(err)
	}
	rng.NewKey(2, rng.PurposeUser, 0, 0).Normals32(w.Params, len(w.Params), []uint64{0}) // zeros hide mistakes
	for i := range w.Params {
		w.Params[i] *= .1
	}
	p, err := ad.Compile(func(g *ad.Graph) {
		x, time := g.Input("x", ad.F32, size), g.Input("t", ad.F32, 1)
		params := w.Declare(g, ad.F32)
		out := w.ApplyTraining(g, params, x, time, ad.Value{})
		g.Output("out", out)
		for _, v := range ad.Grad(ad.BatchMean(ad.Mean(ad.Square(ad.Sub(out, x)))), params...) {
			g.Output("gradient", v)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	x, time := make([]float32, n*size), make([]float32, n)
	rng.NewKey(3, rng.PurposeUser, 0, 0).Normals32(x, len(x), []uint64{0})
	for i := range time {
		time[i] = float32(i)
	}
	out, grad := make([]float32, n*size), make([]float32, len(w.Params))
	run := func(rows int, pool *ad.Pool) ([]float32, []float32) {
		call := ad.Call{N: rows, Pool: pool, Seed: 5, Step: 2, Purpose: rng.PurposeProgram,
			In:  append([]ad.Array{ad.F32s(x[:rows*size]), ad.F32s(time[:rows])}, w.Arrays(w.Params)...),
			Out: append([]ad.Array{ad.F32s(out[:rows*size])}, w.Arrays(grad)...)}
		if err := p.Run(context.Background(), call); err != nil {
			t.Fatal(err)
		}
		if pool == nil {
			if a := testing.AllocsPerRun(2, func() { p.Run(context.Background(), call) }); a > 0 {
				t.Errorf("a step allocates %g times", a)
			}
		}
		return slices.Clone(out[:rows*size]), slices.Clone(grad)
	}
	pool := ad.NewPool(2)
	defer pool.Close()
	y, g := run(n, nil)
	y2, g2 := run(n, pool)
	if !slices.Equal(y, y2) || !slices.Equal(g, g2) {
		t.Error("two workers give other bits than one")
	}
	if few, _ := run(3, nil); !slices.Equal(few, y[:3*size]) {
		t.Error("rows of a smaller batch have other bits")
	}
}

// TestSequencesOfFiles: sequences that come with a last axis of 1, as those of npy files do, are sequences [L,C].
func TestSequencesOfFiles(t *testing.T) {
	for _, net := range []Network{TCN{Width: 8, Depth: 2}, UNet1D{UNet{Base: 8, Mult: "1-2"}}} {
		var outs [][]float32
		for _, shape := range [][]int{{8, 3}, {8, 3, 1}} {
			w, err := New(net, between(shape, shape), 1)
			if err != nil {
				t.Fatal(err)
			}
			rng.NewKey(2, rng.PurposeUser, 0, 0).Normals32(w.Params, len(w.Params), []uint64{0})
			p, err := ad.Compile(func(g *ad.Graph) {
				x, time := g.Input("x", ad.F32, 24), g.Input("t", ad.F32, 1)
				g.Output("out", w.Apply(g, w.Declare(g, ad.F32), x, time, ad.Value{}))
			})
			if err != nil {
				t.Fatal(err)
			}
			x, out := make([]float32, 24), make([]float32, 24)
			for i := range x {
				x[i] = float32(i%7) / 7
			}
			call := ad.Call{N: 1, In: append([]ad.Array{ad.F32s(x), ad.F32s([]float32{.3})}, w.Arrays(w.Params)...),
				Out: []ad.Array{ad.F32s(out)}}
			if err := p.Run(t.Context(), call); err != nil {
				t.Fatal(err)
			}
			outs = append(outs, out)
		}
		if !slices.Equal(outs[0], outs[1]) || slices.Max(outs[0]) == 0 {
			t.Errorf("%s: %v of [8,3], %v of [8,3,1]", net.Kind(), outs[0][:3], outs[1][:3])
		}
	}
}
