package simd

import "math"

// Rotate turns data x with mean and variance into what a network reads and writes of x_t = α(x−mean) + σε: with
// x' = x − mean, s the variance, root its square root and in = 1/√(α²s + σ²), element by element
//
//	x      ← (αx' + σε)·in
//	target = (α·root·ε − σx'/root)·in
//	weight = (g·root·in)²
//
// All have one length but α, σ and g, which have that or 1. Every operation is rounded by itself, and none flushes
// denormals: all levels give the same bits.
func Rotate(x []float64, target, weight []float32, mean, noise, variance, root, alpha, sigma, g []float64) {
	n, m := len(x), len(alpha)
	if len(target) != n || len(weight) != n || len(mean) != n || len(noise) != n || len(variance) != n ||
		len(root) != n || m != n && m != 1 || len(sigma) != m || len(g) != m {
		panic("simd: Rotate: slices of different lengths")
	}
	whole := 0
	if level != portable {
		whole = n &^ 7
		for part := newCut(whole, flatPart); part.next(); {
			if part.len() > 0 {
				lo, hi := part.from, part.end
				a, s, h := alpha, sigma, g
				if m > 1 {
					a, s, h = alpha[lo:hi], sigma[lo:hi], g[lo:hi]
				}
				rotateVec(x[lo:hi], target[lo:], weight[lo:], mean[lo:], noise[lo:], variance[lo:], root[lo:], a, s, h)
			}
		}
	}
	for j := whole; j < n; j++ {
		k := j
		if m == 1 {
			k = 0
		}
		α, σ, e, r := alpha[k], sigma[k], noise[j], root[j]
		in := 1 / math.Sqrt(float64(α*α*variance[j])+float64(σ*σ))
		c := x[j] - mean[j]
		x[j] = (float64(α*c) + float64(σ*e)) * in
		target[j] = float32((float64(α*r*e) - float64(σ*(c/r))) * in)
		out := g[k] * r * in
		weight[j] = float32(out * out)
	}
}
