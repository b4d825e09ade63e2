package ad

// ternaryKernel computes an elementwise float64 function of three operands; work is as long as dst and may be written.
type ternaryKernel func(dst, a, b, c, work []float64)

// newTernary registers an elementwise function of three operands by its kernel and its partial derivatives,
// programs of the operands; nil is zero. It is for float64 alone.
func newTernary(name string, k ternaryKernel, partials [3]func(a, b, c Value) Value) *opDef {
	op := &opDef{name: name, rowwise: true, lift: liftElementwise}
	partial := func(n *node, i int) Value {
		if partials[i] == nil {
			return Value{}
		}
		return partials[i](Value{n.in[0]}, Value{n.in[1]}, Value{n.in[2]})
	}
	op.vjp = func(n *node, c Value, need []bool) []Value {
		out := make([]Value, 3)
		for i := range out {
			if need[i] {
				out[i] = mulOrZero(c, partial(n, i))
			}
		}
		return out
	}
	op.jvp = func(n *node, t []Value) Value {
		var s Value
		for i := range t {
			if !t[i].IsZero() {
				s = addOrZero(s, mulOrZero(t[i], partial(n, i)))
			}
		}
		return s
	}
	op.emit = func(c *planner, n *node) {
		var in [3]operand
		for i := range in {
			in[i] = c.operand(n.in[i], n, true)
		}
		c.push(instr{name: name, reads: []*node{in[0].n, in[1].n, in[2].n}, writes: []*node{n},
			bind: func(at func(*node) ref) func(*frame) {
				o := at(n)
				refs := [3]ref{at(in[0].n), at(in[1].n), at(in[2].n)}
				return func(f *frame) {
					dst := vec[float64](f, o)
					var x [3][]float64
					for i := range x {
						x[i] = vec[float64](f, refs[i])
						if len(x[i]) == len(dst) {
							continue
						}
						from, out := reader(x[i], in[i]), f.scratch(i, len(dst))
						for j := range out {
							out[j] = from.at(j)
						}
						x[i] = out
					}
					k(dst, x[0], x[1], x[2], f.scratch(3, len(dst)))
				}
			}})
	}
	op.columns = columnOp(func(c *planner, n *node) {
		var in [3]reading
		for i := range in {
			in[i] = c.read(n.in[i])
		}
		c.push(instr{name: name, reads: []*node{in[0].src, in[1].src, in[2].src}, writes: []*node{n},
			bind: func(at func(*node) ref) func(*frame) {
				o := at(n)
				refs := [3]ref{at(in[0].src), at(in[1].src), at(in[2].src)}
				return func(f *frame) {
					dst := vec[float64](f, o)
					var x [3][]float64
					for i := range x {
						x[i] = spreadOut(f, i, vec[float64](f, refs[i]), refs[i], in[i], o.size)
					}
					k(dst, x[0], x[1], x[2], f.scratch(3, len(dst)))
				}
			}})
	})
	return op
}

// ternary broadcasts the operands against each other and adds the operation.
func ternary(op *opDef, a, b, c Value) Value {
	a, b = Broadcast2(op.name, a, b)
	a, c = Broadcast2(op.name, a, c)
	b, c = Broadcast2(op.name, b, c)
	if a.n.dtype != F64 {
		fail(op.name, "needs float64, got %s", describe(a.n))
	}
	return add(op, nil, a.n.shape, a.n.dtype, a, b, c)
}
