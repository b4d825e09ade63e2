package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/seed9a7962a8/ito/internal/simd/gen/evex"
)

// isa is one instruction set at one precision.
type isa struct {
	suffix string // of the routine's name
	wide   bool   // AVX-512
	double bool
	// pairs: an element of A and B is a pair of bfloat16, two terms of the sum; C is float32
	pairs bool
	// ints: an element is a pair of int16; quads: four bytes, those of A unsigned and those of B signed. C is int32, in
	// the words of float32.
	ints, quads bool
	spare       int // the register, from the top, of the products of pairs of int16
}

func (s isa) elem() int {
	if s.double {
		return 8
	}
	return 4
}

func (s isa) bytes() int {
	if s.wide {
		return 64
	}
	return 32
}

func (s isa) lanes() int { return s.bytes() / s.elem() }

// goType is the type of an element of C, and operand that of one of A and B.
func (s isa) goType() string {
	if s.double {
		return "float64"
	}
	return "float32"
}

func (s isa) operand() string {
	if s.pairs || s.ints || s.quads {
		return "uint32"
	}
	return s.goType()
}

var (
	zmm = []VecPhysical{
		Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
		Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31,
	}
	ymm = []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}
)

// Vector registers are assigned by hand: accumulators from the bottom, then from the top the broadcast element
// of A, the two vectors of B and, for AVX2, the two masks. Pairs of int16 take one more, the
// first that is free, for their products.

func (s isa) reg(i int) VecPhysical {
	if s.wide {
		return zmm[i]
	}
	return ymm[i]
}

func (s isa) top(i int) VecPhysical {
	if s.wide {
		return zmm[31-i]
	}
	return ymm[15-i]
}

func (s isa) regA() VecPhysical         { return s.top(0) }
func (s isa) regB(v int) VecPhysical    { return s.top(1 + v) }
func (s isa) regMask(v int) VecPhysical { return s.top(3 + v) }

func (s isa) fma(b, a, acc VecPhysical) {
	switch {
	case s.pairs:
		evex.Dot.Emit(acc, b, a)
	case s.quads:
		evex.Bytes.Emit(acc, a, b)
	case s.ints:
		VPMADDWD(b, a, s.top(s.spare))
		VPADDD(s.top(s.spare), acc, acc)
	case s.double:
		VFMADD231PD(b, a, acc)
	default:
		VFMADD231PS(b, a, acc)
	}
}

func (s isa) add(x, y, dst Op) {
	if s.double {
		VADDPD(x, y, dst)
		return
	}
	VADDPS(x, y, dst)
}

func (s isa) broadcast(m, dst Op) {
	if s.double {
		VBROADCASTSD(m, dst)
		return
	}
	VBROADCASTSS(m, dst)
}

func (s isa) zero(dst Op) {
	switch {
	case s.wide:
		VPXORD(dst, dst, dst)
	default:
		VXORPS(dst, dst, dst)
	}
}

// load reads a vector, the lanes outside mask as zero; a nil mask reads all lanes.
func (s isa) load(m, mask, dst Op) {
	switch {
	case mask == nil:
		VMOVUPS(m, dst)
	case s.wide && s.double:
		VMOVUPD_Z(m, mask, dst)
	case s.wide:
		VMOVUPS_Z(m, mask, dst)
	case s.double:
		VMASKMOVPD(m, mask, dst)
	default:
		VMASKMOVPS(m, mask, dst)
	}
}

// store writes the lanes inside mask.
func (s isa) store(src, mask, m Op) {
	switch {
	case mask == nil:
		VMOVUPS(src, m)
	case s.wide && s.double:
		VMOVUPD(src, mask, m)
	case s.wide:
		VMOVUPS(src, mask, m)
	case s.double:
		VMASKMOVPD(src, mask, m)
	default:
		VMASKMOVPS(src, mask, m)
	}
}
