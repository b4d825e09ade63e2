package simd

import "unsafe"

// The blocks of Aᵀ·B from panels of both operands (Goto and van de Geijn 2008). A panel of B of panelsSum terms
// takes 32 KiB of the first-level cache; a block of A, its panels one register block high, takes 264 KiB of the
// second-level cache and passes over every panel of B. Copying costs some 3 % of a product of 1024³, 7 % of one
// that has 256 rows and columns; C is read and written once for every panelsSum terms.
const (
	panelsSum  = 256
	panelsRows = 1024 // bytes of a row of A at a time
	panelsCols = 4096 // bytes of a row of B at a time
	panelsGap  = 64   // bytes between two panels of A, so that they are not a power of two apart
)

// panelRows is the number of rows in a panel of A, those of one block of the vector routines.
func panelRows() int {
	if level == avx2 {
		return 6
	}
	return 8
}

// gemmPanels is C [m,n] = Aᵀ·B with A [k,m] and B [k,n], none of them empty.
func gemmPanels[T real](c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int, acc bool) {
	var x T
	size := int(unsafe.Sizeof(x))
	buf := copiesPool.Get().(*copies)
	defer copiesPool.Put(buf)
	panelsA := unsafe.Slice((*T)(unsafe.Pointer(&buf.a)), len(buf.a)/size)
	panelsB := unsafe.Slice((*T)(unsafe.Pointer(&buf.b)), len(buf.b)/size)
	w, h := panel[T](), panelRows()
	for cols := newCut(n, evenly(n, panelsCols/size, w)); cols.next(); {
		for sum := newCut(k, evenly(k, panelsSum, 4)); sum.next(); {
			pack(panelsB, b[sum.from*ldb+cols.from:], sum.len(), cols.len(), ldb, false)
			next := sum.len()*h + panelsGap/size
			for rows := newCut(m, evenly(m, panelsRows/size, h)); rows.next(); {
				packRows(panelsA, next, a[sum.from*lda+rows.from:], lda, sum.len(), rows.len(), h)
				for j := 0; j < cols.len(); j += w {
					s := strip[T]{
						c: c[rows.from*ldc+cols.from+j:], ldc: ldc,
						a: panelsA, lda: next,
						b: panelsB[j*sum.len():], ldb: w,
						m: rows.len(), n: min(w, cols.len()-j), k: sum.len(),
						acc: acc || sum.from > 0,
					}
					s.panels()
				}
			}
		}
	}
}

// evenly returns the size of the pieces that cut n into as few as most allows, all but the last one equal and a
// multiple of unit, which divides most or nearly does.
func evenly(n, most, unit int) int {
	most -= most % unit
	pieces := (n + most - 1) / most
	return ((n+pieces-1)/pieces + unit - 1) / unit * unit
}

// packRows lays out A [k,m] in panels of h columns, next elements apart. What the last one has beyond m stays as it
// was.
func packRows[T real](out []T, next int, a []T, lda, k, m, h int) {
	var x T
	size := int(unsafe.Sizeof(x))
	// The vector routine reads in units of 32 bytes, and not beyond the row.
	whole := m / h
	for whole > 0 && ((whole-1)*h+(h*size+31)/32*32/size) > m {
		whole--
	}
	if whole > 0 {
		for rows := newCut(k, packElements/m+1); rows.next(); {
			packPanels(out[rows.from*h:], next, a[rows.from*lda:], lda, rows.len(), whole, h)
		}
	}
	for q := whole; q*h < m; q++ {
		for p := range k {
			copy(out[q*next+p*h:][:h], a[p*lda+q*h:][:min(h, m-q*h)])
		}
	}
}
