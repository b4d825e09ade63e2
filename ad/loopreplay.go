package ad

import "slices"

// replay adds the body of a loop to the innermost open graph, with the given values in place of its inputs,
// and returns its outputs.
func replay(body *Graph, in []Value) []Value { return replayKept(body, in, nil, nil) }

// replayKept is replay where the marks of the body were kept: their values are not made again.
func replayKept(body *Graph, in []Value, marks []*node, kept []Value) []Value {
	at := make(map[*node]Value, len(body.nodes))
	for i, n := range body.ins {
		at[n] = in[i]
	}
	for _, n := range body.nodes {
		if _, done := at[n]; done {
			continue
		}
		if k := slices.Index(marks, n); k >= 0 {
			at[n] = keptAs(kept[k], operands(n, at)[0])
			continue
		}
		at[n] = again(n, operands(n, at))
	}
	outs := make([]Value, len(body.outs))
	for i, o := range body.outs {
		outs[i] = at[o.n]
	}
	return outs
}

func operands(n *node, at map[*node]Value) []Value {
	in := make([]Value, len(n.in))
	for i, m := range n.in {
		in[i] = at[m]
	}
	return in
}

// again adds a copy of n on other operands of the same shapes.
func again(n *node, in []Value) Value {
	switch n.op {
	case opConst:
		return Value{n.g.root.current.constant(n.attr.(constAttr), n.shape, n.dtype)}
	case opRows:
		return Rows(in[0])
	case opPick:
		return picks(in[0].n)[n.attr.(int)]
	case opRandom:
		return random(n.g.root.current, n.attr.(randomAttr), n.shape, n.dtype, in)
	case opLoop:
		return againLoop(n, in)
	}
	return add(n.op, n.attr, n.shape, n.dtype, in...)
}

// againLoop copies a loop; its body is shared with the original where the operands are alike, and traced
// again where a shared operand has become per-sample.
func againLoop(n *node, in []Value) Value {
	a := n.attr.(*loopAttr)
	alike := true
	for i, v := range in {
		alike = alike && v.n.shared == n.in[i].shared
	}
	if alike {
		return addShared(opLoop, a, nil, I32, &n.shared, in...)
	}
	caps := in[1+a.carry+a.xs:]
	carry, xs := in[1:1+a.carry], in[1+a.carry:1+a.carry+a.xs]
	outs := makeLoop(in[0], a.trips, a.replayed(caps), carry, xs, func(i Value, c, x []Value) results {
		return a.split(replay(a.body, slices.Concat([]Value{i}, c, x, hereAll(caps))))
	})
	if len(outs) == 0 {
		fail("loop", "a loop without outputs")
	}
	return Value{outs[0].n.in[0]}
}

// replayed says how a copy of the loop on other captured values runs.
func (a *loopAttr) replayed(caps []Value) loopHow {
	how := a.how
	if a.inverse != nil {
		how.inverse = func(i Value, c, x []Value) []Value {
			return replay(a.inverse, slices.Concat([]Value{i}, c, x, hereAll(caps)))
		}
	}
	return how
}

// split divides the outputs of a body; what is kept for a reverse pass is left out, since makeLoop adds it.
func (a *loopAttr) split(outs []Value) results {
	seen := a.carry + a.ys - a.hidden()
	return results{carry: outs[:a.carry], ys: outs[a.carry:seen], sums: outs[a.carry+a.ys:],
		batch: slices.Clone(a.batch)}
}

func hereAll(vs []Value) []Value {
	out := make([]Value, len(vs))
	for i, v := range vs {
		out[i] = Value{v.n.g.root.current.here(v.n, "loop")}
	}
	return out
}
