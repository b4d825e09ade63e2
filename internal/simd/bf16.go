package simd

import (
	"fmt"
	"math"
	"sync"
	"unsafe"
)

// Products of bfloat16: operands are rounded to eight significant bits (ties to even, denormal numbers to zero), their
// products are exact and summed in float32. Where the processor has AVX512-BF16 two neighbouring terms of a sum are one
// element, a pair, of what is otherwise the product of float32; elsewhere the rounded numbers are multiplied as
// float32 are. The sums of the two differ by rounding.

// HasBF16 reports whether bfloat16 products are done by instructions of their own.
func HasBF16() bool { return level == avx512 && bf16Unit }

// BF16 says how bfloat16 products are summed: machines where it differs give other bytes.
func BF16() string {
	if HasBF16() {
		return "bfloat16 by pairs"
	}
	return "bfloat16 by terms"
}

// half rounds x to a bfloat16.
func half(x float32) uint16 {
	b := math.Float32bits(x)
	switch {
	case b&0x7f800000 == 0:
		return uint16(b >> 16 & 0x8000)
	case b&0x7fffffff > 0x7f800000:
		return uint16(b>>16) | 0x40 // a NaN that stays one
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// couple is the pair of x and y.
func couple(x, y float32) uint32 { return uint32(half(x)) | uint32(half(y))<<16 }

// RoundBF16 rounds src to bfloat16 in dst, which may be src.
func RoundBF16(dst, src []float32) {
	src = src[:len(dst)]
	for len(dst) > 0 {
		n := roundVectors(dst, src)
		if n == 0 {
			break
		}
		dst, src = dst[n:], src[n:]
	}
	for i, x := range src {
		dst[i] = math.Float32frombits(uint32(half(x)) << 16)
	}
}

// words reads pairs as the float32 whose place they take.
func words(x []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// half of k terms are so many pairs.
func pairsOf(k int) int { return (k + 1) / 2 }

// coupleAlong lays out each of m rows of x [m,k] as pairs of neighbours, the last of which may be with zero.
func coupleAlong(dst []uint32, x []float32, ldx, m, k int) {
	kp := pairsOf(k)
	if ldx == k && k%2 == 0 { // one long row
		m, k, kp, ldx = 1, m*k, m*kp, m*k
	}
	for i := range m {
		row, out := x[i*ldx:][:k], dst[i*kp:][:kp]
		done := 0
		for done < k {
			n := roundAlong(out[done/2:], row[done:])
			if n == 0 {
				break
			}
			done += n
		}
		for ; done < k; done += 2 {
			y := float32(0)
			if done+1 < k {
				y = row[done+1]
			}
			out[done/2] = couple(row[done], y)
		}
	}
}

// coupleRows lays out B [k,n], rows ldb apart, as pairs of rows in panels of step columns, 8 or 32, next elements
// apart: zeros beyond n, and beyond k. Room for an even number of panels is needed.
func coupleRows(dst []uint32, next int, b []float32, ldb, k, n, step int) {
	done := 0
	for whole := newCut(k/2, packElements/(2*n)+1); whole.next(); {
		pairs := whole.len()
		if pairs == 0 || !roundRows(dst[whole.from*step:], next, b[2*whole.from*ldb:], ldb, pairs, n, step) {
			break
		}
		done = whole.end
	}
	for p := done; 2*p < k; p++ {
		for q := 0; q*step < n; q++ {
			row := dst[q*next+p*step:][:step]
			for j := range row {
				x, y, at := float32(0), float32(0), q*step+j
				if at < n {
					x = b[2*p*ldb+at]
					if 2*p+1 < k {
						y = b[(2*p+1)*ldb+at]
					}
				}
				row[j] = couple(x, y)
			}
		}
	}
}

// room is memory for the rounded operands of one product, kept for the next.
type room struct {
	a, b []float32
	bad  []int // rows that are not finite
}

var roomPool = sync.Pool{New: func() any { return new(room) }}

func grow(x *[]float32, n int) []float32 {
	if cap(*x) < n {
		*x = make([]float32, n)
	}
	return (*x)[:n]
}

// PackBF16 is [Pack32] of B rounded to bfloat16, for [GemmBF16]; dst has [PackedLen32] elements, whose layout depends
// on the processor.
func PackBF16(dst, b []float32, k, n, ldb int, trans bool) {
	rows, cols := k, n
	if trans {
		rows, cols = n, k
	}
	checkMatrix("B", len(b), rows, cols, ldb)
	if want := packedLen[float32](k, n); len(dst) < want {
		panic(fmt.Sprintf("simd: packed B has %d elements, want %d for [%d,%d]", len(dst), want, k, n))
	}
	if k == 0 || n == 0 {
		return
	}
	if HasBF16() && !trans {
		coupleRows(words(dst), pairsOf(k)*32, b, ldb, k, n, 32)
		return
	}
	r := roomPool.Get().(*room)
	defer roomPool.Put(r)
	if HasBF16() {
		kp := pairsOf(k)
		pairs := grow(&r.b, n*kp)
		coupleAlong(words(pairs), b, ldb, n, k)
		pack(dst, pairs, kp, n, kp, true)
		return
	}
	rounded := grow(&r.b, rows*cols)
	for i := range rows {
		RoundBF16(rounded[i*cols:][:cols], b[i*ldb:][:cols])
	}
	pack(dst, rounded, k, n, cols, trans)
}

// GemmBF16 is [Gemm32] of bfloat16: A is rounded here, B was by [PackBF16]. An element of C depends on its own row of A
// and column of B alone.
func GemmBF16(c []float32, ldc int, a []float32, lda int, packed []float32, m, n, k int, acc bool) {
	checkMatrix("C", len(c), m, n, ldc)
	checkMatrix("A", len(a), m, k, lda)
	if w := packedLen[float32](k, n); len(packed) < w {
		panic(fmt.Sprintf("simd: packed B has %d elements, want %d for [%d,%d]", len(packed), w, k, n))
	}
	r := roomPool.Get().(*room)
	defer roomPool.Put(r)
	for rows := newCut(m, blockRows[float32](min(pairsOf(k), stripSum))); rows.next(); {
		x := a[min(rows.from*lda, len(a)):]
		to := c[min(rows.from*ldc, len(c)):]
		if !HasBF16() {
			rounded := grow(&r.a, rows.len()*k)
			for i := range rows.len() {
				RoundBF16(rounded[i*k:][:k], x[i*lda:])
			}
			gemmPacked(to, ldc, rounded, k, packed, rows.len(), n, k, acc)
			continue
		}
		kp := pairsOf(k)
		pairs := grow(&r.a, rows.len()*kp)
		coupleAlong(words(pairs), x, lda, rows.len(), k)
		for sum := newCut(kp, stripSum); sum.next(); {
			for j := 0; j < n; j += 32 {
				s := strip[float32]{
					c: to[min(j, len(to)):], ldc: ldc,
					a: pairs[min(sum.from, len(pairs)):], lda: kp,
					b: packed[j*kp+sum.from*32:], ldb: 32,
					m: rows.len(), n: min(32, n-j), k: sum.len(),
					acc: acc || sum.from > 0, pairs: true,
				}
				s.nn()
			}
		}
	}
}

// GemmTNBF16 is [GemmTN32] of bfloat16: C [k,n] from A [m,k] and B [m,n], both rounded here.
func GemmTNBF16(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, acc bool) {
	checkMatrix("C", len(c), k, n, ldc)
	checkMatrix("A", len(a), m, k, lda)
	checkMatrix("B", len(b), m, n, ldb)
	if m == 0 || n == 0 || k == 0 || !HasBF16() {
		gemmTNRounded(c, ldc, a, lda, b, ldb, m, n, k, acc)
		return
	}
	buf := copiesPool.Get().(*copies)
	defer copiesPool.Put(buf)
	panelsA := unsafe.Slice((*float32)(unsafe.Pointer(&buf.a)), len(buf.a)/4)
	panelsB := unsafe.Slice((*float32)(unsafe.Pointer(&buf.b)), len(buf.b)/4)
	const h = 8
	for cols := newCut(n, evenly(n, panelsCols/4, 64)); cols.next(); {
		for sum := newCut(m, evenly(m, 2*panelsSum, 8)); sum.next(); {
			terms := pairsOf(sum.len())
			coupleRows(words(panelsB), terms*32, b[sum.from*ldb+cols.from:], ldb, sum.len(), cols.len(), 32)
			next := terms*h + panelsGap/4
			for rows := newCut(k, evenly(k, panelsRows/4, 2*h)); rows.next(); {
				coupleRows(words(panelsA), next, a[sum.from*lda+rows.from:], lda, sum.len(), rows.len(), h)
				for j := 0; j < cols.len(); j += 32 {
					s := strip[float32]{
						c: c[rows.from*ldc+cols.from+j:], ldc: ldc,
						a: panelsA, lda: next,
						b: panelsB[j*terms:], ldb: 32,
						m: rows.len(), n: min(32, cols.len()-j), k: terms,
						acc: acc || sum.from > 0, pairs: true,
					}
					s.panels()
				}
			}
		}
	}
}

// gemmTNRounded is GemmTNBF16 without instructions of its own.
func gemmTNRounded(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, acc bool) {
	r := roomPool.Get().(*room)
	defer roomPool.Put(r)
	ra, rb := grow(&r.a, m*k), grow(&r.b, m*n)
	for i := range m {
		RoundBF16(ra[i*k:][:k], a[i*lda:])
		RoundBF16(rb[i*n:][:n], b[i*ldb:])
	}
	gemmTN(c, ldc, ra, k, rb, n, m, n, k, acc)
}
