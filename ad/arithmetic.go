package ad

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// The partial derivatives of max and min follow the operand that is taken; a tie goes to the first.
var (
	opAdd, opSub, opMul, opDiv, opMax, opMin, opPow *opDef
)

func init() {
	one := func(a, b, y Value) Value { return full(y, 1) }
	opAdd = newBinary("add", binaryKernels{
		binaryKernel[float32]{simd.Add32, simd.AddS32, simd.AddS32, simd.AddPerRow32, simd.AddPerRow32,
			simd.AddPeriodic32, simd.AddPeriodic32},
		binaryKernel[float64]{simd.Add64, simd.AddS64, simd.AddS64, simd.AddPerRow64, simd.AddPerRow64,
			simd.AddPeriodic64, simd.AddPeriodic64},
		scalarBinary(func(a, b int32) int32 { return a + b })}, one, one)
	opSub = newBinary("sub", binaryKernels{
		binaryKernel[float32]{simd.Sub32, simd.SubS32, simd.RSubS32, simd.SubPerRow32, simd.RSubPerRow32,
			simd.SubPeriodic32, simd.RSubPeriodic32},
		binaryKernel[float64]{simd.Sub64, simd.SubS64, simd.RSubS64, simd.SubPerRow64, simd.RSubPerRow64,
			simd.SubPeriodic64, simd.RSubPeriodic64},
		scalarBinary(func(a, b int32) int32 { return a - b })}, one,
		func(a, b, y Value) Value { return full(y, -1) })
	opMul = newBinary("mul", binaryKernels{
		binaryKernel[float32]{simd.Mul32, simd.MulS32, simd.MulS32, simd.MulPerRow32, simd.MulPerRow32,
			simd.MulPeriodic32, simd.MulPeriodic32},
		binaryKernel[float64]{simd.Mul64, simd.MulS64, simd.MulS64, simd.MulPerRow64, simd.MulPerRow64,
			simd.MulPeriodic64, simd.MulPeriodic64},
		scalarBinary(func(a, b int32) int32 { return a * b })},
		func(a, b, y Value) Value { return b },
		func(a, b, y Value) Value { return a })
	opDiv = newBinary("div", binaryKernels{
		binaryKernel[float32]{simd.Div32, simd.DivS32, simd.RDivS32, simd.DivPerRow32, simd.RDivPerRow32,
			simd.DivPeriodic32, simd.RDivPeriodic32},
		binaryKernel[float64]{simd.Div64, simd.DivS64, simd.RDivS64, simd.DivPerRow64, simd.RDivPerRow64,
			simd.DivPeriodic64, simd.RDivPeriodic64},
		scalarBinary(func(a, b int32) int32 {
			if b == 0 {
				return 0
			}
			return a / b
		})},
		func(a, b, y Value) Value { return Recip(b) },
		func(a, b, y Value) Value { return Neg(Div(y, b)) })
	opMax = newBinary("max", binaryKernels{
		binaryKernel[float32]{simd.Max32, simd.MaxS32, simd.MaxS32, simd.MaxPerRow32, simd.MaxPerRow32,
			simd.MaxPeriodic32, simd.MaxPeriodic32},
		binaryKernel[float64]{simd.Max64, simd.MaxS64, simd.MaxS64, simd.MaxPerRow64, simd.MaxPerRow64,
			simd.MaxPeriodic64, simd.MaxPeriodic64},
		scalarBinary(func(a, b int32) int32 { return max(a, b) })},
		func(a, b, y Value) Value { return Cast(GreaterEqual(a, b), y.DType()) },
		func(a, b, y Value) Value { return Cast(Less(a, b), y.DType()) })
	opMin = newBinary("min", binaryKernels{
		binaryKernel[float32]{simd.Min32, simd.MinS32, simd.MinS32, simd.MinPerRow32, simd.MinPerRow32,
			simd.MinPeriodic32, simd.MinPeriodic32},
		binaryKernel[float64]{simd.Min64, simd.MinS64, simd.MinS64, simd.MinPerRow64, simd.MinPerRow64,
			simd.MinPeriodic64, simd.MinPeriodic64},
		scalarBinary(func(a, b int32) int32 { return min(a, b) })},
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
