// Command pack writes the copies of internal/simd that lay rows out in panels. They need AVX only and serve both vector
// levels.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// ahead is the number of rows that are fetched in advance: they may lie too far apart for the processor to see the
// pattern.
const ahead = 4

func main() {
	for _, width := range []int{32, 64, 128} {
		panels(width)
	}
	Generate()
}

func panels(width int) {
	name := fmt.Sprintf("packPanels%dY", width)
	TEXT(name, NOSPLIT, "func(dst *byte, next int, src *byte, ld int, rows int, panels int, step int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s cuts each of rows ≥ 1 rows, ld bytes apart, into panels ≥ 1 pieces of %d bytes that begin "+
		"step bytes apart,", name, width),
		"and writes each behind the same piece of the row before, step bytes further; the panels lie next bytes apart.",
		"Where step is shorter than a piece, what a piece has in excess is overwritten by the next row.")
	dst, next := Load(Param("dst"), GP64()), Load(Param("next"), GP64())
	src, ld := Load(Param("src"), GP64()), Load(Param("ld"), GP64())
	rows, step := Load(Param("rows"), GP64()), Load(Param("step"), GP64())
	far := GP64()
	IMUL3Q(U32(ahead), ld, far)
	Label("row")
	from, to := GP64(), GP64()
	MOVQ(src, from)
	MOVQ(dst, to)
	n := Load(Param("panels"), GP64())
	Label("panel")
	PREFETCHT0(Mem{Base: from, Index: far, Scale: 1})
	if width == 128 {
		PREFETCHT0(Mem{Base: from, Index: far, Scale: 1, Disp: 64})
	}
	for at := 0; at < width; at += 32 {
		x := YMM()
		VMOVUPS(Mem{Base: from, Disp: at}, x)
		VMOVUPS(x, Mem{Base: to, Disp: at})
	}
	ADDQ(step, from)
	ADDQ(next, to)
	DECQ(n)
	JNE(LabelRef("panel"))
	ADDQ(ld, src)
	ADDQ(step, dst)
	DECQ(rows)
	JNE(LabelRef("row"))
	VZEROUPPER()
	RET()
}
