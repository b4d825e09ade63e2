package vec

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Body appends the code of f for one vector. In gives the registers of the inputs and scalars by name; those
// of the inputs may be overwritten. The result holds the registers of the outputs by name and of Escape by "".
func (s *Asm) Body(f *Func, in map[string]reg.Register) map[string]reg.Register {
	return s.Bodies(f, []map[string]reg.Register{in})[0]
}

// Bodies is [Asm.Body] of several vectors, whose operations take turns: where one waits for its operands the
// machine finds another's close by.
func (s *Asm) Bodies(f *Func, in []map[string]reg.Register) []map[string]reg.Register {
	bodies := make([]*body, len(in))
	for i := range in {
		bodies[i] = s.newBody(f, f.Values, in[i])
	}
	takeTurns(bodies...)
	outs := make([]map[string]reg.Register, len(in))
	for i, b := range bodies {
		outs[i] = b.outputs()
	}
	return outs
}

// newBody prepares the code of some values of f. Uses are counted of all that follow, so that what a later stage
// needs is kept.
func (s *Asm) newBody(f *Func, values []*Value, in map[string]reg.Register) *body {
	b := &body{Asm: s, f: f, reg: map[*Value]reg.Register{}, left: map[*Value]int{}, keep: map[*Value]bool{}}
	used := f.used()
	for _, v := range f.Values[values[0].id:] {
		if !used[v] || v.op == "bits" || v.op == "float" || v.op == "flush" {
			continue
		}
		for _, a := range v.args {
			b.left[b.root(a)]++
		}
	}
	for _, o := range f.Outputs {
		b.left[b.root(o.Value)]++
	}
	if f.Escape != nil {
		b.left[f.Escape]++
	}
	for _, v := range values {
		switch v.op {
		case "scalar":
			b.reg[v], b.keep[v] = in[v.name], true
		case "in":
			b.reg[v] = in[v.name]
		case "const", "bits", "float", "flush":
		default:
			if b.left[v] > 0 {
				b.todo = append(b.todo, v)
			}
		}
	}
	return b
}

// takeTurns emits bodies to their ends, all of them evenly.
func takeTurns(bodies ...*body) {
	most, loaded := 0, map[uint64]reg.Register{}
	for _, b := range bodies {
		most = max(most, len(b.todo))
		b.loaded = loaded
	}
	for i := range most {
		clear(loaded)
		for _, b := range bodies {
			n := len(b.todo)
			for _, v := range b.todo[i*n/most : (i+1)*n/most] {
				b.value(v)
			}
		}
	}
}

// outputs are the registers of a body that is complete.
func (b *body) outputs() map[string]reg.Register {
	out := map[string]reg.Register{}
	for _, o := range b.f.Outputs {
		out[o.Name] = b.get(b.root(o.Value))
	}
	if b.f.Escape != nil {
		out[""] = b.reg[b.f.Escape]
	}
	return out
}

type body struct {
	*Asm
	f    *Func
	todo []*Value
	reg  map[*Value]reg.Register
	left map[*Value]int // uses not yet emitted
	keep map[*Value]bool

	loaded map[uint64]reg.Register // constants of the operation at hand, which serve every vector
}

// root skips reinterpretations, which cost nothing.
func (b *body) root(v *Value) *Value {
	for v.op == "bits" || v.op == "float" || v.op == "flush" {
		v = v.args[0]
	}
	return v
}

// get returns a register that holds v.
func (b *body) get(v *Value) reg.Register {
	if v.op == "const" {
		r, ok := b.loaded[v.imm]
		if !ok {
			r = b.loadConst(v.imm, v.fn.Chains > 1)
			b.loaded[v.imm] = r
		}
		return r
	}
	r := b.reg[v]
	if r == nil {
		panic(fmt.Sprintf("vec: %s: value %d (%s) has no register", v.fn.Name, v.id, v.op))
	}
	return r
}

// mem returns v as the last operand: memory for a constant, with the suffix that the instruction then needs.
func (b *body) mem(v *Value) (operand.Op, string) {
	if v.op != "const" {
		return b.get(v), ""
	}
	if b.Wide {
		return b.Const(v.imm), "_BCST"
	}
	return b.Const(v.imm), ""
}

// dead reports whether this was the last use of v, so that its register may be reused.
func (b *body) dead(v *Value) bool { return v.op != "const" && !b.keep[v] && b.left[v] == 1 }

func (b *body) value(v *Value) {
	a := make([]*Value, len(v.args))
	for i := range a {
		a[i] = b.root(v.args[i])
	}
	ps, dq := b.ps(), b.dq()
	switch v.op {
	case "ADD", "MUL", "SUB", "DIV", "MIN", "MAX":
		if (v.op == "ADD" || v.op == "MUL") && a[0].op == "const" {
			a[0], a[1] = a[1], a[0]
		}
		d := b.Vec()
		x := b.get(a[0])
		m, suffix := b.mem(a[1])
		b.Do("V"+v.op+ps+suffix, m, x, d)
		b.reg[v] = d
	case "SQRT":
		d := b.Vec()
		b.F("SQRT", b.get(a[0]), d)
		b.reg[v] = d
	case "FMADD", "FNMADD":
		b.reg[v] = b.fma("V"+v.op, a[0], a[1], a[2])
	case "PADD", "PAND", "POR", "PXOR":
		if a[0].op == "const" {
			a[0], a[1] = a[1], a[0]
		}
		op := "V" + v.op
		if v.op == "PADD" || b.Wide {
			op += dq
		}
		d := b.Vec()
		x := b.get(a[0])
		m, suffix := b.mem(a[1])
		b.Do(op+suffix, m, x, d)
		b.reg[v] = d
	case "PSLL", "PSRL":
		d := b.Vec()
		b.I(v.op, operand.U8(v.imm), b.get(a[0]), d)
		b.reg[v] = d
	case "CVTDQ2":
		d := b.Vec()
		b.Do("VCVTDQ2PS", b.get(a[0]), d)
		b.reg[v] = d
	case "CMP":
		var d reg.Register = b.Vec()
		if b.Wide {
			d = b.K()
		}
		x := b.get(a[0])
		m, suffix := b.mem(a[1])
		b.Do("VCMP"+ps+suffix, operand.U8(v.imm), m, x, d)
		b.reg[v] = d
	case "SIGN":
		if b.Wide {
			d := b.K()
			b.Do("VPMOV"+dq+"2M", b.get(a[0]), d)
			b.reg[v] = d
		} else {
			b.reg[v] = b.get(a[0]) // VBLENDVPS looks at the uppermost bit only
		}
	case "SELECT":
		m := b.get(a[0])
		y := b.get(a[2])
		x, suffix := b.mem(a[1])
		d := b.Vec()
		if b.Wide {
			b.Do("VBLENDM"+ps+suffix, x, y, m, d)
		} else {
			b.F("BLENDV", m, x, y, d)
		}
		b.reg[v] = d
	default:
		panic("vec: no code for " + v.op)
	}
	for _, x := range a {
		b.left[x]--
	}
}

// fma picks the form that overwrites an operand that is used no more.
func (b *body) fma(op string, x, y, z *Value) reg.Register {
	ps := b.ps()
	if x.op == "const" {
		x, y = y, x
	}
	if x.op == "const" {
		panic("vec: product of constants")
	}
	switch {
	case y.op == "const" && z.op != "const":
		if b.dead(z) && z != x {
			m, suffix := b.mem(y)
			b.Do(op+"231"+ps+suffix, m, b.get(x), b.get(z))
			return b.get(z)
		}
		d := b.owned(x)
		m, suffix := b.mem(y)
		b.Do(op+"132"+ps+suffix, m, b.get(z), d)
		return d
	case z.op != "const" && b.dead(z) && z != x && z != y:
		b.Do(op+"231"+ps, b.get(y), b.get(x), b.get(z))
		return b.get(z)
	case b.dead(y) && x != y && !b.dead(x):
		x, y = y, x
	}
	yr := b.get(y)
	d := b.owned(x)
	m, suffix := b.mem(z)
	b.Do(op+"213"+ps+suffix, m, yr, d)
	return d
}

// owned returns a register that holds x and may be overwritten.
func (b *body) owned(x *Value) reg.Register {
	if b.dead(x) {
		return b.get(x)
	}
	d := b.Vec()
	b.F("MOVA", b.get(x), d)
	return d
}
