package ad

import (
	"math"
	"testing"
)

// Quantiles of small chances and of values near 0, by scipy 1.17: s.gammaincinv(a, p) and s.betaincinv(a, b, p).
func TestTailQuantiles(t *testing.T) {
	for _, c := range []struct{ p, a, want float64 }{
		{.5, .01, 4.465535018910562e-31}, {.1, .01, 5.660738147062073e-101}, {1e-10, .5, math.Pi / 4 * 1e-20},
		{1e-24, 3, 1.8171205928321398e-08 * (1 + 4.5428e-9)}, {1e-40, 30, 0.5694167856794176},
		{.5, 3, 2.6740603137235603},
	} {
		if got := gammaQuantile(c.p, c.a, 0); !(math.Abs(got/c.want-1) < 1e-9) {
			t.Errorf("gamma(%v) at %v: %.15g, want %.15g", c.a, c.p, got, c.want)
		}
	}
	for _, c := range []struct{ p, a, b, want float64 }{
		{1e-10, 300, .1, 0.9413040846622605}, {1e-15, 300, .1, 0.9070635239130098},
		{1e-20, 300, .1, 0.8736939510499254},
		{1e-20, 2, 3, 4.082482904749741e-11}, {1e-5, .03, 3, 4.896560236967472e-168},
		{.5, .03, 3, 2.100025553805051e-11},
	} {
		if got := betaQuantile(c.p, c.a, c.b); !(math.Abs(got/c.want-1) < 1e-7) {
			t.Errorf("beta(%v, %v) at %v: %.15g, want %.15g", c.a, c.b, c.p, got, c.want)
		}
	}
}
