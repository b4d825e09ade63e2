// Command normals writes the assembly that fills vectors with standard normals: Philox4x32-10 blocks, one a
// lane of 64 bits, and the transform of Box and Muller on their words.
//
// A block's address is (ids[i], blocks[i], tag). A double-precision routine turns a block into two normals at
// dst[2i], a single-precision one, which joins the words of two vectors of blocks, into four at dst[4i].
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed9a7962a8/ito/internal/simd/gen/functions"
	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

const (
	m0, m1  = 0xD2511F53, 0xCD9E8D57 // the multipliers
	low     = 1<<32 - 1
	xor3    = 0x96 // VPTERNLOG: a ^ b ^ c
	andOr   = 0xEC // VPTERNLOG: (a & c) | b
	padding = 16   // blocks of a call are a multiple of this
)

func main() {
	fs := flag.NewFlagSet("normals", flag.ExitOnError)
	flags := build.NewFlags(fs)
	fs.Parse(os.Args[1:])
	ctx := build.NewContext()
	asm := vec.Assembler(ctx)
	for _, double := range []bool{false, true} {
		for _, wide := range []bool{true, false} {
			routine{Asm: asm(wide, double), words: asm(wide, true), interleave: tables(ctx, wide && !double,
				wide && double)}.write()
		}
	}
	os.Exit(build.Main(flags.Config(), ctx))
}

type routine struct {
	*vec.Asm          // lanes of the precision
	words    *vec.Asm // lanes of 64 bits

	interleave [2]operand.Mem // the permutations of AVX-512 that put normals in order
}

// tables makes the index vectors of VPERMT2PD: single takes pairs of 64 bits, double single ones.
func tables(ctx *build.Context, single, double bool) (t [2]operand.Mem) {
	var index [2][8]int
	switch {
	case single:
		index = [2][8]int{{0, 1, 8, 9, 2, 3, 10, 11}, {4, 5, 12, 13, 6, 7, 14, 15}}
	case double:
		index = [2][8]int{{0, 8, 1, 9, 2, 10, 3, 11}, {4, 12, 5, 13, 6, 14, 7, 15}}
	default:
		return
	}
	for h := range t {
		t[h] = ctx.StaticGlobal(fmt.Sprintf("interleave%t%d", double, h))
		ctx.DataAttributes(attr.RODATA | attr.NOPTR)
		for i, x := range index[h] {
			ctx.AddDatum(8*i, operand.U64(x))
		}
	}
	return t
}

func (s routine) write() {
	name := fmt.Sprintf("normals%d%s", 8*s.Elem(), s.Suffix())
	restore := s.Begin(name, fmt.Sprintf("func(dst *%s, ids, blocks, keys *uint64, tag uint64, n int)", s.GoType()),
		fmt.Sprintf("%s is the body of Normals%d for n blocks, a multiple of %d.", name, 8*s.Elem(), padding))
	ptr := map[string]reg.GPVirtual{}
	for _, p := range []string{"dst", "ids", "blocks", "keys", "n"} {
		ptr[p] = s.GP64()
		s.Load(s.Param(p), ptr[p])
	}
	tagWord := s.GP64()
	s.Load(s.Param("tag"), tagWord)
	x := s.XMM()
	s.MOVQ(tagWord, x)
	tag := s.Vec()
	s.VPBROADCASTQ(x, tag)

	blocks := s.words.Lanes()
	s.Label("loop")
	f := functions.BoxMuller(s.Double)
	in := map[string]reg.Register{}
	if s.Double {
		w := s.philox(ptr, 0, tag)
		for i := range w {
			s.and(w[i])
			in[fmt.Sprintf("w%d", i)] = w[i]
		}
	} else {
		a, b := s.philox(ptr, 0, tag), s.philox(ptr, s.Bytes(), tag)
		for i := range a {
			s.join(a[i], b[i])
			in[fmt.Sprintf("w%d", i)] = a[i]
		}
		blocks *= 2
	}
	z := s.Body(f, in)
	if s.Double {
		s.store2(ptr["dst"], z["z0"], z["z1"])
	} else {
		s.store4(ptr["dst"], z["z0"], z["z1"], z["z2"], z["z3"])
	}
	s.ADDQ(operand.U32(uint32(8*blocks)), ptr["ids"])
	s.ADDQ(operand.U32(uint32(8*blocks)), ptr["blocks"])
	s.ADDQ(operand.U32(uint32(16*blocks)), ptr["dst"])
	s.SUBQ(operand.U32(uint32(blocks)), ptr["n"])
	s.JNZ(operand.LabelRef("loop"))
	restore()
}

// philox returns the words of one vector of blocks, in the low halves of 64-bit lanes; the high halves are
// anything, because the multiplication does not look at them.
func (s routine) philox(ptr map[string]reg.GPVirtual, offset int, tag reg.Register) [4]reg.VecVirtual {
	load := func(p string) reg.VecVirtual {
		r := s.Vec()
		s.words.F("MOVU", operand.Mem{Base: ptr[p], Disp: offset}, r)
		return r
	}
	c0, c2 := load("ids"), load("blocks")
	c1, c3 := s.Vec(), tag
	s.VPSRLQ(operand.U8(32), c0, c1)
	for round := range 10 {
		p0, p1 := s.mul(c0, m0), s.mul(c2, m1)
		h0, h1 := s.Vec(), s.Vec()
		s.VPSRLQ(operand.U8(32), p0, h0)
		s.VPSRLQ(operand.U8(32), p1, h1)
		s.xor(h1, c1, operand.Mem{Base: ptr["keys"], Disp: 16 * round})
		s.xor(h0, c3, operand.Mem{Base: ptr["keys"], Disp: 16*round + 8})
		c0, c1, c2, c3 = h1, p1, h0, p0
	}
	return [4]reg.VecVirtual{c0, c1, c2, c3.(reg.VecVirtual)}
}

func (s routine) mul(c reg.Register, m uint64) reg.VecVirtual {
	p := s.Vec()
	if s.Wide {
		s.VPMULUDQ_BCST(s.words.Const(m), c, p)
	} else {
		s.VPMULUDQ(s.words.Const(m), c, p)
	}
	return p
}

// xor sets h ^= c ^ key.
func (s routine) xor(h, c reg.Register, key operand.Mem) {
	if s.Wide {
		s.VPTERNLOGQ_BCST(operand.U8(xor3), key, c, h)
		return
	}
	k := s.Vec()
	s.VPBROADCASTQ(key, k)
	s.VPXOR(c, h, h)
	s.VPXOR(k, h, h)
}

// and clears the high halves of w.
func (s routine) and(w reg.Register) {
	if s.Wide {
		s.VPANDQ_BCST(s.words.Const(low), w, w)
	} else {
		s.VPAND(s.words.Const(low), w, w)
	}
}

// join moves the low halves of b to the high halves of a.
func (s routine) join(a, b reg.Register) {
	s.VPSLLQ(operand.U8(32), b, b)
	if s.Wide {
		s.VPTERNLOGQ_BCST(operand.U8(andOr), s.words.Const(low), b, a)
	} else {
		s.VPBLENDD(operand.U8(0xaa), b, a, a)
	}
}

func (s routine) pair(op string, a, b reg.Register) reg.VecVirtual {
	d := s.Vec()
	s.Do(op, b, a, d)
	return d
}

// halves stores, at byte offset at, the blocks of a and b in turn.
func (s routine) halves(dst reg.GPVirtual, at int, a, b reg.Register) {
	for h := range 2 {
		d := s.Vec()
		if s.Wide {
			index := s.Vec()
			s.VMOVDQU64(s.interleave[h], index)
			s.VMOVAPD(a, d)
			s.VPERMT2PD(b, index, d)
		} else {
			s.VPERM2F128(operand.U8(0x20+0x11*h), b, a, d)
		}
		s.VMOVUPD(d, operand.Mem{Base: dst, Disp: at + h*s.Bytes()})
	}
}

// store2 stores z0[i] at 2i and z1[i] at 2i+1.
func (s routine) store2(dst reg.GPVirtual, z0, z1 reg.Register) {
	if s.Wide {
		s.halves(dst, 0, z0, z1)
		return
	}
	s.halves(dst, 0, s.pair("VUNPCKLPD", z0, z1), s.pair("VUNPCKHPD", z0, z1))
}

// store4 stores the normals of each block together. Lane 2i holds block i and lane 2i+1 block i + half.
func (s routine) store4(dst reg.GPVirtual, z0, z1, z2, z3 reg.Register) {
	even01, even23 := s.pair("VUNPCKLPS", z0, z1), s.pair("VUNPCKLPS", z2, z3)
	odd01, odd23 := s.pair("VUNPCKHPS", z0, z1), s.pair("VUNPCKHPS", z2, z3)
	s.halves(dst, 0, s.pair("VUNPCKLPD", even01, even23), s.pair("VUNPCKLPD", odd01, odd23))
	s.halves(dst, 2*s.Bytes(), s.pair("VUNPCKHPD", even01, even23), s.pair("VUNPCKHPD", odd01, odd23))
}
