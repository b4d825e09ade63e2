package vec

import (
	"fmt"
	"reflect"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Asm writes assembly for one instruction set at one precision.
type Asm struct {
	*build.Context
	Wide   bool // AVX-512, else AVX2
	Double bool

	consts map[string]operand.Mem
}

// Assembler writes all functions of one file.
func Assembler(ctx *build.Context) func(wide, double bool) *Asm {
	consts := map[string]operand.Mem{}
	return func(wide, double bool) *Asm {
		return &Asm{Context: ctx, Wide: wide, Double: double, consts: consts}
	}
}

// Elem is the size of an element, Bytes that of a register, Lanes their quotient.
func (s *Asm) Elem() int {
	if s.Double {
		return 8
	}
	return 4
}

func (s *Asm) Bytes() int {
	if s.Wide {
		return 64
	}
	return 32
}

func (s *Asm) Lanes() int { return s.Bytes() / s.Elem() }

// Suffix names the instruction set in the names of routines.
func (s *Asm) Suffix() string {
	if s.Wide {
		return "AVX512"
	}
	return "AVX2"
}

func (s *Asm) GoType() string { return fmt.Sprintf("float%d", 8*s.Elem()) }

// Vec allocates a vector register.
func (s *Asm) Vec() reg.VecVirtual {
	if s.Wide {
		return s.ZMM()
	}
	return s.YMM()
}

// Do appends the instruction called op.
func (s *Asm) Do(op string, args ...any) {
	m := reflect.ValueOf(s.Context).MethodByName(op)
	if !m.IsValid() {
		panic("vec: no instruction " + op)
	}
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a.(operand.Op))
	}
	m.Call(in)
}

// F and I append a float or an integer instruction with the suffix of the precision.
func (s *Asm) F(op string, args ...any) { s.Do("V"+op+s.ps(), args...) }
func (s *Asm) I(op string, args ...any) { s.Do("V"+op+s.dq(), args...) }

func (s *Asm) ps() string {
	if s.Double {
		return "PD"
	}
	return "PS"
}

func (s *Asm) dq() string {
	if s.Double {
		return "Q"
	}
	return "D"
}

// Const returns the memory of a constant: one vector of AVX2, of which AVX-512 broadcasts the first element.
func (s *Asm) Const(bits uint64) operand.Mem {
	name := fmt.Sprintf("const%d_%x", 8*s.Elem(), bits)
	if m, ok := s.consts[name]; ok {
		return m
	}
	m := s.StaticGlobal(name)
	s.DataAttributes(attr.RODATA | attr.NOPTR)
	for off := 0; off < 32; off += s.Elem() {
		if s.Double {
			s.AddDatum(off, operand.U64(bits))
		} else {
			s.AddDatum(off, operand.U32(uint32(bits)))
		}
	}
	s.consts[name] = m
	return m
}

// loadConst returns a register that holds a constant. A zero comes from memory, too, where registers are short: avo
// takes VPXORD of a register with itself for a use of what was in it before, and keeps the register for it all
// along.
func (s *Asm) loadConst(bits uint64, short bool) reg.VecVirtual {
	r := s.Vec()
	m := s.Const(bits)
	switch {
	case bits == 0 && s.Wide && !short:
		s.Do("VPXORD", r, r, r)
	case bits == 0 && !s.Wide:
		s.Do("VPXOR", r, r, r)
	case !s.Wide:
		s.F("MOVU", m, r)
	case s.Double:
		s.Do("VBROADCASTSD", m, r)
	default:
		s.Do("VBROADCASTSS", m, r)
	}
	return r
}
