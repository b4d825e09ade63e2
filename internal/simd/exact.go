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
