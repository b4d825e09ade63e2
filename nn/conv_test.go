package nn

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

func convCases() []layerCase {
	conv2 := func(out int, c Conv) Network {
		return one(func(s *Scope, x ad.Value) ad.Value { return s.Conv2D("conv", x, out, c) })
	}
	conv1 := func(out int, c Conv) Network {
		return one(func(s *Scope, x ad.Value) ad.Value { return s.Conv1D("conv", x, out, c) })
	}
	turned := func(out int, c Conv) Network {
		return one(func(s *Scope, x ad.Value) ad.Value { return s.ConvTranspose("conv", x, out, c) })
	}
	plain := func(f func(x ad.Value) ad.Value) Network {
		return one(func(_ *Scope, x ad.Value) ad.Value { return f(x) })
	}
	type shape = []int
	return []layerCase{
		{"conv2d", conv2(4, Conv{}), between(shape{5, 4, 4}, shape{5, 4, 2}), nil},
		{"conv2d_stride", conv2(3, Conv{Stride: 2}), between(shape{3, 3, 3}, shape{6, 6, 2}), nil},
		{"conv2d_dilated", conv2(3, Conv{Dilation: 2, Valid: true}), between(shape{3, 2, 3}, shape{7, 6, 2}), nil},
		{"conv2d_groups", conv2(6, Conv{Groups: 2}), between(shape{4, 4, 6}, shape{4, 4, 4}), nil},
		{"conv2d_depthwise", conv2(4, Conv{Groups: 4}), between(shape{4, 4, 4}, shape{4, 4, 4}), nil},
		{"conv2d_even", conv2(3, Conv{Kernel: 4}), between(shape{5, 5, 3}, shape{5, 5, 2}), nil},
		{"conv2d_reflect", conv2(3, Conv{Mode: ad.PadReflect}), between(shape{4, 5, 3}, shape{4, 5, 2}), nil},
		{"conv2d_circular", conv2(3, Conv{Mode: ad.PadCircular}), between(shape{4, 5, 3}, shape{4, 5, 2}), nil},
		{"conv1d", conv1(4, Conv{Kernel: 5}), between(shape{9, 4}, shape{9, 3}), nil},
		{"conv1d_causal", conv1(4, Conv{Dilation: 2, Causal: true}), between(shape{9, 4}, shape{9, 3}), nil},
		{"conv_transpose2d", turned(2, Conv{Kernel: 4, Stride: 2}), between(shape{6, 8, 2}, shape{3, 4, 3}), nil},
		{"conv_transpose1d", turned(4, Conv{Kernel: 4, Stride: 2}), between(shape{10, 4}, shape{5, 3}), nil},
		{"group_norm", one(func(s *Scope, x ad.Value) ad.Value { return s.GroupNorm("norm", x, 2) }),
			between(shape{3, 4, 6}, shape{3, 4, 6}), nil},
		{"resblock", traced(func(s *Scope, in Inputs) []ad.Value {
			return []ad.Value{s.ResBlock("block", in.X[0], in.X[1], ResBlock{Out: 6, Groups: 2})}
		}), between(shape{3, 4, 6}, shape{3, 4, 4}, shape{5}), nil},
		{"upsample", one(func(s *Scope, x ad.Value) ad.Value { return s.Upsample("up", x) }),
			between(shape{6, 4, 2}, shape{3, 2, 2}), nil},
		{"downsample", one(func(s *Scope, x ad.Value) ad.Value { return s.Downsample("down", x) }),
			between(shape{2, 3, 2}, shape{4, 6, 2}), nil},
		{"bilinear", plain(func(x ad.Value) ad.Value { return ad.UpsampleBilinear(x, [2]int{5, 7}) }),
			between(shape{5, 7, 2}, shape{3, 4, 2}), nil},
		{"average_pool", plain(func(x ad.Value) ad.Value { return ad.AveragePool2D(x, [2]int{2, 2}, [2]int{}) }),
			between(shape{2, 2, 2}, shape{5, 4, 2}), nil},
		{"max_pool", plain(func(x ad.Value) ad.Value { return ad.MaxPool2D(x, [2]int{3, 2}, [2]int{2, 1}) }),
			between(shape{2, 4, 2}, shape{5, 5, 2}), nil},
	}
}

// convNets are small networks of convolutions.
func convNets() []layerCase {
	classes := between([]int{4, 6, 1}, []int{4, 6, 1})
	classes.X[0].Shape = []int{4, 6} // one channel
	classes.Cond = []Port{{Name: "cond", Shape: []int{3}}}
	return []layerCase{
		{"unet2d", UNet2D{UNet{Base: 4, Mult: "1-2", Heads: 2, Groups: 2}}, classes, nil},
		{"unet2d_deep", UNet2D{UNet{Base: 2, Mult: "1-1-2", Blocks: 2, Attention: "0-2", Groups: 1}},
			between([]int{4, 4, 2}, []int{4, 4, 2}), nil},
		{"unet1d", UNet1D{UNet{Base: 4, Mult: "1-2", Attention: "all", Groups: 2}},
			between([]int{8, 2}, []int{8, 2}), nil},
		{"tcn", TCN{Width: 6, Depth: 3}, between([]int{9, 2}, []int{9, 2}), nil},
		{"tcn_causal", TCN{Width: 4, Depth: 2, Kernel: 2, Causal: true}, between([]int{7}, []int{7}), nil},
	}
}

func TestConvLayers(t *testing.T) {
	for _, c := range slices.Concat(convCases(), convNets()) {
		t.Run(c.name, func(t *testing.T) { checkLayer(t, c) })
	}
}

// TestConvPyTorch: outputs within 1e-5 and gradients within 1e-4 of PyTorch's, in float32, of layers and of networks.
func TestConvPyTorch(t *testing.T) {
	cases := readTorch(t, "convolutions.json.gz")
	for _, c := range slices.Concat(convCases(), convNets()) {
		want, ok := cases[c.name]
		if !ok {
			t.Errorf("PyTorch has no case %s", c.name)
			continue
		}
		t.Run(c.name, func(t *testing.T) { checkTorch(t, c, want) })
		delete(cases, c.name)
	}
	for name := range cases {
		t.Errorf("PyTorch's case %s has no layer", name)
	}
}

// TestCausal: a causal network writes the same at a place whatever comes later, to the bit.
func TestCausal(t *testing.T) {
	c := layerCase{"tcn", TCN{Width: 8, Depth: 4, Causal: true}, between([]int{40, 2}, []int{40, 2}), nil}
	w, x, time, _ := c.drawn(t, 1)
	p := c.program(t, w, ad.F64, func(_ *ad.Graph, _, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
		return []ad.Value{out}
	})
	run := func() []float64 {
		out := make([]float64, 80)
		run64(t, p, w, x, time, nil, w.Params64(), out)
		return out
	}
	before := run()
	for i := 50; i < 80; i++ {
		x[i] += 7
	}
	after := run()
	if !slices.Equal(before[:50], after[:50]) || slices.Equal(before[50:52], after[50:52]) {
		t.Error("what a causal network writes at a place depends on what comes later, or on nothing")
	}
}

// TestDropout: a step of training leaves out the given share, each step and row its own, and sampling none; the mean
// stays.
func TestDropout(t *testing.T) {
	const n, size, share = 50, 200, .3
	w, err := New(one(func(s *Scope, x ad.Value) ad.Value { return s.Dropout(x, share) }),
		between([]int{size}, []int{size}), 1)
	if err != nil {
		t.Fatal(err)
	}
	x, time := make([]float32, n*size), make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	run := func(training bool, step uint32, rows int) []float32 {
		p, err := ad.Compile(func(g *ad.Graph) {
			apply := w.Apply
			if training {
				apply = w.ApplyTraining
			}
			x, time := g.Input("x", ad.F32, size), g.Input("t", ad.F32, 1)
			g.Output("y", apply(g, w.Declare(g, ad.F32), x, time, ad.Value{}))
		})
		if err != nil {
			t.Fatal(err)
		}
		y := make([]float32, rows*size)
		call := ad.Call{N: rows, Seed: 4, Step: step, Purpose: rng.PurposeProgram,
			In:  []ad.Array{ad.F32s(x[:rows*size]), ad.F32s(time[:rows])},
			Out: []ad.Array{ad.F32s(y)}}
		if err := p.Run(context.Background(), call); err != nil {
			t.Fatal(err)
		}
		return y
	}
	if !slices.Equal(run(false, 1, n), x) {
		t.Error("there is dropout outside of training")
	}
	y := run(true, 1, n)
	zeros := 0.
	for _, v := range y {
		switch {
		case v == 0:
			zeros++
		case math.Abs(float64(v)-1/(1-share)) > 1e-6:
			t.Fatalf("what stays is multiplied by %g", v)
		}
	}
	// 10,000 draws: six standard deviations are .028, a false alarm in 10⁹.
	if got := zeros / (n * size); math.Abs(got-share) > .028 {
		t.Errorf("%g of the numbers were left out", got)
	}
	if slices.Equal(y, run(true, 2, n)) || !slices.Equal(y[:3*size], run(true, 1, 3)) ||
		slices.Equal(y[:size], y[size:2*size]) {
		t.Error("what is left out follows from step and row, and from nothing else")
	}
}

func TestConvRefusals(t *testing.T) {
	conv := func(out int, c Conv) Network {
		return one(func(s *Scope, x ad.Value) ad.Value { return s.Within("deep").Conv2D("conv", x, out, c) })
	}
	unet := func(u UNet) Network { return UNet2D{u} }
	image := func(h, w, c int) Ports { return between([]int{h, w, c}, []int{h, w, c}) }
	tokens, masked, wider := image(8, 8, 1), image(8, 8, 1), image(8, 8, 1)
	tokens.X[0].Levels = 3
	masked.Cond = []Port{{Name: "mask", Shape: []int{8}}}
	wider.Out[0].Shape = []int{8, 9, 1}
	for _, c := range []struct {
		net   Network
		ports Ports
		want  string
	}{
		{conv(3, Conv{Groups: 2}), between([]int{4, 4, 3}, []int{4, 4, 2}),
			"layer deep.conv: 2 groups do not divide 2 channels of [4 4 2] or the 3 that are written"},
		{conv(2, Conv{}), between([]int{4, 2}, []int{4, 2}), "layer deep.conv: a convolution reads an image [H,W,C], not [4 2]"},
		{conv(2, Conv{Valid: true, Kernel: 5}), between([]int{1, 1, 2}, []int{4, 4, 2}),
			"layer deep.conv of [4 4 2]: a kernel of 5×5 taps"},
		{conv(2, Conv{Mode: ad.PadReflect}), between([]int{1, 4, 2}, []int{1, 4, 2}), "an axis of 1 pixels reflects at most 0"},
		{conv(2, Conv{Stride: -1}), between([]int{4, 4, 2}, []int{4, 4, 2}), "layer deep.conv: -1 stride"},
		{unet(UNet{}), image(10, 8, 1), "10×8 pixels are halved 2 times by 3 levels, and 10 is no multiple of 4"},
		{unet(UNet{Base: 12}), image(8, 8, 1), "8 do not divide the 12 channels of level 0"},
		{unet(UNet{Heads: 3}), image(8, 8, 1), "3 do not divide the 64 channels of level 2"},
		{unet(UNet{Mult: "1-0"}), image(8, 8, 1), `"1-0" holds "0" where whole numbers between 1 and 1024 are joined`},
		{unet(UNet{Attention: "3"}), image(8, 8, 1), `"3" holds "3" where whole numbers between 0 and 2`},
		{unet(UNet{Dropout: 1}), image(8, 8, 1), "1 is not 0 or more and less than 1"},
		{unet(UNet{}), between([]int{16}, []int{16}), "unet2d reads an image [H,W,C] and writes the same with any channels, not [16]"},
		{unet(UNet{}), tokens, "unet2d reads and writes one part of numbers"},
		{unet(UNet{}), masked, "unet2d has no place for a mask"},
		{unet(UNet{}), wider, "not [8 8 1] to [8 9 1]"},
		{TCN{Kernel: -1}, between([]int{4, 2}, []int{4, 2}), "-1 is not between 1 and 1000"},
		{TCN{}, between([]int{4, 2, 2}, []int{4, 2, 2}), "tcn reads a sequence [L,C]"},
	} {
		_, err := New(c.net, c.ports, 1)
		var e *ConfigError
		if !errors.As(err, &e) || !strings.Contains(e.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.net, err, c.want)
		}
	}
	for _, n := range []Network{UNet2D{}, UNet1D{}, TCN{}} {
		r, err := n.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := r.Resolve(); err != nil || again != r {
			t.Errorf("a resolved config resolves to %+v, %v", again, err)
		}
		word, err := Word(r)
		if back, err2 := Parse(word); err != nil || err2 != nil || back != r {
			t.Errorf("%+v has the word %s, which is %+v (%v, %v)", r, word, back, err, err2)
		}
	}
}
