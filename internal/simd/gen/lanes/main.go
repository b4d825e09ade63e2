// Command lanes writes the sum over gradient lanes and the sum of squares of internal/simd.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	for _, s := range []isa{{"Z", 64, func() VecVirtual { return ZMM() }},
		{"Y", 32, func() VecVirtual { return YMM() }}} {
		sumLanes(s, 4)
		sumLanes(s, 8)
		sumSq(s)
	}
	Generate()
}

type isa struct {
	suffix string
	bytes  int
	vec    func() VecVirtual
}

// sumLanes adds 256 bytes of every lane at a time.
func sumLanes(s isa, elem int) {
	const block = 256
	name := fmt.Sprintf("sumLanes%d%s", 8*elem, s.suffix)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(dst *float%[1]d, lanes *float%[1]d, stride int, count int, n int)", 8*elem))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s adds count > 0 lanes of n elements, n a positive multiple of %d.", name, block/elem))
	dst, lanes, stride := param("dst"), param("lanes"), param("stride")
	count, n := param("count"), param("n")
	IMUL3Q(U32(uint32(elem)), stride, stride)
	acc := make([]VecVirtual, block/s.bytes)
	for i := range acc {
		acc[i] = s.vec()
	}
	Label("loop")
	p, l := GP64(), GP64()
	MOVQ(lanes, p)
	for i, a := range acc {
		VMOVUPS(Mem{Base: p, Disp: i * s.bytes}, a)
	}
	MOVQ(count, l)
	DECQ(l)
	JE(LabelRef("store"))
	Label("lane")
	ADDQ(stride, p)
	for i, a := range acc {
		if elem == 4 {
			VADDPS(Mem{Base: p, Disp: i * s.bytes}, a, a)
		} else {
			VADDPD(Mem{Base: p, Disp: i * s.bytes}, a, a)
		}
	}
	DECQ(l)
	JNE(LabelRef("lane"))
	Label("store")
	for i, a := range acc {
		VMOVUPS(a, Mem{Base: dst, Disp: i * s.bytes})
	}
	ADDQ(U32(block), lanes)
	ADDQ(U32(block), dst)
	SUBQ(U32(uint32(block/elem)), n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// sumSq adds the squares of elements i, i+32, i+64, … to sums[i], in float64: the square of a float32 is exact there.
func sumSq(s isa) {
	const sums = 32
	name := "sumSq32" + s.suffix
	TEXT(name, NOSPLIT, "func(sums *float64, x *float32, n int)")
	Pragma("noescape")
	Doc(name + " adds the squares of x to 32 sums in turn, n elements, a positive multiple of 32.")
	out, x, n := param("sums"), param("x"), param("n")
	acc := make([]VecVirtual, sums*8/s.bytes)
	for i := range acc {
		acc[i] = s.vec()
		VMOVUPS(Mem{Base: out, Disp: i * s.bytes}, acc[i])
	}
	Label("loop")
	for i, a := range acc {
		v := s.vec()
		VCVTPS2PD(Mem{Base: x, Disp: i * s.bytes / 2}, v)
		VFMADD231PD(v, v, a)
	}
	ADDQ(U32(4*sums), x)
	SUBQ(U32(sums), n)
	JNE(LabelRef("loop"))
	for i, a := range acc {
		VMOVUPS(a, Mem{Base: out, Disp: i * s.bytes})
	}
	VZEROUPPER()
	RET()
}

func param(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }
