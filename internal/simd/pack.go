package simd

import "fmt"

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
	if trans {
		for j := 0; j < n; j += w {
			packTransposed(dst[j*k:][:w*k], b[j*ldb:], k, min(w, n-j), ldb)
		}
		return
	}
	whole := n / w
	if whole > 0 {
		// Row by row: the rows may lie a page apart, and it takes longer to find one than to read it.
		for rows := newCut(k, packElements/n+1); rows.next(); {
			packPanels(dst[rows.from*w:], k*w, b[rows.from*ldb:], ldb, rows.len(), whole, w)
		}
	}
	if cols := n - whole*w; cols > 0 {
		for p := range k {
			row := dst[whole*w*k+p*w:][:w]
			copy(row, b[p*ldb+whole*w:][:cols])
			clear(row[cols:])
		}
	}
}

// packElements is how many elements one call of assembly copies, but at least one row: a few µs, 50 at worst.
const packElements = 1 << 15

func packPanelsPortable[T real](out []T, next int, b []T, ldb, k, n, step int) {
	for p := range k {
		for q := range n {
			copy(out[q*next+p*step:][:step], b[p*ldb+q*step:][:step])
		}
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
