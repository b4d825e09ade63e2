package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Every routine gives the same bits at every level, for all short lengths and some long ones, and writes
// nothing outside its slices.
func TestFlatLevelsAgree(t *testing.T) {
	lengths := []int{100, 127, 128, 129, 1000, chunk - 1, chunk, chunk + 1, 3*chunk + 17}
	for n := range 71 {
		lengths = append(lengths, n)
	}
	agree(t, flat32(), lengths)
	agree(t, flat64(), lengths)
}

func agree[T real](t *testing.T, list []routine[T], lengths []int) {
	before := level
	defer func() { level = before }()
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range lengths {
		in := make([][]T, 3)
		for i := range in {
			in[i] = make([]T, n)
			values(r, in[i], n%2 == 1)
		}
		for _, f := range list {
			var want [2][]T
			for l := portable; l <= detect(); l++ {
				level = l
				out := [2][]T{make([]T, n+2), make([]T, n+2)}
				for i := range out {
					out[i][0], out[i][n+1] = 77, 78
				}
				f.run(out[0][1:n+1:n+1], out[1][1:n+1:n+1], in[0], in[1], in[2])
				if l == portable {
					want = out
				}
				for i := range out {
					for j, v := range out[i] {
						if !sameBits(v, want[i][j]) && !tiny(v, want[i][j]) {
							t.Fatalf("%s of %d %T at %v: output %d[%d] is %v (%x), portable %v (%x); inputs %v %v",
								f.name, n, v, l, i, j-1, v, v, want[i][j], want[i][j], in[0][max(0, min(n, j)-1)],
								in[1][max(0, min(n, j)-1)])
						}
					}
				}
			}
		}
	}
}

// tiny reports whether a and b are zero, denormal or next to it, where a step on the way may be denormal: those
// may differ.
func tiny[T real](a, b T) bool {
	least := 0x1p-126
	if _, ok := any(a).(float64); ok {
		least = 0x1p-1022
	}
	return math.Abs(float64(a)) <= 4*least && math.Abs(float64(b)) <= 4*least
}

// An element's value does not depend on its place in the vector: a denormal in the tail, say.
func TestPlaceDoesNotMatter(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		sameAnywhere(t, flat32(), 0x1p-130)
		sameAnywhere(t, flat64(), 0x1p-1030)
	})
}

func sameAnywhere[T real](t *testing.T, list []routine[T], denormal float64) {
	reduces := []string{"Sum", "SumRows", "ColSumAcc", "ColMaxAcc", "BiasSiLUDual", "BiasGELUDual"}
	const n = 37
	for _, f := range list {
		if slices.Contains(reduces, f.name) || strings.HasSuffix(f.name, "PerRow") || strings.HasSuffix(f.name,
			"Periodic") {
			continue
		}
		for _, v := range []float64{denormal, -denormal, 0.3} {
			a, b, y, z := make([]T, n), make([]T, n), make([]T, n), make([]T, n)
			for i := range a {
				a[i], b[i] = T(v), 0.5
			}
			f.run(y, z, a, b, b)
			for i := range y {
				if !sameBits(y[i], y[0]) || !sameBits(z[i], z[0]) {
					t.Errorf("%s(%v) at %d is %v, at 0 %v", f.name, v, i, y[i], y[0])
					break
				}
			}
		}
	}
}

// FuzzUnary compares the levels for arbitrary bits.
func FuzzUnary(f *testing.F) {
	for _, v := range specials {
		f.Add(math.Float64bits(v))
	}
	f.Add(math.Float64bits(0x1.000000000003p-1022))
	f.Fuzz(func(t *testing.T, bits uint64) {
		x64 := math.Float64frombits(bits)
		x32 := math.Float32frombits(uint32(bits))
		before := level
		defer func() { level = before }()
		for _, u := range unaries {
			var want32, got32 [1]float32
			var want64, got64 [1]float64
			level = portable
			u.f32(want32[:], []float32{x32})
			u.f64(want64[:], []float64{x64})
			for l := avx2; l <= detect(); l++ {
				level = l
				u.f32(got32[:], []float32{x32})
				u.f64(got64[:], []float64{x64})
				if !sameBits(got32[0], want32[0]) && !tiny(got32[0], want32[0]) && !tiny(x32, 0) {
					t.Errorf("%s32(%x) is %x at %v, portable %x", u.name, x32, got32, l, want32)
				}
				if !sameBits(got64[0], want64[0]) && !tiny(got64[0], want64[0]) && !tiny(x64, 0) {
					t.Errorf("%s64(%x) is %x at %v, portable %x", u.name, x64, got64, l, want64)
				}
			}
		}
	})
}
