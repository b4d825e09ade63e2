package vec

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pipeline is a loop in which every turn runs all stages of f, each for another vector.
type pipeline struct {
	*Asm
	f     *Func
	carry []map[*Value]reg.VecVirtual // by boundary: what the stage after it needs of those before it
}

// turn emits the stages from ≤ k < to of a turn. In gives the registers of what stage 0 reads; store is called with
// the outputs where the last stage is among them.
func (p *pipeline) turn(from, to int, in map[string]reg.Register, store func(out map[string]reg.Register)) {
	cuts := append(append([]int{0}, p.f.stages...), len(p.f.Values))
	var bodies []*body
	for k := from; k < to; k++ {
		b := p.newBody(p.f, p.f.Values[cuts[k]:cuts[k+1]], in)
		if k > 0 {
			for v, r := range p.carry[k-1] {
				b.reg[v] = r
			}
		}
		bodies = append(bodies, b)
	}
	takeTurns(bodies...)
	if to > len(p.carry) {
		store(bodies[len(bodies)-1].outputs())
	}
	// From the last boundary to the first, since what crosses two of them moves from one to the next.
	for k := min(to, len(p.carry)) - 1; k >= from; k-- {
		b := bodies[k-from]
		for _, v := range p.f.Values[:cuts[k+1]] {
			if v.op == "const" || v != b.root(v) || !p.crosses(v, cuts[k+1]) {
				continue
			}
			if v.kind == mask {
				panic("vec: " + p.f.Name + ": a comparison is needed in a later stage")
			}
			if p.carry[k][v] == nil {
				p.carry[k][v] = p.Vec()
			}
			p.F("MOVA", b.get(v), p.carry[k][v])
		}
	}
}

// crosses reports whether something from the given place on needs v.
func (p *pipeline) crosses(v *Value, from int) bool {
	b := p.newBody(p.f, p.f.Values[from:], nil)
	return b.left[v] > 0
}

// pipelined writes the loop over whole vectors where there are as many as stages: left counts the elements, at the
// bytes.
func (s *Asm) pipelined(f *Func, left, at reg.GPVirtual, load func(next int, mask reg.Register) map[string]reg.Register,
	store func(out map[string]reg.Register, next int, mask reg.Register)) {
	ahead := len(f.stages)
	if f.Escape != nil {
		panic("vec: " + f.Name + ": no element of a function in stages can escape")
	}
	s.SUBQ(operand.U32(uint32((ahead+1)*s.Lanes())), left)
	s.JL(operand.LabelRef("short"))
	p := &pipeline{Asm: s, f: f}
	for range f.stages {
		p.carry = append(p.carry, map[*Value]reg.VecVirtual{})
	}
	finish := func(out map[string]reg.Register) { store(out, 0, nil) }
	for k := range ahead {
		p.turn(0, k+1, load(k, nil), nil)
	}
	s.Label("stages")
	p.turn(0, ahead+1, load(ahead, nil), finish)
	s.ADDQ(operand.U32(uint32(s.Bytes())), at)
	s.SUBQ(operand.U32(uint32(s.Lanes())), left)
	s.JGE(operand.LabelRef("stages"))
	for k := range ahead {
		p.turn(k+1, ahead+1, nil, finish)
		s.ADDQ(operand.U32(uint32(s.Bytes())), at)
	}
	s.ADDQ(operand.U32(uint32(s.Lanes())), left)
	s.JZ(operand.LabelRef("done"))
	s.JMP(operand.LabelRef("last"))
	s.Label("short")
	s.ADDQ(operand.U32(uint32((ahead+1)*s.Lanes())), left)
}
