package ad

import (
	"cmp"
	"slices"
)

var (
	opArgMax  = &opDef{name: "argmax", rowwise: true}
	opArgSort = &opDef{name: "argsort", rowwise: true}
	opCumSum  = &opDef{name: "cumsum", rowwise: true}
)

// indexOp completes an operation along the last axis whose results are indices.
func indexOp(op *opDef, kernel func(d DType, o, r ref, width int) func(*frame)) {
	op.vjp = func(n *node, c Value, need []bool) []Value { return []Value{{}} }
	op.jvp = func(n *node, t []Value) Value { return Value{} }
	op.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return add(op, nil, append([]int{m}, n.shape...), I32, in[0])
	}
	op.emit = func(c *planner, n *node) {
		x := c.use(n.in[0])
		width := n.in[0].shape[len(n.in[0].shape)-1]
		c.push(instr{name: op.name, reads: []*node{x}, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
			return kernel(n.in[0].dtype, at(n), at(x), width)
		}})
	}
}

func init() {
	indexOp(opArgMax, func(d DType, o, r ref, width int) func(*frame) {
		switch d {
		case F32:
			return func(f *frame) { argMax(vec[int32](f, o), vec[float32](f, r), width) }
		case F64:
			return func(f *frame) { argMax(vec[int32](f, o), vec[float64](f, r), width) }
		}
		return func(f *frame) { argMax(vec[int32](f, o), vec[int32](f, r), width) }
	})
	indexOp(opArgSort, func(d DType, o, r ref, width int) func(*frame) {
		switch d {
		case F32:
			return func(f *frame) { argSort(vec[int32](f, o), vec[float32](f, r), width) }
		case F64:
			return func(f *frame) { argSort(vec[int32](f, o), vec[float64](f, r), width) }
		}
		return func(f *frame) { argSort(vec[int32](f, o), vec[int32](f, r), width) }
	})
	opCumSum.vjp = func(n *node, c Value, need []bool) []Value { return []Value{cumSum(c, !n.attr.(bool))} }
	opCumSum.jvp = func(n *node, t []Value) Value { return cumSum(t[0], n.attr.(bool)) }
	opCumSum.lift = func(n *node, in []Value, mapped []bool, m int) Value { return cumSum(in[0], n.attr.(bool)) }
	opCumSum.emit = func(c *planner, n *node) {
		x, reverse := c.use(n.in[0]), n.attr.(bool)
		width := n.shape[len(n.shape)-1]
		c.push(instr{name: "cumsum", reads: []*node{x}, writes: []*node{n}, inplace: true,
			bind: func(at func(*node) ref) func(*frame) {
				o, r := at(n), at(x)
				if n.dtype == F64 {
					return func(f *frame) { runningSum(vec[float64](f, o), vec[float64](f, r), width, reverse) }
				}
				return func(f *frame) { runningSum(vec[float32](f, o), vec[float32](f, r), width, reverse) }
			}})
	}
}

// argMax writes the position of the first largest element; a NaN counts as largest.
func argMax[T ordered](dst []int32, x []T, width int) {
	for i := range dst {
		row := x[i*width : (i+1)*width]
		best := 0
		for j, v := range row {
			if v != v {
				best = j
				break
			}
			if v > row[best] {
				best = j
			}
		}
		dst[i] = int32(best)
	}
}

// argSort writes the stable ascending order; NaN sorts first.
func argSort[T ordered](dst []int32, x []T, width int) {
	for i := 0; i < len(dst); i += width {
		d, row := dst[i:i+width], x[i:i+width]
		for j := range d {
			d[j] = int32(j)
		}
		slices.SortStableFunc(d, func(a, b int32) int { return cmp.Compare(row[a], row[b]) })
	}
}

func runningSum[T float32 | float64](dst, x []T, width int, reverse bool) {
	for i := 0; i < len(dst); i += width {
		s := T(0)
		for j := range width {
			k := i + j
			if reverse {
				k = i + width - 1 - j
			}
			s += x[k]
			dst[k] = s
		}
	}
}

// lastAxis moves an axis to the end, applies f, and moves it back.
func lastAxis(op string, x Value, axis int, f func(Value) Value) Value {
	axis = axisOf(op, x, axis)
	last := x.Rank() - 1
	return moveAxis(f(moveAxis(x, axis, last)), last, axis)
}

// ArgMax is the position of the first largest element along an axis, which disappears.
func ArgMax(x Value, axis int) Value {
	axis = axisOf("argmax", x, axis)
	x = moveAxis(x, axis, x.Rank()-1)
	if x.n.shape[x.Rank()-1] == 0 {
		fail("argmax", "of nothing: %s", describe(x.n))
	}
	return add(opArgMax, nil, slices.Clone(x.n.shape[:x.Rank()-1]), I32, x)
}

// ArgSort is the stable ascending order along an axis.
func ArgSort(x Value, axis int) Value {
	return lastAxis("argsort", x, axis, func(x Value) Value { return add(opArgSort, nil, x.n.shape, I32, x) })
}

// Sort sorts ascending along an axis. Its derivative permutes with the elements.
func Sort(x Value, axis int) Value {
	return lastAxis("sort", x, axis, func(x Value) Value { return takeLast(x, ArgSort(x, -1)) })
}

func cumSum(x Value, reverse bool) Value { return add(opCumSum, reverse, x.n.shape, x.n.dtype, x) }

// CumSum is the running sum along an axis.
func CumSum(x Value, axis int) Value {
	if !x.n.dtype.Float() {
		fail("cumsum", "needs floats, got %s", describe(x.n))
	}
	return lastAxis("cumsum", x, axis, func(x Value) Value { return cumSum(x, false) })
}
