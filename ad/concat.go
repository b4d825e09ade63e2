package ad

import "slices"

var opConcat = &opDef{name: "concat", rowwise: true}

func init() {
	opConcat.vjp = func(n *node, c Value, need []bool) []Value {
		axis := n.attr.(int)
		out := make([]Value, len(n.in))
		at := 0
		for i, m := range n.in {
			if need[i] {
				out[i] = Slice(c, axis, at, at+m.shape[axis])
			}
			at += m.shape[axis]
		}
		return out
	}
	opConcat.jvp = func(n *node, t []Value) Value {
		vs := make([]Value, len(t))
		for i := range t {
			vs[i] = t[i]
			if t[i].IsZero() {
				vs[i] = full(Value{n.in[i]}, 0)
			}
		}
		return Concat(n.attr.(int), vs...)
	}
	opConcat.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		vs := make([]Value, len(in))
		for i, v := range in {
			vs[i] = repeatIf(v, !mapped[i], m)
		}
		return Concat(n.attr.(int)+1, vs...)
	}
	opConcat.columns = columnOp(columnConcat)
	opConcat.emit = func(c *planner, n *node) {
		axis := n.attr.(int)
		inner := sizeOf(n.shape[axis+1:])
		outer := sizeOf(n.shape[:axis])
		var reads []*node
		for _, m := range n.in {
			reads = append(reads, c.use(m))
		}
		c.push(instr{name: "concat", reads: reads, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
			parts := make([]part, len(reads))
			for i, m := range reads {
				parts[i] = part{at(m), n.in[i].shape[axis] * inner}
			}
			o := at(n)
			if n.dtype.bytes() == 8 {
				return func(f *frame) { concatRows[uint64](f, o, parts, outer) }
			}
			return func(f *frame) { concatRows[uint32](f, o, parts, outer) }
		}})
	}
}

type part struct {
	r     ref
	width int
}

func concatRows[T any](f *frame, o ref, parts []part, outer int) {
	dst := vec[T](f, o)
	total := 0
	for _, p := range parts {
		total += p.width
	}
	at, rows := 0, f.rowsOf(o)
	for _, p := range parts {
		src := vec[T](f, p.r)
		per := outer * p.width
		for r := range rows {
			s := src
			if len(src) > per {
				s = src[r*per:]
			}
			for i := range outer {
				copy(dst[(r*outer+i)*total+at:][:p.width], s[i*p.width:])
			}
		}
		at += p.width
	}
}

// Concat joins values along an axis; the other axes agree.
func Concat(axis int, xs ...Value) Value {
	if len(xs) == 0 {
		fail("concat", "needs at least one value")
	}
	axis = axisOf("concat", xs[0], axis)
	if len(xs) == 1 {
		return xs[0]
	}
	for i, x := range xs {
		if x.n.op == opConcat && x.n.attr.(int) == axis {
			return Concat(axis, slices.Concat(xs[:i], x.n.inputs(), xs[i+1:])...)
		}
	}
	shape := slices.Clone(xs[0].n.shape)
	for _, x := range xs[1:] {
		other := slices.Clone(x.n.shape)
		if len(other) != len(shape) || x.n.dtype != xs[0].n.dtype {
			fail("concat", "%s and %s do not agree", describe(xs[0].n), describe(x.n))
		}
		shape[axis] += other[axis]
		other[axis] = shape[axis]
		if !slices.Equal(other, shape) {
			fail("concat", "%s and %s do not agree outside axis %d", describe(xs[0].n), describe(x.n), axis)
		}
	}
	return add(opConcat, axis, shape, xs[0].n.dtype, xs...)
}

// Stack joins values of one shape along a new axis.
func Stack(axis int, xs ...Value) Value {
	ys := make([]Value, len(xs))
	for i, x := range xs {
		if axis < 0 {
			axis += x.Rank() + 1
		}
		if axis < 0 || axis > x.Rank() {
			fail("stack", "axis %d does not fit %s", axis, describe(x.n))
		}
		ys[i] = Reshape(x, slices.Insert(slices.Clone(x.n.shape), axis, 1)...)
	}
	return Concat(axis, ys...)
}
