package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// args are the operands of a routine over float64 and float32 vectors, in which a loop walks.
type args struct {
	isa
	ptr    map[string]GPVirtual
	shared map[string]VecVirtual
}

func arguments(s isa, name, signature, doc string, pointers []string) args {
	TEXT(name+s.suffix, NOSPLIT, signature)
	Pragma("noescape")
	Doc(doc)
	a := args{s, map[string]GPVirtual{}, map[string]VecVirtual{}}
	for _, p := range append(pointers, "n") {
		a.ptr[p] = Load(Param(p), GP64()).(GPVirtual)
	}
	return a
}

// share broadcasts what all elements have in common.
func (a args) share(params ...string) {
	for _, p := range params {
		a.shared[p] = a.vec()
		VBROADCASTSD(Mem{Base: a.ptr[p]}, a.shared[p])
	}
}

// get loads a vector of float64 at an offset in bytes.
func (a args) get(p string, at int) VecVirtual {
	if v, ok := a.shared[p]; ok {
		return v
	}
	v := a.vec()
	VMOVUPD(Mem{Base: a.ptr[p], Disp: at}, v)
	return v
}

// single stores v rounded to float32; at is the offset in float64.
func (a args) single(v VecVirtual, p string, at int) {
	to := Mem{Base: a.ptr[p], Disp: at / 2}
	if a.bytes == 64 {
		half := YMM()
		VCVTPD2PS(v, half)
		VMOVUPS(half, to)
		return
	}
	half := XMM()
	VCVTPD2PSY(v, half)
	VMOVUPS(half, to)
}

// loop repeats body over the offsets of a block, then moves on.
func (a args) loop(body func(at int), wide, narrow []string) {
	Label("loop")
	for at := 0; at < 8*block; at += a.bytes {
		body(at)
	}
	for _, p := range wide {
		if _, ok := a.shared[p]; !ok {
			ADDQ(U32(8*block), a.ptr[p])
		}
	}
	for _, p := range narrow {
		ADDQ(U32(4*block), a.ptr[p])
	}
	SUBQ(U32(block), a.ptr["n"])
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// scales writes what the rows of one time have in common.
func scales(s isa, modes bool) {
	name, doc := "rotateScales", "one α, σ and g for all"
	if modes {
		name, doc = "rotateScalesModes", "an α, σ and g for each"
	}
	a := arguments(s, name, "func(in *float64, lift *float64, weight *float32, variance *float64, root *float64, "+
		"alpha *float64, sigma *float64, gain *float64, n int)", fmt.Sprintf("%s%s is [RotateScales] of n elements, a "+
		"positive multiple of %d, with %s.", name, s.suffix, block, doc),
		[]string{"in", "lift", "weight", "variance", "root", "alpha", "sigma", "gain"})
	one := s.vec()
	bits := GP64()
	MOVQ(U64(0x3ff0000000000000), bits)
	low := XMM()
	MOVQ(bits, low)
	VBROADCASTSD(low, one)
	if !modes {
		a.share("alpha", "sigma", "gain")
	}
	a.loop(func(at int) {
		α, σ, in, t := a.get("alpha", at), a.get("sigma", at), s.vec(), s.vec()
		VMULPD(α, α, in)
		VMULPD(Mem{Base: a.ptr["variance"], Disp: at}, in, in)
		VMULPD(σ, σ, t)
		VADDPD(t, in, in)
		VSQRTPD(in, in)
		VDIVPD(in, one, in)
		VMOVUPD(in, Mem{Base: a.ptr["in"], Disp: at})
		root := a.get("root", at)
		VMULPD(root, α, t)
		VMOVUPD(t, Mem{Base: a.ptr["lift"], Disp: at})
		VMULPD(a.get("gain", at), root, root)
		VMULPD(in, root, root)
		VMULPD(root, root, root)
		a.single(root, "weight", at)
	}, []string{"in", "lift", "variance", "root", "alpha", "sigma", "gain"}, []string{"weight"})
}

// again writes a row with the scales of its time, dst in out bits.
func again(s isa, out int, modes bool) {
	name, doc := fmt.Sprintf("rotateAgain%d", out), "one α and σ for all"
	if modes {
		name, doc = fmt.Sprintf("rotateAgainModes%d", out), "an α and σ for each"
	}
	a := arguments(s, name, fmt.Sprintf("func(dst *float%d, x *float64, target *float32, mean *float64, noise "+
		"*float64, root *float64, in *float64, lift *float64, alpha *float64, sigma *float64, n int)", out),
		fmt.Sprintf("%s%s is [RotateAgain64] or [RotateAgain32] of n elements, a positive multiple of %d, with %s.",
			name, s.suffix, block, doc),
		[]string{"dst", "x", "target", "mean", "noise", "root", "in", "lift", "alpha", "sigma"})
	if !modes {
		a.share("alpha", "sigma")
	}
	wide, narrow := []string{"x", "mean", "noise", "root", "in", "lift", "alpha", "sigma"}, []string{"target"}
	if out == 32 {
		narrow = append(narrow, "dst")
	} else {
		wide = append(wide, "dst")
	}
	a.loop(func(at int) {
		mem := func(p string) Mem { return Mem{Base: a.ptr[p], Disp: at} }
		x, e, in, σ := a.get("x", at), a.get("noise", at), a.get("in", at), a.get("sigma", at)
		VSUBPD(mem("mean"), x, x)
		u, t := s.vec(), s.vec()
		VMULPD(a.get("alpha", at), x, u)
		VMULPD(σ, e, t)
		VADDPD(t, u, u)
		VMULPD(in, u, u)
		if out == 32 {
			a.single(u, "dst", at)
		} else {
			VMOVUPD(u, mem("dst"))
		}
		VMULPD(mem("lift"), e, e)
		VDIVPD(mem("root"), x, x)
		VMULPD(σ, x, x)
		VSUBPD(x, e, e)
		VMULPD(in, e, e)
		a.single(e, "target", at)
	}, wide, narrow)
}
