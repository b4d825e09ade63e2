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
