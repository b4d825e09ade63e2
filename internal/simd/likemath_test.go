package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// MathExp64, MathExpm164 and MathLog64 have the bits of package math at every level: over the whole range, next to
// the borders of their cases, and where vector code leaves a chunk to package math.
func TestLikeMath(t *testing.T) {
	if fused() {
		t.Skip("the compiler fuses products and sums of package math in this build")
	}
	borders := []float64{0, math.Copysign(0, -1), 1, math.Inf(1), math.Inf(-1), math.NaN(), 5e-324, 1e-310, 0x1p-1022,
		math.MaxFloat64, 0x1p-54, 709.9, 745, 13, 56 * math.Ln2, math.Sqrt2 / 2, math.Sqrt2}
	for k := range 60 {
		borders = append(borders, float64(k)*math.Ln2/2, (float64(k)+.5)*math.Ln2)
	}
	for _, f := range []struct {
		name   string
		vector func(dst, x []float64)
		math   func(float64) float64
		draw   func(r *rand.Rand) float64
	}{
		{"exp", MathExp64, math.Exp, func(r *rand.Rand) float64 { return 707 * (2*r.Float64() - 1) }},
		{"exp, small", MathExp64, math.Exp, func(r *rand.Rand) float64 { return math.Exp2(-60*r.Float64()) * (2*r.Float64() - 1) }},
		{"expm1", MathExpm164, math.Expm1, func(r *rand.Rand) float64 { return 13 - 60*r.Float64() }},
		{"expm1, far", MathExpm164, math.Expm1, func(r *rand.Rand) float64 { return -707 * r.Float64() }},
		{"expm1, small", MathExpm164, math.Expm1, func(r *rand.Rand) float64 {
			return math.Exp2(-50*r.Float64()) * (2*r.Float64() - 1)
		}},
		{"log", MathLog64, math.Log, func(r *rand.Rand) float64 { return math.Exp2(2040*r.Float64() - 1021) }},
		{"log, near 1", MathLog64, math.Log, func(r *rand.Rand) float64 { return .5 + r.Float64() }},
	} {
		t.Run(f.name, func(t *testing.T) {
			atLevels(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(3, 4))
				check := func(x []float64) {
					dst := append(make([]float64, len(x)), 77)
					f.vector(dst[:len(x):len(x)], x)
					if dst[len(x)] != 77 {
						t.Fatalf("%d elements: written beyond the end", len(x))
					}
					for i, v := range x {
						if want := f.math(v); !sameBits(dst[i], want) {
							t.Fatalf("of %v (%x): %v (%x), package math %v (%x)", v, v, dst[i], dst[i], want, want)
						}
					}
				}
				for n := range 40 {
					x := make([]float64, n)
					for i := range x {
						x[i] = f.draw(r)
					}
					check(x)
				}
				x := make([]float64, 200_000)
				for i := range x {
					x[i] = f.draw(r)
				}
				check(x)
				for _, b := range borders {
					for _, v := range []float64{b, -b, math.Nextafter(b, 1e308), math.Nextafter(b, -1e308)} {
						check([]float64{v})
						check([]float64{1, 2, v, .5, .25, 3, 1, 1, 1})
					}
				}
			})
		})
	}
}

// fused reports that the compiler fuses products and sums, as it may on arm64 and with GOAMD64=v3.
func fused() bool {
	x := 1 + 0x1p-30
	square := float64(x * x)
	return x*x-square != 0
}

func BenchmarkLikeMath(b *testing.B) {
	const n = 784
	x, dst := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = -float64(i+1) / 100
	}
	for _, f := range []struct {
		name string
		run  func(dst, x []float64)
	}{{"exp", MathExp64}, {"math exp", patchMathExp64}, {"expm1", MathExpm164}, {"math expm1", patchMathExpm164},
		{"log", MathLog64}, {"math log", patchMathLog64}} {
		b.Run(f.name, func(b *testing.B) {
			in := x
			if f.name == "log" || f.name == "math log" {
				in = make([]float64, n)
				for i, v := range x {
					in[i] = -v
				}
			}
			for b.Loop() {
				f.run(dst, in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
		})
	}
}
