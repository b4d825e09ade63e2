package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// atEveryLevel8 runs f at every level that the processor has, with the instructions for bytes and without; a level that
// it lacks is said.
func atEveryLevel8(t *testing.T, f func(t *testing.T)) {
	best, unit := level, vnniUnit
	defer func() { level, vnniUnit = best, unit }()
	for _, l := range []lvl{portable, avx2, avx512} {
		for _, with := range []bool{false, true} {
			name := fmt.Sprint(l)
			if with {
				name += " with VNNI"
			}
			switch {
			case with && l != avx512:
				continue
			case l > detect() || with && !unit:
				t.Run(name, func(t *testing.T) {
					t.Skipf("SKIPPED: this processor lacks %s: the portable twin of the same integers was run", name)
				})
				continue
			}
			level, vnniUnit = l, with
			t.Run(name, f)
		}
	}
}

// bytes8 are the whole numbers of x on the grid, by the definition in float64 of the rounded quotient.
func bytes8(x []float32, g Grid8) []int64 {
	q := make([]int64, len(x))
	for i, v := range x {
		u := math.RoundToEven(float64(float32(v*(1/g.Scale)))) + float64(g.Zero)
		q[i] = int64(min(max(u, 0), 255)) - int64(g.Zero)
	}
	return q
}

// weights8 are the bytes and scales of the columns of B [k,n], by the definition.
func weights8(b []float32, k, n int) (q []int64, scale []float32) {
	q, scale = make([]int64, k*n), make([]float32, n)
	for j := range n {
		most := float32(0)
		for p := range k {
			most = max(most, float32(math.Abs(float64(b[p*n+j]))))
		}
		scale[j] = most / 127
		for p := range k {
			if scale[j] > 0 {
				q[p*n+j] = int64(math.RoundToEven(float64(float32(b[p*n+j] * (1 / scale[j])))))
			}
		}
	}
	return q, scale
}

// The integer path is the product of the numbers that the bytes stand for, in integers, to the bit, at every level:
// every size that ends a vector, a panel, a word, and sums of more words than a strip.
func TestInt8Products(t *testing.T) {
	sizes := []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 64, 65, 100, 130, 257, 300}
	atEveryLevel8(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for trial := range 80 {
			m, n, k := sizes[r.IntN(len(sizes))], sizes[r.IntN(len(sizes))], sizes[r.IntN(len(sizes))]
			if trial == 0 {
				m, n, k = 3, 5, 20000
			}
			g := Grid8{Scale: .02 + .05*r.Float32(), Zero: uint8(r.IntN(256))}
			a, b := someNormals(r, m*k), someNormals(r, k*n)
			if trial%5 == 1 { // the largest sums that there are
				for i := range a {
					a[i] = 1e9
				}
				for i := range b {
					b[i] = -3
				}
			}
			if n > 1 { // a column of zeros
				for p := range k {
					b[p*n+1] = 0
				}
			}
			qa := bytes8(a, g)
			qb, scale := weights8(b, k, n)
			bt := make([]float32, n*k)
			Transpose32(bt, k, b, n, k, n)
			for _, trans := range []bool{false, true} {
				packed, c := make([]float32, Packed8Len(1, k, n)), make([]float32, m*n)
				if trans {
					Pack8(packed, bt, 1, k, n, k, true)
				} else {
					Pack8(packed, b, 1, k, n, n, false)
				}
				Gemm8(c, n, a, k, packed, m, n, k, g)
				for i := range m {
					for j := range n {
						sum := int64(0)
						for p := range k {
							sum += qa[i*k+p] * qb[p*n+j]
						}
						if want := float32(sum) * (g.Scale * scale[j]); c[i*n+j] != want {
							t.Fatalf("%d×%d×%d trans %v %+v: C[%d,%d] is %v, not %v", m, n, k, trans, g, i, j, c[i*n+j],
								want)
						}
					}
				}
			}
		}
	})
}

// A convolution is the one of the numbers that the bytes stand for, in integers, to the bit, at every level.
func TestInt8Conv(t *testing.T) {
	atEveryLevel8(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for range 40 {
			c := Conv{In: 1 + r.IntN(9), Out: 1 + r.IntN(40), KH: 1 + r.IntN(3), KW: 1 + r.IntN(3),
				StrideH: 1 + r.IntN(2), StrideW: 1 + r.IntN(2), DilH: 1 + r.IntN(2), DilW: 1 + r.IntN(2),
				OutH: 1 + r.IntN(6), OutW: 1 + r.IntN(12)}
			c.H = (c.OutH-1)*c.StrideH + (c.KH-1)*c.DilH + 1 + r.IntN(2)
			c.W = (c.OutW-1)*c.StrideW + (c.KW-1)*c.DilW + 1 + r.IntN(2)
			g := Grid8{Scale: .03, Zero: uint8(r.IntN(256))}
			x, kernel := someNormals(r, c.H*c.W*c.In), someNormals(r, c.Taps()*c.Out)
			qx := bytes8(x, g)
			qk, scale := weights8(kernel, c.Taps(), c.Out)
			packed, y := make([]float32, Packed8Len(c.KH*c.KW, c.In, c.Out)), make([]float32, c.OutH*c.OutW*c.Out)
			Pack8(packed, kernel, c.KH*c.KW, c.In, c.Out, c.Out, false)
			Conv8(y, x, packed, &c, g)
			for i := range c.OutH {
				for j := range c.OutW {
					for o := range c.Out {
						sum := int64(0)
						for p := range c.KH {
							for q := range c.KW {
								for in := range c.In {
									at := ((i*c.StrideH+p*c.DilH)*c.W+j*c.StrideW+q*c.DilW)*c.In + in
									sum += qx[at] * qk[((p*c.KW+q)*c.In+in)*c.Out+o]
								}
							}
						}
						got, want := y[(i*c.OutW+j)*c.Out+o], float32(sum)*(g.Scale*scale[o])
						if got != want {
							t.Fatalf("%+v: y[%d,%d,%d] is %v, not %v", c, i, j, o, got, want)
						}
					}
				}
			}
		}
	})
}

// Rows, columns and images that are not finite give NaN and leave others as they are.
func TestInt8NotFinite(t *testing.T) {
	atEveryLevel8(t, func(t *testing.T) {
		const m, n, k = 9, 37, 70
		r := rand.New(rand.NewPCG(9, 9))
		g := Grid8{Scale: .05, Zero: 100}
		for _, odd := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
			for _, at := range []int{0, 33, 69} {
				a, b := someNormals(r, m*k), someNormals(r, n*k)
				plain, c := make([]float32, m*n), make([]float32, m*n)
				packed := make([]float32, Packed8Len(1, k, n))
				Pack8(packed, b, 1, k, n, k, true)
				Gemm8(plain, n, a, k, packed, m, n, k, g)
				a[4*k+at], b[11*k+at] = odd, odd
				Pack8(packed, b, 1, k, n, k, true)
				Gemm8(c, n, a, k, packed, m, n, k, g)
				for i, v := range c {
					if isNaN := v != v; isNaN != (i/n == 4 || i%n == 11) || !isNaN && v != plain[i] {
						t.Fatalf("%v at %d: C[%d,%d] is %v beside %v", odd, at, i/n, i%n, v, plain[i])
					}
				}
				cv := Conv{H: 7, W: 10, In: 1, OutH: 6, OutW: 10, Out: 3, KH: 2, KW: 1, StrideH: 1, StrideW: 1,
					DilH: 1, DilW: 1}
				kernel := make([]float32, Packed8Len(2, 1, 3))
				Pack8(kernel, []float32{1, 2, 3, 4, 5, 6}, 2, 1, 3, 3, false)
				y := make([]float32, 180)
				Conv8(y, a[4*k:][:70], kernel, &cv, g)
				if !slices.ContainsFunc(y, func(v float32) bool { return v == v }) != true {
					t.Fatalf("%v at %d: an image gives %v", odd, at, y)
				}
			}
		}
	})
}

// Rounded columns are packed to the same bytes again, and an error is at most half a step.
func TestInt8Columns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const n, k = 50, 77
	b := someNormals(r, n*k)
	was := slices.Clone(b)
	for j, s := range Columns8(b, n, k) {
		for p := range k {
			q := float64(b[j*k+p]) / float64(s)
			if math.Abs(q-math.Round(q)) > 1e-4 || math.Abs(q) > 127.001 {
				t.Fatalf("column %d: %v is %v steps", j, b[j*k+p], q)
			}
			if e := math.Abs(float64(b[j*k+p] - was[j*k+p])); e > .5001*float64(s) {
				t.Fatalf("column %d: %v became %v, step %v", j, was[j*k+p], b[j*k+p], s)
			}
		}
	}
	again := slices.Clone(b)
	Columns8(again, n, k)
	for i, v := range again {
		if math.Abs(float64(v-b[i])) > 1e-6*math.Abs(float64(v)) {
			t.Fatalf("%v is rounded again to %v", b[i], v)
		}
	}
}

// BenchmarkInt8 compares the products, rounding of A included, with those of float32 and of bfloat16.
func BenchmarkInt8(b *testing.B) {
	for _, n := range []int{64, 128, 256, 512, 1024} {
		x, y, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
		for i := range x {
			x[i], y[i] = float32(i%7)-3, float32(i%5)-2
		}
		packed := make([]float32, max(PackedLen32(n, n), Packed8Len(1, n, n)))
		rate := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(2*float64(n)*float64(n)*float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GOP/s")
			})
		}
		Pack32(packed, y, n, n, n, true)
		rate("f32", func() { Gemm32(c, n, x, n, packed, n, n, n, false) })
		PackBF16(packed, y, n, n, n, true)
		rate("bf16", func() { GemmBF16(c, n, x, n, packed, n, n, n, false) })
		Pack8(packed, y, 1, n, n, n, true)
		rate("int8", func() { Gemm8(c, n, x, n, packed, n, n, n, Grid8{Scale: .1, Zero: 128}) })
		rate("pack f32", func() { Pack32(packed, y, n, n, n, true) })
		rate("pack int8", func() { Pack8(packed, y, 1, n, n, n, true) })
	}
}

// BenchmarkInt8Conv compares convolutions of 3×3 taps, images of 32×32 and 16×16 pixels.
func BenchmarkInt8Conv(b *testing.B) {
	for _, s := range []struct{ size, in int }{{32, 32}, {16, 64}, {8, 128}} {
		g := Conv{H: s.size + 2, W: s.size + 2, In: s.in, OutH: s.size, OutW: s.size, Out: s.in, KH: 3, KW: 3,
			StrideH: 1, StrideW: 1, DilH: 1, DilW: 1}
		x, y := make([]float32, g.H*g.W*g.In), make([]float32, g.OutH*g.OutW*g.Out)
		kernel := make([]float32, g.Taps()*g.Out)
		for i := range x {
			x[i] = float32(i%7) - 3
		}
		for i := range kernel {
			kernel[i] = float32(i%5) - 2
		}
		packed := make([]float32, max(PackedLen32(g.Taps(), g.Out), Packed8Len(9, g.In, g.Out)))
		rate := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", name, s.size, s.size, s.in), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(2*float64(len(y)*g.Taps())*float64(b.N)/b.Elapsed().Seconds()/1e9, "GOP/s")
			})
		}
		Pack32(packed, kernel, g.Taps(), g.Out, g.Out, false)
		rate("f32", func() { Conv32(y, x, packed, &g) })
		Pack8(packed, kernel, 9, g.In, g.Out, g.Out, false)
		rate("int8", func() { Conv8(y, x, packed, &g, Grid8{Scale: .1, Zero: 128}) })
	}
}
