package dist

import (
	"math"

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

// Dirichlet is Γ(Σα)/ΠΓ(α) Π x^{α−1} for x [m…, k] on the simplex, α [k].
func Dirichlet(x, alpha ad.Value) ad.Value {
	norm := ad.Sub(ad.Lgamma(ad.Sum(alpha, -1)), ad.Sum(ad.Lgamma(alpha), -1))
	return ad.Add(ad.Sum(ad.Mul(ad.Shift(alpha, -1), ad.Log(x)), -1), norm)
}

// LKJCorrCholesky is the density of the Cholesky factor L [k,k] of a correlation matrix whose density is
// proportional to det^{η−1}: Π_{i=2}^{k} L_ii^{k−i+2η−2}, normalised (Lewandowski et al. 2009). η is a scalar.
func LKJCorrCholesky(l, eta ad.Value) ad.Value {
	k := l.Shape()[0]
	diag := ad.Log(ad.Diag(l))
	lp := ad.Mul(ad.Lgamma(ad.Shift(eta, .5*float64(k-1))), ad.Shift(ad.Zeros(eta), float64(k-1)))
	for i := 1; i < k; i++ {
		li := ad.At(diag, 0, i)
		lp = ad.Add(lp, ad.Mul(ad.Shift(ad.Scale(eta, 2), float64(k-i-3)), li))
		lp = ad.Shift(ad.Sub(lp, ad.Lgamma(ad.Shift(eta, .5*float64(k-1-i)))), -.5*float64(i)*math.Log(math.Pi))
	}
	return lp
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
