// Command langevin writes the Langevin step of rows of two float64 of internal/simd.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	step("langevin64Z", 64, func() VecVirtual { return ZMM() })
	step("langevin64Y", 32, func() VecVirtual { return YMM() })
	Generate()
}

// step handles two vectors in a turn. Taking the even elements of both and the odd ones puts the two coordinates of as
// many rows as a vector has places beside each other, rows of the first vector at the even places; the same
// instructions give every coordinate its row's number in the end.
func step(name string, bytes int, vec func() VecVirtual) {
	TEXT(name, NOSPLIT, "func(x *float64, s *float64, z *float64, c *float64, n int)")
	Pragma("noescape")
	Doc(name + " is the body of Langevin64 for n a positive multiple of 16. c holds the factor, the bound and 2.")
	local := AllocLocal(8)
	STMXCSR(local)
	r := GP32()
	MOVL(local, r)
	ORL(U32(0x8040), r)
	MOVL(r, local.Offset(4))
	LDMXCSR(local.Offset(4))

	px, ps, pz, n := Load(Param("x"), GP64()), Load(Param("s"), GP64()), Load(Param("z"), GP64()), Load(Param("n"), GP64())
	constants := Load(Param("c"), GP64())
	factor, most, two := vec(), vec(), vec()
	for i, v := range []VecVirtual{factor, most, two} {
		VBROADCASTSD(Mem{Base: constants, Disp: 8 * i}, v)
	}
	Label("loop")
	load := func(p Register) (v [2]VecVirtual) {
		for i := range v {
			v[i] = vec()
			VMOVUPS(Mem{Base: p, Disp: i * bytes}, v[i])
		}
		return v
	}
	norms := func(v [2]VecVirtual) VecVirtual {
		even, odd, sum := vec(), vec(), vec()
		VUNPCKLPD(v[1], v[0], even)
		VUNPCKHPD(v[1], v[0], odd)
		VMULPD(even, even, sum)
		VFMADD231PD(odd, odd, sum)
		return sum
	}
	s, z := load(ps), load(pz)
	ss, zz := norms(s), norms(z)
	e, q := vec(), vec()
	VMULPD(factor, zz, q)
	VDIVPD(ss, q, e)
	VMINPD(most, e, e) // the bound where the quotient is not a number
	root := vec()
	VMULPD(two, e, root)
	VSQRTPD(root, root)
	for i := range 2 {
		x, es, rs := vec(), vec(), vec()
		VMOVUPS(Mem{Base: px, Disp: i * bytes}, x)
		if i == 0 {
			VUNPCKLPD(e, e, es)
			VUNPCKLPD(root, root, rs)
		} else {
			VUNPCKHPD(e, e, es)
			VUNPCKHPD(root, root, rs)
		}
		VFMADD231PD(es, s[i], x)
		VFMADD231PD(rs, z[i], x)
		VMOVUPS(x, Mem{Base: px, Disp: i * bytes})
	}
	for _, p := range []Register{px, ps, pz} {
		ADDQ(U32(uint32(2*bytes)), p)
	}
	SUBQ(U32(uint32(2*bytes/8)), n)
	JNE(LabelRef("loop"))
	LDMXCSR(local)
	VZEROUPPER()
	RET()
}
