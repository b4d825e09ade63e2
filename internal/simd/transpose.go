package simd

// Transpose32 writes the transpose of A [m,n] to dst [n,m], with leading dimensions ldd ≥ m and lda ≥ n.
// dst must not overlap A. All levels give the same bits.
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
	if m == 0 || n == 0 {
		return
	}
	if level == portable {
		transposePortable(dst, ldd, a, lda, 0, m, 0, n)
		return
	}
	// Whole square blocks go to the vector routine, at most flatPart elements a call.
	size := panel[T]() / 4
	mb, nb := m/size*size, n/size*size
	for rows := newCut(mb, 32*size); rows.next(); {
		if rows.len() == 0 {
			break
		}
		step := flatPart / rows.len() / size * size
		for cols := newCut(nb, step); cols.next(); {
			if cols.len() > 0 {
				transposeBlocks(dst[cols.from*ldd+rows.from:], ldd, a[rows.from*lda+cols.from:], lda, rows.len(), cols.len())
			}
		}
	}
	transposePortable(dst, ldd, a, lda, 0, mb, nb, n)
	transposePortable(dst, ldd, a, lda, mb, m, 0, n)
}

// transposePortable transposes rows i0 to i1 and columns j0 to j1 of A.
func transposePortable[T real](dst []T, ldd int, a []T, lda, i0, i1, j0, j1 int) {
	for i := i0; i < i1; i++ {
		for j, x := range a[i*lda:][j0:j1] {
			dst[(j0+j)*ldd+i] = x
		}
	}
}
