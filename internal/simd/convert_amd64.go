package simd

// The last elements are converted by the same instructions, in a copy, so that what becomes of a denormal does
// not depend on where it stands.

//go:noinline
func cvtF32F64(dst []float64, x []float32) {
	if level == portable {
		cvtPortable(dst, x)
		return
	}
	n := len(dst) &^ 7
	if n > 0 {
		cvtF32F64Vec(&dst[0], &x[0], n)
	}
	if n < len(dst) {
		var to [8]float64
		var from [8]float32
		copy(from[:], x[n:])
		cvtF32F64Vec(&to[0], &from[0], 8)
		copy(dst[n:], to[:])
	}
}

func cvtF32F64Vec(dst *float64, x *float32, n int) {
	if level == avx512 {
		cvtF32F64AVX512(dst, x, n)
	} else {
		cvtF32F64AVX2(dst, x, n)
	}
}

//go:noinline
func cvtF64F32(dst []float32, x []float64) {
	if level == portable {
		cvtPortable(dst, x)
		return
	}
	n := len(dst) &^ 7
	if n > 0 {
		cvtF64F32Vec(&dst[0], &x[0], n)
	}
	if n < len(dst) {
		var to [8]float32
		var from [8]float64
		copy(from[:], x[n:])
		cvtF64F32Vec(&to[0], &from[0], 8)
		copy(dst[n:], to[:])
	}
}

func cvtF64F32Vec(dst *float32, x *float64, n int) {
	if level == avx512 {
		cvtF64F32AVX512(dst, x, n)
	} else {
		cvtF64F32AVX2(dst, x, n)
	}
}
