// Command combine writes the linear combinations of internal/simd: a sum of any number of terms in one pass.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The size of a slice in a list of slices, and of its elements.
const (
	header = 24
	elem   = 8
)

func main() {
	for _, wide := range []bool{true, false} {
		combine(isa{wide, false})
		combine(isa{wide, true})
	}
	Generate()
}

// isa is one instruction set and one form: numbers or, for a plane, matrices as coefficients.
type isa struct{ wide, plane bool }

func (s isa) name() string {
	name := "combine64"
	if s.plane {
		name = "plane64"
	}
	if s.wide {
		return name + "Z"
	}
	return name + "Y"
}

func (s isa) vec() VecVirtual {
	if s.wide {
		return ZMM()
	}
	return YMM()
}

func (s isa) bytes() int {
	if s.wide {
		return 64
	}
	return 32
}

// pair fills a vector with two numbers in turn.
func (s isa) pair(m Mem) VecVirtual {
	x := s.vec()
	if s.wide {
		VBROADCASTF64X2(m, x)
	} else {
		VBROADCASTF128(m, x)
	}
	return x
}

func combine(s isa) {
	if s.plane {
		TEXT(s.name(), NOSPLIT, "func(dst *float64, shift *float64, coef *float64, in *[]float64, terms int, n int)")
		Doc(s.name() + " is the body of Plane64 for at least one term and n a positive multiple of 8. coef holds, " +
			"for each term, the diagonal of its matrix and then the other two.")
	} else {
		TEXT(s.name(), NOSPLIT, "func(dst *float64, coef *float64, in *[]float64, terms int, n int)")
		Doc(s.name() + " is the body of Combine64 for at least one term and n a positive multiple of 8.")
	}
	Pragma("noescape")
	mxcsr := flush()
	dst, n, at := Load(Param("dst"), GP64()), Load(Param("n"), GP64()), GP64()
	XORQ(at, at)
	for _, vectors := range []int{4, 1} {
		label := func(l string) string { return fmt.Sprintf("%s%d", l, vectors) }
		step := vectors * s.bytes()
		Label(label("block"))
		CMPQ(n, U32(uint32(step/elem)))
		JLT(LabelRef(label("end")))
		in, coef, terms := Load(Param("in"), GP64()), Load(Param("coef"), GP64()), Load(Param("terms"), GP64())
		acc := make([]VecVirtual, vectors)
		var shift VecVirtual
		if s.plane {
			shift = s.pair(Mem{Base: Load(Param("shift"), GP64())})
		}
		for v := range acc {
			acc[v] = s.vec()
			if s.plane {
				VMOVUPS(shift, acc[v])
			}
		}
		u := GP64()
		value := func(v int) Mem { return Mem{Base: u, Index: at, Scale: 1, Disp: v * s.bytes()} }
		next := func() {
			ADDQ(U32(header), in)
			if s.plane {
				ADDQ(U32(4*elem), coef)
			} else {
				ADDQ(U32(elem), coef)
			}
			DECQ(terms)
		}
		if !s.plane {
			MOVQ(Mem{Base: in}, u)
			c := s.vec()
			VBROADCASTSD(Mem{Base: coef}, c)
			for v := range acc {
				VMULPD(value(v), c, acc[v])
			}
			next()
			JEQ(LabelRef(label("store")))
		}
		Label(label("term"))
		MOVQ(Mem{Base: in}, u)
		if s.plane {
			d, o := s.pair(Mem{Base: coef}), s.pair(Mem{Base: coef, Disp: 2 * elem})
			for v := range acc {
				x, swapped := s.vec(), s.vec()
				VMOVUPS(value(v), x)
				if s.wide {
					VPERMILPD(U8(0x55), x, swapped)
				} else {
					VPERMILPD(U8(0x5), x, swapped)
				}
				VFMADD231PD(x, d, acc[v])
				VFMADD231PD(swapped, o, acc[v])
			}
		} else {
			c := s.vec()
			VBROADCASTSD(Mem{Base: coef}, c)
			for v := range acc {
				VFMADD231PD(value(v), c, acc[v])
			}
		}
		next()
		JNE(LabelRef(label("term")))
		Label(label("store"))
		for v := range acc {
			VMOVUPS(acc[v], Mem{Base: dst, Index: at, Scale: 1, Disp: v * s.bytes()})
		}
		ADDQ(U32(uint32(step)), at)
		SUBQ(U32(uint32(step/elem)), n)
		JMP(LabelRef(label("block")))
		Label(label("end"))
	}
	LDMXCSR(mxcsr)
	VZEROUPPER()
	RET()
}

// flush makes denormal operands and results zero, as in the elementwise functions, and returns what to restore.
func flush() Mem {
	local := AllocLocal(8)
	STMXCSR(local)
	r := GP32()
	MOVL(local, r)
	ORL(U32(0x8040), r)
	MOVL(r, local.Offset(4))
	LDMXCSR(local.Offset(4))
	return local
}
