package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Every level adds the terms of a sum in their order, whatever stands beside it, with differences on either side of
// the bound, at infinity and not a number.
func TestCutSums(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, terms := range []int{0, 1, 5, 100, cutPart + 3} {
			v := make([]float64, terms)
			for k := range v {
				v[k] = 4 * r.NormFloat64()
			}
			for _, n := range []int{0, 1, 3, 4, 31, 32, 33, 70} {
				x, want := make([]float64, n+1), make([]float64, n)
				for i := range want {
					x[i] = []float64{4 * r.NormFloat64(), math.Inf(1), math.Inf(-1), math.NaN()}[max(0, r.IntN(12)-8)]
					for _, l := range v {
						d := x[i] - l
						switch {
						case d > 10:
							d = 10
						case d < -10:
							d = -10
						}
						want[i] += d
					}
				}
				x[n] = 77
				CutSums64(x[:n:n], v, 10)
				for i, w := range want {
					if !sameBits(x[i], w) {
						t.Fatalf("%d sums of %d terms: sum %d is %v, want %v", n, terms, i, x[i], w)
					}
				}
				if x[n] != 77 {
					t.Fatal("written beyond the end")
				}
			}
		}
	})
}
