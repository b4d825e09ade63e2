package ad

import (
	"math"
	"unsafe"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// binaryKernel computes an elementwise function of two operands: vector-vector, vector-scalar, scalar-vector and, where there is
// vector code for it, rows of a with a number of s for each and rows of a with one row p for all. The forms whose names say so
// have the operands in the other order.
type binaryKernel[T any] struct {
	vv              func(dst, a, b []T)
	vs              func(dst, a []T, s T)
	sv              func(dst, a []T, s T) // the scalar is the first operand
	perRow          func(dst, a, s []T, rows, cols int)
	perRowSwapped   func(dst, a, s []T, rows, cols int)
	periodic        func(dst, a, p []T, rows, cols int)
	periodicSwapped func(dst, a, p []T, rows, cols int)
}

// swapped is the same function of its operands in the other order.
func (k binaryKernel[T]) swapped() binaryKernel[T] {
	vv := k.vv
	return binaryKernel[T]{func(dst, a, b []T) { vv(dst, b, a) }, k.sv, k.vs, k.perRowSwapped, k.perRow, k.periodicSwapped, k.periodic}
}

type binaryKernels struct {
	f32 binaryKernel[float32]
	f64 binaryKernel[float64]
	i32 binaryKernel[int32]
}

// scalarBinary makes the three forms of a function that has no vector code.
func scalarBinary[T any](f func(a, b T) T) binaryKernel[T] {
	return binaryKernel[T]{
		vv: func(dst, a, b []T) {
			for i, x := range a {
				dst[i] = f(x, b[i])
			}
		},
		vs: func(dst, a []T, s T) {
			for i, x := range a {
				dst[i] = f(x, s)
			}
		},
		sv: func(dst, a []T, s T) {
			for i, x := range a {
				dst[i] = f(s, x)
			}
		},
	}
}

// newBinary registers an elementwise function of two operands by its kernels and its partial derivatives,
// programs of a, b and y; a partial that returns the zero Value is zero.
func newBinary(name string, k binaryKernels, da, db func(a, b, y Value) Value) *opDef {
	op := &opDef{name: name, rowwise: true, lift: liftElementwise}
	partial := func(n *node, i int) Value {
		d := da
		if i == 1 {
			d = db
		}
		if d == nil {
			return Value{}
		}
		return d(Value{n.in[0]}, Value{n.in[1]}, Value{n})
	}
	op.vjp = func(n *node, c Value, need []bool) []Value {
		out := make([]Value, 2)
		for i := range out {
			if need[i] {
				out[i] = mulOrZero(c, partial(n, i))
			}
		}
		return out
	}
	op.jvp = func(n *node, t []Value) Value {
		var s Value
		for i := range t {
			if !t[i].IsZero() {
				s = addOrZero(s, mulOrZero(t[i], partial(n, i)))
			}
		}
		return s
	}
	op.emit = func(c *planner, n *node) { emitBinary(c, n, k) }
	op.columns = columnOp(columnBinary(k))
	return op
}

func emitBinary(c *planner, n *node, k binaryKernels) {
	b := c.operand(n.in[1], n, true)
	a := c.operand(n.in[0], n, !b.scalar)
	c.push(instr{name: n.op.name, reads: []*node{a.n, b.n}, writes: []*node{n}, inplace: true,
		bind: func(at func(*node) ref) func(*frame) {
			switch n.in[0].dtype {
			case F32:
				return bindBinary(k.f32, at(n), at(a.n), at(b.n), a, b)
			case F64:
				return bindBinary(k.f64, at(n), at(a.n), at(b.n), a, b)
			}
			return bindBinary(k.i32, at(n), at(a.n), at(b.n), a, b)
		}})
}

// bindBinary picks the form of the kernel: full vectors, a scalar, or a shared row that every row of the batch meets.
func bindBinary[T any](k binaryKernel[T], o, ra, rb ref, a, b operand) func(*frame) {
	switch {
	case b.scalar:
		return func(f *frame) { k.vs(vec[T](f, o), vec[T](f, ra), vec[T](f, rb)[0]) }
	case a.scalar:
		return func(f *frame) { k.sv(vec[T](f, o), vec[T](f, rb), vec[T](f, ra)[0]) }
	case a.period > 0:
		return func(f *frame) {
			periodic(f, vec[T](f, ra), vec[T](f, o), vec[T](f, rb), func(dst, row, x []T) { k.vv(dst, row, x) })
		}
	case b.period > 0:
		return func(f *frame) {
			periodic(f, vec[T](f, rb), vec[T](f, o), vec[T](f, ra), func(dst, row, x []T) { k.vv(dst, x, row) })
		}
	}
	return func(f *frame) { k.vv(vec[T](f, o), vec[T](f, ra), vec[T](f, rb)) }
}

// periodic meets the repeated row with one stretch of x after another. A short row is first repeated, so that
// the vector code has something to chew on; elementwise results do not change by that.
func periodic[T any](f *frame, row, dst, x []T, op func(dst, row, x []T)) {
	p := len(row)
	if p == 0 {
		return
	}
	if p < len(f.tile)/4 && len(dst) > p {
		tile := unsafe.Slice((*T)(unsafe.Pointer(&f.tile)), len(f.tile))
		n := min(len(f.tile)/p*p, len(dst))
		for i := 0; i < n; i += p {
			copy(tile[i:n], row)
		}
		row, p = tile[:n], n
	}
	for i := 0; i < len(dst); i += p {
		n := min(p, len(dst)-i)
		op(dst[i:i+n], row[:n], x[i:i+n])
	}
}

func int32Only(f func(a, b int32) int32) binaryKernel[int32] { return scalarBinary(f) }

// The partial derivatives of max and min follow the operand that is taken; a tie goes to the first.
var (
	opAdd, opSub, opMul, opDiv, opMax, opMin, opPow *opDef
)

func init() {
	one := func(a, b, y Value) Value { return full(y, 1) }
	opAdd = newBinary("add", binaryKernels{
		binaryKernel[float32]{simd.Add32, simd.AddS32, simd.AddS32, simd.AddPerRow32, simd.AddPerRow32, simd.AddPeriodic32, simd.AddPeriodic32},
		binaryKernel[float64]{simd.Add64, simd.AddS64, simd.AddS64, simd.AddPerRow64, simd.AddPerRow64, simd.AddPeriodic64, simd.AddPeriodic64},
		int32Only(func(a, b int32) int32 { return a + b })}, one, one)
	opSub = newBinary("sub", binaryKernels{
		binaryKernel[float32]{simd.Sub32, simd.SubS32, simd.RSubS32, simd.SubPerRow32, simd.RSubPerRow32, simd.SubPeriodic32, simd.RSubPeriodic32},
		binaryKernel[float64]{simd.Sub64, simd.SubS64, simd.RSubS64, simd.SubPerRow64, simd.RSubPerRow64, simd.SubPeriodic64, simd.RSubPeriodic64},
		int32Only(func(a, b int32) int32 { return a - b })}, one,
		func(a, b, y Value) Value { return full(y, -1) })
	opMul = newBinary("mul", binaryKernels{
		binaryKernel[float32]{simd.Mul32, simd.MulS32, simd.MulS32, simd.MulPerRow32, simd.MulPerRow32, simd.MulPeriodic32, simd.MulPeriodic32},
		binaryKernel[float64]{simd.Mul64, simd.MulS64, simd.MulS64, simd.MulPerRow64, simd.MulPerRow64, simd.MulPeriodic64, simd.MulPeriodic64},
		int32Only(func(a, b int32) int32 { return a * b })},
		func(a, b, y Value) Value { return b },
		func(a, b, y Value) Value { return a })
	opDiv = newBinary("div", binaryKernels{
		binaryKernel[float32]{simd.Div32, simd.DivS32, simd.RDivS32, simd.DivPerRow32, simd.RDivPerRow32, simd.DivPeriodic32, simd.RDivPeriodic32},
		binaryKernel[float64]{simd.Div64, simd.DivS64, simd.RDivS64, simd.DivPerRow64, simd.RDivPerRow64, simd.DivPeriodic64, simd.RDivPeriodic64},
		int32Only(func(a, b int32) int32 {
			if b == 0 {
				return 0
			}
			return a / b
		})},
		func(a, b, y Value) Value { return Recip(b) },
		func(a, b, y Value) Value { return Neg(Div(y, b)) })
	opMax = newBinary("max", binaryKernels{
		binaryKernel[float32]{simd.Max32, simd.MaxS32, simd.MaxS32, simd.MaxPerRow32, simd.MaxPerRow32, simd.MaxPeriodic32, simd.MaxPeriodic32},
		binaryKernel[float64]{simd.Max64, simd.MaxS64, simd.MaxS64, simd.MaxPerRow64, simd.MaxPerRow64, simd.MaxPeriodic64, simd.MaxPeriodic64},
		int32Only(func(a, b int32) int32 { return max(a, b) })},
		func(a, b, y Value) Value { return Cast(GreaterEqual(a, b), y.DType()) },
		func(a, b, y Value) Value { return Cast(Less(a, b), y.DType()) })
	opMin = newBinary("min", binaryKernels{
		binaryKernel[float32]{simd.Min32, simd.MinS32, simd.MinS32, simd.MinPerRow32, simd.MinPerRow32, simd.MinPeriodic32, simd.MinPeriodic32},
		binaryKernel[float64]{simd.Min64, simd.MinS64, simd.MinS64, simd.MinPerRow64, simd.MinPerRow64, simd.MinPeriodic64, simd.MinPeriodic64},
		int32Only(func(a, b int32) int32 { return min(a, b) })},
		func(a, b, y Value) Value { return Cast(LessEqual(a, b), y.DType()) },
		func(a, b, y Value) Value { return Cast(Less(b, a), y.DType()) })
	opPow = newBinary("pow", binaryKernels{
		f32: scalarBinary(func(a, b float32) float32 { return float32(math.Pow(float64(a), float64(b))) }),
		f64: scalarBinary(math.Pow)},
		func(a, b, y Value) Value { return Mul(b, Pow(a, Shift(b, -1))) },
		// y log a, and 0 where y is 0: 0·log 0 must not be NaN.
		func(a, b, y Value) Value {
			zero := full(y, 0)
			live := NotEqual(y, zero)
			return Select(live, Mul(y, Log(Select(live, a, full(a, 1)))), zero)
		})
}

// binary broadcasts the operands against each other and adds the operation.
func binary(op *opDef, a, b Value) Value {
	a, b = Broadcast2(op.name, a, b)
	if a.n.dtype == Bool {
		fail(op.name, "needs numbers, got %s", describe(a.n))
	}
	return add(op, nil, a.n.shape, a.n.dtype, a, b)
}

// Add is a+b. Like every operation of two operands it broadcasts as numpy does.
func Add(a, b Value) Value {
	a, b = Broadcast2("add", a, b)
	if isConst(b, 0) && keeps(a, b) {
		return a
	}
	if isConst(a, 0) && keeps(b, a) {
		return b
	}
	// x + (−y) is x − y to the bit.
	switch {
	case a.n.dtype.Float() && b.n.op == opNeg:
		return Sub(a, Value{b.n.in[0]})
	case a.n.dtype.Float() && a.n.op == opNeg:
		return Sub(b, Value{a.n.in[0]})
	case a.n.op == opPad && b.n.op == opPad:
		if joined, ok := joinPads(a, b); ok {
			return joined
		}
	}
	return binary(opAdd, a, b)
}

// Sub is a−b.
func Sub(a, b Value) Value {
	a, b = Broadcast2("sub", a, b)
	if isConst(b, 0) && keeps(a, b) {
		return a
	}
	return binary(opSub, a, b)
}

// Mul is the elementwise product.
func Mul(a, b Value) Value {
	a, b = Broadcast2("mul", a, b)
	if isConst(b, 1) && keeps(a, b) {
		return a
	}
	if isConst(a, 1) && keeps(b, a) {
		return b
	}
	if a.n.dtype.Float() && isConst(b, -1) && keeps(a, b) {
		return Neg(a)
	}
	if a.n.dtype.Float() && isConst(a, -1) && keeps(b, a) {
		return Neg(b)
	}
	// Signs move outwards, where they cancel or become differences.
	switch {
	case a.n.dtype.Float() && a.n.op == opNeg:
		return Neg(Mul(Value{a.n.in[0]}, b))
	case a.n.dtype.Float() && b.n.op == opNeg:
		return Neg(Mul(a, Value{b.n.in[0]}))
	}
	if x, ok := constant(a); ok && a.n.dtype == F64 && keeps(a, b) {
		if y, ok := constant(b); ok {
			return full(a, x*y)
		}
	}
	return binary(opMul, a, b)
}

// keeps reports whether a alone has the sharedness of an operation on a and b.
func keeps(a, b Value) bool { return b.n.shared || !a.n.shared }

// Div is a/b. An int32 quotient truncates, and is 0 where b is 0.
func Div(a, b Value) Value {
	a, b = Broadcast2("div", a, b)
	if isConst(b, 1) && keeps(a, b) {
		return a
	}
	return binary(opDiv, a, b)
}

// Max is the larger of a and b, NaN where either is.
func Max(a, b Value) Value { return binary(opMax, a, b) }

// Min is the smaller of a and b, NaN where either is.
func Min(a, b Value) Value { return binary(opMin, a, b) }

// Pow is aᵇ for floats. An exponent that is the constant 2, 1, ½ or −1 becomes the plain operation.
func Pow(a, b Value) Value {
	a, b = Broadcast2("pow", a, b)
	if !a.n.dtype.Float() {
		fail("pow", "needs floats, got %s", describe(a.n))
	}
	if keeps(a, b) {
		switch {
		case isConst(b, 0):
			return rowsLike(full(a, 1), a)
		case isConst(b, 1):
			return a
		case isConst(b, 2):
			return Square(a)
		case isConst(b, .5):
			return Sqrt(a)
		case isConst(b, -1):
			return Recip(a)
		}
	}
	return binary(opPow, a, b)
}

func mulOrZero(a, b Value) Value {
	if a.IsZero() || b.IsZero() {
		return Value{}
	}
	return Mul(a, b)
}

func addOrZero(a, b Value) Value {
	switch {
	case a.IsZero():
		return b
	case b.IsZero():
		return a
	}
	return Add(a, b)
}
