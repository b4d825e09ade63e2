package dist

import "github.com/seed9a7962a8/ito/ad"

// Bernoulli is the log mass of y ∈ {0,1} with probability θ of 1.
func Bernoulli(y, theta ad.Value) ad.Value {
	one := ad.Shift(ad.Neg(y), 1)
	return ad.Add(xlogy(y, theta), ad.Select(ad.Equal(one, ad.Zeros(one)), ad.Zeros(theta), ad.Mul(one, ad.Log1p(ad.Neg(theta)))))
}

// BernoulliLogit is Bernoulli with θ = 1/(1+e^{−α}): yα − log(1+e^α).
func BernoulliLogit(y, alpha ad.Value) ad.Value {
	return ad.Sub(ad.Mul(y, alpha), ad.Softplus(alpha))
}

// Binomial is the log mass of y successes in n trials of probability θ.
func Binomial(y, n, theta ad.Value) ad.Value {
	rest := ad.Sub(n, y)
	fail := ad.Select(ad.Equal(rest, ad.Zeros(rest)), ad.Zeros(theta), ad.Mul(rest, ad.Log1p(ad.Neg(theta))))
	return ad.Add(choose(n, y), ad.Add(xlogy(y, theta), fail))
}

// BinomialLogit is Binomial with θ = 1/(1+e^{−α}).
func BinomialLogit(y, n, alpha ad.Value) ad.Value {
	return ad.Add(choose(n, y), ad.Sub(ad.Mul(y, alpha), ad.Mul(n, ad.Softplus(alpha))))
}

// Poisson is the log mass of y with mean λ.
func Poisson(y, lambda ad.Value) ad.Value {
	return ad.Sub(xlogy(y, lambda), ad.Add(lambda, ad.Lgamma(ad.Shift(y, 1))))
}

// PoissonLog is Poisson with λ = e^α.
func PoissonLog(y, alpha ad.Value) ad.Value {
	return ad.Sub(ad.Mul(y, alpha), ad.Add(ad.Exp(alpha), ad.Lgamma(ad.Shift(y, 1))))
}

// NegBinomial is the log mass of y with shape α and inverse scale β: C(y+α−1, α−1)(β/(β+1))^α(1/(β+1))^y,
// of mean α/β. Stan's neg_binomial.
func NegBinomial(y, alpha, beta ad.Value) ad.Value {
	l := ad.Log1p(beta)
	lp := ad.Sub(ad.Mul(alpha, ad.Sub(ad.Log(beta), l)), ad.Mul(y, l))
	return ad.Add(lp, chooseReal(y, alpha))
}

// NegBinomial2 has mean μ and variance μ + μ²/φ. Stan's neg_binomial_2.
func NegBinomial2(y, mu, phi ad.Value) ad.Value {
	l := ad.Log(ad.Add(mu, phi))
	lp := ad.Add(ad.Mul(phi, ad.Sub(ad.Log(phi), l)), ad.Sub(xlogy(y, mu), ad.Mul(y, l)))
	return ad.Add(lp, chooseReal(y, phi))
}

// Categorical is log θ_y for indices y [m…] int32, counted from 0, and probabilities θ [k].
func Categorical(y, theta ad.Value) ad.Value { return ad.Gather(ad.Log(theta), y) }

// CategoricalLogit is Categorical with θ = softmax(α), α [k], or one α for each y, [m, k].
func CategoricalLogit(y, alpha ad.Value) ad.Value {
	l := ad.LogSoftmax(alpha, -1)
	if alpha.Rank() == 1 {
		return ad.Gather(l, y)
	}
	m := y.Size()
	return ad.Reshape(ad.TakeAlong(l, ad.Reshape(y, m, 1), 1), m)
}

// xlogy is y·log x, 0 where y is.
func xlogy(y, x ad.Value) ad.Value {
	y, x = ad.Broadcast2("xlogy", y, x)
	zero := ad.Equal(y, ad.Zeros(y))
	return ad.Mul(y, ad.Log(ad.Select(zero, ad.Shift(ad.Zeros(x), 1), x)))
}

// choose is log C(n, y).
func choose(n, y ad.Value) ad.Value {
	return ad.Sub(ad.Lgamma(ad.Shift(n, 1)), ad.Add(ad.Lgamma(ad.Shift(y, 1)), ad.Lgamma(ad.Shift(ad.Sub(n, y), 1))))
}

// chooseReal is log Γ(y+α)/(y! Γ(α)).
func chooseReal(y, alpha ad.Value) ad.Value {
	return ad.Sub(ad.Lgamma(ad.Add(y, alpha)), ad.Add(ad.Lgamma(ad.Shift(y, 1)), ad.Lgamma(alpha)))
}
