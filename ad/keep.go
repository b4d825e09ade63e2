package ad

// opKeep marks a value of a loop's body that a reverse pass keeps. It has one operand in the program as it was written.
// Where a reverse pass repeats the body, a second is added: the first is then the value as it was kept, the second the
// one that would be made again, through which derivatives go and which is made only where they need it.
var opKeep = &opDef{name: "keep"}

func init() {
	opKeep.vjp = func(n *node, c Value, need []bool) []Value {
		cots := make([]Value, len(n.in))
		cots[len(cots)-1] = c
		return cots
	}
	opKeep.jvp = func(n *node, t []Value) Value { return t[len(t)-1] }
	opKeep.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		for i, v := range in {
			in[i] = repeatIf(v, !mapped[i], m)
		}
		if len(in) == 1 {
			return Keep(in[0])
		}
		return keptAs(in[0], in[1])
	}
}

// Keep is x. Where x is made in the body of a [Loop], the reverse pass of the loop keeps x of every iteration and does
// not make it again: worth its memory where x costs much and what depends on it costs little. Elsewhere it means
// nothing.
func Keep(x Value) Value {
	if x.n.shared {
		return x
	}
	return add(opKeep, nil, x.n.shape, x.n.dtype, x)
}

// keptAs is the value kept, with the derivatives of its origin.
func keptAs(kept, origin Value) Value {
	return add(opKeep, nil, kept.n.shape, kept.n.dtype, kept, rowsLike(origin, kept))
}

// reads are the operands whose values n needs.
func (n *node) reads() []*node {
	if n.op == opKeep {
		return n.in[:1]
	}
	return n.in
}
