package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// panelRows is the number of rows in a panel of A, those of one block: with two vectors a row, 16 or 12 accumulators.
func (s isa) panelRows() int {
	if s.wide {
		return 8
	}
	return 6
}

// widthB is the number of bytes between two terms of a panel of B: two vectors of AVX-512, four of AVX2.
const widthB = 128

// lastTerms is the number of terms left when a block asks for its own place in C and for the next one once more.
// Both came from afar when the block began, and the sum has passed over the first-level cache since: where rows of
// C lie a page apart, the first loads of the next block would else wait for the stores of this one, whose addresses
// look like theirs.
const lastTerms = 20

// panels is the state of the product of two packed operands while it is written. Both are read from end to end, so that
// the processor fetches them in advance, and a step of the sum needs no address but constants.
type panels struct {
	isa
	c, a, b     GPVirtual // of the present block; a and b move along the sum
	ldc         GPVirtual // in bytes
	first, next GPVirtual // the present panel of A, and the distance to the following one
	rows        GPVirtual // rows that remain
	acc         Register
	masks       [2]Op
	outside     [2]GPVirtual // AVX2: the offsets of the two masks in their table
	table       GPVirtual
}

// gemmPanels writes one routine. Rows of a panel beyond the last one of C are summed, whatever they hold, and not
// stored.
func gemmPanels(s isa) {
	name := "gemmPanels" + s.suffix
	TEXT(name, NOSPLIT, fmt.Sprintf("func(c *%s, ldc int, a *%[2]s, next int, b *%[2]s, m int, n int, k int, acc "+
		"int)", s.goType(), s.operand()))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes a strip of n ≤ %d columns and m rows of C = A·B, summing k terms, from panels of %d "+
		"rows of A,", name, 2*s.lanes(), s.panelRows()),
		"next elements apart, and one panel of B.")
	t := &strip{isa: s}
	t.setFlush()
	p := &panels{isa: s}
	p.c = Load(Param("c"), GP64()).(GPVirtual)
	p.ldc = t.stride("ldc")
	p.first = Load(Param("a"), GP64()).(GPVirtual)
	p.next = t.stride("next")
	p.rows = Load(Param("m"), GP64()).(GPVirtual)
	p.acc = Load(Param("acc"), GP64())
	p.a, p.b = GP64(), GP64()
	n := Load(Param("n"), GP64())
	CMPQ(n, U32(uint32(2*s.lanes())))
	JEQ(LabelRef("full"))
	p.setMasks(t, n)
	CMPQ(n, U32(uint32(s.lanes())))
	JLE(LabelRef("one"))
	p.blocks("two", 2, true)
	JMP(LabelRef("done"))
	Label("full")
	p.blocks("full", 2, false)
	JMP(LabelRef("done"))
	Label("one")
	p.blocks("one", 1, true)
	Label("done")
	LDMXCSR(t.mxcsr)
	VZEROUPPER()
	RET()
}

func (p *panels) setMasks(t *strip, n Register) {
	if p.wide {
		t.setMasks(n)
		p.masks = t.masks
		return
	}
	// No register is left for masks: they are read where they are needed.
	p.table, p.outside = t.maskOffsets(n)
}

// mask returns the mask of vector v of a row, in the register of B for AVX2.
func (p *panels) mask(v int, masked bool) Op {
	switch {
	case !masked:
		return nil
	case p.wide:
		return p.masks[v]
	}
	return p.regB(v)
}

// blocks writes the loop over the row blocks of one width.
func (p *panels) blocks(name string, nv int, masked bool) {
	rows := p.panelRows()
	label := func(s string) string { return name + s }
	acc := make([][]VecPhysical, rows)
	for r := range acc {
		for v := range nv {
			acc[r] = append(acc[r], p.reg(r*nv+v))
		}
	}
	Label(label("Block"))
	for _, row := range acc {
		for _, x := range row {
			if p.wide {
				VPXORD(x, x, x)
			} else {
				VXORPS(x, x, x)
			}
		}
	}
	TESTQ(p.acc, p.acc)
	JEQ(LabelRef(label("Sum")))
	p.eachRow(rows, nv, masked, label("Sum"), func(r, v int, m Mem) { p.load(m, p.mask(v, masked), acc[r][v]) })
	Label(label("Sum"))
	MOVQ(p.first, p.a)
	ADDQ(p.next, p.first)
	Load(Param("b"), p.b)
	k := Load(Param("k"), GP64()).(GPVirtual)
	CMPQ(k, U32(fetchSum))
	JLT(LabelRef(label("Last")))
	p.fetch(rows, rows, nv)
	SUBQ(U32(lastTerms+unroll), k)
	Label(label("Loop"))
	p.step(acc, unroll)
	SUBQ(U32(unroll), k)
	JGE(LabelRef(label("Loop")))
	ADDQ(U32(lastTerms+unroll), k)
	p.fetch(0, 2*rows, nv)
	Label(label("Last"))
	SUBQ(U32(unroll), k)
	JLT(LabelRef(label("Rest")))
	Label(label("LastLoop"))
	p.step(acc, unroll)
	SUBQ(U32(unroll), k)
	JGE(LabelRef(label("LastLoop")))
	Label(label("Rest"))
	ADDQ(U32(unroll), k)
	JEQ(LabelRef(label("Store")))
	Label(label("Single"))
	p.step(acc, 1)
	DECQ(k)
	JNE(LabelRef(label("Single")))
	Label(label("Store"))
	p.eachRow(rows, nv, masked, "done", func(r, v int, m Mem) { p.store(acc[r][v], p.mask(v, masked), m) })
	step := GP64()
	IMUL3Q(U32(uint32(rows)), p.ldc, step)
	ADDQ(step, p.c)
	SUBQ(U32(uint32(rows)), p.rows)
	JNE(LabelRef(label("Block")))
}

// eachRow calls f with the place in C of every vector of the rows that remain, and jumps to done when those end
// before the block does.
func (p *panels) eachRow(rows, nv int, masked bool, done string, f func(r, v int, m Mem)) {
	if masked && !p.wide {
		for v := range nv {
			VMOVUPS(Mem{Base: p.table, Index: p.outside[v], Scale: uint8(p.elem())}, p.regB(v))
		}
	}
	at := GP64()
	MOVQ(p.c, at)
	for r := range rows {
		if r > 0 {
			CMPQ(p.rows, U32(uint32(r)))
			JEQ(LabelRef(done))
			ADDQ(p.ldc, at)
		}
		for v := range nv {
			f(r, v, Mem{Base: at, Disp: v * p.bytes()})
		}
	}
}

// fetch asks for some rows of C, from the given one of the present block on. A row that begins within a cache line ends
// one line further.
func (p *panels) fetch(from, rows, nv int) {
	at := GP64()
	if from == 0 {
		MOVQ(p.c, at)
	} else {
		IMUL3Q(U32(uint32(from)), p.ldc, at)
		ADDQ(p.c, at)
	}
	for r := range rows {
		if r > 0 {
			ADDQ(p.ldc, at)
		}
		for d := 0; d < nv*p.bytes(); d += 64 {
			PREFETCHT0(Mem{Base: at, Disp: d})
		}
		PREFETCHT0(Mem{Base: at, Disp: nv*p.bytes() - 1})
	}
}

// step writes some terms of the sum.
func (p *panels) step(acc [][]VecPhysical, steps int) {
	term := len(acc) * p.elem()
	for u := range steps {
		for v := range acc[0] {
			p.load(Mem{Base: p.b, Disp: u*widthB + v*p.bytes()}, nil, p.regB(v))
		}
		for r := range acc {
			x := p.regA()
			p.broadcast(Mem{Base: p.a, Disp: u*term + r*p.elem()}, x)
			for v, sum := range acc[r] {
				p.fma(p.regB(v), x, sum)
			}
		}
	}
	ADDQ(U32(uint32(steps*widthB)), p.b)
	ADDQ(U32(uint32(steps*term)), p.a)
}
