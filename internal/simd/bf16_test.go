package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// dot is what a pair adds to a sum, the second product first.
func dot(sum float32, a, b uint32) float32 {
	at := func(w uint32, i int) float32 { return math.Float32frombits(w >> (16 * i) << 16) }
	for _, i := range []int{1, 0} {
		sum = float32(math.FMA(float64(at(a, i)), float64(at(b, i)), float64(sum)))
	}
	return sum
}

func someNormals(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// The products are those of the definition to the bit where the processor has the instruction, and equal to products
// of rounded numbers within float32's rounding everywhere, for all sizes that end a vector, a panel or a pair.
func TestBF16Products(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	sizes := []int{1, 2, 3, 7, 8, 9, 16, 17, 31, 32, 33, 40, 64, 65, 100, 130, 257, 300}
	for trial := range 120 {
		m, n, k := sizes[r.IntN(len(sizes))], sizes[r.IntN(len(sizes))], sizes[r.IntN(len(sizes))]
		if trial == 0 {
			m, n, k = 3, 5, 9000 // more terms than a strip sums
		}
		gap, acc := r.IntN(3), trial%2 == 1
		a, b := someNormals(r, m*(k+gap)), someNormals(r, k*(n+gap))
		bt, at := someNormals(r, n*(k+gap)), someNormals(r, k*(m+gap))
		c := someNormals(r, m*(n+gap))
		ra, rb, rbt, rat := rounded(a), rounded(b), rounded(bt), rounded(at)
		for _, form := range []string{"NN", "NT", "TN"} {
			got := append([]float32(nil), c...)
			packed := make([]float32, PackedLen32(k, n))
			switch form {
			case "NN":
				PackBF16(packed, b, k, n, n+gap, false)
				GemmBF16(got, n+gap, a, k+gap, packed, m, n, k, acc)
			case "NT":
				PackBF16(packed, bt, k, n, k+gap, true)
				GemmBF16(got, n+gap, a, k+gap, packed, m, n, k, acc)
			case "TN":
				GemmTNBF16(got, n+gap, at, m+gap, b, n+gap, k, n, m, acc)
			}
			for i := range m {
				for j := range n {
					x := func(p int) (float32, float32) {
						if p >= k {
							return 0, 0
						}
						switch form {
						case "NN":
							return ra[i*(k+gap)+p], rb[p*(n+gap)+j]
						case "NT":
							return ra[i*(k+gap)+p], rbt[j*(k+gap)+p]
						}
						return rat[p*(m+gap)+i], rb[p*(n+gap)+j]
					}
					sum, size := 0., 0.
					exact := float32(0)
					if acc {
						exact = c[i*(n+gap)+j]
						sum, size = float64(exact), math.Abs(float64(exact))
					}
					for p := 0; p < k; p += 2 {
						x0, y0 := x(p)
						x1, y1 := x(p + 1)
						sum += float64(x0)*float64(y0) + float64(x1)*float64(y1)
						size += math.Abs(float64(x0)*float64(y0)) + math.Abs(float64(x1)*float64(y1))
						exact = dot(exact, couple(x0, x1), couple(y0, y1))
					}
					v := got[i*(n+gap)+j]
					if math.Abs(float64(v)-sum) > 1e-6*float64(8+k)*size/8 {
						t.Fatalf("%s %d×%d×%d acc %v: C[%d,%d] is %v, not %v", form, m, n, k, acc, i, j, v, sum)
					}
					if HasBF16() && v != exact {
						t.Fatalf("%s %d×%d×%d acc %v: C[%d,%d] is %v, by the definition %v", form, m, n, k, acc, i, j, v,
							exact)
					}
				}
			}
		}
	}
}

func rounded(x []float32) []float32 {
	y := make([]float32, len(x))
	RoundBF16(y, x)
	return y
}

// Vector code rounds as the definition does: ties to even, denormal numbers to zero, infinities and NaN as they are.
func TestBF16Rounding(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	x := []float32{0, 1, -1, 1.00390625, 1.01171875, float32(math.Inf(1)), float32(math.Inf(-1)), 1e-40, -1e-40,
		math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 1.1754944e-38, float32(math.NaN())}
	for len(x) < 64*101 {
		x = append(x, math.Float32frombits(r.Uint32()))
	}
	along, panels := make([]uint32, len(x)/2), make([]uint32, 64*104)
	coupleAlong(along, x, len(x), 1, len(x))
	coupleRows(panels, 32*32, x, 101, 64, 101, 32)
	same := func(got uint16, x float32, where string) {
		t.Helper()
		if want := half(x); got != want && !(x != x && got&0x7f80 == 0x7f80 && got&0x7f != 0) {
			t.Fatalf("%s: %v (%#x) is rounded to %#x, not %#x", where, x, math.Float32bits(x), got, want)
		}
	}
	for i, v := range x {
		same(uint16(along[i/2]>>(i%2*16)), v, "along")
		p, j := i/101, i%101
		same(uint16(panels[j/32*32*32+p/2*32+j%32]>>(p%2*16)), v, fmt.Sprint("rows ", p, j))
	}
	if half(1.00390625) != 0x3f80 || half(1.01171875) != 0x3f82 {
		t.Fatal("ties do not go to even")
	}
}

// BenchmarkBF16 compares the products with those of float32.
func BenchmarkBF16(b *testing.B) {
	for _, n := range []int{64, 128, 256, 512, 1024} {
		x, y, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
		for i := range x {
			x[i], y[i] = float32(i%7)-3, float32(i%5)-2
		}
		packed := make([]float32, PackedLen32(n, n))
		rate := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(2*float64(n)*float64(n)*float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
		Pack32(packed, y, n, n, n, false)
		rate("f32", func() { Gemm32(c, n, x, n, packed, n, n, n, false) })
		PackBF16(packed, y, n, n, n, false)
		rate("bf16", func() { GemmBF16(c, n, x, n, packed, n, n, n, false) })
		rate("tn32", func() { GemmTN32(c, n, x, n, y, n, n, n, n, false) })
		rate("tnbf16", func() { GemmTNBF16(c, n, x, n, y, n, n, n, n, false) })
	}
}

// Rounding in vectors is that of one number for every kind of it, at every end of a vector.
func TestRoundBF16IsHalf(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{0, 1, 7, 8, 9, 31, 4096, 100003} {
		x, got := make([]float32, n), make([]float32, n)
		for i := range x {
			bits := r.Uint32()
			switch r.IntN(8) {
			case 0:
				bits &= 0x807fffff // zero or denormal
			case 1:
				bits |= 0x7f800000 // NaN, seldom an infinity
			case 2:
				bits = bits&0x80000000 | 0x7f800000
			case 3:
				bits = bits&0xffff0000 | 0x8000 // a tie
			case 4:
				bits = bits&0x80000000 | 0x7f7fffff // the largest
			}
			x[i] = math.Float32frombits(bits)
		}
		RoundBF16(got, x)
		for i, v := range x {
			if want := uint32(half(v)) << 16; math.Float32bits(got[i]) != want {
				t.Fatalf("number %d of %d: %x is rounded to %x, want %x", i, n, math.Float32bits(v),
					math.Float32bits(got[i]), want)
			}
		}
		RoundBF16(x, x)
		for i := range x {
			if math.Float32bits(x[i]) != math.Float32bits(got[i]) {
				t.Fatalf("number %d of %d in its place", i, n)
			}
		}
	}
}
