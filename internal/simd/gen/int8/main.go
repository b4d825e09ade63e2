// Command int8 writes the copies of internal/simd that quantise float32 to words of int16 pairs or of four bytes, and
// the end of a product of those: int32 to float32.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

var turn Mem

func main() {
	// the order of dwords after two packings within halves of a vector
	turn = GLOBL("int8Turn", RODATA|NOPTR)
	for i, v := range []uint32{0, 4, 1, 5, 2, 6, 3, 7} {
		DATA(4*i, U32(v))
	}
	words("int8Pairs", 2)
	words("int8Quads", 4)
	most()
	finish()
	Generate()
}

// words writes the routine for words of so many numbers.
func words(name string, in int) {
	TEXT(name, NOSPLIT, "func(dst *uint32, src *float32, vectors int, grid *float32, stats *float32)")
	Pragma("noescape")
	Doc(name+" quantises vectors ≥ 1 pieces of 8 words: round(min(max(x·grid[0], grid[1]), grid[2])) + grid[3],",
		"ties to even. The 8 int32 of stats[0:8] add up to the sum of the results, and a stats[8:16] that is not 0 "+
			"says that", "an x is not finite.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("vectors"), GP64())
	grid, stats := Load(Param("grid"), GP64()), Load(Param("stats"), GP64())
	scale, low, high, zero := YMM(), YMM(), YMM(), YMM()
	for i, v := range []VecVirtual{scale, low, high, zero} {
		VBROADCASTSS(Mem{Base: grid, Disp: 4 * i}, v)
	}
	VCVTPS2DQ(zero, zero)
	nought, sum, bad := YMM(), YMM(), YMM()
	VXORPS(nought, nought, nought)
	VXORPS(sum, sum, sum)
	VXORPS(bad, bad, bad)
	order := YMM()
	if in == 4 {
		VMOVDQU(turn, order)
	}
	Label("loop")
	x := make([]VecVirtual, in)
	t := YMM()
	for i := range x {
		x[i] = YMM()
		VMOVUPS(Mem{Base: src, Disp: 32 * i}, x[i])
		VMULPS(x[i], nought, t)
		VADDPS(t, bad, bad)
		VMULPS(x[i], scale, x[i])
		VMAXPS(low, x[i], x[i])
		VMINPS(high, x[i], x[i])
		VCVTPS2DQ(x[i], x[i])
		VPADDD(zero, x[i], x[i])
		VPADDD(x[i], sum, sum)
	}
	for i := 0; i < in; i += 2 {
		VPACKSSDW(x[i+1], x[i], x[i]) // halves: 0 of i, 0 of i+1, 1 of i, 1 of i+1
	}
	if in == 2 {
		VPERMQ(U8(0xd8), x[0], x[0])
	} else {
		VPACKUSWB(x[2], x[0], x[0])
		VPERMD(x[0], order, x[0])
	}
	VMOVDQU(x[0], Mem{Base: dst})
	ADDQ(U32(uint32(32*in)), src)
	ADDQ(U32(32), dst)
	DECQ(n)
	JNE(LabelRef("loop"))
	VMOVDQU(sum, Mem{Base: stats})
	VMOVUPS(bad, Mem{Base: stats, Disp: 32})
	VZEROUPPER()
	RET()
}

// most writes the routine that finds the scale of a column.
func most() {
	TEXT("int8Most", NOSPLIT, "func(dst *float32, src *float32, vectors int)")
	Pragma("noescape")
	Doc("int8Most sets dst[0:8] to numbers whose largest is that of the |x| of vectors ≥ 1 pieces of 8.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("vectors"), GP64())
	mask, most, x := YMM(), YMM(), YMM()
	VPCMPEQD(mask, mask, mask)
	VPSRLD(U8(1), mask, mask)
	VXORPS(most, most, most)
	Label("loop")
	VANDPS(Mem{Base: src}, mask, x)
	VMAXPS(x, most, most)
	ADDQ(U32(32), src)
	DECQ(n)
	JNE(LabelRef("loop"))
	VMOVUPS(most, Mem{Base: dst})
	VZEROUPPER()
	RET()
}

// finish writes the routine that makes float32 of sums.
func finish() {
	TEXT("int8Finish", NOSPLIT, "func(c *float32, ld int, rows int, vectors int, offset *int32, scale *float32)")
	Pragma("noescape")
	Doc("int8Finish makes c = float32(int32(c) − offset)·scale of rows ≥ 1 rows, ld bytes apart, of vectors ≥ 1",
		"pieces of 8 columns.")
	c, ld := Load(Param("c"), GP64()), Load(Param("ld"), GP64())
	rows := Load(Param("rows"), GP64())
	offset, scale := Load(Param("offset"), GP64()), Load(Param("scale"), GP64())
	Label("row")
	n, at, zero := Load(Param("vectors"), GP64()), GP64(), YMM()
	XORQ(at, at)
	Label("vector")
	here := func(base Register) Mem { return Mem{Base: base, Index: at, Scale: 1} }
	VMOVDQU(here(c), zero)
	VPSUBD(here(offset), zero, zero)
	VCVTDQ2PS(zero, zero)
	VMULPS(here(scale), zero, zero)
	VMOVUPS(zero, here(c))
	ADDQ(U32(32), at)
	DECQ(n)
	JNE(LabelRef("vector"))
	ADDQ(ld, c)
	DECQ(rows)
	JNE(LabelRef("row"))
	VZEROUPPER()
	RET()
}
