// Command rotate writes the rotation of data and noise into inputs and targets of internal/simd. It fuses no product
// with a sum and does not flush denormals, so that its Go twin has the same bits.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// block is the number of elements in a turn of the loop: one AVX-512 register, two of AVX2.
const block = 8

func main() {
	for _, s := range []isa{{"Z", 64, func() VecVirtual { return ZMM() }},
		{"Y", 32, func() VecVirtual { return YMM() }}} {
		rotate(s, false)
		rotate(s, true)
	}
	Generate()
}

type isa struct {
	suffix string
	bytes  int
	vec    func() VecVirtual
}

// rotate has α, σ and g once for all elements, or one of each for every element.
func rotate(s isa, modes bool) {
	name, doc := "rotate64", "one α, σ and g for all"
	if modes {
		name, doc = "rotateModes64", "an α, σ and g for each"
	}
	TEXT(name+s.suffix, NOSPLIT, "func(x *float64, target *float32, weight *float32, mean *float64, noise *float64, "+
		"variance *float64, root *float64, alpha *float64, sigma *float64, gain *float64, n int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s%s is [Rotate] of n elements, a positive multiple of %d, with %s.", name, s.suffix, block, doc))
	ptr := map[string]GPVirtual{}
	for _, p := range []string{"x", "target", "weight", "mean", "noise", "variance", "root", "alpha", "sigma", "gain",
		"n"} {
		ptr[p] = Load(Param(p), GP64()).(GPVirtual)
	}
	one := s.vec()
	bits := GP64()
	MOVQ(U64(0x3ff0000000000000), bits)
	low := XMM()
	MOVQ(bits, low)
	VBROADCASTSD(low, one)
	shared := map[string]VecVirtual{}
	if !modes {
		for _, p := range []string{"alpha", "sigma", "gain"} {
			shared[p] = s.vec()
			VBROADCASTSD(Mem{Base: ptr[p]}, shared[p])
		}
	}
	Label("loop")
	for at := 0; at < 8*block; at += s.bytes {
		mem := func(p string) Mem { return Mem{Base: ptr[p], Disp: at} }
		get := func(p string) VecVirtual {
			if v, ok := shared[p]; ok {
				return v
			}
			v := s.vec()
			VMOVUPD(mem(p), v)
			return v
		}
		α, σ, x, e := get("alpha"), get("sigma"), get("x"), get("noise")
		VSUBPD(mem("mean"), x, x)
		in, t := s.vec(), s.vec()
		VMULPD(α, α, in)
		VMULPD(mem("variance"), in, in)
		VMULPD(σ, σ, t)
		VADDPD(t, in, in)
		VSQRTPD(in, in)
		VDIVPD(in, one, in) // 1/√(α²s + σ²)

		u := s.vec()
		VMULPD(α, x, u)
		VMULPD(σ, e, t)
		VADDPD(t, u, u)
		VMULPD(in, u, u)
		VMOVUPD(u, Mem{Base: ptr["x"], Disp: at})

		root := s.vec()
		VMOVUPD(mem("root"), root)
		VMULPD(root, α, t)
		VMULPD(e, t, t)
		VDIVPD(root, x, x)
		VMULPD(σ, x, x)
		VSUBPD(x, t, t)
		VMULPD(in, t, t) // (α√s ε − σ x/√s)/√(α²s + σ²)

		VMULPD(get("gain"), root, root)
		VMULPD(in, root, root)
		VMULPD(root, root, root)
		store := func(v VecVirtual, p string) {
			to := Mem{Base: ptr[p], Disp: at / 2}
			if s.bytes == 64 {
				half := YMM()
				VCVTPD2PS(v, half)
				VMOVUPS(half, to)
				return
			}
			half := XMM()
			VCVTPD2PSY(v, half)
			VMOVUPS(half, to)
		}
		store(t, "target")
		store(root, "weight")
	}
	move := []string{"x", "mean", "noise", "variance", "root"}
	if modes {
		move = append(move, "alpha", "sigma", "gain")
	}
	for _, p := range move {
		ADDQ(U32(8*block), ptr[p])
	}
	for _, p := range []string{"target", "weight"} {
		ADDQ(U32(4*block), ptr[p])
	}
	SUBQ(U32(block), ptr["n"])
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
