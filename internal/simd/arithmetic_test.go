package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The maximum and minimum treat NaN and zeros as Go's max and min do.
func TestMaxMin(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		for _, a := range specials {
			for _, b := range specials {
				var y [1]float64
				Max64(y[:], []float64{a}, []float64{b})
				if want := max(a, b); !sameBits(y[0], want) {
					t.Errorf("Max64(%v, %v) = %v, want %v", a, b, y[0], want)
				}
				Min64(y[:], []float64{a}, []float64{b})
				if want := min(a, b); !sameBits(y[0], want) {
					t.Errorf("Min64(%v, %v) = %v, want %v", a, b, y[0], want)
				}
			}
		}
	})
}

// The simple routines against Go's operators.
func TestArithmetic(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const n = 1000
	a, b, c, y := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	values(r, a, false)
	values(r, b, false)
	values(r, c, false)
	atLevels(t, func(t *testing.T) {
		for _, f := range []struct {
			name string
			run  func()
			want func(a, b, c float64) float64
		}{
			{"Add", func() { Add64(y, a, b) }, func(a, b, _ float64) float64 { return a + b }},
			{"Sub", func() { Sub64(y, a, b) }, func(a, b, _ float64) float64 { return a - b }},
			{"Mul", func() { Mul64(y, a, b) }, func(a, b, _ float64) float64 { return a * b }},
			{"Div", func() { Div64(y, a, b) }, func(a, b, _ float64) float64 { return a / b }},
			{"AddS", func() { AddS64(y, a, 3) }, func(a, _, _ float64) float64 { return a + 3 }},
			{"SubS", func() { SubS64(y, a, 3) }, func(a, _, _ float64) float64 { return a - 3 }},
			{"RSubS", func() { RSubS64(y, a, 3) }, func(a, _, _ float64) float64 { return 3 - a }},
			{"MulS", func() { MulS64(y, a, 3) }, func(a, _, _ float64) float64 { return a * 3 }},
			{"DivS", func() { DivS64(y, a, 3) }, func(a, _, _ float64) float64 { return a / 3 }},
			{"RDivS", func() { RDivS64(y, a, 3) }, func(a, _, _ float64) float64 { return 3 / a }},
			{"MaxS", func() { MaxS64(y, a, 0.1) }, func(a, _, _ float64) float64 { return max(a, 0.1) }},
			{"MinS", func() { MinS64(y, a, 0.1) }, func(a, _, _ float64) float64 { return min(a, 0.1) }},
			{"MulAdd", func() { MulAdd64(y, a, b, c) }, math.FMA},
		} {
			f.run()
			for i := range y {
				if want := f.want(a[i], b[i], c[i]); !sameBits(y[i], want) {
					t.Fatalf("%s: element %d is %v, want %v", f.name, i, y[i], want)
				}
			}
		}
	})
}
