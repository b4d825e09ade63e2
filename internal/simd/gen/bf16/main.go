// Command bf16 writes the copies of internal/simd that round float32 to bfloat16 and lay it out in pairs.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/seed9a7962a8/ito/internal/simd/gen/evex"
)

// ahead is the number of pairs of rows that are fetched in advance.
const ahead = 4

// turns holds the places of words that puts the halves of a vector side by side.
var turns Mem

func main() {
	turns = GLOBL("bf16Turns", RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(uint32(16+i)<<16|uint32(i)))
	}
	along()
	rows("bf16Panels32", 32, "of 32 columns")
	rows("bf16Panels8", 16, "of 8 columns, the last two of which may lie beyond them")
	round()
	Generate()
}

// round writes the routine of AVX2 that rounds numbers where they are, for products by terms.
func round() {
	constant := func(name string, bits uint32) VecVirtual {
		m := GLOBL(name, RODATA|NOPTR)
		DATA(0, U32(bits))
		y := YMM()
		VPBROADCASTD(m, y)
		return y
	}
	TEXT("bf16Round", NOSPLIT, "func(dst, src *float32, vectors int)")
	Pragma("noescape")
	Doc("bf16Round rounds vectors ≥ 1 pieces of 8 numbers to bfloat16: ties to even, denormal numbers to zero, and a",
		"NaN stays one.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("vectors"), GP64())
	one, below := constant("bf16One", 1), constant("bf16Below", 0x7fff)
	upper, exponent := constant("bf16Upper", 0xffff0000), constant("bf16Exponent", 0x7f800000)
	sign, quiet, zero := constant("bf16Sign", 0x80000000), constant("bf16Quiet", 0x400000), YMM()
	VPXOR(zero, zero, zero)
	Label("loop")
	x, r, t, m := YMM(), YMM(), YMM(), YMM()
	VMOVUPS(Mem{Base: src}, x)
	VPSRLD(U8(16), x, r)
	VPAND(one, r, r)
	VPADDD(below, r, r)
	VPADDD(x, r, r)
	VCMPPS(U8(3), x, x, m) // unordered: a NaN
	VPOR(quiet, x, t)
	VBLENDVPS(m, t, r, r)
	VPAND(upper, r, r)
	VPAND(exponent, x, m)
	VPCMPEQD(zero, m, m)
	VPAND(sign, x, t)
	VBLENDVPS(m, t, r, r)
	VMOVUPS(r, Mem{Base: dst})
	ADDQ(U32(32), src)
	ADDQ(U32(32), dst)
	DECQ(n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// along writes the routine for pairs of neighbours in memory.
func along() {
	TEXT("bf16Along", NOSPLIT, "func(dst *uint32, src *float32, vectors int)")
	Pragma("noescape")
	Doc("bf16Along rounds vectors ≥ 1 pieces of 32 numbers to 16 pairs of neighbours each.")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("vectors"), GP64())
	Label("loop")
	VMOVUPS(Mem{Base: src}, Z0)
	VMOVUPS(Mem{Base: src, Disp: 64}, Z1)
	evex.Pairs.Emit(Z2, Z1, Z0)
	VMOVUPS(Z2, Mem{Base: dst})
	ADDQ(U32(128), src)
	ADDQ(U32(64), dst)
	DECQ(n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// rows writes a routine for pairs of rows, in panels; a turn of its inner loop takes width columns.
func rows(name string, width int, what string) {
	TEXT(name, NOSPLIT, "func(dst *uint32, next int, src *float32, ld int, pairs int, cols int)")
	Pragma("noescape")
	Doc(name+" rounds pairs ≥ 1 pairs of rows of cols ≥ 1 numbers, ld bytes apart, and writes them side by side in",
		"panels "+what+",", "next bytes apart, one pair of rows behind the other, zeros beyond cols.")
	dst, next := Load(Param("dst"), GP64()), Load(Param("next"), GP64())
	src, ld := Load(Param("src"), GP64()), Load(Param("ld"), GP64())
	pairs := Load(Param("pairs"), GP64())
	far := GP64()
	IMUL3Q(U32(2*ahead), ld, far)
	turn := Z31
	VMOVDQU32(turns, turn)
	vectors := width / 16
	// the masks of the last turn
	rest := Load(Param("cols"), GP64())
	ANDQ(U32(uint32(width-1)), rest)
	ones, bits := GP64(), GP64()
	MOVQ(I32(-1), ones)
	BZHIQ(rest, ones, bits)
	masks := []Register{K(), K()}[:vectors]
	for _, k := range masks {
		KMOVW(bits.As32(), k)
		SHRQ(U8(16), bits)
	}
	write := func(from, to GPVirtual, mask func(v int) Register) {
		for v := range vectors {
			odd := Mem{Base: from, Index: ld, Scale: 1, Disp: 64 * v}
			if k := mask(v); k != nil {
				VMOVUPS_Z(Mem{Base: from, Disp: 64 * v}, k, Z0)
				VMOVUPS_Z(odd, k, Z1)
			} else {
				PREFETCHT0(Mem{Base: from, Index: far, Scale: 1, Disp: 64 * v})
				VMOVUPS(Mem{Base: from, Disp: 64 * v}, Z0)
				VMOVUPS(odd, Z1)
			}
			evex.Pairs.Emit(Z2, Z1, Z0)
			VPERMW(Z2, turn, Z3)
			if width == 32 {
				VMOVUPS(Z3, Mem{Base: to, Disp: 64 * v})
				continue
			}
			VMOVUPS(Y3, Mem{Base: to})
			VEXTRACTF64X4(U8(1), Z3, Y4)
			VMOVUPS(Y4, Mem{Base: to, Index: next, Scale: 1})
		}
	}
	Label("row")
	from, to, n := GP64(), GP64(), Load(Param("cols"), GP64())
	MOVQ(src, from)
	MOVQ(dst, to)
	SUBQ(U32(uint32(width)), n)
	JLT(LabelRef("last"))
	Label("panel")
	write(from, to, func(int) Register { return nil })
	ADDQ(U32(uint32(4*width)), from)
	ADDQ(next, to)
	if width == 16 { // two panels a turn
		ADDQ(next, to)
	}
	SUBQ(U32(uint32(width)), n)
	JGE(LabelRef("panel"))
	Label("last")
	TESTQ(rest, rest)
	JEQ(LabelRef("end"))
	write(from, to, func(v int) Register { return masks[v] })
	Label("end")
	ADDQ(ld, src)
	ADDQ(ld, src)
	ADDQ(U32(uint32(map[int]int{32: 128, 16: 32}[width])), dst)
	DECQ(pairs)
	JNE(LabelRef("row"))
	VZEROUPPER()
	RET()
}
