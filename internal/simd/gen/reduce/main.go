// Command reduce writes the assembly of the reductions and conversions of internal/simd.
//
// A sum keeps four groups of lanes, 16 of float32 or 8 of float64 each, whatever the registers: element
// i goes to lane i modulo the 64 or 32 of them. At the end the groups are joined, (0+1)+(2+3), and then the
// halves of what is left, down to one lane. Hence AVX-512 and AVX2 give the same bits.
package main

import (
	"flag"
	"fmt"
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
			sum{s}.write()
			sum{s}.writeRows()
			columns(s, "colSumAcc", "ColSumAcc", addTo)
			columns(s, "colMaxAcc", "ColMaxAcc", maxTo)
		}
	}
	for _, wide := range []bool{true, false} {
		convert(asm(wide, true), true)
		convert(asm(wide, true), false)
	}
	os.Exit(build.Main(flags.Config(), ctx))
}

// sum is a vector's.
type sum struct{ *vec.Asm }

func (s sum) write() {
	name := fmt.Sprintf("sum%d%s", 8*s.Elem(), s.Suffix())
	restore := s.Begin(name, fmt.Sprintf("func(x *%s, n int) (sum %[1]s)", s.GoType()),
		fmt.Sprintf("%s is the body of Sum%d, for n > 0.", name, 8*s.Elem()))
	x, left := s.GP64(), s.GP64()
	s.Load(s.Param("x"), x)
	s.Load(s.Param("n"), left)
	s.Store(s.body(x, left), s.Return("sum"))
	restore()
}

// writeRows writes the sums of rows.
func (s sum) writeRows() {
	name := fmt.Sprintf("sumRows%d%s", 8*s.Elem(), s.Suffix())
	restore := s.Begin(name, fmt.Sprintf("func(dst, x *%s, rows, cols int)", s.GoType()),
		fmt.Sprintf("%s is the body of SumRows%d, for rows and cols > 0.", name, 8*s.Elem()))
	dst, x, rows, left := s.GP64(), s.GP64(), s.GP64(), s.GP64()
	s.Load(s.Param("dst"), dst)
	s.Load(s.Param("x"), x)
	s.Load(s.Param("rows"), rows)
	s.Label("row")
	s.Load(s.Param("cols"), left)
	total := s.body(x, left)
	if s.Double {
		s.VMOVSD(total, operand.Mem{Base: dst})
	} else {
		s.VMOVSS(total, operand.Mem{Base: dst})
	}
	s.ADDQ(operand.U32(uint32(s.Elem())), dst)
	s.Load(s.Param("cols"), left)
	s.IMUL3Q(operand.U32(uint32(s.Elem())), left, left)
	s.ADDQ(left, x)
	s.SUBQ(operand.U32(1), rows)
	s.JNZ(operand.LabelRef("row"))
	restore()
}

// body sums the left elements at x, and destroys left.
func (s sum) body(x, left reg.GPVirtual) reg.Register {
	at := s.GP64()
	acc := make([]reg.VecVirtual, 256/s.Bytes())
	for i := range acc {
		acc[i] = s.Vec()
		if s.Wide {
			s.VPXORQ(acc[i], acc[i], acc[i])
		} else {
			s.VPXOR(acc[i], acc[i], acc[i])
		}
	}
	// step adds the vector at the offset to accumulator i.
	step := func(i, disp int, mask reg.Register) {
		s.add(s.LoadVec(operand.Mem{Base: x, Index: at, Scale: 1, Disp: disp}, mask), acc[i])
	}

	s.XORQ(at, at)
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
	return s.join(acc)
}

// add adds x to acc.
func (s sum) add(x, acc reg.Register) { s.F("ADD", x, acc, acc) }

// join reduces the accumulators to the result.
func (s sum) join(acc []reg.VecVirtual) reg.Register {
	half := len(acc) / 4 // registers of a group
	for i := range half {
		s.add(acc[half+i], acc[i])
		s.add(acc[3*half+i], acc[2*half+i])
		s.add(acc[2*half+i], acc[i])
	}
	y, z := acc[0].AsY(), s.YMM()
	if s.Wide {
		s.VEXTRACTF64X4(operand.U8(1), acc[0], z)
		s.add(z, y)
	} else {
		s.add(acc[1], y)
	}
	x, h := acc[0].AsX(), s.XMM()
	s.VEXTRACTF128(operand.U8(1), y, h)
	s.add(h, x)
	s.VPERMILPD(operand.U8(1), x, h)
	s.add(h, x)
	if !s.Double {
		s.VMOVSHDUP(x, h)
		s.add(h, x)
	}
	return x
}
