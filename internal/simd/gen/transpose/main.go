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

// transpose writes a routine that goes over A in strips of columns, down the rows of each, so that the rows of dst
// are completed one after the other. A strip is a cache line wide, two blocks, as long as there are so many columns:
// rows that lie a power of two apart share few places in the cache, and half a line would be gone before its other
// half is asked for.
func transpose(name, typ string, elem int, block func(src, dst [8]Mem)) {
	TEXT(name, NOSPLIT, fmt.Sprintf("func(dst *%[1]s, ldd int, a *%[1]s, lda int, m int, n int)", typ))
	Pragma("noescape")
	size := 32 / elem
	Doc(fmt.Sprintf("%s transposes A [m,n] for m and n positive multiples of %d.", name, size))
	dst, a := Load(Param("dst"), GP64()), Load(Param("a"), GP64())
	ldd, lda := Load(Param("ldd"), GP64()), Load(Param("lda"), GP64())
	n := Load(Param("n"), GP64())
	shift := U8(2)
	if elem == 8 {
		shift = 3
	}
	SHLQ(shift, ldd)
	SHLQ(shift, lda)

	for _, blocks := range []int{2, 1} {
		label := func(s string) string { return fmt.Sprintf("%s%d", s, blocks) }
		Label(label("columns"))
		CMPQ(n, U32(uint32(blocks*size)))
		JLT(LabelRef(label("end")))
		p, q, m := GP64(), GP64(), GP64()
		MOVQ(a, p)
		MOVQ(dst, q)
		Load(Param("m"), m)
		Label(label("rows"))
		src, seventh := rows(p, lda)
		out, _ := rows(q, ldd)
		block(src, out)
		if blocks == 2 {
			second := GP64()
			MOVQ(ldd, second)
			IMUL3Q(U32(uint32(size)), second, second)
			ADDQ(q, second)
			for i := range src {
				src[i] = src[i].Offset(32)
			}
			out, _ = rows(second, ldd)
			block(src, out)
		}
		if size == 8 {
			LEAQ(Mem{Base: seventh, Index: lda, Scale: 2}, p)
		} else {
			LEAQ(Mem{Base: p, Index: lda, Scale: 4}, p)
		}
		ADDQ(U32(32), q)
		SUBQ(U32(uint32(size)), m)
		JNE(LabelRef(label("rows")))
		ADDQ(U32(uint32(32*blocks)), a)
		next := GP64()
		IMUL3Q(U32(uint32(size*blocks)), ldd, next)
		ADDQ(next, dst)
		SUBQ(U32(uint32(size*blocks)), n)
		JMP(LabelRef(label("columns")))
		Label(label("end"))
	}
	VZEROUPPER()
	RET()
}

// rows returns the addresses of eight rows, and a register with that of the seventh.
func rows(p, ld Register) (m [8]Mem, seventh Register) {
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
		r, t := []VecPhysical{Y0, Y1, Y2, Y3}, []VecPhysical{Y4, Y5, Y6, Y7}
		for i := range r {
			VMOVUPS(src[i].Offset(16*half), r[i].AsX())
			VINSERTF128(U8(1), src[i+4].Offset(16*half), r[i], r[i])
		}
		VUNPCKLPS(r[1], r[0], t[0])
		VUNPCKHPS(r[1], r[0], t[1])
		VUNPCKLPS(r[3], r[2], t[2])
		VUNPCKHPS(r[3], r[2], t[3])
		for i := range 2 {
			lo, hi := r[2*i], r[2*i+1]
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
		r := []VecPhysical{Y0, Y1}
		for i := range r {
			VMOVUPS(src[i].Offset(16*half), r[i].AsX())
			VINSERTF128(U8(1), src[i+2].Offset(16*half), r[i], r[i])
		}
		lo, hi := Y2, Y3
		VUNPCKLPD(r[1], r[0], lo)
		VUNPCKHPD(r[1], r[0], hi)
		VMOVUPS(lo, dst[2*half])
		VMOVUPS(hi, dst[2*half+1])
	}
}
