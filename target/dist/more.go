package dist

import (
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

// Weibull is (α/σ)(x/σ)^{α−1}e^{−(x/σ)^α} at x > 0: shape α, scale σ.
func Weibull(x, alpha, sigma ad.Value) ad.Value {
	ls := ad.Log(sigma)
	return guarded(x, 0, func(x ad.Value) ad.Value {
		l := ad.Sub(ad.Log(x), ls)
		return ad.Sub(ad.Add(ad.Sub(ad.Log(alpha), ad.Log(x)), ad.Mul(alpha, l)), ad.Exp(ad.Mul(alpha, l)))
	}, func(x ad.Value) ad.Value {
		return ad.Add(timesLog(ad.Shift(alpha, -1), x, ad.Log), ad.Sub(ad.Log(alpha), ad.Mul(alpha, ls)))
	})
}

// Pareto is α m^α x^{−α−1} at x ≥ m: least value m, shape α; 0 below m.
func Pareto(x, least, alpha ad.Value) ad.Value {
	lx := ad.Log(ad.Max(x, constant(x, 1e-300)))
	lp := ad.Sub(ad.Sub(ad.Log(alpha), lx), ad.Mul(alpha, ad.Sub(lx, ad.Log(least))))
	x, lp = ad.Broadcast2("pareto", x, lp)
	return ad.Select(ad.Less(x, ad.BroadcastTo(least, lp.Shape()...)), impossible(lp), lp)
}

// Gumbel is e^{−z−e^{−z}}/β, z = (x−μ)/β.
func Gumbel(x, mu, beta ad.Value) ad.Value {
	z := ad.Div(ad.Sub(x, mu), beta)
	return ad.Neg(ad.Add(ad.Add(z, ad.Exp(ad.Neg(z))), ad.Log(beta)))
}

// Frechet is (α/σ)(x/σ)^{−α−1}e^{−(x/σ)^{−α}} at x > 0, 0 at 0: shape α, scale σ.
func Frechet(x, alpha, sigma ad.Value) ad.Value {
	return guarded(x, 0, func(x ad.Value) ad.Value {
		l := ad.Sub(ad.Log(sigma), ad.Log(x))
		return ad.Sub(ad.Add(ad.Sub(ad.Log(alpha), ad.Log(x)), ad.Mul(alpha, l)), ad.Exp(ad.Mul(alpha, l)))
	}, impossible)
}

// Rayleigh is (x/σ²)e^{−x²/2σ²} at x > 0, 0 at 0.
func Rayleigh(x, sigma ad.Value) ad.Value {
	return guarded(x, 0, func(x ad.Value) ad.Value {
		return ad.Sub(ad.Sub(ad.Log(x), ad.Scale(ad.Log(sigma), 2)), ad.Scale(ad.Square(ad.Div(x, sigma)), .5))
	}, impossible)
}

// SkewNormal is 2φ(z)Φ(αz)/ω, z = (x−ξ)/ω (Azzalini 1985): location ξ, scale ω, shape α.
func SkewNormal(x, xi, omega, alpha ad.Value) ad.Value {
	z := ad.Div(ad.Sub(x, xi), omega)
	return ad.Shift(ad.Add(Normal(x, xi, omega), ad.LogNdtr(ad.Mul(alpha, z))), math.Ln2)
}

// VonMises is e^{κ cos(x−μ)}/2πI₀(κ) on an interval of length 2π. κ cos − κ is −2κ sin²(·/2), so that a large κ cancels
// before it is rounded.
func VonMises(x, mu, kappa ad.Value) ad.Value {
	s := ad.Sin(ad.Scale(ad.Sub(x, mu), .5))
	logI := ad.Sub(ad.LogBesselI0(kappa), kappa)
	return ad.Shift(ad.Neg(ad.Add(ad.Scale(ad.Mul(kappa, ad.Square(s)), 2), logI)), -math.Log(2*math.Pi))
}

// BetaBinomial is the log mass of y successes in n trials whose chance has a beta of α and β.
func BetaBinomial(y, n, alpha, beta ad.Value) ad.Value {
	rest := ad.Sub(n, y)
	// C(n, y) = 1/((n+1) B(y+1, n−y+1))
	ways := ad.Neg(ad.Add(ad.Log(ad.Shift(n, 1)), logBeta(ad.Shift(y, 1), ad.Shift(rest, 1))))
	return ad.Add(ways, ad.Sub(logBeta(ad.Add(y, alpha), ad.Add(rest, beta)), logBeta(alpha, beta)))
}

// logBeta is log B(a, b): a log(a/n) + b log(b/n) + H(a) + H(b) − H(n) + log n − log a − log b with n = a+b.
func logBeta(a, b ad.Value) ad.Value {
	la, lb := ad.Log(a), ad.Log(b)
	n := ad.Add(a, b)
	ln := ad.Log(n)
	h := ad.Sub(ad.Add(ad.Stirling(a), ad.Stirling(b)), ad.Stirling(n))
	// log a/n = −log(1+b/a)
	ra, rb := ad.Neg(ad.Softplus(ad.Sub(lb, la))), ad.Neg(ad.Softplus(ad.Sub(la, lb)))
	return ad.Add(ad.Add(ad.Mul(a, ra), ad.Mul(b, rb)), ad.Add(h, ad.Sub(ad.Sub(ln, la), lb)))
}

// Multinomial is the log mass of counts y [m…, k] of Σy trials under chances θ [k] or [m…, k].
func Multinomial(y, theta ad.Value) ad.Value {
	n := ad.Sum(y, -1)
	terms := ad.Sub(timesLog(y, theta, ad.Log), ad.Lgamma(ad.Shift(y, 1)))
	return ad.Add(ad.Lgamma(ad.Shift(n, 1)), ad.Sum(terms, -1))
}

// MultiStudentT is the density of ν degrees of freedom at x [m…, d], location μ [d] or [m…, d], scale LLᵀ.
func MultiStudentT(x, nu, mu, l ad.Value) ad.Value {
	d := float64(l.Shape()[0])
	r := ad.Sub(x, mu)
	var z ad.Value
	if r.Rank() == 1 {
		z = ad.TriangularSolve(l, r, false)
	} else {
		flat := ad.Reshape(r, r.Size()/l.Shape()[0], l.Shape()[0])
		z = ad.Reshape(ad.Transpose(ad.TriangularSolve(l, ad.Transpose(flat), false)), r.Shape()...)
	}
	q := ad.Sum(ad.Square(z), -1)
	half := ad.Scale(ad.Shift(nu, d), .5)
	norm := ad.Sub(gammaRatio(ad.Scale(nu, .5), .5*d), ad.Scale(ad.Shift(ad.Log(nu), math.Log(math.Pi)), .5*d))
	logDet := ad.Sum(ad.Log(ad.Diag(l)))
	return ad.Sub(ad.Sub(norm, logDet), ad.Mul(half, ad.Log1p(ad.Div(q, nu))))
}

// WishartCholesky is the density of X = LLᵀ [k,k] with ν > k−1 degrees of freedom and scale SSᵀ, of mean νSSᵀ:
// |X|^{(ν−k−1)/2} e^{−½tr(Σ⁻¹X)}/(2^{νk/2}|Σ|^{ν/2}Γ_k(ν/2)), as a density of X.
func WishartCholesky(l, nu, s ad.Value) ad.Value {
	k := float64(l.Shape()[0])
	trace := ad.Sum(ad.Square(ad.TriangularSolve(s, l, false)))
	logX, logS := ad.Sum(ad.Log(ad.Diag(l))), ad.Sum(ad.Log(ad.Diag(s)))
	lp := ad.Sub(ad.Mul(ad.Shift(nu, -k-1), logX), ad.Scale(trace, .5))
	return ad.Sub(ad.Sub(lp, ad.Mul(nu, logS)), wishartNorm(nu, k))
}

// InverseWishartCholesky is the density of X = LLᵀ whose inverse is a Wishart of ν and (SSᵀ)⁻¹; its mean is
// SSᵀ/(ν−k−1).
func InverseWishartCholesky(l, nu, s ad.Value) ad.Value {
	k := float64(l.Shape()[0])
	trace := ad.Sum(ad.Square(ad.TriangularSolve(l, s, false)))
	logX, logS := ad.Sum(ad.Log(ad.Diag(l))), ad.Sum(ad.Log(ad.Diag(s)))
	lp := ad.Sub(ad.Neg(ad.Mul(ad.Shift(nu, k+1), logX)), ad.Scale(trace, .5))
	return ad.Sub(ad.Add(lp, ad.Mul(nu, logS)), wishartNorm(nu, k))
}

// wishartNorm is log 2^{νk/2}Γ_k(ν/2), Γ_k the multivariate gamma function.
func wishartNorm(nu ad.Value, k float64) ad.Value {
	out := ad.Shift(ad.Scale(nu, .5*k*math.Ln2), .25*k*(k-1)*math.Log(math.Pi))
	for j := range int(k) {
		out = ad.Add(out, ad.Lgamma(ad.Scale(ad.Shift(nu, -float64(j)), .5)))
	}
	return out
}

// OrderedLogits are the log chances [m…, k+1] of categories between cut points c [k] under η [m…]: the chance of at
// most category j is the logistic function of c_j − η.
func OrderedLogits(eta, c ad.Value) ad.Value {
	return ordered(eta, c, func(u ad.Value) (below, above ad.Value) {
		return ad.Neg(ad.Softplus(ad.Neg(u))), ad.Neg(ad.Softplus(u))
	})
}

// OrderedProbits are OrderedLogits with Φ for the logistic function.
func OrderedProbits(eta, c ad.Value) ad.Value {
	return ordered(eta, c, func(u ad.Value) (below, above ad.Value) { return ad.LogNdtr(u), ad.LogNdtr(ad.Neg(u)) })
}

func ordered(eta, c ad.Value, tails func(u ad.Value) (below, above ad.Value)) ad.Value {
	k := c.Shape()[c.Rank()-1]
	u := ad.Sub(c, ad.Reshape(eta, append(append([]int(nil), eta.Shape()...), 1)...))
	below, above := tails(u)
	axis := u.Rank() - 1
	first, last := ad.Slice(below, axis, 0, 1), ad.Slice(above, axis, k-1, k)
	if k == 1 {
		return ad.Concat(axis, first, last)
	}
	cut := func(v ad.Value, from, to int) ad.Value { return ad.Slice(v, axis, from, to) }
	mid := Between(cut(below, 0, k-1), cut(above, 0, k-1), cut(below, 1, k), cut(above, 1, k))
	return ad.Concat(axis, first, mid, last)
}

// LKJCorr is the density of a correlation matrix X [k,k] proportional to det^{η−1}, normalised: that of its factor less
// the Jacobian Π_{i=2}^{k} L_ii^{k−i}.
func LKJCorr(x, eta ad.Value) ad.Value {
	l := ad.Cholesky(x)
	lp := LKJCorrCholesky(l, eta)
	k := l.Shape()[0]
	for i := 1; i < k-1; i++ {
		lp = ad.Sub(lp, ad.Scale(ad.Log(ad.At(ad.At(l, 0, i), 0, i)), float64(k-1-i)))
	}
	return lp
}
