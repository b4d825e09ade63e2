// Command pack writes the copy of a panel of internal/simd. It needs AVX only and serves both vector levels.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// width is the width of a panel in bytes.
const width = 128

func main() {
	TEXT("packRowsY", NOSPLIT, "func(dst *byte, src *byte, ld int, rows int)")
	Pragma("noescape")
	Doc("packRowsY copies 128 bytes from each of rows ≥ 1 rows, ld bytes apart, one behind the other.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	ld, rows := Load(Param("ld"), GP64()), Load(Param("rows"), GP64())
	Label("row")
	for at := 0; at < width; at += 32 {
		x := YMM()
		VMOVUPS(Mem{Base: src, Disp: at}, x)
		VMOVUPS(x, Mem{Base: dst, Disp: at})
	}
	ADDQ(ld, src)
	ADDQ(U32(width), dst)
	DECQ(rows)
	JNE(LabelRef("row"))
	VZEROUPPER()
	RET()
	Generate()
}
