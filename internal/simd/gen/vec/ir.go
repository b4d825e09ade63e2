// Package vec describes an elementwise function once and writes it for AVX-512, for AVX2 and in Go.
//
// A description is straight-line code over values of one precision: what a [Func] computes for one element.
// Every operation is exactly rounded or a move of bits, and the Go body uses fused multiply-adds where the
// assembly does; hence the three bodies give the same bits, except that only the assembly flushes denormals.
package vec

import "math"

// kind is what the bits of a value mean; only the Go body cares.
type kind uint8

const (
	float kind = iota
	integer
	mask
)

// Value is the result of one operation.
type Value struct {
	fn   *Func
	id   int
	op   string
	args []*Value
	kind kind
	imm  uint64 // the bits of a constant, the distance of a shift, the predicate of a comparison
	name string // of an input or scalar
}

// Output is a value that a function stores.
type Output struct {
	Name  string
	Value *Value
}

// Func is the description of one function of one precision.
type Func struct {
	Name     string // exported, without the precision: Exp
	Doc      string // the sentence after the name
	Double   bool
	Params   []string // of the exported function, in order; with the names of inputs, outputs, scalars
	Inputs   []*Value
	Scalars  []*Value
	Outputs  []Output
	Escape   *Value   // mask of the elements left to the patch, or nil
	Again    bool     // the patch computes a chunk again, from all vectors, and there is no Go body of one element
	Periodic string   // the input that repeats in every row, or ""
	PerRow   string   // the input that has a number for every row, or ""
	Words    bool     // inputs are integers
	Chains   int      // vectors whose operations take turns in the loop of AVX-512; 0 and 1 are one
	stages   []int    // where in Values the second stage begins, and further ones
	Values   []*Value // in order of evaluation
}

// New starts the description of a function. Params lists the parameters of the exported function; the
// description names each of them once by In, Scalar or Out.
func New(name string, double bool, doc string, params ...string) *Func {
	return &Func{Name: name, Double: double, Doc: doc, Params: params}
}

// Bits returns the precision's width.
func (f *Func) Bits() int {
	if f.Double {
		return 64
	}
	return 32
}

func (f *Func) add(op string, k kind, args ...*Value) *Value {
	v := &Value{fn: f, id: len(f.Values), op: op, args: args, kind: k}
	f.Values = append(f.Values, v)
	return v
}

// In is the element of the vector called name.
func (f *Func) In(name string) *Value {
	v := f.add("in", float)
	if f.Words {
		v.kind = integer
	}
	v.name = name
	f.Inputs = append(f.Inputs, v)
	return v
}

// Scalar is the scalar parameter called name.
func (f *Func) Scalar(name string) *Value {
	v := f.add("scalar", float)
	v.name = name
	f.Scalars = append(f.Scalars, v)
	return v
}

// RowScalar is the number that the vector called name has for the row.
func (f *Func) RowScalar(name string) *Value {
	v := f.add("scalar", float)
	v.name, f.PerRow = name, name
	return v
}

// rowwise says that the function goes over rows of equal length.
func (f *Func) rowwise() bool { return f.Periodic != "" || f.PerRow != "" }

// Out stores v in the vector called name.
func (f *Func) Out(name string, v *Value) { f.Outputs = append(f.Outputs, Output{name, v}) }

// NextStage begins another stage. Where a description is one long chain of operations, a processor does not look
// far enough ahead to find those of the next vectors: the loop of AVX-512 then has the last stage of one vector,
// the stage before of the next one and so on take turns.
func (f *Func) NextStage() { f.stages = append(f.stages, len(f.Values)) }

// Const is the number x rounded to the function's precision.
func (f *Func) Const(x float64) *Value {
	b := uint64(math.Float32bits(float32(x)))
	if f.Double {
		b = math.Float64bits(x)
	}
	return f.constant(float, b)
}

// Word is an integer constant.
func (f *Func) Word(b uint64) *Value { return f.constant(integer, b) }

func (f *Func) constant(k kind, b uint64) *Value {
	v := f.add("const", k)
	v.imm = b
	return v
}

// Arithmetic, rounded to nearest even.
func (f *Func) Add(a, b *Value) *Value { return f.add("ADD", float, a, b) }
func (f *Func) Sub(a, b *Value) *Value { return f.add("SUB", float, a, b) }
func (f *Func) Mul(a, b *Value) *Value { return f.add("MUL", float, a, b) }
func (f *Func) Div(a, b *Value) *Value { return f.add("DIV", float, a, b) }
func (f *Func) Sqrt(a *Value) *Value   { return f.add("SQRT", float, a) }

// FMA is a·b + c, FNMA is c − a·b, rounded once.
func (f *Func) FMA(a, b, c *Value) *Value  { return f.add("FMADD", float, a, b, c) }
func (f *Func) FNMA(a, b, c *Value) *Value { return f.add("FNMADD", float, a, b, c) }

// Min is a when a < b, else b; Max is a when a > b, else b. A NaN in b passes.
func (f *Func) Min(a, b *Value) *Value { return f.add("MIN", float, a, b) }
func (f *Func) Max(a, b *Value) *Value { return f.add("MAX", float, a, b) }

// The predicates of VCMPPS, none of which signals on quiet NaN.
const (
	predEqual     = 0x00
	predLess      = 0x11
	predNotLessEq = 0x16
	predUnordered = 0x03
)

// Comparisons. A NaN compares false, except in Unordered and NotLessEq.
func (f *Func) Equal(a, b *Value) *Value     { return f.compare(predEqual, a, b) }
func (f *Func) Less(a, b *Value) *Value      { return f.compare(predLess, a, b) }
func (f *Func) NotLessEq(a, b *Value) *Value { return f.compare(predNotLessEq, a, b) }
func (f *Func) Unordered(a, b *Value) *Value { return f.compare(predUnordered, a, b) }

func (f *Func) compare(pred uint64, a, b *Value) *Value {
	v := f.add("CMP", mask, a, b)
	v.imm = pred
	return v
}

// Negative says which integers have their uppermost bit set.
func (f *Func) Negative(a *Value) *Value { return f.add("SIGN", mask, a) }

// Select is a where m holds, else b.
func (f *Func) Select(m, a, b *Value) *Value { return f.add("SELECT", a.kind, m, a, b) }

// Bits and Float read the same bits as another kind.
func (f *Func) AsBits(a *Value) *Value  { return f.add("bits", integer, a) }
func (f *Func) AsFloat(a *Value) *Value { return f.add("float", float, a) }

// Integer operations, modulo 2 to the function's precision.
func (f *Func) AddI(a, b *Value) *Value { return f.add("PADD", integer, a, b) }
func (f *Func) And(a, b *Value) *Value  { return f.add("PAND", integer, a, b) }
func (f *Func) Or(a, b *Value) *Value   { return f.add("POR", integer, a, b) }
func (f *Func) Xor(a, b *Value) *Value  { return f.add("PXOR", integer, a, b) }
func (f *Func) Shl(a *Value, n int) *Value {
	v := f.add("PSLL", integer, a)
	v.imm = uint64(n)
	return v
}
func (f *Func) Shr(a *Value, n int) *Value {
	v := f.add("PSRL", integer, a)
	v.imm = uint64(n)
	return v
}

// FromInt converts a signed integer to the nearest float. Single precision only: AVX2 lacks the other.
func (f *Func) FromInt(a *Value) *Value { return f.add("CVTDQ2", float, a) }

// Flush replaces a denormal by zero in the Go body; the assembly does so anyway.
func (f *Func) Flush(a *Value) *Value { return f.add("flush", float, a) }

// Poly is Horner's rule for Σ c[i]·xⁱ.
func (f *Func) Poly(x *Value, c []float64) *Value {
	p := f.Const(c[len(c)-1])
	for i := len(c) - 2; i >= 0; i-- {
		p = f.FMA(p, x, f.Const(c[i]))
	}
	return p
}

// Abs, Neg and CopySign are moves of the sign bit.
func (f *Func) Abs(a *Value) *Value {
	return f.AsFloat(f.And(f.AsBits(a), f.Word(f.signBit()-1)))
}
func (f *Func) Neg(a *Value) *Value { return f.AsFloat(f.Xor(f.AsBits(a), f.Word(f.signBit()))) }

// CopySign is a non-negative a with the sign of s.
func (f *Func) CopySign(a, s *Value) *Value {
	return f.AsFloat(f.Or(f.AsBits(a), f.And(f.AsBits(s), f.Word(f.signBit()))))
}

func (f *Func) signBit() uint64 { return 1 << (f.Bits() - 1) }

// used says which values the outputs depend on.
func (f *Func) used() map[*Value]bool {
	used := map[*Value]bool{}
	for _, o := range f.Outputs {
		used[o.Value] = true
	}
	if f.Escape != nil {
		used[f.Escape] = true
	}
	for i := len(f.Values) - 1; i >= 0; i-- {
		if v := f.Values[i]; used[v] {
			for _, a := range v.args {
				used[a] = true
			}
		}
	}
	return used
}
