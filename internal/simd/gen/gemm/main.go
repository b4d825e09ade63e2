// Command gemm writes the matrix product routines of internal/simd.
//
// A routine computes one strip of the product, at most two vectors wide (32 float32 or 16 float64 columns with
// AVX-512, half of that with AVX2), for any number of rows:
//
//	NN: C[i,j] = Σ_p A[i,p]·B[p,j]    rows of A lie lda apart
//	TN: C[i,j] = Σ_p A[p,i]·B[p,j]    terms of A lie lda apart
//
// Rows go in blocks whose accumulators stay in registers over the whole sum; a step of the sum loads one or
// two vectors of B and, for each row, one broadcast element of A. Every element of C is one chain of fused
// multiply-adds in the order of p, so its bits depend neither on the block that it fell into nor on the width
// of the vectors. When acc is set the chain starts from C, hence a sum may be cut into several calls.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// isa is one instruction set at one precision.
type isa struct {
	suffix string // of the routine's name
	wide   bool   // AVX-512
	double bool
}

func (s isa) elem() int {
	if s.double {
		return 8
	}
	return 4
}

func (s isa) bytes() int {
	if s.wide {
		return 64
	}
	return 32
}

func (s isa) lanes() int { return s.bytes() / s.elem() }

func (s isa) goType() string {
	if s.double {
		return "float64"
	}
	return "float32"
}

var (
	zmm = []VecPhysical{
		Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
		Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31,
	}
	ymm = []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}
)

// Vector registers are assigned by hand: accumulators from the bottom, then from the top the broadcast element
// of A, the two vectors of B and, for AVX2, the two masks.

func (s isa) reg(i int) VecPhysical {
	if s.wide {
		return zmm[i]
	}
	return ymm[i]
}

func (s isa) top(i int) VecPhysical {
	if s.wide {
		return zmm[31-i]
	}
	return ymm[15-i]
}

func (s isa) regA() VecPhysical         { return s.top(0) }
func (s isa) regB(v int) VecPhysical    { return s.top(1 + v) }
func (s isa) regMask(v int) VecPhysical { return s.top(3 + v) }

func (s isa) fma(b, a, acc Op) {
	if s.double {
		VFMADD231PD(b, a, acc)
		return
	}
	VFMADD231PS(b, a, acc)
}

func (s isa) add(x, y, dst Op) {
	if s.double {
		VADDPD(x, y, dst)
		return
	}
	VADDPS(x, y, dst)
}

func (s isa) broadcast(m, dst Op) {
	if s.double {
		VBROADCASTSD(m, dst)
		return
	}
	VBROADCASTSS(m, dst)
}

func (s isa) zero(dst Op) {
	switch {
	case s.wide:
		VPXORD(dst, dst, dst)
	default:
		VXORPS(dst, dst, dst)
	}
}

// load reads a vector, the lanes outside mask as zero; a nil mask reads all lanes.
func (s isa) load(m, mask, dst Op) {
	switch {
	case mask == nil:
		VMOVUPS(m, dst)
	case s.wide && s.double:
		VMOVUPD_Z(m, mask, dst)
	case s.wide:
		VMOVUPS_Z(m, mask, dst)
	case s.double:
		VMASKMOVPD(m, mask, dst)
	default:
		VMASKMOVPS(m, mask, dst)
	}
}

// store writes the lanes inside mask.
func (s isa) store(src, mask, m Op) {
	switch {
	case mask == nil:
		VMOVUPS(src, m)
	case s.wide && s.double:
		VMOVUPD(src, mask, m)
	case s.wide:
		VMOVUPS(src, mask, m)
	case s.double:
		VMASKMOVPD(src, mask, m)
	default:
		VMASKMOVPS(src, mask, m)
	}
}

// variant is the code for one width of strip.
type variant struct {
	name   string
	nv     int // vectors a row
	rows   int // rows of the main block
	masked bool
}

func (s isa) variants() []variant {
	if s.wide {
		// Sixteen accumulators cover the latency of the multiply-adds, and eight divides the usual heights.
		return []variant{{"full", 2, 8, false}, {"two", 2, 8, true}, {"one", 1, 12, true}}
	}
	// Sixteen registers: twelve accumulators, two of B and one of A, or eight, two, one and two masks.
	return []variant{{"full", 2, 6, false}, {"two", 2, 4, true}, {"one", 1, 8, true}}
}

// unroll is the number of steps of the sum in one turn of the main block's loop.
const unroll = 4

// ahead is the number of terms that a TN block prefetches in advance: its rows lie too far apart for the processor to
// see the pattern. Worth some 5 % where A and B come from the third-level cache.
const ahead = 24

// maskTable holds ones and then zeros: a load that starts n elements before the zeros masks n lanes.
var maskTable Mem

func main() {
	maskTable = GLOBL("gemmMask", RODATA|NOPTR)
	for i := range 4 {
		DATA(i*8, U64(^uint64(0)))
	}
	for i := range 4 {
		DATA(32+i*8, U64(0))
	}
	for _, double := range []bool{false, true} {
		for _, wide := range []bool{true, false} {
			s := isa{wide: wide, double: double, suffix: "32"}
			if double {
				s.suffix = "64"
			}
			if wide {
				s.suffix += "Z"
			} else {
				s.suffix += "Y"
			}
			gemm(s, "NN")
			gemm(s, "TN")
		}
	}
	Generate()
}

// strip is the state of one routine while it is written.
type strip struct {
	isa
	form           string
	c, a, b        GPVirtual // of the present row block
	ldc, lda, ldb  GPVirtual // in bytes
	aheadA, aheadB GPVirtual // distance of the prefetch in bytes, for TN
	rows           GPVirtual // rows that remain
	masks          [2]Op
	width          variant
	labels         int
	mxcsr, flushed Mem
}

func gemm(s isa, form string) {
	name := "gemm" + form + s.suffix
	TEXT(name, NOSPLIT, fmt.Sprintf("func(c *%[1]s, ldc int, a *%[1]s, lda int, b *%[1]s, ldb int, m int, n int, k int, bias *%[1]s, acc int)", s.goType()))
	Pragma("noescape")
	if form == "NN" {
		Doc(fmt.Sprintf("%s computes a strip of n ≤ %d columns and m rows of C = A·B, summing k terms.", name, 2*s.lanes()))
	} else {
		Doc(fmt.Sprintf("%s computes a strip of n ≤ %d columns and m rows of C = Aᵀ·B, summing k terms.", name, 2*s.lanes()))
	}
	t := &strip{isa: s, form: form}
	t.setFlush()
	t.c = Load(Param("c"), GP64()).(GPVirtual)
	t.a = Load(Param("a"), GP64()).(GPVirtual)
	t.ldc = t.stride("ldc")
	t.lda = t.stride("lda")
	t.ldb = t.stride("ldb")
	t.rows = Load(Param("m"), GP64()).(GPVirtual)
	t.b = GP64()

	if form == "TN" {
		t.aheadA, t.aheadB = GP64(), GP64()
		IMUL3Q(U32(ahead), t.lda, t.aheadA)
		IMUL3Q(U32(ahead), t.ldb, t.aheadB)
	}
	n := Load(Param("n"), GP64())
	CMPQ(n, U32(uint32(2*s.lanes())))
	JEQ(LabelRef("full"))
	t.setMasks(n)
	CMPQ(n, U32(uint32(s.lanes())))
	JLE(LabelRef("one"))
	JMP(LabelRef("two"))
	for _, v := range s.variants() {
		t.variant(v)
	}
	Label("done")
	LDMXCSR(t.mxcsr)
	VZEROUPPER()
	RET()
}

// setFlush makes denormal operands and results zero until the end of the routine: they would cost a hundred times
// the price of a product.
func (t *strip) setFlush() {
	local := AllocLocal(8)
	t.mxcsr, t.flushed = local, local.Offset(4)
	STMXCSR(t.mxcsr)
	r := GP32()
	MOVL(t.mxcsr, r)
	ORL(U32(0x8040), r)
	MOVL(r, t.flushed)
	LDMXCSR(t.flushed)
}

func (t *strip) stride(param string) GPVirtual {
	r := Load(Param(param), GP64()).(GPVirtual)
	if t.double {
		SHLQ(U8(3), r)
	} else {
		SHLQ(U8(2), r)
	}
	return r
}

// setMasks prepares the masks of the two vectors for n columns.
func (t *strip) setMasks(n Register) {
	if t.wide {
		// BZHI keeps the low n bits.
		ones, bits := GP64(), GP64()
		MOVQ(I32(-1), ones)
		BZHIQ(n, ones, bits)
		k1, k2 := K(), K()
		KMOVW(bits.As32(), k1)
		SHRQ(U8(uint8(t.lanes())), bits)
		KMOVW(bits.As32(), k2)
		t.masks = [2]Op{k1, k2}
		return
	}
	base, first, second, lanes := GP64(), GP64(), GP64(), GP64()
	LEAQ(maskTable.Offset(32), base)
	MOVQ(U32(uint32(t.lanes())), lanes)
	MOVQ(n, first)
	CMPQ(first, lanes)
	CMOVQGT(lanes, first)
	MOVQ(n, second)
	SUBQ(first, second)
	for i, x := range []GPVirtual{first, second} {
		NEGQ(x)
		VMOVUPS(Mem{Base: base, Index: x, Scale: uint8(t.elem())}, t.regMask(i))
		t.masks[i] = t.regMask(i)
	}
}

// variant writes the row blocks for one width.
func (t *strip) variant(v variant) {
	t.width = v
	Label(v.name)
	main, tail := v.name+"Rows", v.name+"Tail"
	Label(main)
	CMPQ(t.rows, U32(uint32(v.rows)))
	JLT(LabelRef(tail))
	t.block(v.rows, unroll)
	t.advance(v.rows)
	SUBQ(U32(uint32(v.rows)), t.rows)
	JMP(LabelRef(main))
	Label(tail)
	for r := v.rows - 1; r >= 1; r-- {
		CMPQ(t.rows, U32(uint32(r)))
		JEQ(LabelRef(fmt.Sprintf("%sTail%d", v.name, r)))
	}
	JMP(LabelRef("done"))
	for r := v.rows - 1; r >= 1; r-- {
		Label(fmt.Sprintf("%sTail%d", v.name, r))
		t.block(r, 1)
		JMP(LabelRef("done"))
	}
}

// advance moves C and A on by some rows.
func (t *strip) advance(rows int) {
	step := GP64()
	IMUL3Q(U32(uint32(rows)), t.ldc, step)
	ADDQ(step, t.c)
	if t.form == "TN" {
		ADDQ(U32(uint32(rows*t.elem())), t.a)
		return
	}
	step = GP64()
	IMUL3Q(U32(uint32(rows)), t.lda, step)
	ADDQ(step, t.a)
}

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
	flag := Load(Param("acc"), GP64())
	TESTQ(flag, flag)
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

	bias := Load(Param("bias"), GP64()).(GPVirtual)
	TESTQ(bias, bias)
	JEQ(LabelRef(label("Store")))
	for v := range t.width.nv {
		x := t.regB(v)
		t.load(Mem{Base: bias, Disp: v * t.bytes()}, t.mask(v), x)
		for r := range acc {
			t.add(x, acc[r][v], acc[r][v])
		}
	}
	Label(label("Store"))
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
