package simd

import "unsafe"

// GemmTN32 computes C = Aᵀ·B, or C += Aᵀ·B when acc is set, with A [m,k], B [m,n] and C [k,n], none of them packed:
// the gradient of a weight. Every element of C is one chain of fused multiply-adds in the order of the m terms, as
// in [Gemm32]. C must not overlap A or B.
func GemmTN32(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, acc bool) {
	gemmTN(c, ldc, a, lda, b, ldb, m, n, k, acc)
}

// GemmTN64 is [GemmTN32] in float64.
func GemmTN64(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, m, n, k int, acc bool) {
	gemmTN(c, ldc, a, lda, b, ldb, m, n, k, acc)
}

// The blocks of Aᵀ·B without copies. A strip sums at most sumTN terms in one call: so many rows of B stay in the
// first-level cache while the row blocks of C pass over them, and they do not touch more pages than the translation
// buffers hold. A block of C, rowsTN rows and panelsTN panels, stays in the second-level cache until all its terms are
// summed.
const (
	sumTN    = 128
	rowsTN   = 264
	panelsTN = 8
	oneBlock = 1 << 16 // elements of C, about
)

// panelsPay reports whether a product of Aᵀ, A [m,k], and B [m,n] is quicker from panels: where rows crowd, where
// the sum takes so many terms that A and B have left the second-level cache when another block of C needs them, of a
// C that has more than one, and in large products where rows crowd half as much or a vector of B lies in two cache
// lines.
func panelsPay[T real](ldc, lda, ldb, m, n, k int) bool {
	if level == portable || m < least || n < least || k < least {
		return false
	}
	if m > 2*panelsSum && k*n > oneBlock || crowded[T](lda) || crowded[T](ldb) || crowded[T](ldc) {
		return true
	}
	var x T
	row := ldb * int(unsafe.Sizeof(x))
	return m*n*k >= 1<<26 && (row%512 == 0 || row%64 != 0)
}

func gemmTN[T real](c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int, acc bool) {
	checkMatrix("C", len(c), k, n, ldc)
	checkMatrix("A", len(a), m, k, lda)
	checkMatrix("B", len(b), m, n, ldb)
	if panelsPay[T](ldc, lda, ldb, m, n, k) {
		gemmPanels(c, ldc, a, lda, b, ldb, k, n, m, acc)
		return
	}
	w := panel[T]()
	for cols := newCut(n, panelsTN*w); cols.next(); {
		for rows := newCut(k, rowsTN); rows.next(); {
			for sum := newCut(m, sumTN); sum.next(); {
				for j := cols.from; j < cols.end; j += w {
					s := strip[T]{
						c: c[min(rows.from*ldc+j, len(c)):], ldc: ldc,
						a: a[min(sum.from*lda+rows.from, len(a)):], lda: lda,
						b: b[min(sum.from*ldb+j, len(b)):], ldb: ldb,
						m: rows.len(), n: min(w, n-j), k: sum.len(),
						acc: acc || sum.from > 0,
					}
					s.tn()
				}
			}
		}
	}
}
