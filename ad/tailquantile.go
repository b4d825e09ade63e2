package ad

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// gammaQuantile is x with P(a, x) = p: gonum's, and where the chance or x is small, which gonum makes 0 or NaN,
// Newton's method in log x on the series P = xᵃe⁻ˣ/Γ(a+1)·(1 + x/(a+1) + x²/(a+1)(a+2) + …). log P is concave in log x
// and below its first term, so that the steps rise to the root from that term's.
func gammaQuantile(p, a, _ float64) float64 {
	if !(p > 0 && p < 1 && a > 0) || math.IsInf(a, 1) {
		return mathext.GammaIncRegInv(a, p)
	}
	logGamma, _ := math.Lgamma(a + 1)
	want := math.Log(p) + logGamma
	y := want / a
	if p > 1e-8 && y > -10 {
		return mathext.GammaIncRegInv(a, p)
	}
	for range 200 {
		x := math.Exp(y)
		sum, term := 1., 1.
		for k := 1.; term > 1e-17*sum && k < 1e4; k++ {
			term *= x / (a + k)
			sum += term
		}
		step := (want - (a*y - x + math.Log(sum))) * sum / a
		if y += step; math.Abs(step) < 1e-15*math.Abs(y)+1e-300 {
			break
		}
	}
	return math.Exp(y)
}

// betaQuantile is x with I_x(a, b) = p: gonum's, and by halving where that misses.
func betaQuantile(p, a, b float64) float64 {
	x := mathext.InvRegIncBeta(a, b, p)
	if !(p > 0 && p < 1 && a > 0 && b > 0) || math.IsInf(a+b, 1) {
		return x
	}
	if x > 0 && x < 1 {
		if f := mathext.RegIncBeta(a, b, x); math.Abs(f-p) <= 1e-4*p {
			return x
		}
	}
	lo, hi := 0., 1.
	for range 1200 { // the exponents of x, then its digits
		mid := .5 * (lo + hi)
		if lo == 0 && hi > 1e-300 && hi < .25 {
			mid = hi * hi
		}
		if lo > 0 && hi > 2*lo {
			mid = math.Sqrt(lo) * math.Sqrt(hi)
		}
		if mid <= lo || mid >= hi {
			break
		}
		if mathext.RegIncBeta(a, b, mid) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}
