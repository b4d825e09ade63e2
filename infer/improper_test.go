package infer

import (
	"math"
	"slices"
	"testing"
)

// independent is a target of independent coordinates, without a gradient.
func independent(logs ...func(x float64) float64) row {
	return row{d: len(logs), f: func(x, g []float64) float64 {
		sum := 0.
		for j, l := range logs {
			sum += l(x[j])
		}
		return sum
	}}
}

// Flat, growing and 1/|x| coordinates are found, on either side; normal, Cauchy and half-infinite ones are not.
func TestImproper(t *testing.T) {
	normal := func(x float64) float64 { return -x * x / 2 }
	cauchy := func(x float64) float64 { return -math.Log1p(x * x) }
	flat := func(float64) float64 { return 0 }
	slow := func(x float64) float64 { return -math.Log1p(x*x) / 2 }
	up := func(x float64) float64 { return x }
	step := func(x float64) float64 { return -math.Log1p(math.Exp(-x)) } // e^x on the left, 1 on the right
	cut := func(x float64) float64 {
		if math.Abs(x) > 3 {
			return math.Inf(-1)
		}
		return 0
	}
	target := independent(normal, flat, cauchy, slow, up, cut, step)
	got, err := Improper(t.Context(), target, 1)
	if want := []int{1, 3, 4, 6}; err != nil || !slices.Equal(got, want) {
		t.Errorf("coordinates %v, want %v (%v)", got, want, err)
	}
}
