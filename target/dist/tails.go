package dist

import (
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

// Tails of a distribution are log P(X ≤ x) and log P(X > x), each as exact as the other: what is truncated or censored
// far out keeps its digits. They are computed inside the support; callers guard its ends.

// Between is log P(a < X ≤ b) from the tails at a and b, by the tail that is the smaller.
func Between(belowA, aboveA, belowB, aboveB ad.Value) ad.Value {
	low := ad.Less(belowA, aboveA) // a is left of the median: what is above b is compared with what is above a
	left := ad.Less(belowB, aboveB)
	// both left of the median: F(b) − F(a); otherwise S(a) − S(b)
	byBelow := ad.And(low, left)
	big := ad.Select(byBelow, belowB, aboveA)
	small := ad.Select(byBelow, belowA, aboveB)
	return ad.Add(big, Log1mExp(ad.Sub(small, big)))
}

// Log1mExp is log(1−eᵛ) for v ≤ 0, −∞ at 0.
func Log1mExp(v ad.Value) ad.Value {
	zero := ad.GreaterEqual(v, ad.Zeros(v))
	none := ad.Less(v, constant(v, -700))
	in := ad.Select(ad.Or(zero, none), constant(v, -1), v)
	near := ad.Greater(in, constant(v, -math.Ln2))
	a := ad.Log(ad.Neg(ad.Expm1(ad.Select(near, in, constant(v, -.5)))))
	b := ad.Log1p(ad.Neg(ad.Exp(ad.Select(near, constant(v, -1), in))))
	out := ad.Select(zero, constant(v, math.Inf(-1)), ad.Select(near, a, b))
	return ad.Select(none, ad.Zeros(v), out)
}

// fromAbove completes the tails from the upper one, fromBelow from the lower one.
func fromAbove(s ad.Value) (below, above ad.Value) { return Log1mExp(s), s }
func fromBelow(f ad.Value) (below, above ad.Value) { return f, Log1mExp(f) }

// NormalTails of N(μ, σ²).
func NormalTails(x, mu, sigma ad.Value) (below, above ad.Value) {
	z := ad.Div(ad.Sub(x, mu), sigma)
	return ad.LogNdtr(z), ad.LogNdtr(ad.Neg(z))
}

// HalfNormalTails of |N(0, σ²)|.
func HalfNormalTails(x, sigma ad.Value) (below, above ad.Value) {
	return fromAbove(ad.Shift(ad.LogNdtr(ad.Neg(ad.Div(x, sigma))), math.Ln2))
}

// symmetric makes the tails of a distribution around 0 from log P(X > |z|).
func symmetric(z ad.Value, outer func(abs ad.Value) ad.Value) (below, above ad.Value) {
	far := outer(ad.Max(ad.Abs(z), constant(z, 1e-150)))
	near := Log1mExp(far)
	left := ad.Less(z, ad.Zeros(z))
	return ad.Select(left, far, near), ad.Select(left, near, far)
}

// StudentTTails of ν degrees of freedom: log P(T > t) = log ½I_{ν/(ν+t²)}(ν/2, ½).
func StudentTTails(x, nu, mu, sigma ad.Value) (below, above ad.Value) {
	z := ad.Div(ad.Sub(x, mu), sigma)
	z, nu = ad.Broadcast2("student_t", z, nu)
	return symmetric(z, func(t ad.Value) ad.Value {
		p, _ := ad.LogBetaTails(ad.Scale(nu, .5), constant(nu, .5), ad.Sub(ad.Log(nu), ad.Scale(ad.Log(t), 2)))
		return ad.Shift(p, -math.Ln2)
	})
}

// CauchyTails of location μ and scale σ.
func CauchyTails(x, mu, sigma ad.Value) (below, above ad.Value) {
	return symmetric(ad.Div(ad.Sub(x, mu), sigma), func(t ad.Value) ad.Value {
		return ad.Shift(ad.Log(ad.Atan(ad.Recip(t))), -math.Log(math.Pi))
	})
}

// HalfCauchyTails of |Cauchy(0, σ)|.
func HalfCauchyTails(x, sigma ad.Value) (below, above ad.Value) {
	two := math.Log(2 / math.Pi)
	return ad.Shift(ad.Log(ad.Atan(ad.Div(x, sigma))), two), ad.Shift(ad.Log(ad.Atan(ad.Div(sigma, x))), two)
}

// ExponentialTails of a rate.
func ExponentialTails(x, rate ad.Value) (below, above ad.Value) {
	return fromAbove(ad.Neg(ad.Mul(rate, x)))
}

// GammaTails of shape α and rate β.
func GammaTails(x, alpha, beta ad.Value) (below, above ad.Value) {
	return ad.LogGammaTails(alpha, ad.Mul(beta, x))
}

// InverseGammaTails of shape α and scale β.
func InverseGammaTails(x, alpha, beta ad.Value) (below, above ad.Value) {
	above, below = ad.LogGammaTails(alpha, ad.Div(beta, x))
	return below, above
}

// BetaTails of α and β.
func BetaTails(x, alpha, beta ad.Value) (below, above ad.Value) {
	return ad.LogBetaTails(alpha, beta, ad.Sub(ad.Log(x), log1m(x)))
}

// LaplaceTails of location μ and scale b.
func LaplaceTails(x, mu, b ad.Value) (below, above ad.Value) {
	return symmetric(ad.Div(ad.Sub(x, mu), b), func(t ad.Value) ad.Value { return ad.Shift(ad.Neg(t), -math.Ln2) })
}

// LogisticTails of location μ and scale s.
func LogisticTails(x, mu, s ad.Value) (below, above ad.Value) {
	z := ad.Div(ad.Sub(x, mu), s)
	return ad.Neg(ad.Softplus(ad.Neg(z))), ad.Neg(ad.Softplus(z))
}

// WeibullTails of shape α and scale σ.
func WeibullTails(x, alpha, sigma ad.Value) (below, above ad.Value) {
	return fromAbove(ad.Neg(ad.Exp(ad.Mul(alpha, ad.Sub(ad.Log(x), ad.Log(sigma))))))
}

// ParetoTails of least value m and shape α, at x ≥ m.
func ParetoTails(x, least, alpha ad.Value) (below, above ad.Value) {
	return fromAbove(ad.Mul(alpha, ad.Min(ad.Sub(ad.Log(least), ad.Log(x)), ad.Zeros(ad.Sub(least, x)))))
}

// GumbelTails of location μ and scale β.
func GumbelTails(x, mu, beta ad.Value) (below, above ad.Value) {
	return extreme(ad.Neg(ad.Div(ad.Sub(x, mu), beta)))
}

// FrechetTails of shape α and scale σ.
func FrechetTails(x, alpha, sigma ad.Value) (below, above ad.Value) {
	return extreme(ad.Mul(alpha, ad.Sub(ad.Log(sigma), ad.Log(x))))
}

// extreme are the tails of P(X ≤ x) = exp(−eᵗ): where eᵗ is small, t itself is log P(X > x).
func extreme(t ad.Value) (below, above ad.Value) {
	far := ad.Less(t, constant(t, -40))
	below = ad.Neg(ad.Exp(t))
	_, above = fromBelow(ad.Neg(ad.Exp(ad.Select(far, constant(t, -1), t))))
	return below, ad.Select(far, t, above)
}

// RayleighTails of scale σ.
func RayleighTails(x, sigma ad.Value) (below, above ad.Value) {
	return fromAbove(ad.Scale(ad.Square(ad.Div(x, sigma)), -.5))
}

// UniformTails on [a, b].
func UniformTails(x, a, b ad.Value) (below, above ad.Value) {
	w := ad.Log(ad.Sub(b, a))
	return ad.Sub(ad.Log(ad.Sub(x, a)), w), ad.Sub(ad.Log(ad.Sub(b, x)), w)
}

// BernoulliTails are those of 0; callers clamp 1.
func BernoulliTails(theta ad.Value) (below, above ad.Value) { return log1m(theta), ad.Log(theta) }

// BinomialTails at integers 0 ≤ k < n: P(X > k) = I_θ(k+1, n−k).
func BinomialTails(k, n, logit ad.Value) (below, above ad.Value) {
	rest := ad.Sub(n, k)
	end := ad.LessEqual(rest, ad.Zeros(rest))
	above, below = ad.LogBetaTails(ad.Shift(k, 1), ad.Select(end, constant(rest, 1), rest), logit)
	rest, above = ad.Broadcast2("binomial", rest, above)
	end = ad.LessEqual(rest, ad.Zeros(rest))
	return ad.Select(end, ad.Zeros(above), below), ad.Select(end, impossible(above), above)
}

// PoissonTails at integers k ≥ 0: P(X ≤ k) = Q(k+1, λ).
func PoissonTails(k, lambda ad.Value) (below, above ad.Value) {
	above, below = ad.LogGammaTails(ad.Shift(k, 1), lambda)
	return below, above
}

// NegBinomialTails at integers k ≥ 0 of shape r and the logit of the chance of an end: P(X ≤ k) = I_p(r, k+1).
func NegBinomialTails(k, r, logit ad.Value) (below, above ad.Value) {
	return ad.LogBetaTails(r, ad.Shift(k, 1), logit)
}

// SkewNormalTails: F = Φ(z) − 2T(z, α), T Owen's function, by Gauss–Legendre quadrature of T in the angle. The
// smaller tail has an absolute error of 1e-16.
func SkewNormalTails(x, xi, omega, alpha ad.Value) (below, above ad.Value) {
	z := ad.Div(ad.Sub(x, xi), omega)
	z, alpha = ad.Broadcast2("skew_normal", z, alpha)
	// T(h, a) = 1/2π ∫₀^{atan a} e^{−h²/2cos²θ} dθ
	top := ad.Atan(alpha)
	terms := quadrature(top, func(theta ad.Value) ad.Value {
		c := ad.Cos(theta)
		return ad.Exp(ad.Scale(ad.Square(ad.Div(z, c)), -.5))
	})
	t2 := ad.Scale(terms, 1/math.Pi)
	log := func(p ad.Value) ad.Value { return ad.Log(ad.Max(p, constant(p, 1e-300))) }
	return log(ad.Sub(ad.Exp(ad.LogNdtr(z)), t2)), log(ad.Add(ad.Exp(ad.LogNdtr(ad.Neg(z))), t2))
}

// VonMisesTails on (−π, π): the integral from μ, cut at 13 standard deviations of a normal as narrow, and whole turns.
func VonMisesTails(x, mu, kappa ad.Value) (below, above ad.Value) {
	x, kappa = ad.Broadcast2("von_mises", x, kappa)
	x, mu = ad.Broadcast2("von_mises", x, mu)
	kappa = ad.BroadcastTo(kappa, x.Shape()...)
	logI := ad.Sub(ad.LogBesselI0(kappa), kappa)
	height := ad.Exp(ad.Shift(ad.Neg(logI), -math.Log(2*math.Pi)))
	most := ad.Div(constant(kappa, 13), ad.Sqrt(ad.Shift(kappa, 1e-3)))
	g := func(t ad.Value) ad.Value { // from μ on, and a whole one for every turn
		turns := ad.Floor(ad.Scale(ad.Shift(t, math.Pi), .5/math.Pi))
		t = ad.Sub(t, ad.Scale(turns, 2*math.Pi))
		in := quadrature(ad.Min(ad.Abs(t), most), func(t ad.Value) ad.Value {
			return ad.Exp(ad.Scale(ad.Mul(kappa, ad.Square(ad.Sin(ad.Scale(t, .5)))), -2))
		})
		return ad.Add(turns, ad.Mul(ad.Sign(t), ad.Mul(in, height)))
	}
	d := ad.Sub(x, mu)
	f := ad.Sub(g(d), g(ad.Shift(ad.Neg(mu), -math.Pi)))
	f = ad.Max(ad.Min(f, constant(f, 1)), ad.Zeros(f))
	return ad.Log(f), log1m(f)
}

// quadrature is ∫₀^top f by Gauss–Legendre of 4 panels of 16 points, smooth in top and in what f reads.
func quadrature(top ad.Value, f func(t ad.Value) ad.Value) ad.Value {
	var sum ad.Value
	for p := range 4 {
		for i := range gauss16 {
			for _, s := range []float64{-1, 1} {
				u := (float64(p) + .5 + .5*s*gauss16[i][0]) / 4
				v := ad.Scale(f(ad.Scale(top, u)), gauss16[i][1]/8)
				if sum.IsZero() {
					sum = v
				} else {
					sum = ad.Add(sum, v)
				}
			}
		}
	}
	return ad.Mul(sum, top)
}

// gauss16 are the positive nodes and weights of 16 points on [−1, 1], by Newton's method on P₁₆.
var gauss16 = gauss(16)

func gauss(n int) [][2]float64 {
	out := make([][2]float64, n/2)
	for i := range out {
		x := math.Cos(math.Pi * (float64(i) + .75) / (float64(n) + .5))
		var slope float64
		for range 100 {
			p0, p1 := 1., x
			for k := 2; k <= n; k++ {
				p0, p1 = p1, ((2*float64(k)-1)*x*p1-(float64(k)-1)*p0)/float64(k)
			}
			slope = float64(n) * (x*p1 - p0) / (x*x - 1)
			x -= p1 / slope
		}
		out[i] = [2]float64{x, 2 / ((1 - x*x) * slope * slope)}
	}
	return out
}
