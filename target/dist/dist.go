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
	lnu, exact := ad.ExactLog(nu)
	if exact { // beyond this it is normal to the bit
		lnu = ad.Min(lnu, constant(lnu, math.Log(1e300)))
		nu = ad.Exp(lnu)
	} else {
		lnu = ad.Log(nu)
	}
	z := ad.Div(ad.Div(ad.Sub(x, mu), sigma), ad.Sqrt(nu))
	tail := ad.Mul(ad.Scale(ad.Shift(nu, 1), .5), ad.Log1pSquare(z))
	// log Γ(h+½)/Γ(h)√h with h = ν/2, whose powers cancel before they are rounded.
	h := ad.Scale(nu, .5)
	ratio := ad.Mul(ad.Shift(h, -.5), ad.Softplus(ad.Neg(lnu)))
	norm := ad.Shift(ad.Add(ratio, ad.Sub(ad.Stirling(ad.Shift(h, .5)), ad.Stirling(h))), -.5-logSqrt2Pi)
	return ad.Sub(ad.Sub(norm, ad.Log(sigma)), tail)
}

// Cauchy has location μ and scale σ.
func Cauchy(x, mu, sigma ad.Value) ad.Value {
	z := ad.Div(ad.Sub(x, mu), sigma)
	return ad.Neg(ad.Add(ad.Shift(ad.Log1pSquare(z), math.Log(math.Pi)), ad.Log(sigma)))
}

// HalfCauchy is the density of |Cauchy(0, σ)| at x ≥ 0.
func HalfCauchy(x, sigma ad.Value) ad.Value {
	lx, ok := ad.ExactLog(x)
	if !ok {
		return ad.Shift(Cauchy(x, ad.Zeros(x), sigma), math.Ln2)
	}
	ls := ad.Log(sigma)
	return ad.Shift(ad.Neg(ad.Add(ad.Softplus(ad.Scale(ad.Sub(lx, ls), 2)), ls)), math.Log(2/math.Pi))
}

// Exponential is λe^{−λx} at x ≥ 0.
func Exponential(x, rate ad.Value) ad.Value { return ad.Sub(ad.Log(rate), ad.Mul(rate, x)) }

// Gamma is β^α x^{α−1} e^{−βx}/Γ(α) at x > 0: shape α, rate β.
func Gamma(x, alpha, beta ad.Value) ad.Value {
	lb := ad.Log(beta)
	return guarded(x, 0, func(x ad.Value) ad.Value {
		lx := ad.Log(x)
		return ad.Sub(logGamma(alpha, ad.Add(lb, lx)), lx)
	}, func(x ad.Value) ad.Value { return ad.Add(timesLog(ad.Shift(alpha, -1), x, ad.Log), lb) })
}

// InverseGamma is β^α x^{−α−1} e^{−β/x}/Γ(α) at x > 0, 0 at 0: shape α, scale β.
func InverseGamma(x, alpha, beta ad.Value) ad.Value {
	return guarded(x, 0, func(x ad.Value) ad.Value {
		lx := ad.Log(x)
		return ad.Sub(logGamma(alpha, ad.Sub(ad.Log(beta), lx)), lx)
	}, impossible)
}

// logGamma is the log density of log t at logt, where t has a gamma of shape α and rate 1.
func logGamma(alpha, logt ad.Value) ad.Value {
	la := ad.Log(alpha)
	return ad.Sub(ad.Sub(la, ad.Stirling(alpha)), ad.DevianceLog(alpha, logt, ad.Sub(logt, la)))
}

// Beta is x^{α−1}(1−x)^{β−1}/B(α,β) at 0 < x < 1.
func Beta(x, alpha, beta ad.Value) ad.Value {
	la, lb := ad.Log(alpha), ad.Log(beta)
	a, b := ad.Softplus(ad.Sub(lb, la)), ad.Softplus(ad.Sub(la, lb)) // log n/α and log n/β, n = α+β
	ln := ad.Add(la, a)
	norm := ad.Sub(ad.Add(ad.Sub(lb, a), ad.Stirling(ad.Add(alpha, beta))), ad.Add(ad.Stirling(alpha),
		ad.Stirling(beta)))
	inner := func(x ad.Value) ad.Value {
		lx, ly := ad.Log(x), log1m(x)
		dev := ad.Add(ad.DevianceLog(alpha, ad.Add(ln, lx), ad.Add(a, lx)), ad.DevianceLog(beta, ad.Add(ln, ly),
			ad.Add(b, ly)))
		return ad.Sub(ad.Sub(norm, ad.Add(lx, ly)), dev)
	}
	return guarded(x, 0, func(x ad.Value) ad.Value {
		return guarded(x, 1, inner,
			func(x ad.Value) ad.Value { return ad.Add(timesLog(ad.Shift(beta, -1), x, log1m), la) })
	}, func(x ad.Value) ad.Value { return ad.Add(timesLog(ad.Shift(alpha, -1), x, ad.Log), lb) })
}

// LogNormal is the density of e^{N(μ,σ²)} at x > 0, 0 at 0.
func LogNormal(x, mu, sigma ad.Value) ad.Value {
	return guarded(x, 0, func(x ad.Value) ad.Value {
		y := ad.Log(x)
		return ad.Sub(Normal(y, mu, sigma), y)
	}, impossible)
}

// guarded is f(x), and edge(x) where x is the bound, at which f would be 0·∞ or ∞−∞. What has an exact logarithm
// never reaches its bound.
func guarded(x ad.Value, bound float64, f, edge func(x ad.Value) ad.Value) ad.Value {
	if _, ok := ad.ExactLog(x); ok {
		return f(x)
	}
	on := ad.Equal(x, constant(x, bound))
	return ad.Select(on, edge(x), f(ad.Select(on, constant(x, .5), x)))
}

func impossible(x ad.Value) ad.Value { return constant(x, math.Inf(-1)) }

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
