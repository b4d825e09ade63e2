package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Reductions against sums of higher precision.
func TestReductions(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	atLevels(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 2, 3, 17, 64, 65, 1000, reduceChunk + 5, 3 * reduceChunk} {
			x, y := make([]float32, n), make([]float32, n)
			values(r, x, false)
			values(r, y, false)
			var sum, dot, abs float64
			for i, v := range x {
				sum += float64(v)
				abs += math.Abs(float64(v)) * (1 + math.Abs(float64(y[i])))
				dot += float64(v) * float64(y[i])
			}
			for _, c := range []struct {
				name      string
				got       float32
				want, tol float64
			}{
				{"Sum32", Sum32(x), sum, abs * 0x1p-18},
				{"Dot32", Dot32(x, y), dot, abs * 0x1p-18},
			} {
				if float64(c.got) != c.want && !(math.Abs(float64(c.got)-c.want) <= c.tol) {
					t.Errorf("%s of %d: %v, want %v ± %v", c.name, n, c.got, c.want, c.tol)
				}
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
