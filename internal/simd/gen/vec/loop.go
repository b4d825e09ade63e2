package vec

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Begin starts a routine: its name, its signature and the modes of the floating-point unit.
func (s *Asm) Begin(name, signature, doc string) (restore func()) {
	s.Function(name)
	s.Attributes(attr.NOSPLIT)
	s.SignatureExpr(signature)
	s.Doc(doc)
	s.Pragma("noescape")
	// Denormal operands and results count as zero in here: bits 6 (DAZ) and 15 (FTZ) of MXCSR. Slow paths
	// for denormals cost a factor of 200.
	saved := s.AllocLocal(8)
	r := s.GP32()
	s.STMXCSR(saved)
	s.MOVL(saved, r)
	s.ORL(operand.U32(0x8040), r)
	s.MOVL(r, saved.Offset(4))
	s.LDMXCSR(saved.Offset(4))
	return func() {
		s.LDMXCSR(saved)
		s.VZEROUPPER()
		s.RET()
	}
}

// Broadcast fills a register with a scalar parameter.
func (s *Asm) Broadcast(param string) reg.VecVirtual {
	x := s.XMM()
	s.Load(s.Param(param), x)
	r := s.Vec()
	s.broadcast(x, r)
	return r
}

// broadcast fills r with the first element of a register or of memory.
func (s *Asm) broadcast(from operand.Op, r reg.Register) {
	if s.Double {
		s.Do("VBROADCASTSD", from, r)
	} else {
		s.Do("VBROADCASTSS", from, r)
	}
}

// TailMask returns the mask of the first n lanes, 0 < n < Lanes: an opmask, or a vector of signs for AVX2.
func (s *Asm) TailMask(n reg.Register) reg.Register {
	if s.Wide {
		ones := s.GP64()
		s.MOVQ(operand.I32(-1), ones)
		s.BZHIQ(n, ones, ones)
		k := s.K()
		s.KMOVW(ones.As32(), k)
		return k
	}
	const name = "tailmask"
	table, ok := s.consts[name]
	if !ok {
		table = s.StaticGlobal(name)
		s.DataAttributes(attr.RODATA | attr.NOPTR)
		for off := 0; off < 32; off += 8 {
			s.AddDatum(off, operand.U64(1<<64-1))
		}
		for off := 32; off < 64; off += 8 {
			s.AddDatum(off, operand.U64(0))
		}
		s.consts[name] = table
	}
	p, k := s.GP64(), s.GP64()
	s.LEAQ(table.Offset(32), p)
	s.MOVQ(n, k)
	s.SHLQ(operand.U8(log2(s.Elem())), k)
	s.SUBQ(k, p)
	m := s.Vec()
	s.VMOVDQU(operand.Mem{Base: p}, m)
	return m
}

func log2(n int) int {
	k := 0
	for 1<<k < n {
		k++
	}
	return k
}

// LoadVec and StoreVec move a vector; with a mask only its lanes are touched, and the others read as zero.
func (s *Asm) LoadVec(m operand.Mem, mask reg.Register) reg.VecVirtual {
	r := s.Vec()
	switch {
	case mask == nil:
		s.F("MOVU", m, r)
	case s.Wide:
		s.Do("VMOVU"+s.ps()+"_Z", m, mask, r)
	default:
		s.F("MASKMOV", m, mask, r)
	}
	return r
}

func (s *Asm) StoreVec(r reg.Register, m operand.Mem, mask reg.Register) {
	switch {
	case mask == nil:
		s.F("MOVU", r, m)
	case s.Wide:
		s.F("MOVU", r, mask, m)
	default:
		s.F("MASKMOV", r, mask, m)
	}
}

// Routine is the assembly routine's name.
func (f *Func) Routine(suffix string) string {
	return fmt.Sprintf("%s%d%s", lower(f.Name), f.Bits(), suffix)
}

// lower makes an exported name a private one: SiLUDual is siluDual, RSubS is rsubS, Exp is exp.
func lower(name string) string {
	for _, word := range []string{"SiLU", "GELU", "RS", "RD"} {
		if rest, ok := strings.CutPrefix(name, word); ok {
			return strings.ToLower(word) + rest
		}
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// Loop writes the routine of f: every element of vectors of n elements or, with an input that is periodic or has a
// number for every row, of rows rows of n elements.
func (s *Asm) Loop(f *Func) {
	vectors := f.vectors()
	var sig strings.Builder
	fmt.Fprintf(&sig, "func(%s *%s", strings.Join(vectors, ", "), s.GoType())
	for _, v := range f.Scalars {
		fmt.Fprintf(&sig, ", %s %s", v.name, s.GoType())
	}
	sig.WriteString(", n int")
	if f.rowwise() {
		sig.WriteString(", rows int")
	}
	sig.WriteString(")")
	if f.Escape != nil {
		sig.WriteString(" (escaped int)")
	}
	name := f.Routine(s.Suffix())
	restore := s.Begin(name, sig.String(), fmt.Sprintf("%s is the body of %s%d.", name, f.Name, f.Bits()))
	ptr := map[string]reg.GPVirtual{}
	for _, p := range vectors {
		ptr[p] = s.GP64()
		s.Load(s.Param(p), ptr[p])
	}
	n := s.GP64()
	s.Load(s.Param("n"), n)
	var rows reg.GPVirtual
	if f.rowwise() {
		rows = s.GP64()
		s.Load(s.Param("rows"), rows)
	}
	scalars := map[string]reg.Register{}
	for _, v := range f.Scalars {
		scalars[v.name] = s.Broadcast(v.name)
	}
	if f.PerRow != "" {
		scalars[f.PerRow] = s.Vec()
	}
	var escaped reg.GPVirtual
	if f.Escape != nil {
		escaped = s.GP64()
		s.XORQ(escaped, escaped)
	}
	at := s.GP64() // offset in bytes
	place := func(p string, next int) operand.Mem {
		return operand.Mem{Base: ptr[p], Index: at, Scale: 1, Disp: next * s.Bytes()}
	}
	load := func(next int, mask reg.Register) map[string]reg.Register {
		in := map[string]reg.Register{}
		for k, v := range scalars {
			in[k] = v
		}
		for _, v := range f.Inputs {
			in[v.name] = s.LoadVec(place(v.name, next), mask)
		}
		return in
	}
	store := func(out map[string]reg.Register, next int, mask reg.Register) {
		for _, o := range f.Outputs {
			s.StoreVec(out[o.Name], place(o.Name, next), mask)
		}
	}
	step := func(chains int, mask reg.Register) {
		in := make([]map[string]reg.Register, chains)
		for i := range in {
			in[i] = load(i, mask)
		}
		for i, out := range s.Bodies(f, in) {
			store(out, i, mask)
			if f.Escape != nil {
				bits := s.GP64()
				if s.Wide {
					s.KMOVW(out[""], bits.As32())
				} else {
					s.Do("VMOVMSK"+s.ps(), out[""], bits.As32())
				}
				s.ORQ(bits, escaped)
			}
		}
	}
	chains := 1
	if s.Wide {
		chains = max(f.Chains, 1)
	}

	s.Label("row")
	if f.PerRow != "" {
		s.broadcast(operand.Mem{Base: ptr[f.PerRow]}, scalars[f.PerRow])
	}
	left := s.GP64()
	s.MOVQ(n, left)
	s.XORQ(at, at)
	full := func(label, end string, chains int) {
		s.SUBQ(operand.U32(uint32(chains*s.Lanes())), left)
		s.JL(operand.LabelRef(end))
		s.Label(label)
		step(chains, nil)
		s.ADDQ(operand.U32(uint32(chains*s.Bytes())), at)
		s.SUBQ(operand.U32(uint32(chains*s.Lanes())), left)
		s.JGE(operand.LabelRef(label))
		s.Label(end)
		s.ADDQ(operand.U32(uint32(chains*s.Lanes())), left)
		s.JZ(operand.LabelRef("done"))
	}
	if chains > 1 {
		full("chains", "rest", chains)
	}
	if len(f.stages) > 0 && s.Wide {
		s.pipelined(f, left, at, load, store)
	}
	full("full", "tail", 1)
	s.Label("last")
	step(1, s.TailMask(left))
	s.Label("done")
	if f.rowwise() {
		bytes := s.GP64()
		s.MOVQ(n, bytes)
		s.SHLQ(operand.U8(log2(s.Elem())), bytes)
		for _, p := range vectors {
			switch p {
			case f.Periodic:
			case f.PerRow:
				s.ADDQ(operand.U32(uint32(s.Elem())), ptr[p])
			default:
				s.ADDQ(bytes, ptr[p])
			}
		}
		s.SUBQ(operand.U32(1), rows)
		s.JNZ(operand.LabelRef("row"))
	}
	if f.Escape != nil {
		s.Store(escaped, s.Return("escaped"))
	}
	restore()
}

// vectors lists the parameters that are vectors, in order.
func (f *Func) vectors() []string {
	var p []string
	for _, name := range f.Params {
		if !f.isScalar(name) {
			p = append(p, name)
		}
	}
	return p
}

func (f *Func) isScalar(name string) bool {
	for _, v := range f.Scalars {
		if v.name == name {
			return true
		}
	}
	return false
}
