package ad

import "slices"

// Map lifts a program over an axis: f is written for one entry of the axis, and the result has the axis in
// front. Every output of f gets it. Values from outside may be used inside; they are the same for every entry.
func Map(f func(xs []Value) []Value, axis int, xs ...Value) []Value {
	if len(xs) == 0 {
		fail("map", "needs at least one value to map over")
	}
	root := xs[0].n.g.root
	moved := make([]Value, len(xs))
	m := -1
	for i, x := range xs {
		moved[i] = moveAxis(x, axisOf("map", x, axis), 0)
		if k := moved[i].n.shape[0]; m < 0 {
			m = k
		} else if k != m {
			fail("map", "the mapped axes have lengths %d and %d", m, k)
		}
	}
	body := func() *Graph {
		body, end := root.open()
		defer end()
		body.lifted = true
		var in []Value
		for _, x := range moved {
			in = append(in, Value{body.addInput(x.n.shape[1:], x.n.dtype, x.n.shared)})
		}
		for _, v := range f(in) {
			if v.IsZero() {
				fail("map", "the program returns the zero Value")
			}
			body.outs = append(body.outs, output{n: body.here(v.n, "map")})
		}
		return body
	}()
	caps := make([]Value, len(body.caps))
	for i, n := range body.caps {
		caps[i] = Value{root.current.here(n, "map")}
	}
	outs, mapped := lift(body, slices.Concat(moved, caps), slices.Concat(slices.Repeat([]bool{true}, len(moved)),
		slices.Repeat([]bool{false}, len(caps))), m)
	for i := range outs {
		outs[i] = repeatIf(outs[i], !mapped[i], m)
	}
	return outs
}

// Map1 is Map of a program with one input and one output.
func Map1(f func(x Value) Value, axis int, x Value) Value {
	return Map(func(xs []Value) []Value { return []Value{f(xs[0])} }, axis, x)[0]
}

// lift replays a graph with inputs of which the mapped ones have a leading axis of length m.
func lift(body *Graph, in []Value, mapped []bool, m int) ([]Value, []bool) {
	at := make(map[*node]Value, len(body.nodes))
	is := make(map[*node]bool, len(body.nodes))
	loops := make(map[*node][]Value)
	for i, n := range body.ins {
		at[n], is[n] = in[i], mapped[i]
	}
	for _, n := range body.nodes {
		if _, done := at[n]; done {
			continue
		}
		flags := make([]bool, len(n.in))
		for i, p := range n.in {
			flags[i] = is[p]
		}
		any := slices.Contains(flags, true)
		switch {
		case n.op == opLoop && (any || drawsRandom(n.attr.(*loopAttr).body)):
			loops[n] = liftLoop(n, operands(n, at), flags, m)
			at[n], is[n] = loops[n][0], true
		case n.op == opPick && loops[n.in[0]] != nil:
			at[n], is[n] = loops[n.in[0]][n.attr.(int)], true
		case any || n.op == opRandom || n.op == opKeep && len(n.in) == 1:
			at[n], is[n] = n.op.lift(n, operands(n, at), flags, m), true
		default:
			at[n] = again(n, operands(n, at))
		}
	}
	outs, flags := make([]Value, len(body.outs)), make([]bool, len(body.outs))
	for i, o := range body.outs {
		outs[i], flags[i] = at[o.n], is[o.n]
	}
	return outs, flags
}

// drawsRandom reports whether a body draws noise: a map over it must draw for each entry.
func drawsRandom(body *Graph) bool {
	return slices.ContainsFunc(body.nodes, func(n *node) bool {
		return n.op == opRandom || n.op == opLoop && drawsRandom(n.attr.(*loopAttr).body)
	})
}

// liftLoop maps the body of a loop. Carries and per-iteration inputs are all mapped; captured values stay as they are.
func liftLoop(n *node, in []Value, mapped []bool, m int) []Value {
	a := n.attr.(*loopAttr)
	if mapped[0] {
		fail("map", "the start of a loop is mapped")
	}
	var carry, xs []Value
	for i := range a.carry {
		carry = append(carry, repeatIf(in[1+i], !mapped[1+i], m))
	}
	for i := 1 + a.carry; i < 1+a.carry+a.xs; i++ {
		xs = append(xs, moveAxis(repeatIf(in[i], !mapped[i], m), 1, 0))
	}
	caps, capMapped := in[1+a.carry+a.xs:], mapped[1+a.carry+a.xs:]
	flags := slices.Concat([]bool{false}, slices.Repeat([]bool{true}, a.carry+a.xs), capMapped)
	how := a.how
	if a.inverse != nil {
		how.inverse = func(i Value, c, x []Value) []Value {
			before, is := lift(a.inverse, slices.Concat([]Value{i}, c, x, hereAll(caps)), flags, m)
			for k := range before {
				before[k] = repeatIf(before[k], !is[k], m)
			}
			return before
		}
	}
	outs := makeLoop(in[0], a.trips, how, carry, xs, func(i Value, c, x []Value) results {
		outs, is := lift(a.body, slices.Concat([]Value{i}, c, x, hereAll(caps)), flags, m)
		for k := range outs {
			outs[k] = repeatIf(outs[k], !is[k], m)
		}
		return a.split(outs)
	})
	for k := a.carry; k < a.carry+a.ys; k++ {
		outs[k] = moveAxis(outs[k], 0, 1)
	}
	return outs
}
