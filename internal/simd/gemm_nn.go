package simd

// GemmNN32 computes C = A·B, or C += A·B when acc is set, with A [m,k], B [k,n] and C [m,n], none of them packed. It
// is meant for the many small products of a batch; where one B serves many rows, [Pack32] and [Gemm32] are faster.
// Order of summation and bits are those of [Gemm32]. C must not overlap A or B.
func GemmNN32(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, acc bool) {
	gemmNN(c, ldc, a, lda, b, ldb, m, n, k, acc)
}

// GemmNN64 is [GemmNN32] in float64.
func GemmNN64(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, m, n, k int, acc bool) {
	gemmNN(c, ldc, a, lda, b, ldb, m, n, k, acc)
}

func gemmNN[T real](c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int, acc bool) {
	checkMatrix("C", len(c), m, n, ldc)
	checkMatrix("A", len(a), m, k, lda)
	checkMatrix("B", len(b), k, n, ldb)
	if copyPays[T](false, ldb, m, n, k) {
		gemmCopied(false, c, ldc, a, lda, b, ldb, m, n, k, acc)
		return
	}
	w := panel[T]()
	for sum := newCut(k, stripSum); sum.next(); {
		for rows := newCut(m, blockRows[T](sum.len())); rows.next(); {
			for j := 0; j < n; j += w {
				s := strip[T]{
					c: c[min(rows.from*ldc+j, len(c)):], ldc: ldc,
					a: a[min(rows.from*lda+sum.from, len(a)):], lda: lda,
					b: b[min(sum.from*ldb+j, len(b)):], ldb: ldb,
					m: rows.len(), n: min(w, n-j), k: sum.len(),
					acc: acc || sum.from > 0,
				}
				s.nn()
			}
		}
	}
}
