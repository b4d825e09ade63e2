package simd

import (
	"fmt"
	"unsafe"
)

// real is an element of a matrix.
type real interface{ float32 | float64 }

// panel is the number of columns of a packed panel, 128 bytes: 32 float32 or 16 float64.
func panel[T real]() int {
	var x T
	return 128 / int(unsafe.Sizeof(x))
}

// One call into assembly multiplies at most stripBytes of A, a quarter of the second-level cache, and sums at most
// stripSum terms, so that it is over after some 30 µs (AVX-512) to 100 µs and a garbage collection never waits for it
// longer.
const (
	stripBytes = 1 << 18
	stripSum   = 1 << 12
)

// Gemm32 computes C = A·B, or C += A·B when acc is set, with A [m,k], C [m,n] and B [k,n] packed by [Pack32].
//
// Every element of C is one chain of fused multiply-adds in the order of the k terms that starts from zero, or
// from C when acc is set: its bits depend on its own row of A and column of B alone. The portable body rounds
// each product before it is added. C must not overlap A or B.
func Gemm32(c []float32, ldc int, a []float32, lda int, packed []float32, m, n, k int, acc bool) {
	gemmPacked(c, ldc, a, lda, packed, m, n, k, acc)
}

// Gemm64 is [Gemm32] in float64.
func Gemm64(c []float64, ldc int, a []float64, lda int, packed []float64, m, n, k int, acc bool) {
	gemmPacked(c, ldc, a, lda, packed, m, n, k, acc)
}

func gemmPacked[T real](c []T, ldc int, a []T, lda int, packed []T, m, n, k int, acc bool) {
	checkMatrix("C", len(c), m, n, ldc)
	checkMatrix("A", len(a), m, k, lda)
	if w := packedLen[T](k, n); len(packed) < w {
		panic(fmt.Sprintf("simd: packed B has %d elements, want %d for [%d,%d]", len(packed), w, k, n))
	}
	w := panel[T]()
	for sum := newCut(k, stripSum); sum.next(); {
		// The rows of one block stay in the second-level cache while the panels pass.
		for rows := newCut(m, blockRows[T](sum.len())); rows.next(); {
			for j := 0; j < n; j += w {
				s := strip[T]{
					c: c[min(rows.from*ldc+j, len(c)):], ldc: ldc,
					a: a[min(rows.from*lda+sum.from, len(a)):], lda: lda,
					b: packed[j*k+sum.from*w:], ldb: w,
					m: rows.len(), n: min(w, n-j), k: sum.len(),
					acc: acc || sum.from > 0,
				}
				s.nn()
			}
		}
	}
}

// strip is a product at most one panel wide, the unit that the vector routines and their portable twins compute: C
// [m,n] from A [m,k] (nn), [k,m] (tn) or panels of panelRows rows, lda elements apart (panels), and from rows of B
// ldb apart, for panels one panel of it.
type strip[T real] struct {
	c, a, b       []T
	ldc, lda, ldb int
	m, n, k       int
	acc           bool
	pairs         bool // an element of a and b is a pair of bfloat16; T is float32
	ints          bool // an element of a and b is a word of small integers, one of c an int32; T is float32
}

// blockRows returns how many rows one strip may have for a sum of k terms: a multiple of 24, which every row
// block of the vector routines divides, as long as that keeps a call short.
func blockRows[T real](k int) int {
	var x T
	rows := stripBytes / int(unsafe.Sizeof(x)) / max(k, 1)
	return max(rows-rows%24, 24)
}

// cut walks over 0..n in pieces of at most size; n = 0 gives one empty piece.
type cut struct{ from, end, n, size int }

func newCut(n, size int) cut { return cut{from: -1, n: n, size: size} }

func (c *cut) next() bool {
	if c.from >= 0 && c.end == c.n {
		return false
	}
	c.from = c.end
	c.end = min(c.from+c.size, c.n)
	return true
}

func (c *cut) len() int { return c.end - c.from }

func checkMatrix(name string, have, rows, cols, ld int) {
	if rows < 0 || cols < 0 || ld < cols {
		panic(fmt.Sprintf("simd: %s is [%d,%d] with leading dimension %d", name, rows, cols, ld))
	}
	if rows > 0 && cols > 0 && have < (rows-1)*ld+cols {
		panic(fmt.Sprintf("simd: %s [%d,%d] with leading dimension %d in %d elements", name, rows, cols, ld, have))
	}
}
