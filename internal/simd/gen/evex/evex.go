// Package evex writes the instructions of AVX512-BF16 and AVX512-VNNI, which avo does not have, as raw words.
package evex

import (
	"encoding/binary"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Op is an instruction of three vectors of 512 bits, map 0F38, W0.
type Op struct {
	Name   string // as a disassembler prints it
	Opcode byte
	Prefix byte // the pp field: 1 is 66, 2 is F3, 3 is F2
	// Two says that there is one source, and that the destination has half the width.
	Two bool
}

// The instructions. Dot adds to each float32 of dst the two products of the pairs of bfloat16 there; Pairs rounds the
// float32 of src2 to the lower half of dst and those of src1 to the upper; Round rounds a vector to half its width.
// Bytes adds to each int32 of dst the four products of the unsigned bytes of src1 and the signed ones of src2 there.
var (
	Dot   = Op{Name: "vdpbf16ps", Opcode: 0x52, Prefix: 2}
	Pairs = Op{Name: "vcvtne2ps2bf16", Opcode: 0x72, Prefix: 3}
	Round = Op{Name: "vcvtneps2bf16", Opcode: 0x72, Prefix: 2, Two: true}
	Bytes = Op{Name: "vpdpbusd", Opcode: 0x50, Prefix: 1}
)

// Ops are all of them.
var Ops = []Op{Dot, Pairs, Round, Bytes}

// Encode is the instruction for the vectors of these numbers, 0 to 31. Where there is one source it is src2, and src1
// is 0.
func (o Op) Encode(dst, src1, src2 int) [6]byte {
	bit := func(n, at int) byte { return byte(n >> at & 1) }
	// every bit of a register's number beside those of ModRM is stored inverted
	p0 := (bit(dst, 3)^1)<<7 | (bit(src2, 4)^1)<<6 | (bit(src2, 3)^1)<<5 | (bit(dst, 4)^1)<<4 | 2
	p1 := byte(^src1&15)<<3 | 1<<2 | o.Prefix
	p2 := byte(2<<5) | (bit(src1, 4)^1)<<3
	return [6]byte{0x62, p0, p1, p2, o.Opcode, 0xc0 | byte(dst&7)<<3 | byte(src2&7)}
}

// Emit adds the instruction to the routine that is being written.
func (o Op) Emit(dst, src1, src2 reg.VecPhysical) {
	code := o.Encode(int(dst.PhysicalIndex()), int(src1.PhysicalIndex()), int(src2.PhysicalIndex()))
	build.Comment(o.Name + " " + src2.Asm() + ", " + src1.Asm() + ", " + dst.Asm())
	build.Instruction(&ir.Instruction{Opcode: "LONG",
		Operands: []operand.Op{operand.U32(binary.LittleEndian.Uint32(code[:4]))}})
	build.Instruction(&ir.Instruction{Opcode: "WORD",
		Operands: []operand.Op{operand.U16(binary.LittleEndian.Uint16(code[4:]))}})
}
