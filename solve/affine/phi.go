package affine

import "math"

// Phi is φ_k(z) of exponential integrators, k ≥ 0,
//
//	φ_0 = e^z,   φ_{k+1}(z) = (φ_k(z) − 1/k!)/z,   φ_k(0) = 1/k!,
//
// by its series Σ_n z^n/(n+k)! for |z| ≤ 1, where the recurrence would cancel.
func Phi(k int, z float64) float64 {
	if math.Abs(z) <= 1 {
		term := 1.0
		for n := 2; n <= k; n++ {
			term /= float64(n)
		}
		sum := 0.0
		for n := k + 1; math.Abs(term) > 1e-18*math.Abs(sum); n++ {
			sum += term
			term *= z / float64(n)
		}
		return sum
	}
	if k == 0 {
		return math.Exp(z)
	}
	v, factorial := math.Expm1(z)/z, 1.0
	for j := 1; j < k; j++ {
		factorial *= float64(j)
		v = (v - 1/factorial) / z
	}
	return v
}

// Taylor fills b[k−1] = z k! φ_{k+1}(z), the weight that an exponential integrator gives to d_k of a
// prediction m(λ) = Σ_k d_k ((λ−λs)/h)^k: with z = ∓h and B = −α' or −σ',
//
//	x' = (first order) + B Σ_{k≥1} b_k d_k   exactly.
func Taylor(b []float64, z float64) {
	factorial := 1.0
	for i := range b {
		factorial *= float64(i + 1)
		b[i] = z * factorial * Phi(i+2, z)
	}
}

// MomentWeights solves Σ_j w_j r_j^k = b_k for k = 1 … n: the weights of the differences m(r_j) − m(0) that give
// b_k for the monomial r^k. The r are not 0 and differ. It overwrites its arguments and returns b.
func MomentWeights(r, b []float64) []float64 {
	n := len(r)
	a := make([]float64, n*n) // a[k,j] = r_j^{k+1}
	for j, x := range r {
		p := x
		for k := range n {
			a[k*n+j] = p
			p *= x
		}
	}
	for c := range n {
		best := c
		for i := c + 1; i < n; i++ {
			if math.Abs(a[i*n+c]) > math.Abs(a[best*n+c]) {
				best = i
			}
		}
		for j := range n {
			a[c*n+j], a[best*n+j] = a[best*n+j], a[c*n+j]
		}
		b[c], b[best] = b[best], b[c]
		for i := c + 1; i < n; i++ {
			q := a[i*n+c] / a[c*n+c]
			for j := c; j < n; j++ {
				a[i*n+j] -= q * a[c*n+j]
			}
			b[i] -= q * b[c]
		}
	}
	for c := n - 1; c >= 0; c-- {
		for j := c + 1; j < n; j++ {
			b[c] -= a[c*n+j] * b[j]
		}
		b[c] /= a[c*n+c]
	}
	return b
}
