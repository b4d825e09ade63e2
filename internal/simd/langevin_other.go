//go:build !amd64

package simd

func langevin(x, s, z []float64, c *[3]float64) { langevinPortable(x, s, z, c) }
