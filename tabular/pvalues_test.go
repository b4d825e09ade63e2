package tabular

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: %.6g, want %.6g ± %g", what, got, want, tol)
	}
}

// Against published values and counts of all cases.
func TestPValues(t *testing.T) {
	near(t, "tea (Fisher 1935)", sharesP(3, 4, 1, 4), 34./70, 1e-9)
	near(t, "equal shares", sharesP(5, 50, 5, 50), 1, 1e-9)
	near(t, "one side", sharesP(0, 8, 8, 8), 2./12870, 1e-12)
	near(t, "all of three among four of six", novelP(3, 4, 2), 4./20, 1e-12)
	near(t, "none", novelP(0, 4, 2), 1, 0)
	// 1.3581 is the 5 % point of Kolmogorov's law
	e := math.Sqrt(1e6 / 2)
	near(t, "Kolmogorov", ksP(1.3581/(e+.12+.11/e), 1e6, 1e6), .05, 1e-4)
	// χ² = 100/3 on 2 degrees of freedom: exp(−χ²/2)
	p, w := countsP([]float64{50, 30, 20}, []float64{20, 30, 50})
	χ2 := 2 * (225./35 + 0 + 225./35)
	near(t, "χ²", p, math.Exp(-χ2/2), 1e-12)
	near(t, "w", w, math.Sqrt((χ2-2)/200), 1e-12)
	// cells that are too rare count together: 3+3 of each are one
	p, _ = countsP([]float64{97, 3, 0}, []float64{97, 0, 3})
	near(t, "rare cells", p, 1, 1e-9)
	near(t, "tail", normalP(1.959964), .025, 1e-7)
}
