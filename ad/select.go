package ad

var opSelect = &opDef{name: "select", rowwise: true, lift: liftElementwise}

func init() {
	opSelect.vjp = func(n *node, c Value, need []bool) []Value {
		zero := full(c, 0)
		return []Value{{}, Select(Value{n.in[0]}, c, zero), Select(Value{n.in[0]}, zero, c)}
	}
	opSelect.jvp = func(n *node, t []Value) Value {
		a, b := t[1], t[2]
		if a.IsZero() {
			a = full(Value{n.in[1]}, 0)
		}
		if b.IsZero() {
			b = full(Value{n.in[2]}, 0)
		}
		return Select(Value{n.in[0]}, a, b)
	}
	opSelect.columns = columnOp(columnSelect)
	opSelect.emit = func(c *planner, n *node) {
		p, a, b := c.operand(n.in[0], n, true), c.operand(n.in[1], n, true), c.operand(n.in[2], n, true)
		c.push(instr{name: "select", reads: []*node{p.n, a.n, b.n}, writes: []*node{n},
			bind: func(at func(*node) ref) func(*frame) {
				if n.dtype.bytes() == 8 {
					return bindSelect[uint64](at(n), at(p.n), at(a.n), at(b.n), p, a, b)
				}
				return bindSelect[uint32](at(n), at(p.n), at(a.n), at(b.n), p, a, b)
			}})
	}
}

func bindSelect[T any](o, rp, ra, rb ref, p, a, b operand) func(*frame) {
	return func(f *frame) {
		dst := vec[T](f, o)
		cond, x, y := reader(vec[int32](f, rp), p), reader(vec[T](f, ra), a), reader(vec[T](f, rb), b)
		for i := range dst {
			if cond.at(i) != 0 {
				dst[i] = x.at(i)
			} else {
				dst[i] = y.at(i)
			}
		}
	}
}

// Select is a where cond holds and b elsewhere. The gradient of the side not taken is zero, even where it
// is NaN in value; a NaN that the other side's own derivative makes must be avoided by a safe operand.
func Select(cond, a, b Value) Value {
	if cond.n.dtype != Bool {
		fail("select", "the condition must be bool, got %s", describe(cond.n))
	}
	a, b = Broadcast2("select", a, b)
	shape, ok := broadcastShape(cond.n.shape, a.n.shape)
	if !ok {
		fail("select", "shapes do not agree: %s and %s", describe(cond.n), describe(a.n))
	}
	return add(opSelect, nil, shape, a.n.dtype, BroadcastTo(cond, shape...), BroadcastTo(a, shape...),
		BroadcastTo(b, shape...))
}
