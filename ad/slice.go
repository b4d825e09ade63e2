package ad

import "slices"

// sliceAttr reads start, start+step, … (count of them) along one axis.
type sliceAttr struct{ axis, start, step, count int }

var opSlice = &opDef{name: "slice", rowwise: true}
var opPad = &opDef{name: "pad", rowwise: true}

func init() {
	opSlice.vjp = func(n *node, c Value, need []bool) []Value {
		return []Value{pad(c, n.attr.(sliceAttr), n.in[0].shape[n.attr.(sliceAttr).axis])}
	}
	opSlice.jvp = func(n *node, t []Value) Value { return slice(t[0], n.attr.(sliceAttr)) }
	opSlice.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		a := n.attr.(sliceAttr)
		a.axis++
		return slice(in[0], a)
	}
	opSlice.columns = columnOp(columnView)
	opSlice.emit = func(c *planner, n *node) { emitView(c, n, sliceView(n)) }
	opPad.vjp = func(n *node, c Value, need []bool) []Value { return []Value{slice(c, n.attr.(sliceAttr))} }
	opPad.jvp = func(n *node, t []Value) Value {
		a := n.attr.(sliceAttr)
		return pad(t[0], a, n.shape[a.axis])
	}
	opPad.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		a := n.attr.(sliceAttr)
		length := n.shape[a.axis]
		a.axis++
		return pad(in[0], a, length)
	}
	opPad.columns = columnOp(columnPad)
	opPad.emit = func(c *planner, n *node) {
		x := c.use(n.in[0])
		v := padView(n).collapse()
		size, from := n.size(), n.in[0].size()
		c.push(instr{name: "pad", reads: []*node{x}, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
			o, r := at(n), at(x)
			if n.dtype.bytes() == 8 {
				return func(f *frame) { padRows(vec[uint64](f, o), vec[uint64](f, r), f.rowsOf(o), size, from, v) }
			}
			return func(f *frame) { padRows(vec[uint32](f, o), vec[uint32](f, r), f.rowsOf(o), size, from, v) }
		}})
	}
}

// sliceView is what a slice reads of its operand.
func sliceView(n *node) view {
	a := n.attr.(sliceAttr)
	st := denseStrides(n.in[0].shape)
	v := view{shape: n.shape, stride: slices.Clone(st), offset: a.start * st[a.axis]}
	v.stride[a.axis] *= a.step
	return v
}

// padView is where a pad puts its operand.
func padView(n *node) view {
	a := n.attr.(sliceAttr)
	st := denseStrides(n.shape)
	v := view{shape: n.in[0].shape, stride: slices.Clone(st), offset: a.start * st[a.axis]}
	v.stride[a.axis] *= a.step
	return v
}

// padRows spreads the dense source over zeros: the reverse of gatherView.
func padRows[T any](dst, src []T, rows, size, from int, v view) {
	clear(dst)
	for r := range rows {
		scatterView(dst[r*size:(r+1)*size], src[r*from:(r+1)*from], v.shape, v.stride, v.offset)
	}
}

func scatterView[T any](dst, src []T, shape, stride []int, off int) {
	if len(src) == 0 {
		return
	}
	if len(shape) == 0 {
		dst[off] = src[0]
		return
	}
	if len(shape) == 1 {
		if stride[0] == 1 {
			copy(dst[off:off+shape[0]], src)
			return
		}
		for _, x := range src[:shape[0]] {
			dst[off] = x
			off += stride[0]
		}
		return
	}
	n := sizeOf(shape[1:])
	for i := range shape[0] {
		scatterView(dst, src[i*n:(i+1)*n], shape[1:], stride[1:], off+i*stride[0])
	}
}

func slice(x Value, a sliceAttr) Value {
	shape := slices.Clone(x.n.shape)
	if a.start == 0 && a.step == 1 && a.count == shape[a.axis] {
		return x
	}
	shape[a.axis] = a.count
	if x.n.op == opPad && x.n.attr.(sliceAttr) == a {
		return Value{x.n.in[0]}
	}
	if part, ok := within(x, a); ok {
		return part
	}
	return add(opSlice, a, shape, x.n.dtype, x)
}

// within is a slice of consecutive elements that lie in one part of a concatenation, or in what a pad surrounds: a
// slice of that alone.
func within(x Value, a sliceAttr) (Value, bool) {
	if a.step != 1 || a.count == 0 {
		return Value{}, false
	}
	switch x.n.op {
	case opPad:
		p := x.n.attr.(sliceAttr)
		if p.axis == a.axis && p.step == 1 && p.start <= a.start && a.start+a.count <= p.start+p.count {
			return slice(Value{x.n.in[0]}, sliceAttr{a.axis, a.start - p.start, 1, a.count}), true
		}
	case opConcat:
		if x.n.attr.(int) != a.axis {
			return Value{}, false
		}
		from := 0
		for _, part := range x.n.in {
			n := part.shape[a.axis]
			if from <= a.start && a.start+a.count <= from+n {
				return rowsLike(slice(Value{part}, sliceAttr{a.axis, a.start - from, 1, a.count}), x), true
			}
			from += n
		}
	}
	return Value{}, false
}

func pad(x Value, a sliceAttr, length int) Value {
	shape := slices.Clone(x.n.shape)
	shape[a.axis] = length
	return add(opPad, a, shape, x.n.dtype, x)
}

// Slice reads from ≤ i < to along an axis; a negative axis counts from the last.
func Slice(x Value, axis, from, to int) Value { return SliceStep(x, axis, from, to, 1) }

// SliceStep reads every step-th element of from ≤ i < to along an axis.
func SliceStep(x Value, axis, from, to, step int) Value {
	axis = axisOf("slice", x, axis)
	if from < 0 || to > x.n.shape[axis] || from > to || step < 1 {
		fail("slice", "[%d:%d:%d] of axis %d of %s", from, to, step, axis, describe(x.n))
	}
	return slice(x, sliceAttr{axis, from, step, (to - from + step - 1) / step})
}

// At reads element i along an axis and drops the axis.
func At(x Value, axis, i int) Value {
	axis = axisOf("at", x, axis)
	return Reshape(Slice(x, axis, i, i+1), slices.Delete(slices.Clone(x.n.shape), axis, axis+1)...)
}

// joinPads is the sum of two pads along one axis that lie side by side: one pad of both.
func joinPads(a, b Value) (Value, bool) {
	p, q := a.n.attr.(sliceAttr), b.n.attr.(sliceAttr)
	if p.axis != q.axis || p.step != 1 || q.step != 1 {
		return Value{}, false
	}
	if q.start < p.start {
		a, b, p, q = b, a, q, p
	}
	x, y := Value{a.n.in[0]}, Value{b.n.in[0]}
	if p.start+p.count != q.start || x.n.shared != y.n.shared {
		return Value{}, false
	}
	whole := Concat(p.axis, x, y)
	if whole.n.shape[p.axis] == a.n.shape[p.axis] {
		return whole, true
	}
	return pad(whole, sliceAttr{p.axis, p.start, 1, p.count + q.count}, a.n.shape[p.axis]), true
}

// Pad places x from position before along an axis, with zeros around it up to before+len+after.
func Pad(x Value, axis, before, after int) Value {
	axis = axisOf("pad", x, axis)
	if before < 0 || after < 0 {
		fail("pad", "negative padding %d, %d", before, after)
	}
	if before+after == 0 {
		return x
	}
	n := x.n.shape[axis]
	return pad(x, sliceAttr{axis, before, 1, n}, before+n+after)
}

// Diag reads the diagonal of the last two axes, which are equal.
func Diag(x Value) Value {
	r := x.Rank()
	if r < 2 || x.n.shape[r-1] != x.n.shape[r-2] {
		fail("diag", "needs square matrices, got %s", describe(x.n))
	}
	n := x.n.shape[r-1]
	flat := Reshape(x, append(slices.Clone(x.n.shape[:r-2]), n*n)...)
	return SliceStep(flat, -1, 0, n*n, n+1)
}
