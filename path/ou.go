package path

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/matrix"
)

// transition returns the kernel after time s of the linear equation dx = F x ds + √Q dw with constant
// [d,d] matrices:
//
//	Φ = e^{sF},  Σ = ∫₀ˢ e^{uF} Q e^{uFᵀ} du.
//
// This is what the matrix fraction exp s[[F,Q],[0,−Fᵀ]] = [[Φ,ΣΦ⁻ᵀ],[0,Φ⁻ᵀ]] yields (Van Loan 1978,
// IEEE TAC 23(3)), computed without the growing block Φ⁻ᵀ: Taylor series for a step s/2ᵏ with
// ‖F‖s/2ᵏ ≤ ½, then k doublings Σ ← Σ + ΦΣΦᵀ, Φ ← Φ². Every doubling adds positive semidefinite
// matrices, and small entries of Σ (order s³ for a position driven through its velocity) keep their
// relative accuracy. It costs about 40+3k products. Where ‖F‖s is not finite the kernel is NaN.
func transition(f, q []float64, d int, s float64) (phi, cov []float64) {
	doublings := 0
	h := s
	size := norm(f, d) * math.Abs(s)
	if math.IsInf(size, 0) {
		h, size = math.NaN(), 0
	}
	for n := size; n > .5; n /= 2 {
		doublings++
		h /= 2
	}
	phi, cov = seriesStep(f, q, d, h)
	for range doublings {
		matrix.AddScaled(cov, 1, sandwich(phi, cov, d))
		phi = product(d, phi, phi)
	}
	return phi, cov
}

// taylorOrder makes the first term left out of either series below 2⁻⁶⁰ of the first: the Lyapunov
// operator has twice the norm of F, so 1/20! ≈ 4e-19 bounds it.
const taylorOrder = 19

// seriesStep sums Φ = Σ_j (hF)^j/j! and Σ = Σ_j h^{j+1}/(j+1)! P_j with P_0 = Q, P_{j+1} = F P_j + P_j Fᵀ.
func seriesStep(f, q []float64, d int, h float64) (phi, cov []float64) {
	phi, cov = identity(d), make([]float64, d*d)
	power := identity(d)
	p := append([]float64(nil), q...)
	scale := h // h^{j+1}/(j+1)!
	matrix.AddScaled(cov, scale, p)
	for j := 1; j <= taylorOrder; j++ {
		power = product(d, f, power)
		for i := range power {
			power[i] *= h / float64(j)
		}
		matrix.AddScaled(phi, 1, power)
		fp := product(d, f, p)
		p = matrix.Transposed(fp, d)
		matrix.AddScaled(p, 1, fp)
		scale *= h / float64(j+1)
		matrix.AddScaled(cov, scale, p)
	}
	return phi, cov
}

// norm is the largest absolute row or column sum, a bound of F and of Fᵀ.
func norm(a []float64, d int) float64 {
	big := 0.0
	for i := range d {
		row, column := 0.0, 0.0
		for j := range d {
			row += math.Abs(a[i*d+j])
			column += math.Abs(a[j*d+i])
		}
		big = max(big, row, column)
	}
	return big
}
