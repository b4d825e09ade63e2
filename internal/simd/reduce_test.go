package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Sums against sums of higher precision.
func TestSum(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	atLevels(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 2, 3, 17, 64, 65, 1000, reduceChunk + 5, 3 * reduceChunk} {
			x := make([]float32, n)
			values(r, x, false)
			var sum, abs float64
			for _, v := range x {
				sum += float64(v)
				abs += math.Abs(float64(v))
			}
			if got := Sum32(x); math.Abs(float64(got)-sum) > abs*0x1p-18 {
				t.Errorf("Sum32 of %d: %v, want %v ± %v", n, got, sum, abs*0x1p-18)
			}
		}
	})
}

// ColSumAcc adds in the order of the rows, whatever the shape.
func TestColSumAcc(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	atLevels(t, func(t *testing.T) {
		for _, s := range [][3]int{{0, 3, 3}, {1, 1, 1}, {5, 70, 80}, {100, 3, 5}, {3, 40000, 40001}, {9000, 5, 6}} {
			rows, cols, ld := s[0], s[1], s[2]
			x, acc, want := make([]float64, rows*ld), make([]float64, cols), make([]float64, cols)
			values(r, x, false)
			values(r, acc, false)
			copy(want, acc)
			for i := range rows {
				for j := range cols {
					want[j] += x[i*ld+j]
				}
			}
			ColSumAcc64(acc, x, rows, cols, ld)
			if !slices.Equal(acc, want) {
				t.Errorf("%v differs from the sequential sum", s)
			}
		}
	})
}

// SumRows has the bits of Sum, row by row, whatever the length and the number of rows.
func TestSumRows(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	atLevels(t, func(t *testing.T) {
		for _, s := range [][2]int{{0, 3}, {4, 0}, {1, 1}, {5, 3}, {700, 16}, {33, 64}, {9, 65}, {2, reduceChunk + 3},
			{600, 200}} {
			rows, cols := s[0], s[1]
			x, dst := make([]float32, rows*cols), make([]float32, rows)
			values(r, x, true)
			SumRows32(dst, x, cols)
			for i, v := range dst {
				if want := Sum32(x[i*cols : (i+1)*cols]); !sameBits(v, want) {
					t.Fatalf("row %d of %v is %v, want %v", i, s, v, want)
				}
			}
		}
	})
}

// ColMaxAcc takes the largest number of a column, passes over NaN, and keeps one that it begins from.
func TestColMaxAcc(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	atLevels(t, func(t *testing.T) {
		for _, s := range [][3]int{{0, 3, 3}, {1, 1, 1}, {5, 70, 80}, {100, 3, 5}, {3, 40000, 40001}, {9000, 5, 6}} {
			rows, cols, ld := s[0], s[1], s[2]
			x, acc := make([]float32, rows*ld), make([]float32, cols)
			values(r, x, true)
			values(r, acc, true)
			want := slices.Clone(acc)
			for j := range want {
				for i := range rows {
					if v := x[i*ld+j]; v > want[j] {
						want[j] = v
					}
				}
			}
			ColMaxAcc32(acc, x, rows, cols, ld)
			for j := range want {
				if !sameBits(acc[j], want[j]) {
					t.Fatalf("%v: column %d is %v, want %v", s, j, acc[j], want[j])
				}
			}
		}
	})
}

// ExpSub and SubMul have the bits of two passes.
func TestSoftmaxPasses(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	atLevels(t, func(t *testing.T) {
		for _, s := range [][2]int{{1, 1}, {5, 48}, {48, 35}, {3, chunk + 5}} {
			rows, cols := s[0], s[1]
			a, b, p := make([]float32, rows*cols), make([]float32, rows*cols), make([]float32, cols)
			values(r, a, true)
			values(r, b, true)
			values(r, p, false)
			got, want := make([]float32, rows*cols), make([]float32, rows*cols)
			same := func(name string) {
				for i := range want {
					if !sameBits(got[i], want[i]) && !tiny(got[i], want[i]) {
						t.Fatalf("%s of %v: element %d is %v, want %v", name, s, i, got[i], want[i])
					}
				}
			}
			SubPeriodic32(want, a, p, rows, cols)
			Exp32(want, want)
			ExpSub32(got, a, p, rows, cols)
			same("ExpSub")
			SubPeriodic32(want, a, p, rows, cols)
			Mul32(want, want, b)
			SubMul32(got, a, b, p, rows, cols)
			same("SubMul")
		}
	})
}
