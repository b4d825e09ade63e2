//go:build !amd64

package simd

func rotateVec(x []float64, target, weight []float32, mean, noise, variance, root, alpha, sigma, g []float64) {
	panic("simd: no vector code")
}
