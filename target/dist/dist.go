// Package dist holds log densities over traced values, to write targets with.
//
// Every function returns the normalised log density or log mass, elementwise, and broadcasts its arguments as
// every operation of package ad does; densities of vectors take the last axis. Parameters are Stan's. Nothing
// is checked: outside its support a density returns some finite or NaN value. Where an argument may leave the
// support, guard it with [Within].
package dist

import (
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

var logSqrt2Pi = .5 * math.Log(2*math.Pi)

// Within is lp where lo ≤ x ≤ hi and −∞ elsewhere. lp may be NaN there, but not its gradient's operands: the
// gradient of the side that is not taken is zero.
func Within(lp, x ad.Value, lo, hi float64) ad.Value {
	out := ad.Shift(ad.Zeros(lp), math.Inf(-1))
	if !math.IsInf(lo, -1) {
		lp = ad.Select(ad.Less(x, constant(x, lo)), out, lp)
	}
	if !math.IsInf(hi, 1) {
		lp = ad.Select(ad.Greater(x, constant(x, hi)), out, lp)
	}
	return lp
}

func constant(like ad.Value, c float64) ad.Value { return ad.Shift(ad.Zeros(like), c) }

// Normal is N(x; μ, σ²), σ the standard deviation.
func Normal(x, mu, sigma ad.Value) ad.Value {
	z := ad.Div(ad.Sub(x, mu), sigma)
	return ad.Sub(ad.Scale(ad.Square(z), -.5), ad.Shift(ad.Log(sigma), logSqrt2Pi))
}

// HalfNormal is the density of |N(0, σ²)| at x ≥ 0.
func HalfNormal(x, sigma ad.Value) ad.Value {
	return ad.Shift(Normal(x, ad.Zeros(x), sigma), math.Ln2)
}

// StudentT has ν degrees of freedom, location μ and scale σ.
func StudentT(x, nu, mu, sigma ad.Value) ad.Value {
	z := ad.Div(ad.Sub(x, mu), sigma)
	half := ad.Scale(ad.Shift(nu, 1), .5)
	tail := ad.Mul(half, ad.Log1p(ad.Div(ad.Square(z), nu)))
	norm := ad.Sub(ad.Sub(ad.Lgamma(half), ad.Lgamma(ad.Scale(nu, .5))), ad.Scale(ad.Log(ad.Scale(nu, math.Pi)), .5))
	return ad.Sub(ad.Sub(norm, ad.Log(sigma)), tail)
}

// Cauchy has location μ and scale σ.
func Cauchy(x, mu, sigma ad.Value) ad.Value {
	z := ad.Div(ad.Sub(x, mu), sigma)
	return ad.Neg(ad.Add(ad.Shift(ad.Log1p(ad.Square(z)), math.Log(math.Pi)), ad.Log(sigma)))
}

// HalfCauchy is the density of |Cauchy(0, σ)| at x ≥ 0.
func HalfCauchy(x, sigma ad.Value) ad.Value {
	return ad.Shift(Cauchy(x, ad.Zeros(x), sigma), math.Ln2)
}

// Exponential is λe^{−λx} at x ≥ 0.
func Exponential(x, rate ad.Value) ad.Value { return ad.Sub(ad.Log(rate), ad.Mul(rate, x)) }

// Gamma is β^α x^{α−1} e^{−βx}/Γ(α) at x > 0: shape α, rate β.
func Gamma(x, alpha, beta ad.Value) ad.Value {
	norm := ad.Sub(ad.Mul(alpha, ad.Log(beta)), ad.Lgamma(alpha))
	return ad.Add(norm, ad.Sub(ad.Mul(ad.Shift(alpha, -1), ad.Log(x)), ad.Mul(beta, x)))
}

// InverseGamma is β^α x^{−α−1} e^{−β/x}/Γ(α) at x > 0: shape α, scale β.
func InverseGamma(x, alpha, beta ad.Value) ad.Value {
	norm := ad.Sub(ad.Mul(alpha, ad.Log(beta)), ad.Lgamma(alpha))
	return ad.Sub(norm, ad.Add(ad.Mul(ad.Shift(alpha, 1), ad.Log(x)), ad.Div(beta, x)))
}

// Beta is x^{α−1}(1−x)^{β−1}/B(α,β) at 0 < x < 1.
func Beta(x, alpha, beta ad.Value) ad.Value {
	norm := ad.Sub(ad.Lgamma(ad.Add(alpha, beta)), ad.Add(ad.Lgamma(alpha), ad.Lgamma(beta)))
	return ad.Add(norm, ad.Add(ad.Mul(ad.Shift(alpha, -1), ad.Log(x)), ad.Mul(ad.Shift(beta, -1), ad.Log1p(ad.Neg(x)))))
}

// LogNormal is the density of e^{N(μ,σ²)} at x > 0.
func LogNormal(x, mu, sigma ad.Value) ad.Value {
	y := ad.Log(x)
	return ad.Sub(Normal(y, mu, sigma), y)
}

// Laplace is e^{−|x−μ|/b}/2b.
func Laplace(x, mu, b ad.Value) ad.Value {
	return ad.Neg(ad.Add(ad.Div(ad.Abs(ad.Sub(x, mu)), b), ad.Shift(ad.Log(b), math.Ln2)))
}

// Logistic is e^{−z}/s(1+e^{−z})², z = (x−μ)/s.
func Logistic(x, mu, s ad.Value) ad.Value {
	z := ad.Div(ad.Sub(x, mu), s)
	return ad.Neg(ad.Add(ad.Add(ad.Softplus(z), ad.Softplus(ad.Neg(z))), ad.Log(s)))
}

// Uniform is 1/(b−a) at a ≤ x ≤ b.
func Uniform(x, a, b ad.Value) ad.Value {
	return ad.Sub(ad.Zeros(x), ad.Log(ad.Sub(b, a)))
}
