// Command reduce writes the assembly of the reductions and conversions of internal/simd.
//
// A reduction keeps four groups of lanes, 16 of float32 or 8 of float64 each, whatever the registers: element
// i goes to lane i modulo the 64 or 32 of them. At the end the groups are joined, (0+1)+(2+3), and then the
// halves of what is left, down to one lane. Hence AVX-512 and AVX2 give the same bits.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

func main() {
	fs := flag.NewFlagSet("reduce", flag.ExitOnError)
	flags := build.NewFlags(fs)
	fs.Parse(os.Args[1:])
	ctx := build.NewContext()
	asm := vec.Assembler(ctx)
	for _, double := range []bool{false, true} {
		for _, wide := range []bool{true, false} {
			s := asm(wide, double)
			for _, name := range []string{"rowSums", "rowDots", "rowMaxes"} {
				reduction{Asm: s, name: name}.write()
			}
			columns(s)
		}
	}
	for _, wide := range []bool{true, false} {
		convert(asm(wide, true), true)
		convert(asm(wide, true), false)
	}
	os.Exit(build.Main(flags.Config(), ctx))
}

type reduction struct {
	*vec.Asm
	name string
}

// op joins x to acc. Maxima keep the second operand where the two are zeros, or unordered.
func (s reduction) op(x, acc reg.Register) {
	if s.name == "rowMaxes" {
		s.F("MAX", x, acc, acc)
	} else {
		s.F("ADD", x, acc, acc)
	}
}

func (s reduction) write() {
	dot, maximum := s.name == "rowDots", s.name == "rowMaxes"
	vectors := []string{"a"}
	if dot {
		vectors = append(vectors, "b")
	}
	params := "dst, a *" + s.GoType()
	if dot {
		params = "dst, a, b *" + s.GoType()
	}
	name := fmt.Sprintf("%s%d%s", s.name, 8*s.Elem(), s.Suffix())
	restore := s.Begin(name, fmt.Sprintf("func(%s, rows, cols int)", params), name+" reduces each of rows contiguous rows to one element of dst.")
	dst, rows, cols, at, left := s.GP64(), s.GP64(), s.GP64(), s.GP64(), s.GP64()
	s.Load(s.Param("dst"), dst)
	ptr := map[string]reg.GPVirtual{}
	for _, p := range vectors {
		ptr[p] = s.GP64()
		s.Load(s.Param(p), ptr[p])
	}
	s.Load(s.Param("rows"), rows)
	s.Load(s.Param("cols"), cols)

	acc := make([]reg.VecVirtual, 256/s.Bytes())
	for i := range acc {
		acc[i] = s.Vec()
	}
	var nan reg.VecVirtual // x where some x is NaN, else a number
	// step joins the vector at the offset to accumulator i.
	step := func(i, disp int, mask reg.Register) {
		load := func(p string) reg.VecVirtual {
			return s.LoadVec(operand.Mem{Base: ptr[p], Index: at, Scale: 1, Disp: disp}, mask)
		}
		x := load("a")
		switch {
		case dot:
			s.F("FMADD231", load("b"), x, acc[i])
			return
		case maximum:
			// A sum of zeros times x is NaN for infinite x too; the comparison is not.
			s.notNumber(x, nan)
			if mask != nil {
				s.least(mask, x)
			}
		}
		s.op(x, acc[i])
	}

	s.Label("row")
	for i := range acc {
		s.fill(acc[i], maximum)
	}
	if maximum {
		nan = s.Vec()
		s.fill(nan, false)
	}
	s.XORQ(at, at)
	s.MOVQ(cols, left)
	s.SUBQ(operand.U32(uint32(256/s.Elem())), left)
	s.JL(operand.LabelRef("rest"))
	s.Label("full")
	for i := range acc {
		step(i, i*s.Bytes(), nil)
	}
	s.ADDQ(operand.U32(256), at)
	s.SUBQ(operand.U32(uint32(256/s.Elem())), left)
	s.JGE(operand.LabelRef("full"))
	s.Label("rest")
	s.ADDQ(operand.U32(uint32(256/s.Elem())), left)
	s.JZ(operand.LabelRef("join"))
	for i := range acc {
		s.SUBQ(operand.U32(uint32(s.Lanes())), left)
		s.JL(operand.LabelRef(fmt.Sprintf("part%d", i)))
		step(i, 0, nil)
		s.ADDQ(operand.U32(uint32(s.Bytes())), at)
	}
	s.JMP(operand.LabelRef("join"))
	for i := range acc {
		s.Label(fmt.Sprintf("part%d", i))
		s.ADDQ(operand.U32(uint32(s.Lanes())), left)
		s.JZ(operand.LabelRef("join"))
		step(i, 0, s.TailMask(left))
		if i < len(acc)-1 {
			s.JMP(operand.LabelRef("join"))
		}
	}
	s.Label("join")
	s.join(acc, nan, dst)
	s.ADDQ(operand.U32(uint32(s.Elem())), dst)
	bytes := s.GP64()
	s.MOVQ(cols, bytes)
	s.IMUL3Q(operand.U32(uint32(s.Elem())), bytes, bytes)
	for _, p := range vectors {
		s.ADDQ(bytes, ptr[p])
	}
	s.SUBQ(operand.U32(1), rows)
	s.JNZ(operand.LabelRef("row"))
	restore()
}

// fill sets r to zeros, or to −∞.
func (s reduction) fill(r reg.Register, least bool) {
	switch {
	case !least && s.Wide:
		s.VPXORQ(r, r, r)
	case !least:
		s.VPXOR(r, r, r)
	case s.Double:
		s.VBROADCASTSD(s.Const(math.Float64bits(math.Inf(-1))), r)
	default:
		s.VBROADCASTSS(s.Const(uint64(math.Float32bits(float32(math.Inf(-1))))), r)
	}
}

// notNumber sets the lanes of nan where x is NaN to ones, which are a NaN.
func (s reduction) notNumber(x, nan reg.Register) {
	const unordered = operand.U8(3)
	if s.Wide {
		k := s.K()
		s.F("CMP", unordered, x, x, k)
		if s.Double {
			s.VMOVAPD(x, k, nan)
		} else {
			s.VMOVAPS(x, k, nan)
		}
		return
	}
	m := s.Vec()
	s.F("CMP", unordered, x, x, m)
	s.VORPS(m, nan, nan)
}

// least sets the lanes outside mask to −∞.
func (s reduction) least(mask, x reg.Register) {
	r := s.Vec()
	s.fill(r, true)
	if s.Wide {
		s.F("BLENDM", x, r, mask, x)
	} else {
		s.F("BLENDV", mask, x, r, x)
	}
}

// join reduces the accumulators to one element at dst.
func (s reduction) join(acc []reg.VecVirtual, nan reg.VecVirtual, dst reg.GPVirtual) {
	half := len(acc) / 4 // registers of a group
	for i := range half {
		s.op(acc[half+i], acc[i])
		s.op(acc[3*half+i], acc[2*half+i])
		s.op(acc[2*half+i], acc[i])
	}
	y, z := acc[0].AsY(), s.YMM()
	if s.Wide {
		s.VEXTRACTF64X4(operand.U8(1), acc[0], z)
		s.op(z, y)
	} else {
		s.op(acc[1], y)
	}
	x, h := acc[0].AsX(), s.XMM()
	s.VEXTRACTF128(operand.U8(1), y, h)
	s.op(h, x)
	s.VPERMILPD(operand.U8(1), x, h)
	s.op(h, x)
	if !s.Double {
		s.VMOVSHDUP(x, h)
		s.op(h, x)
	}
	if s.name == "rowMaxes" {
		// NaN when one was seen.
		bits := s.GP32()
		if s.Wide {
			k := s.K()
			s.F("CMP", operand.U8(3), nan, nan, k)
			s.KMOVW(k, bits)
		} else {
			s.Do("VMOVMSK"+map[bool]string{true: "PD", false: "PS"}[s.Double], nan, bits)
		}
		s.TESTL(bits, bits)
		s.JZ(operand.LabelRef("number"))
		if s.Double {
			s.VMOVSD(s.Const(math.Float64bits(math.NaN())), x)
		} else {
			s.VMOVSS(s.Const(uint64(math.Float32bits(float32(math.NaN())))), x)
		}
		s.Label("number")
	}
	if s.Double {
		s.VMOVSD(x, operand.Mem{Base: dst})
	} else {
		s.VMOVSS(x, operand.Mem{Base: dst})
	}
}

// columns adds the rows of a matrix to a vector, in their order.
func columns(s *vec.Asm) {
	name := fmt.Sprintf("colSumAcc%d%s", 8*s.Elem(), s.Suffix())
	restore := s.Begin(name, fmt.Sprintf("func(acc, x *%s, rows, cols, ld int)", s.GoType()), name+" is the body of ColSumAcc.")
	ptr := map[string]reg.GPVirtual{}
	for _, p := range []string{"acc", "x", "rows", "cols", "ld"} {
		ptr[p] = s.GP64()
		s.Load(s.Param(p), ptr[p])
	}
	s.IMUL3Q(operand.U32(uint32(s.Elem())), ptr["ld"], ptr["ld"])
	row, left := s.GP64(), s.GP64()
	block := func(label string, n int, mask reg.Register) {
		acc := make([]reg.VecVirtual, n)
		for i := range acc {
			acc[i] = s.LoadVec(operand.Mem{Base: ptr["acc"], Disp: i * s.Bytes()}, mask)
		}
		s.MOVQ(ptr["x"], row)
		s.MOVQ(ptr["rows"], left)
		s.Label(label)
		for i := range acc {
			m := operand.Mem{Base: row, Disp: i * s.Bytes()}
			if mask == nil {
				s.F("ADD", m, acc[i], acc[i])
			} else {
				s.F("ADD", s.LoadVec(m, mask), acc[i], acc[i])
			}
		}
		s.ADDQ(ptr["ld"], row)
		s.SUBQ(operand.U32(1), left)
		s.JNZ(operand.LabelRef(label))
		for i := range acc {
			s.StoreVec(acc[i], operand.Mem{Base: ptr["acc"], Disp: i * s.Bytes()}, mask)
		}
	}
	for _, n := range []int{4, 1} {
		lanes := operand.U32(uint32(n * s.Lanes()))
		again, next := fmt.Sprintf("block%d", n), fmt.Sprintf("below%d", n)
		s.SUBQ(lanes, ptr["cols"])
		s.JL(operand.LabelRef(next))
		s.Label(again)
		block(fmt.Sprintf("rows%d", n), n, nil)
		s.ADDQ(operand.U32(uint32(n*s.Bytes())), ptr["acc"])
		s.ADDQ(operand.U32(uint32(n*s.Bytes())), ptr["x"])
		s.SUBQ(lanes, ptr["cols"])
		s.JGE(operand.LabelRef(again))
		s.Label(next)
		s.ADDQ(lanes, ptr["cols"])
	}
	s.TESTQ(ptr["cols"], ptr["cols"])
	s.JZ(operand.LabelRef("done"))
	block("rowsTail", 1, s.TailMask(ptr["cols"]))
	s.Label("done")
	restore()
}

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
