package simd

import (
	"sync"
	"unsafe"
)

// A product of operands that are not packed may copy them first, piece by piece: B into panels, a transposed A into rows.
// Rows that lie a power of two apart share few places in the first-level cache, and those that lie a page apart need more
// entries than the translation buffers have; the copies do neither. They cost some 3 % of a product and save up to two
// thirds of its time.
const (
	copiedSum  = 4096 // bytes of a row of A at a time, hence of the sum between two passes over C
	copiedCols = 512  // columns of B at a time
	copiedRows = 96   // rows of A at a time: as long as copiedSum, they stay in the second-level cache
	copiedGap  = 64   // bytes between two rows of a transposed A, so that they are not a power of two apart
)

// copies holds the pieces, in bytes.
type copies struct {
	a [copiedRows * (copiedSum + copiedGap)]byte
	b [copiedSum * copiedCols]byte
}

// The pieces of one product serve the next, so that a program that runs allocates none.
var copiesPool = sync.Pool{New: func() any { return new(copies) }}

// form says which operand of a product is stored transposed.
type form uint8

const (
	formNN form = iota
	formNT
	formTN
)

// copyPays reports whether a product of op(A) [m,k] and op(B) [k,n] is quicker with copies.
func copyPays[T real](of form, lda, ldb, m, n, k int) bool {
	if level == portable || m < 64 || n < 64 || k < 64 {
		return false
	}
	var x T
	size := int(unsafe.Sizeof(x))
	crowded := func(ld int) bool { return ld*size%1024 == 0 }
	switch of {
	case formTN:
		return crowded(lda) || crowded(ldb) || k*size > copiedSum/2
	case formNT: // which has to transpose B in any case, if in smaller pieces
		return m*n*k >= 1<<20
	default:
		return crowded(ldb) && k*n*size > stripBytes
	}
}

// gemmCopied is the product of op(A) [m,k] and op(B) [k,n], none of them empty.
func gemmCopied[T real](of form, c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int, acc bool) {
	var x T
	size := int(unsafe.Sizeof(x))
	buf := copiesPool.Get().(*copies)
	defer copiesPool.Put(buf)
	turned := unsafe.Slice((*T)(unsafe.Pointer(&buf.a)), len(buf.a)/size)
	panels := unsafe.Slice((*T)(unsafe.Pointer(&buf.b)), len(buf.b)/size)
	w := panel[T]()
	for sum := newCut(k, copiedSum/size); sum.next(); {
		for cols := newCut(n, copiedCols); cols.next(); {
			if of == formNT {
				pack(panels, b[cols.from*ldb+sum.from:], sum.len(), cols.len(), ldb, true)
			} else {
				pack(panels, b[sum.from*ldb+cols.from:], sum.len(), cols.len(), ldb, false)
			}
			for rows := newCut(m, copiedRows); rows.next(); {
				s := strip[T]{ldc: ldc, ldb: w, m: rows.len(), k: sum.len(), acc: acc || sum.from > 0}
				if of == formTN {
					s.a, s.lda = turned, sum.len()+copiedGap/size
					transpose(s.a, s.lda, a[sum.from*lda+rows.from:], lda, sum.len(), rows.len())
				} else {
					s.a, s.lda = a[rows.from*lda+sum.from:], lda
				}
				for j := 0; j < cols.len(); j += w {
					s.c, s.b, s.n = c[rows.from*ldc+cols.from+j:], panels[j*sum.len():], min(w, cols.len()-j)
					s.nn()
				}
			}
		}
	}
}
