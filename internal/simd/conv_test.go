package simd

import (
	"fmt"
	"math"
	"testing"
)

// terms calls f for every term of a convolution, in the order of its sums: pixel of y, tap, pixel of x.
func (g *Conv) terms(f func(i, j, p, q, x int)) {
	for i := range g.OutH {
		for j := range g.OutW {
			for p := range g.KH {
				for q := range g.KW {
					f(i, j, p, q, (i*g.StrideH+p*g.DilH)*g.W+j*g.StrideW+q*g.DilW)
				}
			}
		}
	}
}

// convSizes are convolutions of one and of two axes, with strides, dilation, short rows and long, few channels and more
// than a panel.
func convSizes(yield func(g Conv)) {
	for _, in := range []int{1, 3, 33} {
		for _, out := range []int{1, 5, 40} {
			for _, g := range []Conv{
				{H: 6, W: 7, KH: 3, KW: 3, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1},
				{H: 5, W: 30, KH: 3, KW: 3, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1},
				{H: 7, W: 9, KH: 2, KW: 3, StrideH: 2, StrideW: 3, DilH: 1, DilW: 1},
				{H: 9, W: 60, KH: 3, KW: 2, StrideH: 1, StrideW: 2, DilH: 2, DilW: 4},
				{H: 1, W: 200, KH: 1, KW: 3, StrideH: 1, StrideW: 1, DilH: 1, DilW: 8},
				{H: 3, W: 3, KH: 3, KW: 3, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1},
				{H: 4, W: 4, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1},
				{H: 1, W: 4, KH: 1, KW: 6, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1},
			} {
				g.In, g.Out = in, out
				g.OutH = max(0, (g.H-(g.KH-1)*g.DilH-1)/g.StrideH+1)
				g.OutW = max(0, (g.W-(g.KW-1)*g.DilW-1)/g.StrideW+1)
				if g.W < (g.KW-1)*g.DilW+1 {
					g.OutW = 0
				}
				yield(g)
			}
		}
	}
}

// TestConv compares all three products at every level with the chains of multiply-adds of their definitions, bit for
// bit.
func TestConv(t *testing.T) {
	t.Run("32", func(t *testing.T) { testConv(t, fused32, normal32(3), Pack32, Conv32, ConvInput32, ConvKernel32) })
	t.Run("64", func(t *testing.T) { testConv(t, math.FMA, normal64(3), Pack64, Conv64, ConvInput64, ConvKernel64) })
}

func testConv[T real](t *testing.T, fused func(x, y, z T) T, draw func() T, pack func(dst, b []T, k, n, ldb int,
	trans bool), forward, input func(y, x, packed []T, g *Conv), kernel func(k, x, y, room []T, g *Conv, images int,
	acc bool)) {
	fill := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = draw()
		}
		return x
	}
	atLevels(t, func(t *testing.T) {
		fma := fused
		if level == portable {
			fma = plain[T]
		}
		convSizes(func(g Conv) {
			x, y := fill(g.H*g.W*g.In), fill(g.OutH*g.OutW*g.Out)
			w := fill(g.Taps() * g.Out)
			turned := make([]T, len(w)) // every tap transposed
			for t := range g.KH * g.KW {
				for i := range g.In {
					for o := range g.Out {
						turned[(t*g.Out+o)*g.In+i] = w[(t*g.In+i)*g.Out+o]
					}
				}
			}
			wantY, wantX := make([]T, len(y)), make([]T, len(x))
			for _, acc := range []bool{false, true} {
				got := fill(len(w))
				wantW := append([]T(nil), got...)
				if !acc {
					clear(wantW)
				}
				g.terms(func(i, j, p, q, at int) {
					for c := range g.In {
						for o := range g.Out {
							k := ((p*g.KW+q)*g.In+c)*g.Out + o
							wantW[k] = fma(x[at*g.In+c], y[(i*g.OutW+j)*g.Out+o], wantW[k])
						}
					}
				})
				start := append([]T(nil), got...)
				kernel(got, x, y, make([]T, g.Room(1)), &g, 1, acc)
				checkSame(t, fmt.Sprintf("kernel %+v acc=%v", g, acc), got, wantW)
				// Three images at once, and one behind the other.
				x3, y3 := fill(3*len(x)), fill(3*len(y))
				one := append([]T(nil), start...)
				for i := range 3 {
					xi, yi := x3[i*len(x):(i+1)*len(x)], y3[i*len(y):(i+1)*len(y)]
					kernel(one, xi, yi, make([]T, g.Room(1)), &g, 1, acc || i > 0)
				}
				kernel(start, x3, y3, make([]T, g.Room(3)), &g, 3, acc)
				checkSame(t, fmt.Sprintf("kernel of three %+v acc=%v", g, acc), start, one)
			}
			g.terms(func(i, j, p, q, at int) {
				for o := range g.Out {
					for c := range g.In {
						k := (i*g.OutW+j)*g.Out + o
						wantY[k] = fma(x[at*g.In+c], w[((p*g.KW+q)*g.In+c)*g.Out+o], wantY[k])
					}
				}
			})
			got, packed := fill(len(y)), fill(packedLen[T](g.Taps(), g.Out))
			pack(packed, w, g.Taps(), g.Out, g.Out, false)
			forward(got, x, packed, &g)
			checkSame(t, fmt.Sprintf("forward %+v", g), got, wantY)

			// The order of the sum at a pixel of x: row of y, piece of the row, tap, pixel.
			for i := range g.OutH {
				for cols := newCut(g.OutW, convRows); cols.next(); {
					for p := range g.KH {
						for q := range g.KW {
							for j := cols.from; j < cols.end; j++ {
								at := (i*g.StrideH+p*g.DilH)*g.W + j*g.StrideW + q*g.DilW
								for c := range g.In {
									for o := range g.Out {
										wantX[at*g.In+c] = fma(y[(i*g.OutW+j)*g.Out+o],
											turned[((p*g.KW+q)*g.Out+o)*g.In+c], wantX[at*g.In+c])
									}
								}
							}
						}
					}
				}
			}
			got, packed = fill(len(x)), fill(packedLen[T](g.KH*g.KW*g.Out, g.In))
			pack(packed, turned, g.KH*g.KW*g.Out, g.In, g.In, false)
			input(got, y, packed, &g)
			checkSame(t, fmt.Sprintf("input %+v", g), got, wantX)
		})
	})
}

// BenchmarkConv gives the best rate of the three products of a convolution of 3×3 taps, images padded by a pixel,
// beside the peak of a core: 32²×64, 28²×32, 14²×64, 8²×256, and a dilated one of one axis.
func BenchmarkConv(b *testing.B) {
	for _, c := range []struct {
		name string
		g    Conv
	}{
		{"32x32x64", square(32, 64)}, {"28x28x32", square(28, 32)}, {"14x14x64", square(14, 64)},
		{"7x7x64", square(7, 64)}, {"8x8x256", square(8, 256)},
		{"360x64/8", Conv{H: 1, W: 376, In: 64, OutH: 1, OutW: 360, Out: 64, KH: 1, KW: 3, StrideH: 1, StrideW: 1,
			DilH: 1, DilW: 8}},
	} {
		g, draw := c.g, normal32(1)
		fill := func(n int) []float32 {
			x := make([]float32, n)
			for i := range x {
				x[i] = draw()
			}
			return x
		}
		x, y, w := fill(g.H*g.W*g.In), fill(g.OutH*g.OutW*g.Out), fill(g.Taps()*g.Out)
		packed, room := fill(PackedLen32(g.Taps(), g.Out)), fill(g.Room(1))
		turned := fill(PackedLen32(g.KH*g.KW*g.Out, g.In))
		flop := 2 * float64(g.OutH*g.OutW*g.Out) * float64(g.Taps())
		for what, f := range map[string]func(){
			"forward": func() { Conv32(y, x, packed, &g) },
			"input":   func() { ConvInput32(x, y, turned, &g) },
			"kernel":  func() { ConvKernel32(w, x, y, room, &g, 1, true) },
		} {
			b.Run(c.name+"/"+what, func(b *testing.B) {
				var rate, peak float64
				for b.Loop() {
					peak = max(peak, Peak())
					clear(w)
					rate = max(rate, flop/float64(best(f).Nanoseconds()))
				}
				b.ReportMetric(rate, "GFLOP/s")
				b.ReportMetric(rate/peak, "of-peak")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func square(n, c int) Conv {
	return Conv{H: n + 2, W: n + 2, In: c, OutH: n, OutW: n, Out: c, KH: 3, KW: 3, StrideH: 1, StrideW: 1, DilH: 1,
		DilW: 1}
}
