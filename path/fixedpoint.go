package path

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// VSDMFixedPoint returns the D = 1−2A at which a constant variational score stops changing, for data
// of second moment s0 about the path's centre and B = B_T (one mode, ζ = 1): the root of
//
//	e^{−BD} s0 + (1−e^{−BD})/D = 1,
//
// that is, of Var x_T = 1. The variance falls as D grows, from ∞ to 0, so there is one root; s0 = 1
// gives D = 1, where A vanishes. It is found by bisection to the last bit. s0 < 0 or B ≤ 0 gives NaN.
func VSDMFixedPoint(s0, B float64) (D float64) {
	if !(s0 >= 0) || !(B > 0) || math.IsInf(s0, 0) || math.IsInf(B, 0) {
		return math.NaN()
	}
	excess := func(D float64) float64 { return math.Exp(-B*D)*s0 + decay(D, B) - 1 }
	lo, hi := 0., 1.
	for excess(hi) > 0 {
		lo, hi = hi, 2*hi
	}
	for step := 1.; excess(lo) < 0; step *= 2 {
		lo, hi = lo-step, lo
	}
	for {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			return hi
		}
		if excess(mid) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
}

// ConstantFromGaussian returns the A [D,D] of the constant variant at its fixed point for data with the given
// moments and a path centred at their mean: A = (I−D)/2 with D of [VSDMFixedPoint] in the eigenbasis of the
// covariance. It is a warm start, and what learning must find on Gaussian data. Of variances alone it is the
// diagonal of A, [D].
func ConstantFromGaussian(data ito.Gaussian, B float64) ([]float64, error) {
	return fromGaussian(data, B, func(s0 float64) float64 { return (1 - VSDMFixedPoint(s0, B)) / 2 })
}

// LogisticFromGaussian returns the A_T [D,D] of the logistic variant that is the Schrödinger bridge
// from data with the given moments to N(μ,I), for a path centred at their mean: [LogisticEnd] in the
// eigenbasis of the covariance. Of variances alone it is the diagonal of A, [D].
func LogisticFromGaussian(data ito.Gaussian, B float64) ([]float64, error) {
	return fromGaussian(data, B, func(s0 float64) float64 { return LogisticEnd(s0, B) })
}

// LogisticEnd returns A_T of one mode of the logistic variant from the variance s0 of the data and
// B = B_T: A_T = (1−a s0/c)/σ² with c = ½(√(4s0+q²)−q), q = σ²/a, a = e^{−B/2} and σ² = 1−a², the end
// of a [GaussianBridge] from N(0,s0) to N(0,1). It falls from 1/(e^B−1) at s0 = 0 through 0 at s0 = 1 to
// −∞ like −√s0, and a kernel exists for all of them (A_T < 1/σ²).
func LogisticEnd(s0, B float64) float64 {
	// a s0/c = a(√(4s0+q²)+q)/2 = (√(4a²s0+σ⁴)+σ²)/2, which has no quotient; 1 minus it, rationalised
	// to keep its bits where s0 is near 1, is 2a²(1−s0)/(2−σ²+√(4a²s0+σ⁴)).
	a2, v := math.Exp(-B), -math.Expm1(-B)
	return 2 * a2 * (1 - s0) / (2 - v + math.Sqrt(4*a2*s0+v*v)) / v
}

// fromGaussian applies f to the eigenvalues of the covariance.
func fromGaussian(data ito.Gaussian, B float64, f func(s0 float64) float64) ([]float64, error) {
	const where = "moments of the data"
	d := len(data.Mean)
	if err := checkGaussian(where, data, 0); err != nil {
		return nil, err
	}
	if !(B > 0) || math.IsInf(B, 0) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the clock runs to B=%g", B),
			Do: "give a positive B"}
	}
	if data.PerColumn() {
		a := make([]float64, d)
		for k, s0 := range data.Cov {
			if s0 < 0 {
				return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the variance of column %d is %g", k, s0)}
			}
			a[k] = f(s0)
		}
		return a, nil
	}
	cov := append([]float64(nil), data.Cov...)
	if err := checkSymmetric(where, cov, d); err != nil {
		return nil, err
	}
	s, err := eigen(cov, d)
	if err != nil {
		return nil, err
	}
	for k, λ := range s.λ {
		if λ < -1e-9*norm(cov, d) {
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the covariance has the eigenvalue %g", λ)}
		}
		s.λ[k] = f(max(λ, 0))
	}
	return s.with(s.λ), nil
}
