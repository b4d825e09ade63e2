package simd

import "unsafe"

// at32 and at64 are the address of a slice's first element, whose type the caller knows.
func at32[T real](x []T) *float32 { return (*float32)(unsafe.Pointer(unsafe.SliceData(x))) }
func at64[T real](x []T) *float64 { return (*float64)(unsafe.Pointer(unsafe.SliceData(x))) }

//go:noinline
func reduceRowsOnce[T real](k reduction, dst, x []T, cols int) {
	wide := level == avx512
	switch {
	case level == portable && k.isMax():
		rowMaxesPortable(dst, x, cols)
	case level == portable:
		rowSumsPortable(dst, x, cols)
	case k == sums32 && wide:
		rowSums32AVX512(at32(dst), at32(x), len(dst), cols)
	case k == sums32:
		rowSums32AVX2(at32(dst), at32(x), len(dst), cols)
	case k == sums64 && wide:
		rowSums64AVX512(at64(dst), at64(x), len(dst), cols)
	case k == sums64:
		rowSums64AVX2(at64(dst), at64(x), len(dst), cols)
	case k == maxes32 && wide:
		rowMaxes32AVX512(at32(dst), at32(x), len(dst), cols)
	case k == maxes32:
		rowMaxes32AVX2(at32(dst), at32(x), len(dst), cols)
	case wide:
		rowMaxes64AVX512(at64(dst), at64(x), len(dst), cols)
	default:
		rowMaxes64AVX2(at64(dst), at64(x), len(dst), cols)
	}
}

//go:noinline
func colSumAccOnce[T real](k reduction, acc, x []T, rows, ld int) {
	wide := level == avx512
	switch {
	case level == portable:
		colSumAccPortable(acc, x, rows, ld)
	case k == colSums32 && wide:
		colSumAcc32AVX512(at32(acc), at32(x), rows, len(acc), ld)
	case k == colSums32:
		colSumAcc32AVX2(at32(acc), at32(x), rows, len(acc), ld)
	case wide:
		colSumAcc64AVX512(at64(acc), at64(x), rows, len(acc), ld)
	default:
		colSumAcc64AVX2(at64(acc), at64(x), rows, len(acc), ld)
	}
}

//go:noinline
func dot32(a, b []float32) (s float32) {
	switch {
	case len(a) == 0:
	case level == avx512:
		rowDots32AVX512(&s, &a[0], &b[0], 1, len(a))
	case level == avx2:
		rowDots32AVX2(&s, &a[0], &b[0], 1, len(a))
	default:
		s = dot32Portable(a, b)
	}
	return s
}

//go:noinline
func dot64(a, b []float64) (s float64) {
	switch {
	case len(a) == 0:
	case level == avx512:
		rowDots64AVX512(&s, &a[0], &b[0], 1, len(a))
	case level == avx2:
		rowDots64AVX2(&s, &a[0], &b[0], 1, len(a))
	default:
		s = dot64Portable(a, b)
	}
	return s
}
