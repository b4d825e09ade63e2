package dist

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
)

// MultiNormal is N(x; μ, Σ) for x [m…, d], μ [d] or [m…, d], Σ [d, d].
func MultiNormal(x, mu, cov ad.Value) ad.Value { return MultiNormalCholesky(x, mu, ad.Cholesky(cov)) }

// MultiNormalCholesky is N(x; μ, LLᵀ) for x [m…, d], L [d, d] lower triangular: −½|L⁻¹(x−μ)|² − Σ log L_ii − ½d log 2π.
func MultiNormalCholesky(x, mu, l ad.Value) ad.Value {
	r := ad.Sub(x, mu)
	d := l.Shape()[0]
	var z ad.Value
	if r.Rank() == 1 {
		z = ad.Square(ad.TriangularSolve(l, r, false))
	} else {
		flat := ad.Reshape(r, r.Size()/d, d)
		z = ad.Reshape(ad.Square(ad.Transpose(ad.TriangularSolve(l, ad.Transpose(flat), false))), r.Shape()...)
	}
	return normalQuad(ad.Sum(z, -1), ad.Sum(ad.Log(ad.Diag(l))), d)
}

// MultiNormalWhiten is MultiNormalCholesky with W = L⁻¹ and log det L given: one product of matrices, which
// a batch of states shares, in place of a solve for each. Use it where L is data.
func MultiNormalWhiten(x, mu, w, logDet ad.Value) ad.Value {
	d := w.Shape()[0]
	r := ad.Sub(x, mu)
	z := ad.MatMulT(ad.Reshape(r, r.Size()/d, d), w, false, true)
	return normalQuad(ad.Reshape(ad.Sum(ad.Square(z), 1), r.Shape()[:r.Rank()-1]...), logDet, d)
}

func normalQuad(q, logDet ad.Value, d int) ad.Value {
	return ad.Sub(ad.Shift(ad.Scale(q, -.5), -float64(d)*logSqrt2Pi), logDet)
}

// Dirichlet is Γ(Σα)/ΠΓ(α) Π x^{α−1} for x [m…, k] on the simplex, α [k] or [m…, k].
func Dirichlet(x, alpha ad.Value) ad.Value {
	n, la := ad.Sum(alpha, -1), ad.Log(alpha)
	ln := ad.Reshape(ad.Log(n), append(slices.Clone(n.Shape()), 1)...)
	terms := guarded(x, 0, func(x ad.Value) ad.Value {
		lx := ad.Log(x)
		lt := ad.Add(ln, lx)
		return ad.Sub(ad.Sub(la, ad.Stirling(alpha)), ad.Add(ad.DevianceLog(alpha, lt, ad.Sub(lt, la)), lx))
	}, func(x ad.Value) ad.Value { return ad.Add(timesLog(ad.Shift(alpha, -1), x, ad.Log), ln) })
	return ad.Add(ad.Sum(terms, -1), ad.Sub(ad.Stirling(n), ad.Log(n)))
}

// LKJCorrCholesky is the density of the Cholesky factor L [k,k] of a correlation matrix whose density is
// proportional to det^{η−1}: Π_{i=2}^{k} L_ii^{k−i+2η−2}, normalised (Lewandowski et al. 2009). η is a scalar.
func LKJCorrCholesky(l, eta ad.Value) ad.Value {
	k := l.Shape()[0]
	lp := ad.Zeros(eta)
	for i := 1; i < k; i++ {
		li := ad.Log(ad.At(ad.At(l, 0, i), 0, i))
		lp = ad.Add(lp, ad.Mul(ad.Shift(ad.Scale(eta, 2), float64(k-i-3)), li))
		step := gammaRatio(ad.Shift(eta, .5*float64(k-1-i)), .5*float64(i))
		lp = ad.Shift(ad.Add(lp, step), -.5*float64(i)*math.Log(math.Pi))
	}
	return lp
}

// gammaRatio is log Γ(x+d)/Γ(x) for d > 0.
func gammaRatio(x ad.Value, d float64) ad.Value {
	y, lx := ad.Shift(x, d), ad.Log(x)
	powers := ad.Mul(ad.Shift(x, -1), ad.Softplus(ad.Shift(ad.Neg(lx), math.Log(d)))) // (x−1)·log(1+d/x)
	return ad.Shift(ad.Add(ad.Add(powers, ad.Scale(ad.Log(y), d)), ad.Sub(ad.Stirling(y), ad.Stirling(x))), -d)
}

// Mixture is log Σ_k e^{logw_k + lp_k} over components of one shape; log weights logw [k], or [m…, k] with
// weights of their own for each element.
func Mixture(logw ad.Value, lps ...ad.Value) ad.Value {
	parts := make([]ad.Value, len(lps))
	common := ad.Zeros(lps[0])
	for k, lp := range lps {
		parts[k] = ad.Add(lp, ad.At(logw, logw.Rank()-1, k))
		common = ad.Add(common, ad.Zeros(parts[k]))
	}
	for k, p := range parts {
		parts[k] = ad.BroadcastTo(p, common.Shape()...)
	}
	return ad.LogSumExp(ad.Stack(0, parts...), 0)
}
