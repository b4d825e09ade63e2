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
		for _, out := range []int{64, 32} {
			rotate(s, out, false)
			rotate(s, out, true)
			again(s, out, false)
			again(s, out, true)
		}
		scales(s, false)
		scales(s, true)
		cutSums(s)
	}
	Generate()
}

type isa struct {
	suffix string
	bytes  int
	vec    func() VecVirtual
}

// rotate has α, σ and g once for all elements, or one of each for every element, and writes dst in out bits.
func rotate(s isa, out int, modes bool) {
	name, doc := fmt.Sprintf("rotate%d", out), "one α, σ and g for all"
	if modes {
		name, doc = fmt.Sprintf("rotateModes%d", out), "an α, σ and g for each"
	}
	TEXT(name+s.suffix, NOSPLIT, fmt.Sprintf("func(dst *float%d, x *float64, target *float32, weight *float32, "+
		"mean *float64, noise *float64, variance *float64, root *float64, alpha *float64, sigma *float64, "+
		"gain *float64, n int)", out))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s%s is [Rotate] of n elements, a positive multiple of %d, with %s.", name, s.suffix, block, doc))
	ptr := map[string]GPVirtual{}
	for _, p := range []string{"dst", "x", "target", "weight", "mean", "noise", "variance", "root",
		"alpha", "sigma", "gain",
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
		if out == 32 {
			store(u, "dst")
		} else {
			VMOVUPD(u, Mem{Base: ptr["dst"], Disp: at})
		}

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
	ADDQ(U32(uint32(out/8*block)), ptr["dst"])
	for _, p := range []string{"target", "weight"} {
		ADDQ(U32(4*block), ptr[p])
	}
	SUBQ(U32(block), ptr["n"])
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// rows is the number of sums that go side by side in cutSums.
const rows = 32

// cutSums adds up differences within bounds. A NaN stays one: it is the second operand of MIN and MAX, which they
// return then.
func cutSums(s isa) {
	TEXT("cutSums64"+s.suffix, NOSPLIT, "func(sums *float64, x *float64, v *float64, n int, bound float64, some int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("cutSums64%s adds the terms of n > 0 differences to the sums of [CutSums64]: the first some of %d.",
		s.suffix, rows))
	sums, x := Load(Param("sums"), GP64()), Load(Param("x"), GP64())
	v, n, some := Load(Param("v"), GP64()), Load(Param("n"), GP64()), Load(Param("some"), GP64())
	high, low, zero := s.vec(), s.vec(), s.vec()
	bound, err := Param("bound").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSD(bound.Addr, high)
	if s.bytes == 64 {
		VPXORQ(zero, zero, zero)
	} else {
		VXORPD(zero, zero, zero)
	}
	VSUBPD(high, zero, low)
	// Four registers at a time: their additions fill the latency of one.
	const side = 4
	count, at := GP64(), GP64()
	for from := 0; from < 8*rows; from += side * s.bytes {
		loop := fmt.Sprintf("loop%d", from)
		minuend, acc := make([]VecVirtual, side), make([]VecVirtual, side)
		for i := range acc {
			minuend[i], acc[i] = s.vec(), s.vec()
			VMOVUPD(Mem{Base: x, Disp: from + i*s.bytes}, minuend[i])
			VMOVUPD(Mem{Base: sums, Disp: from + i*s.bytes}, acc[i])
		}
		MOVQ(n, count)
		MOVQ(v, at)
		Label(loop)
		l := s.vec()
		VBROADCASTSD(Mem{Base: at}, l)
		for i := range acc {
			d := s.vec()
			VSUBPD(l, minuend[i], d)
			VMINPD(d, high, d)
			VMAXPD(d, low, d)
			VADDPD(d, acc[i], acc[i])
		}
		ADDQ(U32(8), at)
		DECQ(count)
		JNE(LabelRef(loop))
		for i := range acc {
			VMOVUPD(acc[i], Mem{Base: sums, Disp: from + i*s.bytes})
		}
		if from+side*s.bytes < 8*rows {
			SUBQ(U32(side*s.bytes/8), some)
			JLE(LabelRef("done"))
		}
	}
	Label("done")
	VZEROUPPER()
	RET()
}
