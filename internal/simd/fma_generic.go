//go:build !arm64

package simd

import "math"

// fma32 is x·y + z rounded once. In float64 the product is exact (so that it does not matter whether Go fuses)
// and the sum is rounded to 53 bits; rounding that to 24 bits errs only when it lies half-way between two
// float32 without being exact.
func fma32(x, y, z float32) float32 {
	s := float64(x)*float64(y) + float64(z)
	if math.Float64bits(s)<<35 == 1<<63 {
		s = untie(s, x, y, z)
	}
	return float32(s)
}

// untie moves s, the rounded x·y + z, off the half-way point, towards the exact sum.
func untie(s float64, x, y, z float32) float64 {
	p, w := float64(x)*float64(y), float64(z)
	// The error of s = p + w, exactly (Knuth's two-sum).
	v := s - p
	if e := (p - (s - v)) + (w - v); e != 0 {
		s = math.Nextafter(s, math.Copysign(math.Inf(1), e))
	}
	return s
}
