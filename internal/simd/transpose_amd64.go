package simd

import "unsafe"

// transposeBlocks transposes A [m,n] for m and n multiples of the number of elements in 32 bytes, at both vector
// levels.
//
//go:noinline
func transposeBlocks[T real](dst []T, ldd int, a []T, lda, m, n int) {
	d, s := unsafe.SliceData(dst), unsafe.SliceData(a)
	if unsafe.Sizeof(*d) == 4 {
		transpose32Y(f32(d), ldd, f32(s), lda, m, n)
		return
	}
	transpose64Y(f64(d), ldd, f64(s), lda, m, n)
}
