package dist

import (
	"github.com/seed9a7962a8/ito/ad"
)

// Log masses and densities of counts, sums and shares are written in C. Loader's form (2000): minus the deviance of
// what is seen from what is expected, which holds all large terms, and the rest of Stirling's formula, see
// [ad.Deviance] and [ad.Stirling]. With log k! = k log k − k + H(k) the deviances are from means that sum to the
// total, so that the terms k cancel before they are rounded.

// Bernoulli is the log mass of y ∈ {0,1} with probability θ of 1.
func Bernoulli(y, theta ad.Value) ad.Value {
	return ad.Add(timesLog(y, theta, ad.Log), timesLog(complement(y), theta, log1m))
}

// BernoulliLogit is Bernoulli with θ = 1/(1+e^{−α}): −log(1+e^{∓α}).
func BernoulliLogit(y, alpha ad.Value) ad.Value {
	return ad.Neg(ad.Softplus(ad.Mul(ad.Shift(ad.Scale(y, -2), 1), alpha)))
}

// Binomial is the log mass of y successes in n trials of probability θ.
func Binomial(y, n, theta ad.Value) ad.Value {
	rest := ad.Sub(n, y)
	failed := deviance(rest, ad.Mul(n, complement(theta)), ad.Add(ad.Log(n), log1m(theta)), theta)
	return ad.Sub(choose(n, y, rest), ad.Add(deviance(y, ad.Mul(n, theta), ad.Add(ad.Log(n), ad.Log(theta)), theta),
		failed))
}

// BinomialLogit is Binomial with θ = 1/(1+e^{−α}).
func BinomialLogit(y, n, alpha ad.Value) ad.Value { return Binomial(y, n, ad.Sigmoid(alpha)) }

// Poisson is the log mass of y with mean λ.
func Poisson(y, lambda ad.Value) ad.Value {
	return ad.Neg(ad.Add(deviance(y, lambda, ad.Log(lambda), lambda), ad.Stirling(y)))
}

// PoissonLog is Poisson with λ = e^α.
func PoissonLog(y, alpha ad.Value) ad.Value { return Poisson(y, ad.Exp(alpha)) }

// NegBinomial is the log mass of y with shape α and inverse scale β: C(y+α−1, α−1)(β/(β+1))^α(1/(β+1))^y,
// of mean α/β. Stan's neg_binomial.
func NegBinomial(y, alpha, beta ad.Value) ad.Value {
	return negBinomial(y, alpha, ad.Neg(ad.Log(beta)), ad.Recip(ad.Shift(beta, 1)), true)
}

// NegBinomial2 has mean μ and variance μ + μ²/φ. Stan's neg_binomial_2.
func NegBinomial2(y, mu, phi ad.Value) ad.Value {
	_, exact := ad.ExactLog(mu) // data have no derivative, which at a mean of 0 would not be finite
	return negBinomial(y, phi, ad.Sub(ad.Log(mu), ad.Log(phi)), ad.Div(mu, ad.Add(mu, phi)), exact || mu.IsShared())
}

// negBinomial has the shape φ and the chance q of each further one, 1−q of an end; odds is log q/(1−q), exact says
// that log q is so.
func negBinomial(y, phi, odds, q ad.Value, exact bool) ad.Value {
	ly, lphi := ad.Log(y), ad.Log(phi)
	seen := ad.Softplus(ad.Sub(ly, lphi)) // log(1+y/φ)
	n, ln := ad.Add(y, phi), ad.Add(lphi, seen)
	ends, lq := ad.Softplus(odds), ad.Neg(ad.Softplus(ad.Neg(odds))) // −log(1−q), log q
	byEnds := ad.DevianceLog(phi, ad.Sub(ln, ends), ad.Sub(seen, ends))
	r := ad.Add(ad.Softplus(ad.Sub(lphi, ly)), lq) // log(nq/y)
	byCount := ad.DevianceLog(y, ad.Add(ln, lq), r)
	if !exact {
		byCount = ad.Deviance(y, ad.Mul(n, q), r)
	}
	lp := ad.Sub(ad.Sub(ad.Stirling(n), ad.Stirling(phi)), ad.Add(ad.Stirling(y), seen))
	return ad.Sub(lp, ad.Add(byEnds, byCount))
}

// Categorical is log θ_y for indices y [m…] int32, counted from 0, and probabilities θ [k], or θ [m…, k] with a row
// for each y.
func Categorical(y, theta ad.Value) ad.Value { return category(y, ad.Log(theta)) }

// CategoricalLogit is Categorical with θ = softmax(α), α [k], or one α for each y, [m…, k].
func CategoricalLogit(y, alpha ad.Value) ad.Value { return category(y, ad.LogSoftmax(alpha, -1)) }

func category(y, l ad.Value) ad.Value {
	if l.Rank() == 1 {
		return ad.Gather(l, y)
	}
	m, k := y.Size(), l.Shape()[l.Rank()-1]
	if l.Size() != m*k {
		panic(&ad.Error{Op: "categorical", Detail: "the probabilities do not have a row for each index"})
	}
	rows := ad.TakeAlong(ad.Reshape(l, m, k), ad.Reshape(y, m, 1), 1)
	return ad.Reshape(rows, y.Shape()...)
}

// choose is log C(n, y) less its powers: H(n) − H(y) − H(n−y).
func choose(n, y, rest ad.Value) ad.Value {
	return ad.Sub(ad.Stirling(n), ad.Add(ad.Stirling(y), ad.Stirling(rest)))
}

// complement is 1 − x.
func complement(x ad.Value) ad.Value { return ad.Shift(ad.Neg(x), 1) }

// deviance of a from t, whose logarithm is exact where that of x is.
func deviance(a, t, logt, x ad.Value) ad.Value {
	r := ad.Sub(logt, ad.Log(a))
	if _, ok := ad.ExactLog(x); ok {
		return ad.DevianceLog(a, logt, r)
	}
	return ad.Deviance(a, t, r)
}

// log1m is log(1−x).
func log1m(x ad.Value) ad.Value { return ad.Log1p(ad.Neg(x)) }

// timesLog is k·log x, or of another logarithm of x, and 0 where k is.
func timesLog(k, x ad.Value, log func(ad.Value) ad.Value) ad.Value {
	if _, ok := ad.ExactLog(x); ok {
		return ad.Mul(k, log(x))
	}
	k, x = ad.Broadcast2("k log x", k, x)
	return ad.Mul(k, log(ad.Select(ad.Equal(k, ad.Zeros(k)), ad.Shift(ad.Zeros(x), .5), x)))
}

// CategoricalOf is Categorical of log probabilities.
func CategoricalOf(y, logTheta ad.Value) ad.Value { return category(y, logTheta) }
