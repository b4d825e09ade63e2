package simd

import "math"

//go:generate go run -C gen ./elementwise/golang ..

// The elementwise functions are described once, in gen/functions, and written from there for AVX-512, AVX2 and
// Go. Every operation is rounded as the instruction rounds it, in Go too (see fma32), so all levels give the
// same bits; but the assembly takes denormal operands and results for zeros and Go does not.

// chunk is how many elements one call of assembly may have: at most 5 ns each, so some 40 µs.
const chunk = 1 << 13

// checkLen panics when the lengths of a caller's slices do not fit together.
func checkLen(ok bool) {
	if !ok {
		panic("simd: slices whose lengths do not fit")
	}
}

// The vector bodies of sine and cosine leave arguments that are too large for them, or not numbers, as they
// are. Nothing else in their results exceeds 1.

func patchSin32(dst []float32) { patch(dst, math.Sin) }
func patchCos32(dst []float32) { patch(dst, math.Cos) }
func patchSin64(dst []float64) { patch(dst, math.Sin) }
func patchCos64(dst []float64) { patch(dst, math.Cos) }

// The functions with the bits of package math are package math wherever vector code does not reach: all of a chunk with
// one such argument, and portable code.

func patchMathExp64(dst, x []float64)   { each(dst, x, math.Exp) }
func patchMathExpm164(dst, x []float64) { each(dst, x, math.Expm1) }
func patchMathLog64(dst, x []float64)   { each(dst, x, math.Log) }

func each(dst, x []float64, f func(float64) float64) {
	for i, v := range x {
		dst[i] = f(v)
	}
}

func patch[T float32 | float64](dst []T, f func(float64) float64) {
	for i, x := range dst {
		if !(x <= 1 && x >= -1) {
			dst[i] = T(f(float64(x)))
		}
	}
}
