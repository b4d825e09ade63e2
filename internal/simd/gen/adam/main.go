// Command adam writes the optimiser step and the moving average of internal/simd. Neither fuses a product with a
// sum, so that their Go twins have the same bits.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// block is the number of elements in a turn of a loop: one AVX-512 register, two of AVX2.
const block = 16

func main() {
	for _, s := range []isa{{"Z", 64, func() VecVirtual { return ZMM() }},
		{"Y", 32, func() VecVirtual { return YMM() }}} {
		adam(s)
		ema(s)
	}
	Generate()
}

type isa struct {
	suffix string
	bytes  int
	vec    func() VecVirtual
}

// adam takes the constants of a step as an array of vectors, each number repeated 16 times, in the order of
// adamVector in adam.go.
func adam(s isa) {
	TEXT("adam32"+s.suffix, NOSPLIT, "func(p *float32, m *float32, v *float32, grad *float32, n int, consts *float32)")
	Pragma("noescape")
	Doc("adam32" + s.suffix + " does one AdamW step on n elements, a positive multiple of 16.")
	restore := flush()
	p, m, v, g := param("p"), param("m"), param("v"), param("grad")
	n, consts := param("n"), param("consts")
	c := func(i int) Mem { return Mem{Base: consts, Disp: 64 * i} }
	Label("loop")
	for at := 0; at < 4*block; at += s.bytes {
		mem := func(base Register) Mem { return Mem{Base: base, Disp: at} }
		grad, x := s.vec(), s.vec()
		VMOVUPS(mem(g), grad)
		VMULPS(c(0), grad, grad) // g ← gscale·g

		m1 := s.vec()
		VMOVUPS(mem(m), m1)
		VMULPS(c(1), m1, m1)
		VMULPS(c(2), grad, x)
		VADDPS(x, m1, m1) // m ← β1·m + (1−β1)·g
		VMOVUPS(m1, mem(m))

		v1 := s.vec()
		VMOVUPS(mem(v), v1)
		VMULPS(c(3), v1, v1)
		VMULPS(grad, grad, grad)
		VMULPS(c(4), grad, grad)
		VADDPS(grad, v1, v1) // v ← β2·v + (1−β2)·g²
		VMOVUPS(v1, mem(v))

		VMULPS(c(5), m1, m1) // m/bc1
		VMULPS(c(6), v1, v1) // v/bc2
		VSQRTPS(v1, v1)
		VADDPS(c(7), v1, v1)
		VDIVPS(v1, m1, m1) // m̂/(√v̂ + ε)

		p1 := s.vec()
		VMOVUPS(mem(p), p1)
		VMULPS(c(8), m1, m1)
		VMULPS(c(9), p1, x)
		VADDPS(x, m1, m1)
		VSUBPS(m1, p1, p1) // p ← p − (lr·u + lr·wd·p)
		VMOVUPS(p1, mem(p))
	}
	for _, r := range []Register{p, m, v, g} {
		ADDQ(U32(4*block), r)
	}
	SUBQ(U32(block), n)
	JNE(LabelRef("loop"))
	restore()
}

func ema(s isa) {
	TEXT("ema32"+s.suffix, NOSPLIT, "func(ema *float32, p *float32, n int, rate float32)")
	Pragma("noescape")
	Doc("ema32" + s.suffix + " moves ema towards p by rate of the way, n elements, a positive multiple of 16.")
	restore := flush()
	e, p, n := param("ema"), param("p"), param("n")
	scalar, rate := XMM(), s.vec()
	Load(Param("rate"), scalar)
	VBROADCASTSS(scalar, rate)
	Label("loop")
	for at := 0; at < 4*block; at += s.bytes {
		x, d := s.vec(), s.vec()
		VMOVUPS(Mem{Base: e, Disp: at}, x)
		VMOVUPS(Mem{Base: p, Disp: at}, d)
		VSUBPS(x, d, d)
		VMULPS(rate, d, d)
		VADDPS(d, x, x)
		VMOVUPS(x, Mem{Base: e, Disp: at})
	}
	ADDQ(U32(4*block), e)
	ADDQ(U32(4*block), p)
	SUBQ(U32(block), n)
	JNE(LabelRef("loop"))
	restore()
}

func param(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

// flush makes denormal operands and results zero until the returned function writes the end of the routine.
func flush() (restore func()) {
	local := AllocLocal(8)
	STMXCSR(local)
	r := GP32()
	MOVL(local, r)
	ORL(U32(0x8040), r)
	MOVL(r, local.Offset(4))
	LDMXCSR(local.Offset(4))
	return func() {
		LDMXCSR(local)
		VZEROUPPER()
		RET()
	}
}
