package path

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// GaussianBridge is the Schrödinger bridge between N(m_0,S_0) and N(m_1,S_1) over the reference
// dx = −½x db + dw on the clock b ∈ [0,B], in closed form (Bunne et al. 2023, arXiv:2202.05722; formulas
// in the form checked by the tests beside this file). With a = e^{−B/2}, σ² = 1−a², q = σ²/a:
//
//	C = Cov(x_0,x_B) = ½(S_0^{½}(4S_0^{½}S_1S_0^{½}+q²I)^{½}S_0^{−½} − qI),
//	A_B = σ⁻²(I − aS_0C⁻ᵀ),  A_b = A_B[A_B+(I−A_B)e^{B−b}]⁻¹,
//
// and forward drift −½x + A_b x + η_b. It is immutable.
type GaussianBridge struct {
	from, to ito.Gaussian
	d        int
	total    float64
	c, end   []float64 // C and A_B [D,D]
}

// NewGaussianBridge solves for the coupling: four eigendecompositions. Moments of different dimension,
// covariances that are not symmetric positive definite and B ≤ 0 are an [ito.InputError].
func NewGaussianBridge(from, to ito.Gaussian, B float64) (*GaussianBridge, error) {
	const where = "gaussian bridge"
	if !(B > 0) || math.IsInf(B, 0) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the clock runs to B=%g", B),
			Do: "give a positive B"}
	}
	a, v := math.Exp(-B/2), -math.Expm1(-B)
	c, err := coupling(where, from, to, v/a)
	if err != nil {
		return nil, err
	}
	d := len(from.Mean)
	g := &GaussianBridge{from: from, to: to, d: d, total: B, c: c}
	inv, err := inverse(matrix.Transposed(c, d), d)
	if err != nil {
		return nil, &ito.InputError{Where: where, What: "the coupling is singular: " + err.Error()}
	}
	g.end = identity(d)
	matrix.AddScaled(g.end, -a, product(d, from.Cov, inv))
	for i := range g.end {
		g.end[i] /= v
	}
	return g, nil
}

// coupling returns ½(S_0^{½}(4S_0^{½}S_1S_0^{½}+q²I)^{½}S_0^{−½} − qI).
func coupling(where string, from, to ito.Gaussian, q float64) ([]float64, error) {
	d := len(from.Mean)
	for _, g := range []ito.Gaussian{from, to} {
		if err := checkGaussian(where, g, d); err != nil {
			return nil, err
		}
		s := append([]float64(nil), g.Cov...)
		if err := checkSymmetric(where, s, d); err != nil {
			return nil, err
		}
		e, err := eigen(s, d)
		if err != nil {
			return nil, err
		}
		for _, λ := range e.λ {
			if !(λ > 0) {
				return nil, &ito.InputError{Where: where, What: fmt.Sprintf("a covariance has the eigenvalue %g", λ),
					Do: "give positive definite covariances"}
			}
		}
	}
	e, err := eigen(from.Cov, d)
	if err != nil {
		return nil, err
	}
	root := e.apply(math.Sqrt)
	inner, err := eigen(sandwich(root, to.Cov, d), d)
	if err != nil {
		return nil, err
	}
	// ½(√(4λ+q²)−q) = 2λ/(√(4λ+q²)+q) does not cancel for large q.
	mid := inner.apply(func(λ float64) float64 { return 2 * λ / (math.Sqrt(4*λ+q*q) + q) })
	return product(d, root, mid, e.apply(func(λ float64) float64 { return 1 / math.Sqrt(λ) })), nil
}

// Coupling returns C = Cov(x_0,x_B) [D,D].
func (g *GaussianBridge) Coupling() []float64 { return append([]float64(nil), g.c...) }

// weights returns r̄, r and n of the marginal: sinh((B−b)/2)/sinh(B/2), sinh(b/2)/sinh(B/2) and
// 2 sinh(b/2) sinh((B−b)/2)/sinh(B/2), without overflow.
func (g *GaussianBridge) weights(b float64) (back, fore, noise float64) {
	ratio := func(u float64) float64 { // sinh(u/2)/sinh(B/2)
		return math.Exp((u-g.total)/2) * math.Expm1(-u) / math.Expm1(-g.total)
	}
	noise = math.Expm1(-b) * math.Expm1(b-g.total) / -math.Expm1(-g.total)
	return ratio(g.total - b), ratio(b), noise
}

// Marginal returns the moments of x_b:
//
//	μ_b = r̄m_0 + r m_1,  Σ_b = r̄²S_0 + r²S_1 + r r̄(C+Cᵀ) + nI.
func (g *GaussianBridge) Marginal(b float64) ito.Gaussian {
	back, fore, noise := g.weights(b)
	return blend(g.from, g.to, g.c, back, fore, noise)
}

// blend returns the moments of back·x_0 + fore·x_1 + √noise ε, C being Cov(x_0,x_1).
func blend(from, to ito.Gaussian, c []float64, back, fore, noise float64) ito.Gaussian {
	d := len(from.Mean)
	out := ito.Gaussian{Mean: make([]float64, d), Cov: make([]float64, d*d)}
	matrix.AddScaled(out.Mean, back, from.Mean)
	matrix.AddScaled(out.Mean, fore, to.Mean)
	matrix.AddScaled(out.Cov, back*back, from.Cov)
	matrix.AddScaled(out.Cov, fore*fore, to.Cov)
	matrix.AddScaled(out.Cov, fore*back, c)
	matrix.AddScaled(out.Cov, fore*back, matrix.Transposed(c, d))
	matrix.AddScaled(out.Cov, noise, identity(d))
	symmetrise(out.Cov, d)
	return out
}

// A returns A_b [D,D], the matrix of the forward Schrödinger score ∇log ψ_b(x) = A_b x + η_b.
func (g *GaussianBridge) A(b float64) []float64 {
	// A_B[A_B+(I−A_B)e^{B−b}]⁻¹ = e^{b−B} A_B [I + (e^{b−B}−1)A_B]⁻¹, whose bracket is positive definite.
	w := identity(g.d)
	matrix.AddScaled(w, math.Expm1(b-g.total), g.end)
	inv, err := inverse(w, g.d)
	if err != nil {
		inv = make([]float64, g.d*g.d)
		for i := range inv {
			inv[i] = math.NaN()
		}
	}
	out := product(g.d, g.end, inv)
	for i := range out {
		out[i] *= math.Exp(b - g.total)
	}
	return out
}

// Bias returns η_b = dμ/db + ½μ − A_b μ [D], which solves dη/db = (½−A_b)η.
func (g *GaussianBridge) Bias(b float64) []float64 {
	mean := g.Marginal(b).Mean
	// d/db sinh(u/2)/sinh(B/2) = ±½cosh(u/2)/sinh(B/2).
	rate := func(u float64) float64 {
		return math.Exp((u-g.total)/2) * (1 + math.Exp(-u)) / (-2 * math.Expm1(-g.total))
	}
	out := apply(g.A(b), mean)
	for i := range out {
		out[i] = rate(b)*g.to.Mean[i] - rate(g.total-b)*g.from.Mean[i] + mean[i]/2 - out[i]
	}
	return out
}

// BrownianBridge is the Schrödinger bridge between two Gaussians over the reference σW on t ∈ [0,1].
type BrownianBridge struct {
	from, to ito.Gaussian
	noise    float64 // σ²
	c        []float64
}

// NewBrownianBridge solves for the coupling, that of [NewGaussianBridge] with q = σ².
func NewBrownianBridge(from, to ito.Gaussian, sigma float64) (*BrownianBridge, error) {
	const where = "brownian bridge"
	if !(sigma > 0) || math.IsInf(sigma, 0) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("sigma=%g", sigma), Do: "give a positive sigma"}
	}
	c, err := coupling(where, from, to, sigma*sigma)
	if err != nil {
		return nil, err
	}
	return &BrownianBridge{from, to, sigma * sigma, c}, nil
}

// Coupling returns C = Cov(x_0,x_1) [D,D].
func (g *BrownianBridge) Coupling() []float64 { return append([]float64(nil), g.c...) }

// Marginal returns the moments of x_t: mean (1−t)m_0 + t m_1 and covariance
// (1−t)²S_0 + t²S_1 + t(1−t)(C+Cᵀ+σ²I).
func (g *BrownianBridge) Marginal(t float64) ito.Gaussian {
	return blend(g.from, g.to, g.c, 1-t, t, t*(1-t)*g.noise)
}
