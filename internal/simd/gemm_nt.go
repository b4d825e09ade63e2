package simd

// GemmNT32 computes C = A·Bᵀ, or C += A·Bᵀ when acc is set, with A [m,k], B [n,k] and C [m,n], none of them packed.
// It is meant for the many small products of a batch; where one B serves many rows, [Pack32] with trans and [Gemm32]
// are faster. Order of summation and bits are those of [Gemm32]. C must not overlap A or B.
func GemmNT32(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, acc bool) {
	if k <= sumTiny {
		var scratch [sumTiny * 32]float32
		gemmNT(c, ldc, a, lda, b, ldb, m, n, k, acc, scratch[:])
		return
	}
	var scratch [sumNT * 32]float32
	gemmNT(c, ldc, a, lda, b, ldb, m, n, k, acc, scratch[:])
}

// GemmNT64 is [GemmNT32] in float64.
func GemmNT64(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, m, n, k int, acc bool) {
	if k <= sumTiny {
		var scratch [sumTiny * 16]float64
		gemmNT(c, ldc, a, lda, b, ldb, m, n, k, acc, scratch[:])
		return
	}
	var scratch [sumNT * 16]float64
	gemmNT(c, ldc, a, lda, b, ldb, m, n, k, acc, scratch[:])
}

// A panel of Bᵀ is transposed on the stack, sumNT terms in 8 KiB at a time; sumTiny terms take 2 KiB, which are cleared
// in less time than the smallest products take.
const (
	sumNT   = 64
	sumTiny = 16
)

func gemmNT[T real](c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int, acc bool, scratch []T) {
	checkMatrix("C", len(c), m, n, ldc)
	checkMatrix("A", len(a), m, k, lda)
	checkMatrix("B", len(b), n, k, ldb)
	if copyPays[T](true, ldb, m, n, k) {
		gemmCopied(true, c, ldc, a, lda, b, ldb, m, n, k, acc)
		return
	}
	w := panel[T]()
	for j := 0; j < n; j += w {
		cols := min(w, n-j)
		for sum := newCut(k, len(scratch)/w); sum.next(); {
			if sum.len() > 0 {
				transpose(scratch, w, b[j*ldb+sum.from:], ldb, cols, sum.len())
			}
			for rows := newCut(m, blockRows[T](sum.len())); rows.next(); {
				s := strip[T]{
					c: c[min(rows.from*ldc+j, len(c)):], ldc: ldc,
					a: a[min(rows.from*lda+sum.from, len(a)):], lda: lda,
					b: scratch, ldb: w,
					m: rows.len(), n: cols, k: sum.len(),
					acc: acc || sum.from > 0,
				}
				s.nn()
			}
		}
	}
}
