package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

// addTo and maxTo take one number more into an accumulator; a maximum passes over a NaN.
func addTo(s *vec.Asm, x operand.Op, acc reg.Register) { s.F("ADD", x, acc, acc) }

func maxTo(s *vec.Asm, x operand.Op, acc reg.Register) {
	if m, ok := x.(operand.Mem); ok {
		x = s.LoadVec(m, nil)
	}
	s.F("MAX", acc, x, acc) // the second operand, acc, where the first is NaN
}

// columns takes the rows of a matrix into a vector, in their order.
func columns(s *vec.Asm, prefix, of string, take func(s *vec.Asm, x operand.Op, acc reg.Register)) {
	name := fmt.Sprintf("%s%d%s", prefix, 8*s.Elem(), s.Suffix())
	restore := s.Begin(name, fmt.Sprintf("func(acc, x *%s, rows, cols, ld int)", s.GoType()),
		name+" is the body of "+of+".")
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
				take(s, m, acc[i])
			} else {
				take(s, s.LoadVec(m, mask), acc[i])
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
