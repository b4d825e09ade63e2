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
	size := panel[T]() / 4
	if level == portable || m < size || n < size {
		transposePortable(dst, ldd, a, lda, m, n)
		return
	}
	// Square blocks go to the vector routine. What whole blocks leave at an edge is done by a block that ends there and
	// repeats some of its neighbour.
	mb, nb := m/size*size, n/size*size
	transposeWhole(dst, ldd, a, lda, mb, nb)
	if nb < n {
		transposeWhole(dst[(n-size)*ldd:], ldd, a[n-size:], lda, mb, size)
	}
	if mb < m {
		dst, a = dst[m-size:], a[(m-size)*lda:]
		transposeWhole(dst, ldd, a, lda, size, nb)
		if nb < n {
			transposeWhole(dst[(n-size)*ldd:], ldd, a[n-size:], lda, size, size)
		}
	}
}

// transposeWhole transposes A of whole blocks, at most flatPart elements a call.
func transposeWhole[T real](dst []T, ldd int, a []T, lda, m, n int) {
	size := panel[T]() / 4
	for rows := newCut(m, 32*size); rows.next(); {
		step := flatPart / rows.len() / size * size
		for cols := newCut(n, step); cols.next(); {
			transposeBlocks(dst[cols.from*ldd+rows.from:], ldd, a[rows.from*lda+cols.from:], lda, rows.len(),
				cols.len())
		}
	}
}

// transposePortable goes along the longer side.
func transposePortable[T real](dst []T, ldd int, a []T, lda, m, n int) {
	if m > n {
		for j := range n {
			to, from := dst[j*ldd:][:m], a[j:]
			for i := range to {
				to[i] = from[i*lda]
			}
		}
		return
	}
	for i := range m {
		for j, x := range a[i*lda:][:n] {
			dst[j*ldd+i] = x
		}
	}
}
