//go:build !amd64

package simd

// transposeBlocks stands in for the vector routine, which no level of this architecture calls.
func transposeBlocks[T real](dst []T, ldd int, a []T, lda, m, n int) {
	transposePortable(dst, ldd, a, lda, m, n)
}
