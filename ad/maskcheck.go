package ad

// opMask is its operand, a mask over the last axis: a run in which all of a row is 0 ends with a *MaskError.
var opMask = &opDef{name: "mask", rowwise: true}

type maskAttr struct{ name string }

func init() {
	opMask.vjp = func(n *node, c Value, need []bool) []Value { return []Value{c} }
	opMask.jvp = func(n *node, t []Value) Value { return t[0] }
	opMask.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return add(opMask, n.attr, in[0].n.shape, n.dtype, in[0])
	}
	opMask.emit = func(c *planner, n *node) {
		x := c.use(n.in[0])
		name := n.attr.(maskAttr).name
		i := instr{name: n.op.name, reads: []*node{x}, writes: []*node{n}}
		i.bind = func(at func(*node) ref) func(*frame) {
			o, r := at(n), at(x)
			if n.dtype == F64 {
				return func(f *frame) { checkMask[float64](f, name, o, r) }
			}
			return func(f *frame) { checkMask[float32](f, name, o, r) }
		}
		c.push(i)
	}
}

func checkMask[T real](f *frame, name string, o, r ref) {
	dst, x := vec[T](f, o), vec[T](f, r)
	copy(dst, x)
	for i := range f.rowsOf(o) {
		if o.size > 0 && !anyOf(rowOf(x, i, o.size)) {
			f.hidden(name, i, o.size)
			return
		}
	}
}

// Mask is the mask x itself, for a layer of the given name: a run in which x is 0 in all of a row is a *[MaskError].
func Mask(name string, x Value) Value {
	if x.IsZero() || !x.DType().Float() {
		fail("mask", "needs floats, got %s", x)
	}
	return add(opMask, maskAttr{name}, x.n.shape, x.n.dtype, x)
}
