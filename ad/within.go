package ad

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// furthest is 2⁶⁰: the squares of numbers up to it are finite in float32.
const furthest = 1 << 60

var (
	opWithin = newBinary("within", binaryKernels{
		f32: withinKernel(within32),
		f64: withinKernel(within64),
	}, nil, nil)
	// opFinite is its operand; a cotangent that is not finite stops at it.
	opFinite = &opDef{name: "finite_gradient", rowwise: true}
)

func init() {
	opWithin.vjp = func(n *node, c Value, need []bool) []Value { return []Value{Within(c, Value{n.in[1]}), {}} }
	opWithin.jvp = func(n *node, t []Value) Value {
		if t[0].IsZero() {
			return Value{}
		}
		return Within(t[0], Value{n.in[1]})
	}

	opFinite.vjp = func(n *node, c Value, need []bool) []Value {
		// c − c is 0 or no number; one sum for each entry of the axes that maps have put in front.
		lead := n.attr.(int)
		bad := Sub(c, c)
		for bad.Rank() > lead {
			bad = Sum(bad, -1)
		}
		one := make([]int, c.Rank())
		for i := range one {
			if one[i] = 1; i < lead {
				one[i] = c.Shape()[i]
			}
		}
		return []Value{Within(c, BroadcastTo(Reshape(bad, one...), c.Shape()...))}
	}
	opFinite.jvp = func(n *node, t []Value) Value { return t[0] }
	opFinite.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return add(opFinite, n.attr.(int)+1, in[0].n.shape, n.dtype, in[0])
	}
}

// A stretch is looked at at once, since nearly always all of it is within.

func within64(dst, v, x []float64) {
	var room [256]float64
	for from := 0; from < len(x); from += len(room) {
		to := min(from+len(room), len(x))
		squares := room[:to-from]
		simd.Square64(squares, x[from:to])
		if simd.Sum64(squares) <= furthest*furthest {
			copy(dst[from:to], v[from:to])
		} else {
			withinEach(dst[from:to], v[from:to], x[from:to])
		}
	}
}

func within32(dst, v, x []float32) {
	var room [256]float32
	for from := 0; from < len(x); from += len(room) {
		to := min(from+len(room), len(x))
		squares := room[:to-from]
		simd.Square32(squares, x[from:to])
		if simd.Sum32(squares) <= furthest*furthest {
			copy(dst[from:to], v[from:to])
		} else {
			withinEach(dst[from:to], v[from:to], x[from:to])
		}
	}
}

func withinEach[T float32 | float64](dst, v, x []T) {
	for i, e := range x {
		dst[i] = withinOne(v[i], e)
	}
}

func withinOne[T float32 | float64](v, x T) T {
	if math.Abs(float64(x)) <= furthest {
		return v
	}
	return 0
}

// withinKernel has vector code for the form of two vectors.
func withinKernel[T float32 | float64](vv func(dst, v, x []T)) binaryKernel[T] {
	k := scalarBinary(withinOne[T])
	k.vv = vv
	return k
}

// Within is v where |x| ≤ 2⁶⁰ and 0 elsewhere: where x is infinite, no number, or so large that its square is infinite
// in float32. Within(x, x) makes numbers of anything, with a derivative of 1 or 0.
func Within(v, x Value) Value {
	if v.n.dtype != x.n.dtype || !x.n.dtype.Float() {
		fail("within", "needs floats of one type, got %s and %s", describe(v.n), describe(x.n))
	}
	return binary(opWithin, v, x)
}

// FiniteGradient is x, and zero to the gradients of a sample that are not finite there: where an element of a
// cotangent is infinite or no number, the whole cotangent becomes zero. So one sample that runs away does not make
// the sum over the batch useless.
func FiniteGradient(x Value) Value {
	if !x.n.dtype.Float() {
		fail("finite_gradient", "needs floats, got %s", describe(x.n))
	}
	return add(opFinite, 0, x.n.shape, x.n.dtype, x)
}
