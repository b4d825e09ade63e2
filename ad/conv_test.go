package ad

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/internal/simd"
)

var odd = ConvOptions{Stride: [2]int{2, 1}, Dilation: [2]int{1, 2}, Pad: [2][2]int{{1, 0}, {2, 1}}}

func with(o ConvOptions, m PadMode, groups int) ConvOptions {
	o.Mode, o.Groups = m, groups
	return o
}

// convProblems are convolutions, pools and resizings for the tests of derivatives, maps and loops.
func convProblems() []problem {
	conv2 := func(o ConvOptions) func(g *Graph, x, w []Value) Value {
		return func(g *Graph, x, w []Value) Value { return Conv2D(x[0], w[0], o) }
	}
	same := ConvOptions{Pad: [2][2]int{{1, 1}, {1, 1}}}
	return []problem{
		{"conv", [][]int{{4, 3, 2}}, [][]int{{3, 3, 2, 3}}, -1, 1, conv2(same)},
		{"conv_odd", [][]int{{4, 5, 2}}, [][]int{{2, 2, 2, 2}}, -1, 1, conv2(odd)},
		{"conv_reflect", [][]int{{4, 4, 2}}, [][]int{{2, 2, 2, 1}}, -1, 1, conv2(with(odd, PadReflect, 1))},
		{"conv_circular", [][]int{{3, 4, 2}}, [][]int{{2, 2, 2, 1}}, -1, 1, conv2(with(odd, PadCircular, 1))},
		{"conv_groups", [][]int{{3, 3, 4}}, [][]int{{2, 2, 2, 4}}, -1, 1, conv2(with(same, PadZero, 2))},
		{"conv_depth", [][]int{{3, 4, 2}}, [][]int{{2, 2, 1, 2}}, -1, 1, conv2(with(odd, PadReflect, 2))},
		{"conv_own", [][]int{{3, 3, 2}, {2, 2, 2, 2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Conv2D(x[0], x[1], same) }},
		{"conv_transpose", [][]int{{3, 2, 2}}, [][]int{{3, 2, 2, 3}}, -1, 1, func(g *Graph, x, w []Value) Value {
			return ConvTranspose2D(x[0], w[0], ConvOptions{Stride: [2]int{2, 3}, Pad: [2][2]int{{1, 1}, {0, 1}}},
				[2]int{1, 2})
		}},
		{"conv_transpose_groups", [][]int{{2, 2, 4}}, [][]int{{2, 2, 4, 1}}, -1, 1, func(g *Graph, x,
			w []Value) Value {
			return ConvTranspose2D(x[0], w[0], ConvOptions{Stride: [2]int{2, 2}, Groups: 2}, [2]int{})
		}},
		{"conv1d", [][]int{{7, 2}}, [][]int{{3, 2, 2}}, -1, 1, func(g *Graph, x, w []Value) Value {
			return Conv1D(x[0], w[0], ConvOptions{Dilation: [2]int{0, 2}, Pad: [2][2]int{{}, {4, 0}}})
		}},
		{"conv1d_transpose", [][]int{{4, 2}}, [][]int{{4, 2, 3}}, -1, 1, func(g *Graph, x, w []Value) Value {
			return ConvTranspose1D(x[0], w[0], ConvOptions{Stride: [2]int{1, 2}, Pad: [2][2]int{{}, {1, 1}}}, 0)
		}},
		{"nearest", [][]int{{2, 3, 2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(UpsampleNearest(x[0], [2]int{2, 3})) }},
		{"bilinear", [][]int{{2, 3, 2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(UpsampleBilinear(x[0], [2]int{5, 2})) }},
		{"average_pool", [][]int{{5, 4, 2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(AveragePool2D(x[0], [2]int{2, 2}, [2]int{})) }},
		{"average_pool_over", [][]int{{4, 4, 2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(AveragePool2D(x[0], [2]int{3, 2}, [2]int{1, 1})) }},
		{"max_pool", [][]int{{4, 5, 2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(MaxPool2D(x[0], [2]int{2, 2}, [2]int{})) }},
		{"max_pool_over", [][]int{{4, 4, 2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(MaxPool2D(x[0], [2]int{3, 2}, [2]int{1, 1})) }},
	}
}

// naiveConv is the definition of Conv2D, for one image.
func naiveConv(x, k []float64, h, w, in, out int, kh, kw int, o ConvOptions) (y []float64, outH, outW int) {
	groups := max(o.Groups, 1)
	source := func(i, n int) int {
		switch {
		case i >= 0 && i < n:
			return i
		case o.Mode == PadReflect && i < 0:
			return -i
		case o.Mode == PadReflect:
			return 2*n - 2 - i
		case o.Mode == PadCircular:
			return (i + n) % n
		}
		return -1
	}
	s, d := [2]int{max(o.Stride[0], 1), max(o.Stride[1], 1)}, [2]int{max(o.Dilation[0], 1), max(o.Dilation[1], 1)}
	outH = (h+o.Pad[0][0]+o.Pad[0][1]-d[0]*(kh-1)-1)/s[0] + 1
	outW = (w+o.Pad[1][0]+o.Pad[1][1]-d[1]*(kw-1)-1)/s[1] + 1
	y = make([]float64, outH*outW*out)
	for i := range outH {
		for j := range outW {
			for c := range out {
				group := c / (out / groups)
				for p := range kh {
					for q := range kw {
						r, t := source(i*s[0]+p*d[0]-o.Pad[0][0], h), source(j*s[1]+q*d[1]-o.Pad[1][0], w)
						if r < 0 || t < 0 {
							continue
						}
						for e := range in / groups {
							y[(i*outW+j)*out+c] += x[(r*w+t)*in+group*in/groups+e] * k[((p*kw+q)*(in/groups)+e)*out+c]
						}
					}
				}
			}
		}
	}
	return y, outH, outW
}

// TestConvIsItsDefinition compares convolutions of many settings with the definition, and the transposed one with the
// adjoint of the definition.
func TestConvIsItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	draw := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		return x
	}
	for try := range 60 {
		h, w, kh, kw := 3+r.IntN(9), 3+r.IntN(9), 1+r.IntN(3), 1+r.IntN(3)
		if try%10 == 9 {
			h, w = 2+r.IntN(2), 26+r.IntN(80) // rows with sums of their own
		}
		groups := 1 + r.IntN(3)
		in, out := groups*(1+r.IntN(3)), groups*(1+r.IntN(3))
		if try%7 == 0 {
			in, out = 35*groups, 33*groups
		}
		o := ConvOptions{Stride: [2]int{r.IntN(4), 1 + r.IntN(3)}, Dilation: [2]int{r.IntN(3), 1}, Groups: groups,
			Mode: PadMode(r.IntN(3)), Pad: [2][2]int{{2, r.IntN(2)}, {r.IntN(3), 2}}}
		if o.Mode == PadReflect && (h < 3 || w < 3) {
			h = 3
		}
		const n = 2
		x, k := draw(n*h*w*in), draw(kh*kw*in/groups*out)
		var want []float64
		outH, outW := 0, 0
		for i := range n {
			var y []float64
			y, outH, outW = naiveConv(x[i*h*w*in:][:h*w*in], k, h, w, in, out, kh, kw, o)
			want = append(want, y...)
		}
		p := problem{name: fmt.Sprintf("%d×%d·%d, %d×%d·%d, %+v", h, w, in, kh, kw, out, o),
			in: [][]int{{h, w, in}, {outH, outW, out}}, shared: [][]int{{kh, kw, in / groups, out}}}
		prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
			y := Conv2D(x[0], w[0], o)
			// Adjoint: the sum of x̄·x is that of c·y.
			cots := VJP([]Value{y}, []Value{x[1]}, []Value{x[0], Rows(w[0])})
			return []Value{y, Dot(Flatten(cots[0]), Flatten(x[0])), Dot(Flatten(y), Flatten(x[1])),
				Dot(Flatten(VJP([]Value{y}, []Value{x[1]}, []Value{w[0]})[0]), Flatten(w[0]))}
		})
		got := run64(t, prog, n, [][]float64{x, draw(n * outH * outW * out), k}, nil)
		for i, v := range want {
			if !close64(got[0][i], v, 1e-12) {
				t.Fatalf("%s: element %d is %g, want %g", p.name, i, got[0][i], v)
			}
		}
		for i := range n {
			if !close64(got[1][i], got[2][i], 1e-11) || !close64(got[3][i], got[2][i], 1e-11) {
				t.Fatalf("%s: ⟨x̄,x⟩ = %g, ⟨k̄,k⟩ = %g, ⟨c,y⟩ = %g", p.name, got[1][i], got[3][i], got[2][i])
			}
		}
	}
}

// TestConvBits: a row is the same alone and in a batch, gradients of a loss are the same with one worker and with two,
// and running allocates nothing.
func TestConvBits(t *testing.T) {
	o := ConvOptions{Pad: [2][2]int{{1, 1}, {1, 1}}, Mode: PadReflect}
	build := func(loss bool) *Program {
		p, err := Compile(func(g *Graph) {
			x, k, k2 := g.Input("x", F32, 12, 12, 3), g.Shared("k", F32, 3, 3, 3, 16), g.Shared("k2", F32, 3, 3, 16, 5)
			y := Conv2D(SiLU(Conv2D(x, k, o)), k2, ConvOptions{Stride: [2]int{2, 2}})
			g.Output("y", y)
			if loss {
				for _, d := range Grad(BatchMean(Sum(Square(y))), x, k, k2) {
					g.Output("d", d)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const n = 70
	r := rand.New(rand.NewPCG(5, 1))
	draw := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	x, k, k2 := draw(n*12*12*3), draw(27*16), draw(9*16*5)
	run := func(p *Program, n int, x []float32, pool *Pool) [][]float32 {
		c := Call{N: n, Pool: pool, In: []Array{F32s(x), F32s(k), F32s(k2)}}
		var outs [][]float32
		for _, out := range p.outs {
			size := sizeOf(out.shape)
			if !out.shared {
				size *= n
			}
			outs = append(outs, make([]float32, size))
			c.Out = append(c.Out, F32s(outs[len(outs)-1]))
		}
		if err := p.Run(context.Background(), c); err != nil {
			t.Fatal(err)
		}
		if allocs := testing.AllocsPerRun(3, func() { p.Run(context.Background(), c) }); pool == nil && allocs > 0 {
			t.Errorf("a run allocates %g times", allocs)
		}
		return outs
	}
	forward, grad := build(false), build(true)
	all := run(forward, n, x, nil)[0]
	one := run(forward, 1, x[9*432:10*432], nil)[0]
	if !slices.Equal(one, all[9*len(one):10*len(one)]) {
		t.Error("a row alone has other bits than in a batch")
	}
	pool := NewPool(2)
	defer pool.Close()
	a, b := run(grad, n, x, nil), run(grad, n, x, pool)
	for i := range a {
		if !slices.Equal(a[i], b[i]) {
			t.Errorf("output %d has other bits with two workers", i)
		}
	}
}

// TestResampling: values that one can check by hand.
func TestResampling(t *testing.T) {
	p := problem{in: [][]int{{2, 2, 1}}}
	prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
		return []Value{UpsampleNearest(x[0], [2]int{1, 2}), UpsampleBilinear(x[0], [2]int{2, 4}),
			AveragePool2D(x[0], [2]int{2, 2}, [2]int{}), MaxPool2D(x[0], [2]int{2, 1}, [2]int{1, 1})}
	})
	got := run64(t, prog, 1, [][]float64{{1, 2, 3, 5}}, nil)
	for i, want := range [][]float64{{1, 1, 2, 2, 3, 3, 5, 5}, {1, 1.25, 1.75, 2, 3, 3.5, 4.5, 5}, {2.75}, {3, 5}} {
		if !slices.Equal(got[i], want) {
			t.Errorf("output %d: %v, want %v", i, got[i], want)
		}
	}
}

func TestConvRefusals(t *testing.T) {
	pad := func(n int) [2][2]int { return [2][2]int{{n, 0}} }
	for want, f := range map[string]func(x, k Value){
		"needs images [H,W,I]":      func(x, k Value) { Conv2D(Flatten(x), k, ConvOptions{}) },
		"do not agree in 1 groups":  func(x, k Value) { Conv2D(Concat(2, x, x), k, ConvOptions{}) },
		"do not agree in 2 groups":  func(x, k Value) { Conv2D(x, k, ConvOptions{Groups: 2}) },
		"does not fit into 4×5":     func(x, k Value) { Conv2D(x, k, ConvOptions{Dilation: [2]int{4, 1}}) },
		"reflects at most 3, not 4": func(x, k Value) { Conv2D(x, k, ConvOptions{Pad: pad(4), Mode: PadReflect}) },
		"goes round once":           func(x, k Value) { Conv2D(x, k, ConvOptions{Pad: pad(5), Mode: PadCircular}) },
		"negative stride":           func(x, k Value) { Conv2D(x, k, ConvOptions{Stride: [2]int{-1, 0}}) },
		"extra pixels are fewer":    func(x, k Value) { ConvTranspose2D(x, k, ConvOptions{}, [2]int{1, 0}) },
		"kernels are [KH,KW,I,O/groups]": func(x, k Value) {
			ConvTranspose2D(Concat(2, x, x), k, ConvOptions{}, [2]int{})
		},
		"needs sequences [L,I]":               func(x, k Value) { Conv1D(x, k, ConvOptions{}) },
		"windows of 5×1 pixels, 5×1 apart":    func(x, k Value) { MaxPool2D(x, [2]int{5, 1}, [2]int{}) },
		"upsample_bilinear: per-sample":       func(x, k Value) { UpsampleBilinear(x, [2]int{0, 3}) },
		"upsample_nearest: 0×1 times as many": func(x, k Value) { UpsampleNearest(x, [2]int{0, 1}) },
	} {
		err := Trace(func(g *Graph) { f(g.Input("x", F32, 4, 5, 3), g.Shared("k", F32, 3, 3, 3, 4)) })
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// BenchmarkConvStep gives the rate of a convolution with its two gradients, 3×3 taps of a batch of 16, one worker,
// beside the peak of a core.
func BenchmarkConvStep(b *testing.B) {
	for _, c := range []struct{ size, channels int }{{32, 64}, {28, 32}, {8, 256}} {
		b.Run(fmt.Sprintf("%dx%dx%d", c.size, c.size, c.channels), func(b *testing.B) {
			p, err := Compile(func(g *Graph) {
				x := g.Input("x", F32, c.size, c.size, c.channels)
				k := g.Shared("k", F32, 3, 3, c.channels, c.channels)
				y := Conv2D(x, k, ConvOptions{Pad: [2][2]int{{1, 1}, {1, 1}}})
				for i, d := range Grad(BatchMean(Sum(Square(y))), x, k) {
					g.Output(fmt.Sprint(i), d)
				}
			})
			if err != nil {
				b.Fatal(err)
			}
			const n = 16
			x, k := make([]float32, n*c.size*c.size*c.channels), make([]float32, 9*c.channels*c.channels)
			for i := range x {
				x[i] = float32(math.Sin(float64(i)))
			}
			for i := range k {
				k[i] = float32(math.Cos(float64(i)))
			}
			dx, dk := make([]float32, len(x)), make([]float32, len(k))
			call := Call{N: n, In: []Array{F32s(x), F32s(k)}, Out: []Array{F32s(dx), F32s(dk)}}
			peak := 0.
			for b.Loop() {
				if err := p.Run(context.Background(), call); err != nil {
					b.Fatal(err)
				}
			}
			for range 20 {
				peak = max(peak, simd.Peak())
			}
			rate := n * 3 * 2 * float64(len(k)) * float64(c.size*c.size) / (b.Elapsed().Seconds() / float64(b.N)) / 1e9
			b.ReportMetric(rate, "GFLOP/s")
			b.ReportMetric(rate/peak, "of-peak")
		})
	}
}
