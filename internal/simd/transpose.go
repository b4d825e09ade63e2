package simd

// Transpose32 writes the transpose of a [m,n] to dst [n,m], with leading dimensions ldd ≥ m and lda ≥ n.
// dst must not overlap a.
func Transpose32(dst []float32, ldd int, a []float32, lda, m, n int) {
	checkMatrix("dst", len(dst), n, m, ldd)
	checkMatrix("A", len(a), m, n, lda)
	transpose(dst, ldd, a, lda, m, n)
}

// Transpose64 is [Transpose32] in float64.
func Transpose64(dst []float64, ldd int, a []float64, lda, m, n int) {
	checkMatrix("dst", len(dst), n, m, ldd)
	checkMatrix("A", len(a), m, n, lda)
	transpose(dst, ldd, a, lda, m, n)
}

func transpose[T real](dst []T, ldd int, a []T, lda, m, n int) {
	for i := range m {
		for j, x := range a[i*lda:][:n] {
			dst[j*ldd+i] = x
		}
	}
}
