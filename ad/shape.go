package ad

import "slices"

// ints is a comparable list, used as an attribute.
type ints []int

var opReshape = &opDef{name: "reshape", rowwise: true}

func init() {
	opReshape.vjp = func(n *node, c Value, need []bool) []Value { return []Value{Reshape(c, n.in[0].shape...)} }
	opReshape.jvp = func(n *node, t []Value) Value { return Reshape(t[0], n.shape...) }
	opReshape.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return Reshape(in[0], append([]int{m}, n.shape...)...)
	}
}

// Reshape reads the elements of x in row-major order as another shape. One axis may be −1.
func Reshape(x Value, shape ...int) Value {
	shape = slices.Clone(shape)
	known, free := 1, -1
	for i, d := range shape {
		if d == -1 && free < 0 {
			free = i
			continue
		}
		known *= d
	}
	if free >= 0 && known > 0 {
		shape[free] = x.Size() / known
	}
	if sizeOf(shape) != x.Size() {
		fail("reshape", "%s does not fit shape %v", describe(x.n), shape)
	}
	checkShape("reshape", shape)
	if slices.Equal(shape, x.n.shape) {
		return x
	}
	if x.n.op == opReshape {
		return Reshape(Value{x.n.in[0]}, shape...)
	}
	return add(opReshape, nil, shape, x.n.dtype, x)
}

// Flatten is Reshape to one axis.
func Flatten(x Value) Value { return Reshape(x, x.Size()) }

var opBroadcast = &opDef{name: "broadcast", rowwise: true}

func init() {
	opBroadcast.vjp = func(n *node, c Value, need []bool) []Value {
		src := n.in[0].shape
		lead := len(n.shape) - len(src)
		var axes []int
		for i := range n.shape {
			if i < lead || (src[i-lead] == 1 && n.shape[i] != 1) {
				axes = append(axes, i)
			}
		}
		return []Value{Reshape(Sum(c, axes...), src...)}
	}
	opBroadcast.jvp = func(n *node, t []Value) Value { return BroadcastTo(t[0], n.shape...) }
	opBroadcast.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		src := n.in[0].shape
		full := []int{m}
		for range len(n.shape) - len(src) {
			full = append(full, 1)
		}
		return BroadcastTo(Reshape(in[0], append(full, src...)...), append([]int{m}, n.shape...)...)
	}
	opBroadcast.columns = columnOp(columnView)
	opBroadcast.emit = func(c *planner, n *node) { emitView(c, n, broadcastView(n.in[0].shape, n.shape)) }
}

func broadcastView(src, dst []int) view {
	v := view{shape: dst, stride: make([]int, len(dst))}
	st := denseStrides(src)
	lead := len(dst) - len(src)
	for i := range src {
		if src[i] != 1 {
			v.stride[lead+i] = st[i]
		}
	}
	return v
}

// BroadcastTo repeats x along new leading axes and along axes of length 1, as numpy does.
func BroadcastTo(x Value, shape ...int) Value {
	if slices.Equal(x.n.shape, shape) {
		return x
	}
	lead := len(shape) - len(x.n.shape)
	ok := lead >= 0
	for i, d := range x.n.shape {
		ok = ok && (d == 1 || d == shape[lead+i])
	}
	if !ok {
		fail("broadcast", "%s does not broadcast to shape %v", describe(x.n), shape)
	}
	if sizeOf(shape) == x.Size() {
		return Reshape(x, shape...)
	}
	if x.n.op == opBroadcast && x.Size() > 0 {
		if y := (Value{x.n.in[0]}); broadcasts(y.n.shape, shape, x.n.shape) {
			return BroadcastTo(y, shape...)
		}
	}
	return add(opBroadcast, nil, slices.Clone(shape), x.n.dtype, x)
}

// broadcasts reports whether src → mid → dst is the broadcast src → dst: always, given that each step is one.
func broadcasts(src, dst, mid []int) bool { return len(src) <= len(mid) && len(mid) <= len(dst) }

// Broadcast2 broadcasts two values against each other and checks that their dtypes agree.
func Broadcast2(op string, a, b Value) (Value, Value) {
	if a.n == nil || b.n == nil {
		fail(op, "an operand is the zero Value")
	}
	if a.n.dtype != b.n.dtype {
		fail(op, "dtypes differ: %s and %s; use Cast", describe(a.n), describe(b.n))
	}
	shape, ok := broadcastShape(a.n.shape, b.n.shape)
	if !ok {
		fail(op, "shapes do not agree: %s and %s", describe(a.n), describe(b.n))
	}
	return BroadcastTo(a, shape...), BroadcastTo(b, shape...)
}

func broadcastShape(a, b []int) ([]int, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := slices.Clone(a)
	lead := len(a) - len(b)
	for i, d := range b {
		switch {
		case out[lead+i] == d || d == 1:
		case out[lead+i] == 1:
			out[lead+i] = d
		default:
			return nil, false
		}
	}
	return out, true
}

var opTranspose = &opDef{name: "transpose", rowwise: true}

func init() {
	opTranspose.vjp = func(n *node, c Value, need []bool) []Value {
		perm := n.attr.(ints)
		inv := make([]int, len(perm))
		for i, p := range perm {
			inv[p] = i
		}
		return []Value{Transpose(c, inv...)}
	}
	opTranspose.jvp = func(n *node, t []Value) Value { return Transpose(t[0], n.attr.(ints)...) }
	opTranspose.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		perm := []int{0}
		for _, p := range n.attr.(ints) {
			perm = append(perm, p+1)
		}
		return Transpose(in[0], perm...)
	}
	opTranspose.columns = columnOp(columnView)
	opTranspose.emit = func(c *planner, n *node) { emitView(c, n, transposeView(n)) }
}

func transposeView(n *node) view {
	st := denseStrides(n.in[0].shape)
	v := view{shape: n.shape, stride: make([]int, len(st))}
	for i, p := range n.attr.(ints) {
		v.stride[i] = st[p]
	}
	return v
}

// Transpose permutes axes: axis i of the result is axis perm[i] of x. Without perm it swaps the last two.
func Transpose(x Value, perm ...int) Value {
	r := x.Rank()
	if len(perm) == 0 && r >= 2 {
		for i := range r {
			perm = append(perm, i)
		}
		perm[r-1], perm[r-2] = r-2, r-1
	}
	seen := make([]bool, r)
	shape := make([]int, 0, r)
	identity := true
	for i, p := range perm {
		if p < 0 || p >= r || seen[p] || len(perm) != r {
			fail("transpose", "%v is no permutation of the axes of %s", perm, describe(x.n))
		}
		seen[p] = true
		shape = append(shape, x.n.shape[p])
		identity = identity && i == p
	}
	if len(perm) != r {
		fail("transpose", "%v is no permutation of the axes of %s", perm, describe(x.n))
	}
	if identity {
		return x
	}
	return add(opTranspose, ints(slices.Clone(perm)), shape, x.n.dtype, x)
}

// moveAxis brings axis from to position to.
func moveAxis(x Value, from, to int) Value {
	var perm []int
	for i := range x.Rank() {
		if i != from {
			perm = append(perm, i)
		}
	}
	return Transpose(x, slices.Insert(perm, to, from)...)
}

func axisOf(op string, x Value, axis int) int {
	a := axis
	if a < 0 {
		a += x.Rank()
	}
	if a < 0 || a >= x.Rank() {
		fail(op, "axis %d does not exist in %s", axis, describe(x.n))
	}
	return a
}
