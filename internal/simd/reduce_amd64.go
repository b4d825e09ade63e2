package simd

import "unsafe"

//go:noinline
func colSumAccOnce[T real](acc, x []T, rows, ld int) {
	if level == portable {
		colSumAccPortable(acc, x, rows, ld)
		return
	}
	to, from, cols := unsafe.SliceData(acc), unsafe.SliceData(x), len(acc)
	single, wide := unsafe.Sizeof(*to) == 4, level == avx512
	switch {
	case single && wide:
		colSumAcc32AVX512(f32(to), f32(from), rows, cols, ld)
	case single:
		colSumAcc32AVX2(f32(to), f32(from), rows, cols, ld)
	case wide:
		colSumAcc64AVX512(f64(to), f64(from), rows, cols, ld)
	default:
		colSumAcc64AVX2(f64(to), f64(from), rows, cols, ld)
	}
}

//go:noinline
func colMaxAccOnce[T real](acc, x []T, rows, ld int) {
	if level == portable {
		colMaxAccPortable(acc, x, rows, ld)
		return
	}
	to, from, cols := unsafe.SliceData(acc), unsafe.SliceData(x), len(acc)
	single, wide := unsafe.Sizeof(*to) == 4, level == avx512
	switch {
	case single && wide:
		colMaxAcc32AVX512(f32(to), f32(from), rows, cols, ld)
	case single:
		colMaxAcc32AVX2(f32(to), f32(from), rows, cols, ld)
	case wide:
		colMaxAcc64AVX512(f64(to), f64(from), rows, cols, ld)
	default:
		colMaxAcc64AVX2(f64(to), f64(from), rows, cols, ld)
	}
}

//go:noinline
func sumRowsOnce[T real](dst, x []T, cols int) {
	if level == portable {
		sumRowsPortable(dst, x, cols)
		return
	}
	to, from, rows := unsafe.SliceData(dst), unsafe.SliceData(x), len(dst)
	single, wide := unsafe.Sizeof(*to) == 4, level == avx512
	switch {
	case single && wide:
		sumRows32AVX512(f32(to), f32(from), rows, cols)
	case single:
		sumRows32AVX2(f32(to), f32(from), rows, cols)
	case wide:
		sumRows64AVX512(f64(to), f64(from), rows, cols)
	default:
		sumRows64AVX2(f64(to), f64(from), rows, cols)
	}
}

//go:noinline
func sum32(x []float32) float32 {
	switch {
	case len(x) == 0:
		return 0
	case level == avx512:
		return sum32AVX512(&x[0], len(x))
	case level == avx2:
		return sum32AVX2(&x[0], len(x))
	}
	return sumPortable(x)
}

//go:noinline
func sum64(x []float64) float64 {
	switch {
	case len(x) == 0:
		return 0
	case level == avx512:
		return sum64AVX512(&x[0], len(x))
	case level == avx2:
		return sum64AVX2(&x[0], len(x))
	}
	return sumPortable(x)
}
