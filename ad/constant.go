package ad

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
)

// constAttr holds a constant's elements; data is never changed. A constant with one element and a
// larger shape does not exist: it is a broadcast.
type constAttr struct {
	key  string
	data []float64
}

func (c constAttr) String() string { return c.key }

var opInput = &opDef{name: "input"}

var opConst = &opDef{name: "const", rowwise: true,
	emit: func(c *planner, n *node) { panic("ad: constants are placed, not emitted") }}

// Const makes a shared constant of the given dtype and shape from its elements in row-major order.
// An empty shape is a scalar.
func (g *Graph) Const(d DType, data []float64, shape ...int) Value {
	checkShape("const", shape)
	if sizeOf(shape) != len(data) {
		fail("const", "shape %v needs %d elements, got %d", shape, sizeOf(shape), len(data))
	}
	h := fnv.New128a()
	var b [8]byte
	for _, x := range data {
		u := math.Float64bits(x)
		for i := range b {
			b[i] = byte(u >> (8 * i))
		}
		h.Write(b[:])
	}
	a := constAttr{key: fmt.Sprintf("%x", h.Sum(nil)), data: append([]float64(nil), data...)}
	if len(data) == 1 {
		a.key = fmt.Sprintf("%x", math.Float64bits(data[0]))
	}
	return Value{g.root.current.constant(a, shape, d)}
}

// Scalar makes a shared scalar constant.
func (g *Graph) Scalar(d DType, x float64) Value { return g.Const(d, []float64{x}) }

func (g *Graph) constant(a constAttr, shape []int, d DType) *node {
	return g.insert(&node{g: g, op: opConst, attr: a, shape: append([]int(nil), shape...), dtype: d, shared: true})
}

// Iota is the shared constant 0, 1, …, n−1.
func (g *Graph) Iota(d DType, n int) Value {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return g.Const(d, x, n)
}

// scalarLike is the constant x with v's dtype.
func scalarLike(v Value, x float64) Value { return v.n.g.root.Scalar(v.n.dtype, x) }

// full is the constant x with v's dtype and shape.
func full(v Value, x float64) Value { return BroadcastTo(scalarLike(v, x), v.Shape()...) }

// Zeros is a shared zero of v's dtype and shape.
func Zeros(v Value) Value { return full(v, 0) }

// constData are the elements of v, each once, if it is a constant, repeated and reshaped in any way.
func constData(v Value) ([]float64, bool) {
	n := v.n
	for n.op == opBroadcast || n.op == opReshape || n.op == opRows {
		n = n.in[0]
	}
	if n.op != opConst {
		return nil, false
	}
	return n.attr.(constAttr).data, true
}

// isConst reports whether v is the constant x everywhere.
func isConst(v Value, x float64) bool {
	data, ok := constData(v)
	return ok && !slices.ContainsFunc(data, func(e float64) bool { return e != x })
}

// constant is the number that v is everywhere, if it is one.
func constant(v Value) (float64, bool) {
	if data, _ := constData(v); len(data) == 1 {
		return data[0], true
	}
	return 0, false
}
