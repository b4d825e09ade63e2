package model

import (
	"math"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// limits are the tails and the quantile of a family.
type limits struct {
	tails    func(x ad.Value, a []ad.Value) (below, above ad.Value)
	quantile func(p ad.Value, a []ad.Value) ad.Value
}

// limitsOf lists those of every family of numbers; beta_binomial's come from its number of trials.
func limitsOf() map[string]limits {
	type v = ad.Value
	at := func(like v, c float64) v { return ad.Shift(ad.Zeros(like), c) }
	logit := func(p v) v { return ad.Sub(ad.Log(p), ad.Log1p(ad.Neg(p))) }
	tan := func(x v) v { return ad.Div(ad.Sin(x), ad.Cos(x)) }
	exponential := func(p v) v { return ad.Neg(ad.Log1p(ad.Neg(p))) } // of rate 1
	scaled := func(mu, s, q v) v { return ad.Add(mu, ad.Mul(s, q)) }
	// the quantile of a symmetric t by that of a beta: |t| = √(ν(1−b)/b) with I_b(ν/2, ½) = 2 min(p, 1−p)
	studentT := func(p v, a []v) v {
		nu := a[0]
		p, nu = ad.Broadcast2("student_t", p, nu)
		outer := ad.Scale(ad.Min(p, ad.Shift(ad.Neg(p), 1)), 2)
		mid := ad.GreaterEqual(outer, at(p, 1))
		c := ad.BetaQuantile(ad.Select(mid, at(p, .5), ad.Shift(ad.Neg(outer), 1)), at(nu, .5), ad.Scale(nu, .5)) // 1−b
		t := ad.Sqrt(ad.Mul(nu, odds(c)))
		far := ad.BetaQuantile(ad.Select(mid, at(p, .5), outer), ad.Scale(nu, .5), at(nu, .5))
		t = ad.Select(ad.Less(outer, at(p, .5)), ad.Sqrt(ad.Div(nu, odds(far))), t)
		t = ad.Select(mid, ad.Zeros(t), t)
		return scaled(a[1], a[2], ad.Mul(ad.Sign(ad.Shift(p, -.5)), t))
	}
	gammaTails := func(x v, a []v) (v, v) { return dist.GammaTails(x, a[0], a[1]) }
	gamma := func(p v, a []v) v { return ad.Div(ad.GammaQuantile(p, a[0]), a[1]) }
	inverse := func(p v, a []v) v { return ad.Div(a[1], ad.GammaQuantile(ad.Shift(ad.Neg(p), 1), a[0])) }
	halves := func(a []v) []v { return []v{ad.Scale(a[0], .5), at(a[0], .5)} }
	counts := func(theta func(v) v) limits {
		return limits{func(x v, a []v) (v, v) { return dist.BinomialTails(x, a[0], theta(a[1])) },
			func(p v, a []v) v { return ad.BinomialQuantile(p, a[0], ad.Sigmoid(theta(a[1]))) }}
	}
	coin := func(chance func(v) v) limits {
		return limits{func(x v, a []v) (v, v) {
			p := chance(a[0])
			below, above := dist.BernoulliTails(p)
			return ad.Add(below, ad.Zeros(x)), ad.Add(above, ad.Zeros(x))
		}, func(p v, a []v) v {
			c := ad.Shift(ad.Neg(chance(a[0])), 1)
			p, c = ad.Broadcast2("bernoulli", p, c)
			return ad.Cast(ad.Greater(p, c), ad.F64)
		}}
	}
	same := func(x v) v { return x }
	poisson := func(mean func(v) v) limits {
		return limits{func(x v, a []v) (v, v) { return dist.PoissonTails(x, mean(a[0])) },
			func(p v, a []v) v { return ad.PoissonQuantile(p, mean(a[0])) }}
	}
	negative := func(r, logit func(a []v) v) limits {
		return limits{func(x v, a []v) (v, v) { return dist.NegBinomialTails(x, r(a), logit(a)) },
			func(p v, a []v) v { return ad.NegBinomialQuantile(p, r(a), ad.Sigmoid(logit(a))) }}
	}
	normalAt := func(p v) v { return ad.Ndtri(p) }
	return map[string]limits{
		"normal": {func(x v, a []v) (v, v) { return dist.NormalTails(x, a[0], a[1]) },
			func(p v, a []v) v { return scaled(a[0], a[1], normalAt(p)) }},
		"half_normal": {func(x v, a []v) (v, v) { return dist.HalfNormalTails(x, a[0]) },
			func(p v, a []v) v { return ad.Mul(a[0], ad.Neg(normalAt(ad.Scale(ad.Shift(ad.Neg(p), 1), .5)))) }},
		"student_t": {func(x v, a []v) (v, v) { return dist.StudentTTails(x, a[0], a[1], a[2]) }, studentT},
		"cauchy": {func(x v, a []v) (v, v) { return dist.CauchyTails(x, a[0], a[1]) },
			func(p v, a []v) v { return scaled(a[0], a[1], tan(ad.Scale(ad.Shift(p, -.5), math.Pi))) }},
		"half_cauchy": {func(x v, a []v) (v, v) { return dist.HalfCauchyTails(x, a[0]) },
			func(p v, a []v) v { return ad.Mul(a[0], tan(ad.Scale(p, .5*math.Pi))) }},
		"exponential": {func(x v, a []v) (v, v) { return dist.ExponentialTails(x, a[0]) },
			func(p v, a []v) v { return ad.Div(exponential(p), a[0]) }},
		"gamma":         {gammaTails, gamma},
		"inverse_gamma": {func(x v, a []v) (v, v) { return dist.InverseGammaTails(x, a[0], a[1]) }, inverse},
		"chi_square": {func(x v, a []v) (v, v) { return gammaTails(x, halves(a)) },
			func(p v, a []v) v { return gamma(p, halves(a)) }},
		"inv_chi_square": {func(x v, a []v) (v, v) {
			h := halves(a)
			return dist.InverseGammaTails(x, h[0], h[1])
		}, func(p v, a []v) v { return inverse(p, halves(a)) }},
		"beta": {func(x v, a []v) (v, v) { return dist.BetaTails(x, a[0], a[1]) },
			func(p v, a []v) v { return ad.BetaQuantile(p, a[0], a[1]) }},
		"lognormal": {func(x v, a []v) (v, v) { return dist.NormalTails(ad.Log(x), a[0], a[1]) },
			func(p v, a []v) v { return ad.Exp(scaled(a[0], a[1], normalAt(p))) }},
		"laplace": {func(x v, a []v) (v, v) { return dist.LaplaceTails(x, a[0], a[1]) },
			func(p v, a []v) v {
				c := ad.Shift(p, -.5)
				return ad.Sub(a[0], ad.Mul(a[1], ad.Mul(ad.Sign(c), ad.Log1p(ad.Scale(ad.Abs(c), -2)))))
			}},
		"logistic": {func(x v, a []v) (v, v) { return dist.LogisticTails(x, a[0], a[1]) },
			func(p v, a []v) v { return scaled(a[0], a[1], logit(p)) }},
		"uniform": {func(x v, a []v) (v, v) { return dist.UniformTails(x, a[0], a[1]) },
			func(p v, a []v) v { return scaled(a[0], ad.Sub(a[1], a[0]), p) }},
		"weibull": {func(x v, a []v) (v, v) { return dist.WeibullTails(x, a[0], a[1]) },
			func(p v, a []v) v { return ad.Mul(a[1], ad.Pow(exponential(p), ad.Recip(a[0]))) }},
		"pareto": {func(x v, a []v) (v, v) { return dist.ParetoTails(x, a[0], a[1]) },
			func(p v, a []v) v { return ad.Mul(a[0], ad.Exp(ad.Div(exponential(p), a[1]))) }},
		"gumbel": {func(x v, a []v) (v, v) { return dist.GumbelTails(x, a[0], a[1]) },
			func(p v, a []v) v { return ad.Sub(a[0], ad.Mul(a[1], ad.Log(ad.Neg(ad.Log(p))))) }},
		"frechet": {func(x v, a []v) (v, v) { return dist.FrechetTails(x, a[0], a[1]) },
			func(p v, a []v) v { return ad.Mul(a[1], ad.Pow(ad.Neg(ad.Log(p)), ad.Neg(ad.Recip(a[0])))) }},
		"rayleigh": {func(x v, a []v) (v, v) { return dist.RayleighTails(x, a[0]) },
			func(p v, a []v) v { return ad.Mul(a[0], ad.Sqrt(ad.Scale(exponential(p), 2))) }},
		"skew_normal": {func(x v, a []v) (v, v) { return dist.SkewNormalTails(x, a[0], a[1], a[2]) },
			func(p v, a []v) v {
				z := ad.QuantileOf("skew_normal", skewNormalQuantile, p, a[2], a[2])
				return implicit(scaled(a[0], a[1], z), p,
					func(x v) (v, v) { return dist.SkewNormalTails(x, a[0], a[1], a[2]) },
					func(x v) v { return dist.SkewNormal(x, a[0], a[1], a[2]) })
			}},
		"von_mises": {func(x v, a []v) (v, v) { return dist.VonMisesTails(x, a[0], a[1]) },
			func(p v, a []v) v {
				return implicit(ad.QuantileOf("von_mises", vonMisesQuantile, p, a[0], a[1]), p,
					func(x v) (v, v) { return dist.VonMisesTails(x, a[0], a[1]) },
					func(x v) v { return dist.VonMises(x, a[0], a[1]) })
			}},
		"bernoulli":       coin(same),
		"bernoulli_logit": coin(ad.Sigmoid),
		"binomial":        counts(logit),
		"binomial_logit":  counts(same),
		"poisson":         poisson(same),
		"poisson_log":     poisson(ad.Exp),
		"neg_binomial":    negative(func(a []v) v { return a[0] }, func(a []v) v { return ad.Log(a[1]) }),
		"neg_binomial_2": negative(func(a []v) v { return a[1] },
			func(a []v) v { return ad.Sub(ad.Log(a[1]), ad.Log(a[0])) }),
		"geometric": negative(func(a []v) v { return at(a[0], 1) }, func(a []v) v { return logit(a[0]) }),
	}
}

// implicit gives a quantile the derivative of F(x) = p.
func implicit(q, p ad.Value, tails func(x ad.Value) (below, above ad.Value), density func(x ad.Value) ad.Value,
) ad.Value {
	x := ad.StopGradient(q)
	below, _ := tails(x)
	step := ad.Mul(ad.Sub(ad.Exp(below), p), ad.Exp(ad.Neg(ad.StopGradient(density(x)))))
	return ad.Sub(x, ad.Sub(step, ad.StopGradient(step)))
}

// skewNormalQuantile of shape α, by halving: F = Φ(z) − 2T(z, α), of the smaller tail.
func skewNormalQuantile(u, alpha, _ float64) float64 {
	if !(u >= 0 && u <= 1) || math.IsNaN(alpha) {
		return math.NaN()
	}
	f := func(z float64) float64 {
		const n = 200
		top, sum := math.Atan(alpha), 0.
		for i := range n {
			for _, s := range []float64{-1 / math.Sqrt(3), 1 / math.Sqrt(3)} {
				c := math.Cos(top * (float64(i) + .5 + .5*s) / n)
				sum += math.Exp(-.5 * z * z / (c * c))
			}
		}
		return .5*math.Erfc(-z/math.Sqrt2) - sum*top/(2*n)/math.Pi
	}
	lo, hi := -40., 40.
	for range 80 {
		if mid := .5 * (lo + hi); f(mid) < u {
			lo = mid
		} else {
			hi = mid
		}
	}
	return .5 * (lo + hi)
}
