package model

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// aboveOf lists the quantiles of the logarithm of a chance above, x with log P(X > x) = s: far out on the right 1−p has
// no digits, and further out the chance itself is below the smallest float64. A family that is not here, and is not one
// of integers, has its draws of a bounded part from the quantile alone.
func aboveOf() map[string]func(s ad.Value, a []ad.Value) ad.Value {
	type v = ad.Value
	scaled := func(mu, sigma, z v) v { return ad.Add(mu, ad.Mul(sigma, z)) }
	normal := func(s v, a []v) v { return scaled(a[0], a[1], normalAbove(s)) }
	mirrored := func(name string) func(s v, a []v) v { // of a family around a[k]: 2μ less the quantile of the chance
		q := limitsOf()[name].quantile
		return func(s v, a []v) v {
			mu := a[0]
			if name == "student_t" {
				mu = a[1]
			}
			return ad.Sub(ad.Scale(mu, 2), q(ad.Exp(s), a))
		}
	}
	inverse := func(s v, alpha, beta v) v { return ad.Div(beta, ad.GammaQuantile(ad.Exp(s), alpha)) }
	half := func(a []v) v { return ad.Scale(a[0], .5) }
	// log(−log(1−eˢ)): s itself where eˢ is small
	gumbel := func(s v) v {
		far := ad.Less(s, constantLike(s, -40))
		return ad.Select(far, s, ad.Log(ad.Neg(ad.Log1p(ad.Neg(ad.Exp(ad.Select(far, constantLike(s, -1), s)))))))
	}
	return map[string]func(s v, a []v) v{
		"normal":      normal,
		"lognormal":   func(s v, a []v) v { return ad.Exp(normal(s, a)) },
		"half_normal": func(s v, a []v) v { return ad.Mul(a[0], normalAbove(ad.Shift(s, -math.Ln2))) },
		"exponential": func(s v, a []v) v { return ad.Neg(ad.Div(s, a[0])) },
		"weibull":     func(s v, a []v) v { return ad.Mul(a[1], ad.Pow(ad.Neg(s), ad.Recip(a[0]))) },
		"rayleigh":    func(s v, a []v) v { return ad.Mul(a[0], ad.Sqrt(ad.Scale(s, -2))) },
		"pareto":      func(s v, a []v) v { return ad.Mul(a[0], ad.Exp(ad.Neg(ad.Div(s, a[1])))) },
		"gumbel":      func(s v, a []v) v { return ad.Sub(a[0], ad.Mul(a[1], gumbel(s))) },
		"frechet":     func(s v, a []v) v { return ad.Mul(a[1], ad.Exp(ad.Neg(ad.Div(gumbel(s), a[0])))) },
		"logistic": func(s v, a []v) v {
			return scaled(a[0], a[1], ad.Sub(ad.Log1p(ad.Neg(ad.Exp(s))), s))
		},
		"laplace": func(s v, a []v) v { // of chances below ½
			return ad.Sub(a[0], ad.Mul(a[1], ad.Shift(s, math.Ln2)))
		},
		"cauchy":         func(s v, a []v) v { return scaled(a[0], a[1], cotangent(s, math.Pi)) },
		"half_cauchy":    func(s v, a []v) v { return ad.Mul(a[0], cotangent(s, .5*math.Pi)) },
		"student_t":      mirrored("student_t"),
		"gamma":          func(s v, a []v) v { return ad.Div(gammaAbove(s, a[0]), a[1]) },
		"chi_square":     func(s v, a []v) v { return ad.Scale(gammaAbove(s, half(a)), 2) },
		"inverse_gamma":  func(s v, a []v) v { return inverse(s, a[0], a[1]) },
		"inv_chi_square": func(s v, a []v) v { return inverse(s, half(a), constantLike(s, .5)) },
		"beta":           func(s v, a []v) v { return ad.Shift(ad.Neg(ad.BetaQuantile(ad.Exp(s), a[1], a[0])), 1) },
	}
}

func constantLike(x ad.Value, c float64) ad.Value { return ad.Shift(ad.Zeros(x), c) }

// cotangent is cot(c·eˢ), by its first term where the sine has no digits to lose.
func cotangent(s ad.Value, c float64) ad.Value {
	far := ad.Less(s, constantLike(s, -30))
	t := ad.Scale(ad.Exp(ad.Select(far, constantLike(s, -1), s)), c)
	return ad.Select(far, ad.Scale(ad.Exp(ad.Neg(s)), 1/c), ad.Div(ad.Cos(t), ad.Sin(t)))
}

// leastLog is the logarithm below which a chance is no float64.
const leastLog = -690.

// normalAbove is z with log Φ(−z) = s.
func normalAbove(s ad.Value) ad.Value {
	far := ad.Less(s, constantLike(s, leastLog))
	near := ad.Neg(ad.Ndtri(ad.Exp(ad.Select(far, constantLike(s, leastLog), s))))
	return ad.Select(far, ad.QuantileOf("normal_above", normalFarAbove, s, s, s), near)
}

// normalFarAbove is Newton's method on log Φ(−z) = −½z² − log z√2π + log(1 − z⁻² + 3z⁻⁴ − 15z⁻⁶), z above 37.
func normalFarAbove(s, _, _ float64) float64 {
	z := math.Sqrt(-2 * s)
	for range 6 {
		w := 1 / (z * z)
		f := -.5*z*z - math.Log(z*math.Sqrt(2*math.Pi)) + math.Log1p(-w*(1-w*(3-15*w)))
		z += (f - s) / (z + 1/z)
	}
	return z
}

// gammaAbove is x with log Q(α, x) = s, by a step of Newton on the logarithm.
func gammaAbove(s, alpha ad.Value) ad.Value {
	s, alpha = ad.Broadcast2("gamma", s, alpha)
	x := ad.QuantileOf("gamma_above", func(s, a, _ float64) float64 {
		if s < leastLog {
			return math.NaN()
		}
		return mathext.GammaIncRegCompInv(a, math.Exp(s))
	}, s, alpha, alpha)
	_, above := ad.LogGammaTails(alpha, x)
	density := dist.Gamma(x, alpha, constantLike(x, 1))
	step := ad.Mul(ad.Sub(above, s), ad.Exp(ad.StopGradient(ad.Sub(above, density))))
	return ad.Add(x, ad.Select(ad.Less(ad.Abs(step), ad.Shift(ad.Scale(x, .1), 1e-300)), step, ad.Zeros(step)))
}

// countAbove is the least integer k ≥ from with log P(X > k) ≤ s, by halving between from and twice as far as a step
// that doubles reaches: 128 log tails an element.
func (d *distribution) countAbove(s, from ad.Value, a []ad.Value) ad.Value {
	from, s = ad.Broadcast2(d.name, from, s)
	reached := func(k ad.Value) ad.Value {
		_, above := d.guardedTails(k, append([]ad.Value{}, a...))
		return ad.LessEqual(ad.BroadcastTo(above, k.Shape()...), s)
	}
	one := constantLike(from, 1)
	// reach: from + 2ⁱ − 1 until the tail is light enough
	last, _ := ad.Loop(64, []ad.Value{ad.Shift(from, -1), from, one}, nil, func(_ ad.Value, c, _ []ad.Value) (next,
		ys []ad.Value) {
		done := reached(c[1])
		return []ad.Value{ad.Select(done, c[0], c[1]), ad.Select(done, c[1], ad.Add(c[1], c[2])),
			ad.Select(done, c[2], ad.Scale(c[2], 2))}, nil
	})
	last, _ = ad.Loop(64, last[:2], nil, func(_ ad.Value, c, _ []ad.Value) (next, ys []ad.Value) {
		mid := ad.Floor(ad.Scale(ad.Add(c[0], c[1]), .5))
		mid = ad.Max(mid, c[0])
		done := ad.Or(reached(mid), ad.LessEqual(mid, c[0]))
		hi := ad.Select(ad.LessEqual(mid, c[0]), c[1], mid)
		return []ad.Value{ad.Select(done, c[0], mid), ad.Select(done, hi, c[1])}, nil
	})
	return last[1]
}
