package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// block writes the product for a number of rows, with steps terms of the sum in a turn of its loop.
func (t *strip) block(rows, steps int) {
	t.labels++
	label := func(s string) string { return fmt.Sprintf("%s%s%d", t.width.name, s, t.labels) }
	acc := make([][]VecPhysical, rows)
	for r := range acc {
		for v := range t.width.nv {
			acc[r] = append(acc[r], t.reg(r*t.width.nv+v))
		}
	}
	t.acc = Load(Param("acc"), GP64())
	TESTQ(t.acc, t.acc)
	JNE(LabelRef(label("Continue")))
	for _, row := range acc {
		for _, x := range row {
			t.zero(x)
		}
	}
	JMP(LabelRef(label("Sum")))
	Label(label("Continue"))
	t.eachRow(rows, func(r, v int, m Mem) { t.load(m, t.mask(v), acc[r][v]) })
	Label(label("Sum"))

	Load(Param("b"), t.b)
	terms := t.terms(rows)
	k := Load(Param("k"), GP64()).(GPVirtual)
	if rows == t.width.rows {
		t.fetchNext(rows, k, label("Fetched"))
	}
	if steps > 1 {
		SUBQ(U32(uint32(steps)), k)
		JLT(LabelRef(label("Rest")))
		Label(label("Loop"))
		t.step(acc, terms, steps)
		SUBQ(U32(uint32(steps)), k)
		JGE(LabelRef(label("Loop")))
		Label(label("Rest"))
		ADDQ(U32(uint32(steps)), k)
	}
	TESTQ(k, k)
	JEQ(LabelRef(label("End")))
	Label(label("Single"))
	t.step(acc, terms, 1)
	DECQ(k)
	JNE(LabelRef(label("Single")))
	Label(label("End"))

	t.eachRow(rows, func(r, v int, m Mem) { t.store(acc[r][v], t.mask(v), m) })
}

func (t *strip) mask(v int) Op {
	if !t.width.masked {
		return nil
	}
	return t.masks[v]
}

// eachRow calls f with the place in C of every vector of the block.
func (t *strip) eachRow(rows int, f func(r, v int, m Mem)) {
	p := GP64()
	MOVQ(t.c, p)
	for r := range rows {
		if r > 0 {
			ADDQ(t.ldc, p)
		}
		for v := range t.width.nv {
			f(r, v, Mem{Base: p, Disp: v * t.bytes()})
		}
	}
}

// fetchNext asks for the place in C of the next block, which its sum starts from, when this one is long enough to wait
// for.
func (t *strip) fetchNext(rows int, k Register, done string) {
	TESTQ(t.acc, t.acc)
	JEQ(LabelRef(done))
	CMPQ(k, U32(fetchSum))
	JLT(LabelRef(done))
	p := GP64()
	IMUL3Q(U32(uint32(rows)), t.ldc, p)
	ADDQ(t.c, p)
	for r := range rows {
		if r > 0 {
			ADDQ(t.ldc, p)
		}
		for at := 0; at < t.width.nv*t.bytes(); at += 64 {
			PREFETCHT0(Mem{Base: p, Disp: at})
		}
	}
	Label(done)
}

// terms returns the pointers into A that walk along the sum: one for every three rows of an NN block, since an
// address reaches one and two strides beyond a pointer, and a single one for TN.
func (t *strip) terms(rows int) []GPVirtual {
	p := GP64()
	MOVQ(t.a, p)
	ps := []GPVirtual{p}
	if t.form == "TN" {
		return ps
	}
	for r := 3; r < rows; r += 3 {
		q := GP64()
		LEAQ(Mem{Base: p, Index: t.lda, Scale: 2}, q)
		ADDQ(t.lda, q)
		ps = append(ps, q)
		p = q
	}
	return ps
}

// step writes some terms of the sum.
func (t *strip) step(acc [][]VecPhysical, ps []GPVirtual, steps int) {
	for u := range steps {
		for v := range t.width.nv {
			t.load(Mem{Base: t.b, Disp: v * t.bytes()}, t.mask(v), t.regB(v))
		}
		if t.form == "TN" && len(acc) == t.width.rows {
			PREFETCHT0(Mem{Base: ps[0], Index: t.aheadA, Scale: 1})
			for v := range t.width.nv {
				PREFETCHT0(Mem{Base: t.b, Index: t.aheadB, Scale: 1, Disp: v * t.bytes()})
			}
		}
		ADDQ(t.ldb, t.b)
		for r := range acc {
			x := t.regA()
			switch {
			case t.form == "TN":
				t.broadcast(Mem{Base: ps[0], Disp: r * t.elem()}, x)
			case r%3 == 0:
				t.broadcast(Mem{Base: ps[r/3], Disp: u * t.elem()}, x)
			default:
				t.broadcast(Mem{Base: ps[r/3], Index: t.lda, Scale: uint8(r % 3), Disp: u * t.elem()}, x)
			}
			for v, sum := range acc[r] {
				t.fma(t.regB(v), x, sum)
			}
		}
		if t.form == "TN" {
			ADDQ(t.lda, ps[0])
		}
	}
	if t.form == "TN" {
		return
	}
	for _, p := range ps {
		ADDQ(U32(uint32(steps*t.elem())), p)
	}
}
