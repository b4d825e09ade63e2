package ad

var opStop = &opDef{name: "stop_gradient", rowwise: true}

func init() {
	opStop.vjp = func(n *node, c Value, need []bool) []Value { return []Value{{}} }
	opStop.jvp = func(n *node, t []Value) Value { return Value{} }
	opStop.lift = func(n *node, in []Value, mapped []bool, m int) Value { return StopGradient(in[0]) }
}

// StopGradient is x, treated as a constant by every derivative.
func StopGradient(x Value) Value { return add(opStop, nil, x.n.shape, x.n.dtype, x) }

var opCast = &opDef{name: "cast", rowwise: true}

func init() {
	opCast.vjp = func(n *node, c Value, need []bool) []Value {
		if !n.in[0].dtype.Float() || !n.dtype.Float() {
			return []Value{{}}
		}
		return []Value{Cast(c, n.in[0].dtype)}
	}
	opCast.jvp = func(n *node, t []Value) Value {
		if !n.dtype.Float() {
			return Value{}
		}
		return Cast(t[0], n.dtype)
	}
	opCast.lift = liftElementwise
	opCast.emit = func(c *planner, n *node) {
		x := c.use(n.in[0])
		c.push(instr{name: "cast", reads: []*node{x}, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
			o, r := at(n), at(x)
			return castKernel(n.in[0].dtype, n.dtype, o, r)
		}})
	}
	opCast.columns = columnOp(opCast.emit)
}

func castKernel(from, to DType, o, r ref) func(*frame) {
	switch {
	case from == F32 && to == F64:
		return func(f *frame) { convert[float32, float64](f, o, r) }
	case from == F64 && to == F32:
		return func(f *frame) { convert[float64, float32](f, o, r) }
	case to == F32:
		return func(f *frame) { convert[int32, float32](f, o, r) }
	case to == F64:
		return func(f *frame) { convert[int32, float64](f, o, r) }
	case from == F32 && to == I32:
		return func(f *frame) { convert[float32, int32](f, o, r) }
	case from == F64 && to == I32:
		return func(f *frame) { convert[float64, int32](f, o, r) }
	}
	toBool := to == Bool
	return func(f *frame) {
		dst := vec[int32](f, o)
		copy(dst, vec[int32](f, r))
		if toBool {
			for i, v := range dst {
				if v != 0 {
					dst[i] = 1
				}
			}
		}
	}
}

func convert[A, B ordered](f *frame, o, r ref) {
	dst := vec[B](f, o)
	for i, v := range vec[A](f, r) {
		dst[i] = B(v)
	}
}

// Cast converts to another dtype; between floats it is differentiable. A float becomes an int32 by
// truncation, and a bool through a comparison with zero.
func Cast(x Value, d DType) Value {
	if x.n.dtype == d {
		return x
	}
	if d == Bool && x.n.dtype.Float() {
		return NotEqual(x, full(x, 0))
	}
	return add(opCast, d, x.n.shape, d, x)
}
