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
	rewind := func() {
		s.Load(s.Param("dst"), ptr["dst"])
		s.Load(s.Param("n"), ptr["n"])
	}
	tagWord := s.GP64()
	s.Load(s.Param("tag"), tagWord)
	x := s.XMM()
	s.MOVQ(tagWord, x)
	tag := s.Vec()
	s.VPBROADCASTQ(x, tag)

	s.pass("words", ptr, func(slot func(i int) operand.Mem) {
		w := s.philox(ptr, tag)
		for i := range 4 {
			x, y := w[0][i], w[1][i]
			if s.Double { // slots 0 and 1 are of the first vector, each of two words of a block
				x, y = w[i/2][i%2*2], w[i/2][i%2*2+1]
			}
			s.join(x, y)
			s.words.F("MOVU", x, slot(i))
		}
		for _, p := range []string{"ids", "blocks"} {
			s.ADDQ(operand.U32(uint32(2*s.Bytes())), ptr[p])
		}
	})
	half := func(f *vec.Func, slot func(i int) operand.Mem, first int) []map[string]reg.Register {
		var in []map[string]reg.Register
		for i := range 2 {
			w := s.Vec()
			s.F("MOVU", slot(2*i+first), w)
			in = append(in, map[string]reg.Register{"w": w})
		}
		return s.Bodies(f, in)
	}
	rewind()
	s.pass("radii", ptr, func(slot func(i int) operand.Mem) {
		for i, out := range half(functions.Radius(s.Double), slot, 0) {
			s.F("MOVU", out["r"], slot(2*i))
		}
	})
	rewind()
	s.pass("normals", ptr, func(slot func(i int) operand.Mem) {
		var z []reg.Register
		for i, out := range half(functions.Circle(s.Double), slot, 1) {
			for _, p := range []string{"c", "s"} {
				s.F("MUL", slot(2*i), out[p], out[p])
				z = append(z, out[p])
			}
		}
		if s.Double {
			s.store2(slot, 0, z[0], z[1])
			s.store2(slot, 2, z[2], z[3])
		} else {
			s.store4(slot, z[0], z[1], z[2], z[3])
		}
	})
	restore()
}

// pass is a loop over blocks, four slots of dst a turn, which are two vectors of blocks. Words of all blocks come
// first, in the room of the normals that they become, then radii, then all: the operations of a block wait for each
// other, so that a processor needs several at once, of which two take turns here and more are as close by as the loop
// is short.
func (s routine) pass(name string, ptr map[string]reg.GPVirtual, body func(slot func(i int) operand.Mem)) {
	s.Label(name)
	body(func(i int) operand.Mem { return operand.Mem{Base: ptr["dst"], Disp: i * s.Bytes()} })
	s.ADDQ(operand.U32(uint32(4*s.Bytes())), ptr["dst"])
	s.SUBQ(operand.U32(uint32(2*s.words.Lanes())), ptr["n"])
	s.JNZ(operand.LabelRef(name))
}

// philox returns the words of two vectors of blocks, in the low halves of 64-bit lanes; the high halves are
// anything, because the multiplication does not look at them. The vectors take turns round by round.
func (s routine) philox(ptr map[string]reg.GPVirtual, tag reg.Register) (w [2][4]reg.VecVirtual) {
	for v := range w {
		for i := range 3 {
			w[v][i] = s.Vec()
		}
		s.words.F("MOVU", operand.Mem{Base: ptr["ids"], Disp: v * s.Bytes()}, w[v][0])
		s.words.F("MOVU", operand.Mem{Base: ptr["blocks"], Disp: v * s.Bytes()}, w[v][2])
		s.VPSRLQ(operand.U8(32), w[v][0], w[v][1])
	}
	for round := range 10 {
		keys := [2]operand.Mem{}
		for i := range keys {
			keys[i] = operand.Mem{Base: ptr["keys"], Disp: 16*round + 8*i}
		}
		key := s.keys(keys)
		for v := range w {
			var last reg.Register = w[v][3]
			if round == 0 {
				last = tag
			}
			p0, p1 := s.mul(w[v][0], m0), s.mul(w[v][2], m1)
			h0, h1 := s.Vec(), s.Vec()
			s.VPSRLQ(operand.U8(32), p0, h0)
			s.VPSRLQ(operand.U8(32), p1, h1)
			s.xor(h1, w[v][1], key[0])
			s.xor(h0, last, key[1])
			w[v] = [4]reg.VecVirtual{h1, p1, h0, p0}
		}
	}
	return w
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

// keys makes the keys of a round ready: in registers where an operation cannot repeat one of memory.
func (s routine) keys(m [2]operand.Mem) (k [2]operand.Op) {
	for i := range k {
		if k[i] = m[i]; !s.Wide {
			r := s.Vec()
			s.VPBROADCASTQ(m[i], r)
			k[i] = r
		}
	}
	return k
}

// xor sets h ^= c ^ key.
func (s routine) xor(h, c reg.Register, key operand.Op) {
	if s.Wide {
		s.VPTERNLOGQ_BCST(operand.U8(xor3), key, c, h)
		return
	}
	t := s.Vec() // c is known long before h
	s.VPXOR(key, c, t)
	s.VPXOR(t, h, h)
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

// halves stores, in two slots, the blocks of a and b in turn.
func (s routine) halves(slot func(i int) operand.Mem, first int, a, b reg.Register) {
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
		s.VMOVUPD(d, slot(first+h))
	}
}

// store2 stores z0[i] at 2i and z1[i] at 2i+1 of two slots.
func (s routine) store2(slot func(i int) operand.Mem, first int, z0, z1 reg.Register) {
	if s.Wide {
		s.halves(slot, first, z0, z1)
		return
	}
	s.halves(slot, first, s.pair("VUNPCKLPD", z0, z1), s.pair("VUNPCKHPD", z0, z1))
}

// store4 stores the normals of each block together. Lane 2i holds block i and lane 2i+1 block i + half.
func (s routine) store4(slot func(i int) operand.Mem, z0, z1, z2, z3 reg.Register) {
	even01, even23 := s.pair("VUNPCKLPS", z0, z1), s.pair("VUNPCKLPS", z2, z3)
	odd01, odd23 := s.pair("VUNPCKHPS", z0, z1), s.pair("VUNPCKHPS", z2, z3)
	s.halves(slot, 0, s.pair("VUNPCKLPD", even01, even23), s.pair("VUNPCKLPD", odd01, odd23))
	s.halves(slot, 2, s.pair("VUNPCKHPD", even01, even23), s.pair("VUNPCKHPD", odd01, odd23))
}
