package simd

import (
	"fmt"
	"unsafe"
)

// PackedLen32 returns the number of elements that [Pack32] writes for B [k,n]: k·⌈n/32⌉·32.
func PackedLen32(k, n int) int { return packedLen[float32](k, n) }

// PackedLen64 returns the number of elements that [Pack64] writes for B [k,n]: k·⌈n/16⌉·16.
func PackedLen64(k, n int) int { return packedLen[float64](k, n) }

func packedLen[T real](k, n int) int {
	w := panel[T]()
	return k * ((n + w - 1) / w * w)
}

// Pack32 lays B [k,n] out for [Gemm32]: panel q holds columns 32q to 32q+31, k rows of 32 elements one behind the
// other, zeros in the columns beyond n. B has leading dimension ldb; when trans is set b holds Bᵀ [n,k] instead.
// dst must not overlap b.
func Pack32(dst, b []float32, k, n, ldb int, trans bool) { pack(dst, b, k, n, ldb, trans) }

// Pack64 is [Pack32] in float64, with panels of 16 columns, for [Gemm64].
func Pack64(dst, b []float64, k, n, ldb int, trans bool) { pack(dst, b, k, n, ldb, trans) }

func pack[T real](dst, b []T, k, n, ldb int, trans bool) {
	if trans {
		checkMatrix("Bᵀ", len(b), n, k, ldb)
	} else {
		checkMatrix("B", len(b), k, n, ldb)
	}
	if want := packedLen[T](k, n); len(dst) < want {
		panic(fmt.Sprintf("simd: packed B has %d elements, want %d for [%d,%d]", len(dst), want, k, n))
	}
	if k == 0 {
		return
	}
	w := panel[T]()
	for j := 0; j < n; j += w {
		cols := min(w, n-j)
		out := dst[j*k:][:w*k]
		if trans {
			packTransposed(out, b[j*ldb:], k, cols, ldb)
			continue
		}
		if cols == w {
			for rows := newCut(k, packChunk); rows.next(); {
				packRows(out[rows.from*w:], b[rows.from*ldb+j:], rows.len(), ldb)
			}
			continue
		}
		for p := range k {
			row, src := out[p*w:][:w], b[p*ldb+j:][:cols]
			copy(row, src)
			clear(row[cols:])
		}
	}
}

// packChunk is how many rows one call of assembly copies, some 100 ns each at worst.
const packChunk = 1 << 10

func packRowsPortable[T real](out, b []T, k, ldb int) {
	w := panel[T]()
	for p := range k {
		row, src := out[p*w:][:w], b[p*ldb:][:w]
		// An array of known size is copied without a call.
		*(*[128]byte)(unsafe.Pointer(&row[0])) = *(*[128]byte)(unsafe.Pointer(&src[0]))
	}
}

// packTransposed writes one panel from cols ≤ w rows of Bᵀ.
func packTransposed[T real](out, b []T, k, cols, ldb int) {
	w := panel[T]()
	if cols < w {
		clear(out)
	}
	transpose(out, w, b, ldb, cols, k)
}
