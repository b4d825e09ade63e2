//go:build !amd64

package simd

func (c *combination) part(dst []float64, in [][]float64) { c.portable(dst, in) }
