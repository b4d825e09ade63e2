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

// fetchSum is the least number of terms of a block that is worth fetching the next block of C for.
const fetchSum = 64

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
			gemmPanels(s)
		}
	}
	pairs := isa{wide: true, pairs: true, suffix: "BF16"}
	gemm(pairs, "NN")
	gemmPanels(pairs)
	gemm(isa{ints: true, suffix: "I16Y"}, "NN")
	gemm(isa{wide: true, ints: true, suffix: "I16Z"}, "NN")
	gemm(isa{wide: true, quads: true, suffix: "I8Z"}, "NN")
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
	acc            Register
	masks          [2]Op
	width          variant
	labels         int
	mxcsr, flushed Mem
}

func gemm(s isa, form string) {
	name := "gemm" + form + s.suffix
	TEXT(name, NOSPLIT, fmt.Sprintf("func(c *%s, ldc int, a *%[2]s, lda int, b *%[2]s, ldb int, m int, n int, k "+
		"int, acc int)", s.goType(), s.operand()))
	Pragma("noescape")
	if form == "NN" {
		Doc(fmt.Sprintf("%s computes a strip of n ≤ %d columns and m rows of C = A·B, summing k terms.", name,
			2*s.lanes()))
	} else {
		Doc(fmt.Sprintf("%s computes a strip of n ≤ %d columns and m rows of C = Aᵀ·B, summing k terms.", name,
			2*s.lanes()))
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
	base, offsets := t.maskOffsets(n)
	for i, x := range offsets {
		VMOVUPS(Mem{Base: base, Index: x, Scale: uint8(t.elem())}, t.regMask(i))
		t.masks[i] = t.regMask(i)
	}
}

// maskOffsets returns where the masks of the two vectors for n columns lie in the table, for AVX2: a base, and the
// elements from there.
func (t *strip) maskOffsets(n Register) (base GPVirtual, offsets [2]GPVirtual) {
	base, first, second, lanes := GP64(), GP64(), GP64(), GP64()
	LEAQ(maskTable.Offset(32), base)
	MOVQ(U32(uint32(t.lanes())), lanes)
	MOVQ(n, first)
	CMPQ(first, lanes)
	CMOVQGT(lanes, first)
	MOVQ(n, second)
	SUBQ(first, second)
	NEGQ(first)
	NEGQ(second)
	return base, [2]GPVirtual{first, second}
}

// variant writes the row blocks for one width.
func (t *strip) variant(v variant) {
	t.width = v
	t.spare = 3
	if v.masked {
		t.spare = 5
	}
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
