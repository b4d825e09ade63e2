package simd

import (
	"sync"
	"unsafe"
)

// A product of operands that are not packed may copy them first, piece by piece, into panels. Rows that lie a power
// of two apart share few places in the first-level cache, and those that lie a page apart need more entries than
// the translation buffers have; the copies do neither. They cost some 3 % of a product and save up to two thirds of
// its time.
const (
	copiedSum  = 4096 // bytes of a row of A at a time, hence of the sum between two passes over C
	copiedCols = 512  // columns of B at a time
	copiedRows = 96   // rows of A at a time: as long as copiedSum, they stay in the second-level cache
)

// copies holds the pieces, in bytes: the panels of Aᵀ with their gaps, the last one perhaps not full, and those of B.
type copies struct {
	a [panelsSum*(panelsRows+64) + 64*panelsGap]byte
	b [copiedSum * copiedCols]byte
}

// The pieces of one product serve the next, so that a program that runs allocates none.
var copiesPool = sync.Pool{New: func() any { return new(copies) }}

// panelReach is how much memory the k pieces of rows that make a panel of B may lie in, no more than a page each:
// those of more pages than the translation buffers hold are found anew for every block of C.
const panelReach = 6 << 20

// least is the least dimension of a product whose copies pay.
const least = 64

// crowded reports whether rows ld elements apart share few places in the caches.
func crowded[T real](ld int) bool {
	var x T
	return ld*int(unsafe.Sizeof(x))%1024 == 0
}

// copyPays reports whether a product of A [m,k] and B [k,n], stored as its transpose when trans is set, is quicker
// with a copy of B.
func copyPays[T real](trans bool, ldb, m, n, k int) bool {
	if level == portable || m < least || n < least || k < least {
		return false
	}
	if trans { // B has to be transposed in any case, if in smaller pieces
		return m*n*k >= 1<<20
	}
	var x T
	size := int(unsafe.Sizeof(x))
	return crowded[T](ldb) && k*n*size > stripBytes || k*min(ldb*size, 4096) > panelReach
}

// gemmCopied is the product of A [m,k] and B [k,n], stored as its transpose when trans is set, none of them empty.
func gemmCopied[T real](trans bool, c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int, acc bool) {
	var x T
	size := int(unsafe.Sizeof(x))
	buf := copiesPool.Get().(*copies)
	defer copiesPool.Put(buf)
	panels := unsafe.Slice((*T)(unsafe.Pointer(&buf.b)), len(buf.b)/size)
	w := panel[T]()
	for sum := newCut(k, copiedSum/size); sum.next(); {
		for cols := newCut(n, copiedCols); cols.next(); {
			first := sum.from*ldb + cols.from
			if trans {
				first = cols.from*ldb + sum.from
			}
			pack(panels, b[first:], sum.len(), cols.len(), ldb, trans)
			for rows := newCut(m, copiedRows); rows.next(); {
				for j := 0; j < cols.len(); j += w {
					s := strip[T]{
						c: c[rows.from*ldc+cols.from+j:], ldc: ldc,
						a: a[rows.from*lda+sum.from:], lda: lda,
						b: panels[j*sum.len():], ldb: w,
						m: rows.len(), n: min(w, cols.len()-j), k: sum.len(),
						acc: acc || sum.from > 0,
					}
					s.nn()
				}
			}
		}
	}
}
