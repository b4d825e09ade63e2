package matrix

import (
	"math"
	"slices"
	"testing"
)

func TestProducts(t *testing.T) {
	a, b := []float64{1, 2, 3, 4}, []float64{5, 6, 7, 8}
	dst := []float64{9, 9, 9, 9} // what was there does not count
	if Multiply(dst, a, b, 2); !slices.Equal(dst, []float64{19, 22, 43, 50}) {
		t.Errorf("a b = %v", dst)
	}
	if MultiplyT(dst, a, Transposed(b, 2), 2); !slices.Equal(dst, []float64{19, 22, 43, 50}) {
		t.Errorf("a (bᵀ)ᵀ = %v", dst)
	}
	if got := Transposed(a, 2); !slices.Equal(got, []float64{1, 3, 2, 4}) {
		t.Errorf("aᵀ = %v", got)
	}
	if got := Dot(a, b); got != 70 {
		t.Errorf("dot %v", got)
	}
	if AddScaled(dst, -2, b); !slices.Equal(dst, []float64{9, 10, 29, 34}) {
		t.Errorf("a b − 2b = %v", dst)
	}
}

func TestRoot(t *testing.T) {
	for name, c := range map[string]struct{ a, want []float64 }{
		"dense":    {[]float64{5, 4, 4, 5}, []float64{2, 1, 1, 2}},
		"singular": {[]float64{2, 2, 2, 2}, []float64{1, 1, 1, 1}},
		"diagonal": {[]float64{9, 0, 0, 4}, []float64{3, 0, 0, 2}},
		"rounding": {[]float64{1, 0, 0, -1e-17}, []float64{1, 0, 0, 0}},
	} {
		got, ok := Root(c.a, 2)
		for i := range c.want {
			if !ok || math.Abs(got[i]-c.want[i]) > 1e-14 {
				t.Errorf("%s: %v, want %v", name, got, c.want)
				break
			}
		}
	}
}
