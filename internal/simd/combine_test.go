package simd

import (
	"fmt"
	"math"
	"testing"
)

// Combinations of every number of terms and many lengths are the chains that they say they are, at every level, also in
// place.
func TestCombine64(t *testing.T) {
	draw := normal64(1)
	atLevels(t, func(t *testing.T) {
		for terms := 1; terms <= MaxTerms; terms++ {
			for _, n := range []int{0, 1, 2, 7, 8, 9, 31, 32, 33, 71, 256, chunk + 10} {
				in, coef := make([][]float64, terms), make([]float64, terms)
				for j := range in {
					in[j], coef[j] = make([]float64, n+j%2), draw()
					for i := range in[j] {
						in[j][i] = draw()
					}
				}
				if n > 3 {
					in[0][3] = math.NaN()
				}
				want := make([]float64, n)
				for i := range want {
					want[i] = coef[0] * in[0][i]
					for j := 1; j < terms; j++ {
						want[i] = math.FMA(coef[j], in[j][i], want[i])
					}
				}
				dst := make([]float64, n)
				Combine64(dst, coef, in)
				checkSame(t, fmt.Sprint(terms, n), dst, want)
				last := in[terms-1][:n]
				Combine64(last, coef, in)
				checkSame(t, fmt.Sprint("in place ", terms, n), last, want)
			}
		}
	})
}

func TestPlane64(t *testing.T) {
	draw := normal64(2)
	atLevels(t, func(t *testing.T) {
		for terms := 1; terms <= MaxTerms; terms++ {
			for _, n := range []int{0, 2, 6, 8, 10, 32, 34, 70, 256, chunk + 10} {
				in, coef, shift := make([][]float64, terms), make([][4]float64, terms), [2]float64{draw(), draw()}
				for j := range in {
					in[j], coef[j] = make([]float64, n), [4]float64{draw(), draw(), draw(), draw()}
					for i := range in[j] {
						in[j][i] = draw()
					}
				}
				if n > 3 {
					in[0][3] = math.Inf(1)
				}
				want := make([]float64, n)
				for i := 0; i < n; i += 2 {
					x, y := shift[0], shift[1]
					for j, a := range coef {
						u, v := in[j][i], in[j][i+1]
						x = math.FMA(a[1], v, math.FMA(a[0], u, x))
						y = math.FMA(a[2], u, math.FMA(a[3], v, y))
					}
					want[i], want[i+1] = x, y
				}
				dst := make([]float64, n)
				Plane64(dst, shift, coef, in)
				checkSame(t, fmt.Sprint(terms, n), dst, want)
				Plane64(in[0], shift, coef, in)
				checkSame(t, fmt.Sprint("in place ", terms, n), in[0], want)
			}
		}
	})
}

func TestCombineAllocatesNothing(t *testing.T) {
	x, y := make([]float64, 103), make([]float64, 103)
	if n := testing.AllocsPerRun(10, func() {
		Combine64(x, []float64{1, 2}, [][]float64{x, y})
		Plane64(x[:102], [2]float64{}, [][4]float64{{1}, {2}}, [][]float64{x, y})
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
