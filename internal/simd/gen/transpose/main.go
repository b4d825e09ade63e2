// Command transpose writes the block transposes of internal/simd. They need AVX only and serve both vector levels.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	transpose("transpose32Y", "float32", 4, block8)
	transpose("transpose64Y", "float64", 8, block4)
	Generate()
}

// transpose writes a routine that goes over A in square blocks as wide as a vector, down the rows first, so that
// the rows of dst are completed one after the other.
func transpose(name, typ string, elem int, block func(src, dst [8]Mem)) {
	TEXT(name, NOSPLIT, fmt.Sprintf("func(dst *%[1]s, ldd int, a *%[1]s, lda int, m int, n int)", typ))
	Pragma("noescape")
	size := 32 / elem
	Doc(fmt.Sprintf("%s transposes A [m,n] for m and n multiples of %d.", name, size))
	dst, a := Load(Param("dst"), GP64()), Load(Param("a"), GP64())
	ldd, lda := Load(Param("ldd"), GP64()), Load(Param("lda"), GP64())
	n := Load(Param("n"), GP64())
	shift := U8(2)
	if elem == 8 {
		shift = 3
	}
	SHLQ(shift, ldd)
	SHLQ(shift, lda)

	TESTQ(n, n)
	JE(LabelRef("done"))
	Label("columns")
	p, q := GP64(), GP64()
	MOVQ(a, p)
	MOVQ(dst, q)
	m := Load(Param("m"), GP64())
	TESTQ(m, m)
	JE(LabelRef("done"))
	Label("rows")
	src, nextA := rows(p, lda)
	out, _ := rows(q, ldd)
	block(src, out)
	if size == 8 {
		LEAQ(Mem{Base: nextA, Index: lda, Scale: 2}, p)
	} else {
		LEAQ(Mem{Base: p, Index: lda, Scale: 4}, p)
	}
	ADDQ(U32(32), q)
	SUBQ(U32(uint32(size)), m)
	JNE(LabelRef("rows"))
	ADDQ(U32(32), a)
	next := GP64()
	MOVQ(ldd, next)
	IMUL3Q(U32(uint32(size)), next, next)
	ADDQ(next, dst)
	SUBQ(U32(uint32(size)), n)
	JNE(LabelRef("columns"))
	Label("done")
	VZEROUPPER()
	RET()
}

// rows returns the addresses of eight rows, and a register with that of the sixth row.
func rows(p, ld Register) (m [8]Mem, sixth Register) {
	three, six := GP64(), GP64()
	LEAQ(Mem{Base: p, Index: ld, Scale: 2}, three)
	ADDQ(ld, three)
	LEAQ(Mem{Base: three, Index: ld, Scale: 2}, six)
	ADDQ(ld, six)
	for i, base := range []Register{p, three, six} {
		for r := range 3 {
			if 3*i+r == 8 {
				break
			}
			x := Mem{Base: base}
			if r > 0 {
				x.Index, x.Scale = ld, uint8(r)
			}
			m[3*i+r] = x
		}
	}
	return m, six
}

// block8 transposes 8×8 float32. The halves of rows i and i+4 share a register from the start, so that no step has to
// cross them later.
func block8(src, dst [8]Mem) {
	for half := range 2 {
		r := make([]VecVirtual, 4)
		for i := range r {
			r[i] = YMM()
			VMOVUPS(src[i].Offset(16*half), r[i].AsX())
			VINSERTF128(U8(1), src[i+4].Offset(16*half), r[i], r[i])
		}
		t := make([]VecVirtual, 4)
		for i := range t {
			t[i] = YMM()
		}
		VUNPCKLPS(r[1], r[0], t[0])
		VUNPCKHPS(r[1], r[0], t[1])
		VUNPCKLPS(r[3], r[2], t[2])
		VUNPCKHPS(r[3], r[2], t[3])
		for i := range 2 {
			lo, hi := YMM(), YMM()
			VUNPCKLPD(t[2+i], t[i], lo)
			VUNPCKHPD(t[2+i], t[i], hi)
			VMOVUPS(lo, dst[4*half+2*i])
			VMOVUPS(hi, dst[4*half+2*i+1])
		}
	}
}

// block4 transposes 4×4 float64 in the same way.
func block4(src, dst [8]Mem) {
	for half := range 2 {
		r := make([]VecVirtual, 2)
		for i := range r {
			r[i] = YMM()
			VMOVUPS(src[i].Offset(16*half), r[i].AsX())
			VINSERTF128(U8(1), src[i+2].Offset(16*half), r[i], r[i])
		}
		lo, hi := YMM(), YMM()
		VUNPCKLPD(r[1], r[0], lo)
		VUNPCKHPD(r[1], r[0], hi)
		VMOVUPS(lo, dst[2*half])
		VMOVUPS(hi, dst[2*half+1])
	}
}
