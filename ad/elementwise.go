package ad

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// unaryKernel computes an elementwise function of one operand; dst may be x.
type unaryKernel struct {
	f32 func(dst, x []float32)
	f64 func(dst, x []float64)
}

// scalarUnary makes the kernel of a function that has no vector code.
func scalarUnary(f func(float64) float64) unaryKernel {
	return unaryKernel{
		func(dst, x []float32) {
			for i, v := range x {
				dst[i] = float32(f(float64(v)))
			}
		},
		func(dst, x []float64) {
			for i, v := range x {
				dst[i] = f(v)
			}
		},
	}
}

// newUnary registers an elementwise function by its kernel and its derivative, a program of x and y = f(x).
// A nil derivative is zero everywhere.
func newUnary(name string, k unaryKernel, deriv func(x, y Value) Value) *opDef {
	op := &opDef{name: name, rowwise: true}
	op.vjp = func(n *node, c Value, need []bool) []Value {
		if deriv == nil {
			return []Value{{}}
		}
		return []Value{Mul(c, deriv(Value{n.in[0]}, Value{n}))}
	}
	op.jvp = func(n *node, t []Value) Value {
		if deriv == nil {
			return Value{}
		}
		return Mul(t[0], deriv(Value{n.in[0]}, Value{n}))
	}
	op.lift = liftElementwise
	op.columns = columnOp(columnUnary(name, k))
	op.emit = func(c *planner, n *node) {
		x := c.use(n.in[0])
		c.push(instr{name: name, reads: []*node{x}, writes: []*node{n}, inplace: true,
			tiny: func(at func(*node) ref) tiny {
				if n.dtype != F64 {
					return tiny{}
				}
				return tinyUnaryOf(n.op, k, at(n), at(x))
			},
			bind: func(at func(*node) ref) func(*frame) {
				return bindUnary(n.dtype, k, at(n), at(x))
			}})
	}
	return op
}

func bindUnary(d DType, k unaryKernel, o, x ref) func(*frame) {
	if d == F64 {
		return func(f *frame) { k.f64(vec[float64](f, o), vec[float64](f, x)) }
	}
	return func(f *frame) { k.f32(vec[float32](f, o), vec[float32](f, x)) }
}

func unary(op *opDef, x Value) Value {
	if x.n == nil {
		fail(op.name, "the operand is the zero Value")
	}
	if !x.DType().Float() {
		fail(op.name, "needs a float, got %s", describe(x.n))
	}
	return add(op, nil, x.n.shape, x.n.dtype, x)
}

// liftElementwise lifts an operation that treats every element alike: unmapped operands are repeated.
func liftElementwise(n *node, in []Value, mapped []bool, m int) Value {
	shape := append([]int{m}, n.shape...)
	vs := make([]Value, len(in))
	for i, v := range in {
		vs[i] = v
		if !mapped[i] {
			vs[i] = BroadcastTo(v, shape...)
		}
	}
	return add(n.op, n.attr, shape, n.dtype, vs...)
}

var (
	opNeg, opAbs, opSign, opFloor, opSqrt, opRecip, opSqr, opExp, opLog, opLog1p, opExpm1 *opDef
	opTanh, opSigm, opSoftp, opSin, opCos, opErf, opLogNdtr, opLgamma                     *opDef
	opSiLU, opGELU, opSiLUGrad, opGELUGrad                                                *opDef
)

func init() {
	opNeg = newUnary("neg", unaryKernel{simd.Neg32, simd.Neg64}, func(x, y Value) Value { return full(x, -1) })
	opAbs = newUnary("abs", unaryKernel{simd.Abs32, simd.Abs64}, func(x, y Value) Value { return Sign(x) })
	opSign = newUnary("sign", scalarUnary(func(x float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return x // zero or NaN
	}), nil)
	opFloor = newUnary("floor", scalarUnary(math.Floor), nil)
	opSqrt = newUnary("sqrt", unaryKernel{simd.Sqrt32, simd.Sqrt64},
		func(x, y Value) Value { return Div(full(y, .5), y) })
	opRecip = newUnary("recip", unaryKernel{simd.Recip32, simd.Recip64},
		func(x, y Value) Value { return Neg(Square(y)) })
	opSqr = newUnary("square", unaryKernel{simd.Square32, simd.Square64}, func(x, y Value) Value { return Scale(x, 2) })
	// c·2x as 2c·x: the same to the bit, and a pass less where c is shared.
	opSqr.vjp = func(n *node, c Value, need []bool) []Value { return []Value{Mul(Scale(c, 2), Value{n.in[0]})} }
	opExp = newUnary("exp", unaryKernel{simd.Exp32, simd.Exp64}, func(x, y Value) Value { return y })
	opLog = newUnary("log", unaryKernel{simd.Log32, simd.Log64}, func(x, y Value) Value { return Recip(x) })
	opLog1p = newUnary("log1p", unaryKernel{simd.Log1p32, simd.Log1p64},
		func(x, y Value) Value { return Recip(Shift(x, 1)) })
	opExpm1 = newUnary("expm1", unaryKernel{simd.Expm132, simd.Expm164}, func(x, y Value) Value { return Shift(y, 1) })
	opTanh = newUnary("tanh", unaryKernel{simd.Tanh32, simd.Tanh64},
		func(x, y Value) Value { return Shift(Neg(Square(y)), 1) })
	opSigm = newUnary("sigmoid", unaryKernel{simd.Sigmoid32, simd.Sigmoid64},
		func(x, y Value) Value { return Mul(y, Shift(Neg(y), 1)) })
	opSoftp = newUnary("softplus", unaryKernel{simd.Softplus32, simd.Softplus64},
		func(x, y Value) Value { return Sigmoid(x) })
	opSin = newUnary("sin", unaryKernel{simd.Sin32, simd.Sin64}, func(x, y Value) Value { return Cos(x) })
	opCos = newUnary("cos", unaryKernel{simd.Cos32, simd.Cos64}, func(x, y Value) Value { return Neg(Sin(x)) })
	opErf = newUnary("erf", unaryKernel{simd.Erf32, simd.Erf64}, func(x, y Value) Value {
		return Scale(Exp(Neg(Square(x))), 2/math.Sqrt(math.Pi))
	})
	opLogNdtr = newUnary("log_ndtr", unaryKernel{simd.NormLogCDF32, simd.NormLogCDF64}, func(x, y Value) Value {
		// φ(x)/Φ(x), in logarithms so that the far left tail keeps its value −x.
		return Exp(Sub(Shift(Scale(Square(x), -.5), -.5*math.Log(2*math.Pi)), y))
	})
	opLgamma = newUnary("lgamma", scalarUnary(func(x float64) float64 { v, _ := math.Lgamma(x); return v }),
		func(x, y Value) Value { return Polygamma(0, x) })
	opSiLUGrad = newUnary("silu_grad", unaryKernel{simd.SiLUGrad32, simd.SiLUGrad64}, func(x, y Value) Value {
		// d²/dx² x·s(x) = s'(2 + x(1−2s)), s' = s(1−s).
		s := Sigmoid(x)
		return Mul(Mul(s, Shift(Neg(s), 1)), Shift(Mul(x, Shift(Scale(s, -2), 1)), 2))
	})
	opGELUGrad = newUnary("gelu_grad", unaryKernel{simd.GELUGrad32, simd.GELUGrad64}, func(x, y Value) Value {
		// d²/dx² xΦ(x) = (2 − x²)φ(x).
		return Mul(Shift(Neg(Square(x)), 2), Scale(Exp(Scale(Square(x), -.5)), 1/math.Sqrt(2*math.Pi)))
	})
	opSiLU = newUnary("silu", unaryKernel{simd.SiLU32, simd.SiLU64},
		func(x, y Value) Value { return add(opSiLUGrad, nil, x.n.shape, x.n.dtype, x) })
	opGELU = newUnary("gelu", unaryKernel{simd.GELU32, simd.GELU64},
		func(x, y Value) Value { return add(opGELUGrad, nil, x.n.shape, x.n.dtype, x) })
	withDual(opSiLU, opSiLUGrad, dualKernel{simd.SiLUDual32, simd.SiLUDual64, simd.BiasSiLUDual32})
	withDual(opGELU, opGELUGrad, dualKernel{simd.GELUDual32, simd.GELUDual64, simd.BiasGELUDual32})
	withDual(opSoftp, opSigm, dualKernel{f32: simd.SoftplusDual32, f64: simd.SoftplusDual64})
}

// Neg is −x.
func Neg(x Value) Value {
	if x.n != nil && x.n.op == opNeg {
		return Value{x.n.in[0]}
	}
	if x.n != nil && x.DType().Float() {
		if c, ok := constant(x); ok {
			return rowsLike(full(x, -c), x)
		}
	}
	return unary(opNeg, x)
}

// Abs is |x|; its derivative at 0 is 0.
func Abs(x Value) Value { return unary(opAbs, x) }

// Sign is −1, 0 or 1; its derivative is 0.
func Sign(x Value) Value { return unary(opSign, x) }

// Floor is ⌊x⌋; its derivative is 0.
func Floor(x Value) Value { return unary(opFloor, x) }

// Sqrt is √x.
func Sqrt(x Value) Value { return unary(opSqrt, x) }

// Recip is 1/x.
func Recip(x Value) Value { return unary(opRecip, x) }

// Square is x².
func Square(x Value) Value { return unary(opSqr, x) }

// Exp is eˣ.
func Exp(x Value) Value { return unary(opExp, x) }

// Log is the natural logarithm, exact where [ExactLog] is.
func Log(x Value) Value {
	if l, ok := ExactLog(x); ok {
		return l
	}
	return unary(opLog, x)
}

// Log1p is log(1+x), exact for small x and where 1+x has an exact logarithm, see [ExactLog].
func Log1p(x Value) Value {
	if x.n != nil && x.DType().Float() {
		if l, ok := logAffine(affine{c: 1, s: 1, size: 1}, x); ok {
			return l
		}
	}
	return unary(opLog1p, x)
}

// Expm1 is eˣ−1, exact for small x.
func Expm1(x Value) Value { return unary(opExpm1, x) }

// Tanh is the hyperbolic tangent.
func Tanh(x Value) Value { return unary(opTanh, x) }

// Sigmoid is 1/(1+e⁻ˣ).
func Sigmoid(x Value) Value { return unary(opSigm, x) }

// Softplus is log(1+eˣ).
func Softplus(x Value) Value { return unary(opSoftp, x) }

// Sin is the sine of x in radians.
func Sin(x Value) Value { return unary(opSin, x) }

// Cos is the cosine of x in radians.
func Cos(x Value) Value { return unary(opCos, x) }

// Erf is the error function.
func Erf(x Value) Value { return unary(opErf, x) }

// LogNdtr is log Φ(x), the logarithm of the standard normal distribution function, exact in both tails.
func LogNdtr(x Value) Value { return unary(opLogNdtr, x) }

// Lgamma is log|Γ(x)|.
func Lgamma(x Value) Value { return unary(opLgamma, x) }

// Digamma is ψ(x), the derivative of Lgamma.
func Digamma(x Value) Value { return Polygamma(0, x) }

// SiLU is x·sigmoid(x).
func SiLU(x Value) Value { return unary(opSiLU, x) }

// GELU is xΦ(x), the exact form with the error function.
func GELU(x Value) Value { return unary(opGELU, x) }

// Scale is s·x for a constant s.
func Scale(x Value, s float64) Value { return Mul(x, full(x, s)) }

// Shift is x+s for a constant s.
func Shift(x Value, s float64) Value { return Add(x, full(x, s)) }
