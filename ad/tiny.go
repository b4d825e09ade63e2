package ad

import "unsafe"

// tiny is an instruction on float64 as the body of a loop runs it where it is about a few numbers: without a call, and
// with the bits of the instruction's kernel.
type tiny struct {
	code      tinyCode
	o, a, b   ref
	oneA      bool // one element of a meets all
	oneB      bool
	unary     func(dst, x []float64)
	binary    func(dst, a, b []float64)
	view      view // of one axis at most
	red, from int
	step      func(*frame) // the instruction, for more numbers
}

// tinyCode says what a tiny instruction does.
type tinyCode uint8

const (
	tinyCall tinyCode = iota // anything, by its step
	tinyAdd
	tinySub
	tinyMul
	tinyDiv
	tinySquare
	tinyRecip
	tinyUnary  // by the kernel
	tinyBinary // by the kernel
	tinyView
	tinySum
)

// mostTiny is the number of results up to which a loop over them beats a kernel.
const mostTiny = 24

// tinyAt is a tiny instruction whose places are known.
type tinyAt struct {
	code           tinyCode
	n              int
	d, a, b        unsafe.Pointer
	nextA, nextB   int // bytes from one operand's element to the next
	red, rows      int
	size, apart, k int // of a view: elements of a row, elements from row to row of the source, and from one to the next
	of             *tiny
}

func tinyBinaryOf(op *opDef, kernel binaryKernel[float64], o, ra, rb ref, a, b operand) tiny {
	if a.period > 0 || b.period > 0 {
		return tiny{}
	}
	t := tiny{o: o, a: ra, b: rb, oneA: a.scalar, oneB: b.scalar, binary: kernel.vv}
	switch op {
	case opAdd:
		t.code = tinyAdd
	case opSub:
		t.code = tinySub
	case opMul:
		t.code = tinyMul
	case opDiv:
		t.code = tinyDiv
	default:
		if a.scalar || b.scalar {
			return tiny{}
		}
		t.code = tinyBinary
	}
	return t
}

func tinyUnaryOf(op *opDef, kernel unaryKernel, o, x ref) tiny {
	t := tiny{code: tinyUnary, o: o, a: x, unary: kernel.f64}
	switch op {
	case opSqr:
		t.code = tinySquare
	case opRecip:
		t.code = tinyRecip
	}
	return t
}

// at finds the places of an instruction for the rows of a frame.
func (t *tiny) at(f *frame, x *tinyAt) {
	n := t.o.size * f.rowsOf(t.o)
	*x = tinyAt{code: t.code, n: n, of: t}
	if t.code == tinyCall || n > mostTiny || n == 0 || t.code == tinySum && n*t.red > 2*mostTiny {
		x.code = tinyCall
		return
	}
	x.d, x.a = t.o.place(f), t.a.place(f)
	switch t.code {
	case tinyView:
		x.a = unsafe.Add(x.a, 8*t.view.offset)
		x.rows, x.size, x.apart, x.k = f.rowsOf(t.o), t.o.size, 0, 0
		if t.a.per {
			x.apart = t.from
		}
		if len(t.view.stride) > 0 {
			x.k = t.view.stride[0]
		}
	case tinySum:
		x.red = t.red
	case tinyAdd, tinySub, tinyMul, tinyDiv, tinyBinary:
		x.b = t.b.place(f)
		x.nextA, x.nextB = 8, 8
		if t.oneA {
			x.nextA = 0
		}
		if t.oneB {
			x.nextB = 0
		}
	}
}

// place is where a value of eight bytes an element begins.
func (r ref) place(f *frame) unsafe.Pointer {
	off := r.off
	if r.per && r.whole {
		off += 8 * f.row0 * r.size
	}
	return unsafe.Add(f.base[r.base], off)
}

// number is the one off bytes behind p. A pointer that goes along with a loop would end behind its memory, which the
// collector forbids.
func number(p unsafe.Pointer, off int) *float64 { return (*float64)(unsafe.Add(p, off)) }

// runTiny runs the instructions in order.
func runTiny(f *frame, code []tinyAt) {
	for c := range code {
		x := &code[c]
		d, a, b := x.d, x.a, x.b
		switch x.code {
		case tinyCall:
			x.of.step(f)
		case tinyAdd:
			for i, j, k := 0, 0, 0; i < 8*x.n; i, j, k = i+8, j+x.nextA, k+x.nextB {
				*number(d, i) = *number(a, j) + *number(b, k)
			}
		case tinySub:
			for i, j, k := 0, 0, 0; i < 8*x.n; i, j, k = i+8, j+x.nextA, k+x.nextB {
				*number(d, i) = *number(a, j) - *number(b, k)
			}
		case tinyMul:
			for i, j, k := 0, 0, 0; i < 8*x.n; i, j, k = i+8, j+x.nextA, k+x.nextB {
				*number(d, i) = *number(a, j) * *number(b, k)
			}
		case tinyDiv:
			for i, j, k := 0, 0, 0; i < 8*x.n; i, j, k = i+8, j+x.nextA, k+x.nextB {
				*number(d, i) = *number(a, j) / *number(b, k)
			}
		case tinySquare:
			for i := 0; i < 8*x.n; i += 8 {
				v := *number(a, i)
				*number(d, i) = v * v
			}
		case tinyRecip:
			for i := 0; i < 8*x.n; i += 8 {
				*number(d, i) = 1 / *number(a, i)
			}
		case tinyUnary:
			x.of.unary(unsafe.Slice((*float64)(d), x.n), unsafe.Slice((*float64)(a), x.n))
		case tinyBinary:
			x.of.binary(unsafe.Slice((*float64)(d), x.n), unsafe.Slice((*float64)(a), x.n),
				unsafe.Slice((*float64)(b), x.n))
		case tinyView:
			for r := range x.rows {
				for j := range x.size {
					*number(d, 8*(r*x.size+j)) = *number(a, 8*(r*x.apart+j*x.k))
				}
			}
		case tinySum:
			for i := range x.n {
				s := 0.
				for j := range x.red {
					s += *number(a, 8*(i*x.red+j))
				}
				*number(d, 8*i) = s
			}
		}
	}
}

// move copies eight-byte elements row by row, from places that advance with the iterations of a loop.
type move struct {
	d, s         unsafe.Pointer
	n, rows      int // elements of a row
	rowD, rowS   int // bytes from row to row
	tripD, tripS int // bytes from iteration to iteration
}

func (m *move) run(i int) {
	d, s := unsafe.Add(m.d, i*m.tripD), unsafe.Add(m.s, i*m.tripS)
	if m.n == 1 {
		for r := range m.rows {
			*number(d, r*m.rowD) = *number(s, r*m.rowS)
		}
		return
	}
	for r := range m.rows {
		copy(unsafe.Slice((*float64)(unsafe.Add(d, r*m.rowD)), m.n), unsafe.Slice((*float64)(unsafe.Add(s,
			r*m.rowS)), m.n))
	}
}

// read is the move of entry i of a stack to its place, write the way back, and onto that of a value to a place of the
// same size.
func (s loopStack) read(f *frame, trips int) move {
	m := move{d: s.entry.place(f), s: s.stack.place(f), n: s.entry.size, rows: f.rowsOf(s.entry),
		rowD: 8 * s.entry.size, tripS: 8 * s.entry.size}
	if s.stack.per {
		m.rowS = 8 * s.entry.size * trips
	}
	return m
}

func (s loopStack) write(f *frame, trips int) move {
	m := move{d: s.stack.place(f), s: s.entry.place(f), n: s.entry.size, rows: f.rowsOf(s.stack),
		rowD: 8 * s.entry.size * trips, tripD: 8 * s.entry.size}
	if s.entry.per {
		m.rowS = 8 * s.entry.size
	}
	return m
}

func onto(f *frame, dst, src ref) move {
	m := move{d: dst.place(f), s: src.place(f), n: dst.size, rows: f.rowsOf(dst), rowD: 8 * dst.size}
	if src.per {
		m.rowS = 8 * src.size
	}
	if m.rowS == m.rowD {
		m.n, m.rows = m.n*m.rows, 1
	}
	return m
}

// total adds an entry to the sum.
func (s loopStack) total() tiny {
	if s.bytes == 8 {
		return tiny{code: tinyAdd, o: s.stack, a: s.stack, b: s.entry,
			step: func(f *frame) { addTo(vec[float64](f, s.stack), vec[float64](f, s.entry)) }}
	}
	return tiny{step: func(f *frame) { addTo(vec[float32](f, s.stack), vec[float32](f, s.entry)) }}
}

// loopWork is what a frame knows of a loop while it runs it.
type loopWork struct {
	code, sums                  []tinyAt
	reads, writes, stage, carry []move
}
