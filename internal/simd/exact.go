package simd

import "math"

// What the portable bodies of the elementwise functions are made of: each is rounded once, like the
// instruction that it stands for.

var (
	inf32 = float32(math.Inf(1))
	inf64 = math.Inf(1)
	nan32 = float32(math.NaN())
	nan64 = math.NaN()
)

// fma64 is x·y + z rounded once.
func fma64(x, y, z float64) float64 { return math.FMA(x, y, z) }

// fma32 is x·y + z rounded once. In float64 the product is exact and the sum is rounded to 53 bits; rounding
// that to 24 bits errs only when it lies half-way between two float32 without being exact.
func fma32(x, y, z float32) float32 {
	s := float64(float64(x)*float64(y)) + float64(z)
	if math.Float64bits(s)&(1<<29-1) == 1<<28 {
		return fma32Tie(x, y, z, s)
	}
	return float32(s)
}

// fma32Tie moves s off the half-way point, towards the exact sum.
func fma32Tie(x, y, z float32, s float64) float32 {
	p, w := float64(x)*float64(y), float64(z)
	// The error of s = p + w, exactly (Knuth's two-sum).
	v := s - p
	e := (p - (s - v)) + (w - v)
	if e != 0 {
		s = math.Nextafter(s, math.Copysign(math.Inf(1), e))
	}
	return float32(s)
}

// flush32 and flush64 replace a denormal by a zero of its sign.
func flush32(x float32) float32 {
	if x < 0x1p-126 && x > -0x1p-126 {
		return x * 0
	}
	return x
}

func flush64(x float64) float64 {
	if x < 0x1p-1022 && x > -0x1p-1022 {
		return x * 0
	}
	return x
}

func pick[T any](c bool, a, b T) T {
	if c {
		return a
	}
	return b
}
