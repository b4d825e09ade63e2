package metric

import (
	"math"
	"testing"
)

func TestKS(t *testing.T) {
	near(t, "disjoint sets", KS([]float64{1, 2}, []float64{3, 4, 5}), 1, 0)
	near(t, "equal sets", KS([]float64{2, 1}, []float64{1, 2}), 0, 0)
	near(t, "ties", KS([]float64{1, 1, 2}, []float64{1, 2, 2}), 1./3, 1e-15)
	near(t, "one against the uniform law", KSAgainst([]float64{.5}, func(x float64) float64 { return x }), .5, 0)
	near(t, "a tail", KSAgainst([]float64{.9, .95}, func(x float64) float64 { return x }), .9, 1e-15)
	for _, v := range []float64{KS(nil, []float64{1}), KS([]float64{math.NaN()}, []float64{1}), KSAgainst(nil, nil)} {
		if !math.IsNaN(v) {
			t.Errorf("got %v, want NaN", v)
		}
	}
	// 1 % of seeds exceed this.
	x := normals(2000, 1, 1).X
	if d := KSAgainst(x, func(v float64) float64 { return .5 * math.Erfc(-v/math.Sqrt2) }); d > 1.63/math.Sqrt(2000) {
		t.Errorf("normals against the normal law: %v", d)
	}
	if d := KS(x, normals(3000, 1, 2).X); d > 1.63*math.Sqrt(1./2000+1./3000) {
		t.Errorf("normals against normals: %v", d)
	}
}
