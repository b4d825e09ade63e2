package ad

import (
	"math"
	"slices"
)

// opFinite is its operand; a cotangent that is not finite stops at it.
var opFinite = &opDef{name: "finite_gradient", rowwise: true}

func init() {
	opFinite.vjp = func(n *node, c Value, need []bool) []Value {
		largest := math.MaxFloat64
		if n.dtype == F32 {
			largest = math.MaxFloat32
		}
		// One flag for each entry of the axes that maps have put in front.
		lead := n.attr.(int)
		shape := slices.Clone(c.Shape())
		size := 1
		for i := lead; i < len(shape); i++ {
			size, shape[i] = size*shape[i], 1
		}
		below := Cast(LessEqual(Abs(c), full(c, largest)), n.dtype)
		entries := Reshape(below, slices.Concat(shape[:lead], []int{size})...)
		count := Reshape(Sum(entries, lead), shape...)
		fine := Equal(count, full(count, float64(size)))
		return []Value{Select(BroadcastTo(fine, c.Shape()...), c, Zeros(c))}
	}
	opFinite.jvp = func(n *node, t []Value) Value { return t[0] }
	opFinite.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return add(opFinite, n.attr.(int)+1, in[0].n.shape, n.dtype, in[0])
	}
}

// FiniteGradient is x, and zero to the gradients of a sample that are not finite there: where an element of a cotangent
// is infinite or no number, the whole cotangent becomes zero. So one sample that runs away does not make the sum over
// the batch useless.
func FiniteGradient(x Value) Value {
	if !x.n.dtype.Float() {
		fail("finite_gradient", "needs floats, got %s", describe(x.n))
	}
	return add(opFinite, 0, x.n.shape, x.n.dtype, x)
}
