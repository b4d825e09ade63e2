package ad

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// reduceAttr says which contiguous axes are reduced, as outer × reduced × inner elements.
type reduceAttr struct{ from, to int }

func (a reduceAttr) split(shape []int) (outer, red, inner int) {
	return sizeOf(shape[:a.from]), sizeOf(shape[a.from:a.to]), sizeOf(shape[a.to:])
}

var (
	opSum       = &opDef{name: "sum", rowwise: true}
	opMaxReduce = &opDef{name: "max_reduce", rowwise: true}
)

func init() {
	opSum.vjp = func(n *node, c Value, need []bool) []Value { return []Value{spread(c, n)} }
	opSum.jvp = func(n *node, t []Value) Value { return reduce(opSum, t[0], n.attr.(reduceAttr)) }
	opSum.lift = liftReduce
	opSum.columns = columnOp(columnSum)
	opSum.emit = func(c *planner, n *node) {
		emitReduce(c, n, sumRows[float32], sumRows[float64], simd.SumRows32, simd.SumRows64)
	}
	// The derivative of a maximum goes to its first position.
	opMaxReduce.vjp = func(n *node, c Value, need []bool) []Value { return []Value{Mul(spread(c, n), firstMax(n))} }
	opMaxReduce.jvp = func(n *node, t []Value) Value {
		return reduce(opSum, Mul(t[0], firstMax(n)), n.attr.(reduceAttr))
	}
	opMaxReduce.lift = liftReduce
	opMaxReduce.columns = columnOp(columnMax)
	opMaxReduce.emit = func(c *planner, n *node) {
		emitReduce(c, n, maxRows[float32], maxRows[float64], maxEach[float32], maxEach[float64])
	}
}

func liftReduce(n *node, in []Value, mapped []bool, m int) Value {
	a := n.attr.(reduceAttr)
	return reduce(n.op, in[0], reduceAttr{a.from + 1, a.to + 1})
}

// keepDims is the shape of a reduction with its axes kept at length 1.
func keepDims(n *node) []int {
	a := n.attr.(reduceAttr)
	s := slices.Clone(n.in[0].shape)
	for i := a.from; i < a.to; i++ {
		s[i] = 1
	}
	return s
}

// spread repeats a value of the reduced shape over the axes that were reduced.
func spread(c Value, n *node) Value { return BroadcastTo(Reshape(c, keepDims(n)...), n.in[0].shape...) }

// firstMax is 1 at the first position of the maximum and 0 elsewhere.
func firstMax(n *node) Value {
	a := n.attr.(reduceAttr)
	x := Value{n.in[0]}
	outer, red, inner := a.split(n.in[0].shape)
	first := Reshape(ArgMax(Reshape(x, outer, red, inner), 1), outer, 1, inner)
	at := Reshape(x.n.g.root.Iota(I32, red), 1, red, 1)
	return Reshape(Cast(Equal(BroadcastTo(first, outer, red, inner), BroadcastTo(at, outer, red, inner)), x.n.dtype),
		n.in[0].shape...)
}

func reduce(op *opDef, x Value, a reduceAttr) Value {
	if !x.n.dtype.Float() {
		fail(op.name, "needs floats, got %s", describe(x.n))
	}
	if a.from == a.to {
		return x
	}
	if op == opSum && x.n.op == opNeg {
		return Neg(reduce(op, Value{x.n.in[0]}, a))
	}
	shape := slices.Concat(x.n.shape[:a.from], x.n.shape[a.to:])
	return add(op, a, shape, x.n.dtype, x)
}

// reduceAxes reduces any set of axes, one contiguous group at a time; none means all.
func reduceAxes(op *opDef, x Value, axes []int) Value {
	if len(axes) == 0 {
		return reduce(op, x, reduceAttr{0, x.Rank()})
	}
	list := make([]int, len(axes))
	for i, a := range axes {
		list[i] = axisOf(op.name, x, a)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	for i := len(list) - 1; i >= 0; {
		j := i
		for j > 0 && list[j-1] == list[j]-1 {
			j--
		}
		x = reduce(op, x, reduceAttr{list[j], list[i] + 1})
		i = j - 1
	}
	return x
}

func emitReduce(c *planner, n *node, rows32 func(dst, x []float32, red, inner int), rows64 func(dst, x []float64, red,
	inner int),
	whole32 func(dst, x []float32, red int), whole64 func(dst, x []float64, red int)) {
	x := c.use(n.in[0])
	_, red, inner := n.attr.(reduceAttr).split(n.in[0].shape)
	short := func(at func(*node) ref) tiny {
		if n.op != opSum || n.dtype != F64 || inner != 1 || red >= 16 {
			return tiny{}
		}
		return tiny{code: tinySum, o: at(n), a: at(x), red: red}
	}
	c.push(instr{name: n.op.name, reads: []*node{x}, writes: []*node{n}, tiny: short, bind: func(
		at func(*node) ref) func(*frame) {
		o, r := at(n), at(x)
		if n.dtype == F64 {
			return bindReduce(o, r, red, inner, rows64, whole64)
		}
		return bindReduce(o, r, red, inner, rows32, whole32)
	}})
}

func bindReduce[T any](o, r ref, red, inner int, rows func(dst, x []T, red, inner int), whole func(dst, x []T,
	red int)) func(*frame) {
	if inner == 1 && red >= 16 {
		return func(f *frame) { whole(vec[T](f, o), vec[T](f, r), red) }
	}
	return func(f *frame) { rows(vec[T](f, o), vec[T](f, r), red, inner) }
}

// sumRows adds the middle axis of [outer, red, inner] in order.
func sumRows[T float32 | float64](dst, x []T, red, inner int) {
	if inner == 1 {
		for i := range dst {
			s := T(0)
			for _, v := range x[i*red : (i+1)*red] {
				s += v
			}
			dst[i] = s
		}
		return
	}
	for o := 0; o*inner < len(dst); o++ {
		d := dst[o*inner : (o+1)*inner]
		clear(d)
		for k := range red {
			addTo(d, x[(o*red+k)*inner:][:inner])
		}
	}
}

// addTo is dst += x.
func addTo[T float32 | float64](dst, x []T) {
	switch d := any(dst).(type) {
	case []float32:
		simd.Add32(d, d, any(x).([]float32))
	case []float64:
		simd.Add64(d, d, any(x).([]float64))
	}
}

func maxEach[T float32 | float64](dst, x []T, red int) {
	for i := range dst {
		dst[i] = maxAll(x[i*red : (i+1)*red])
	}
}

func maxAll[T float32 | float64](x []T) T {
	m := T(math.Inf(-1))
	for _, v := range x {
		if v > m || v != v {
			m = v
		}
		if m != m {
			break
		}
	}
	return m
}

func maxRows[T float32 | float64](dst, x []T, red, inner int) {
	for i := range dst {
		o, j := i/inner, i%inner
		m := T(math.Inf(-1))
		for k := range red {
			v := x[(o*red+k)*inner+j]
			if v > m || v != v {
				m = v
			}
			if m != m {
				break
			}
		}
		dst[i] = m
	}
}

// Sum adds over the given axes, which disappear; none means all. The order is fixed.
func Sum(x Value, axes ...int) Value { return reduceAxes(opSum, x, axes) }

// Mean is Sum divided by the number of elements added.
func Mean(x Value, axes ...int) Value {
	s := Sum(x, axes...)
	return Scale(s, float64(max(s.Size(), 1))/float64(max(x.Size(), 1)))
}

// MaxOver is the largest element over the given axes, which disappear; none means all. The derivative goes to the
// first of equals.
func MaxOver(x Value, axes ...int) Value { return reduceAxes(opMaxReduce, x, axes) }

// MinOver is the smallest element over the given axes.
func MinOver(x Value, axes ...int) Value { return Neg(MaxOver(Neg(x), axes...)) }

// LogSumExp is log Σ exp x over one axis, exact for large |x|; −∞ where every element is −∞.
func LogSumExp(x Value, axis int) Value {
	axis = axisOf("logsumexp", x, axis)
	m := finiteOrZero(StopGradient(MaxOver(x, axis)))
	return Add(m, Log(Sum(Exp(Sub(x, unsqueeze(m, axis))), axis)))
}

// finiteOrZero replaces an infinite maximum by 0, so that −∞ − (−∞) does not become NaN.
func finiteOrZero(m Value) Value {
	return Select(Less(Abs(m), full(m, math.Inf(1))), m, full(m, 0))
}

func unsqueeze(x Value, axis int) Value {
	return Reshape(x, slices.Insert(slices.Clone(x.n.shape), axis, 1)...)
}

// Softmax is exp x / Σ exp x over one axis.
func Softmax(x Value, axis int) Value {
	axis = axisOf("softmax", x, axis)
	e := Exp(Sub(x, unsqueeze(finiteOrZero(StopGradient(MaxOver(x, axis))), axis)))
	return Div(e, unsqueeze(Sum(e, axis), axis))
}

// LogSoftmax is x − LogSumExp(x) over one axis.
func LogSoftmax(x Value, axis int) Value {
	axis = axisOf("log_softmax", x, axis)
	return Sub(x, unsqueeze(LogSumExp(x, axis), axis))
}

// Dot is Σ a·b over the last axis.
func Dot(a, b Value) Value { return Sum(Mul(a, b), -1) }
