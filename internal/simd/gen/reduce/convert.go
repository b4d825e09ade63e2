package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

// convert changes the precision of n elements, a multiple of 8: to double, or from it.
func convert(s *vec.Asm, double bool) {
	name, sig := "cvtF64F32"+s.Suffix(), "func(dst *float32, x *float64, n int)"
	if double {
		name, sig = "cvtF32F64"+s.Suffix(), "func(dst *float64, x *float32, n int)"
	}
	restore := s.Begin(name, sig, name+" converts n elements, a multiple of 8.")
	dst, x, n := s.GP64(), s.GP64(), s.GP64()
	s.Load(s.Param("dst"), dst)
	s.Load(s.Param("x"), x)
	s.Load(s.Param("n"), n)
	s.Label("loop")
	single := func() reg.Register {
		if s.Wide {
			return s.YMM()
		}
		return s.XMM()
	}
	for i := 0; i < 8; i += s.Lanes() {
		if double {
			d := s.Vec()
			s.VCVTPS2PD(operand.Mem{Base: x, Disp: 4 * i}, d)
			s.VMOVUPD(d, operand.Mem{Base: dst, Disp: 8 * i})
		} else {
			v, d := s.Vec(), single()
			s.VMOVUPD(operand.Mem{Base: x, Disp: 8 * i}, v)
			if s.Wide {
				s.VCVTPD2PS(v, d)
			} else {
				s.VCVTPD2PSY(v, d)
			}
			s.VMOVUPS(d, operand.Mem{Base: dst, Disp: 4 * i})
		}
	}
	from, to := uint32(64), uint32(32)
	if double {
		from, to = to, from
	}
	s.ADDQ(operand.U32(from), x)
	s.ADDQ(operand.U32(to), dst)
	s.SUBQ(operand.U32(8), n)
	s.JNZ(operand.LabelRef("loop"))
	restore()
}
