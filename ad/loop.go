package ad

import "slices"

// loopAttr describes a loop node. The inputs of the node are [start, carry…, xs…, captured…]; those of the
// body are [index, carry…, xs…, captured…]; the outputs of both are [carry…, ys…, sums…].
type loopAttr struct {
	body    *Graph
	trips   int
	reverse bool
	carry   int
	xs      int
	ys      int
	batch   []bool // one for each sum: also summed over the batch
}

var (
	opLoop = &opDef{name: "loop"}
	opPick = &opDef{name: "pick"}
)

func init() {
	opLoop.emit = emitLoop
}

// results are what one iteration returns.
type results struct {
	carry, ys, sums []Value
	batch           []bool // per-sample sums that are also summed over the batch
}

// Loop runs f a static number of times. carry goes from iteration to iteration; xs [trips, …] are read one
// entry an iteration; f returns the next carry and per-iteration outputs, which are stacked to [trips, …].
// i is the int32 index. Values from outside may be used inside. The gradient keeps √trips checkpoints.
func Loop(trips int, carry, xs []Value, f func(i Value, carry, xs []Value) (next, ys []Value)) (last, ys []Value) {
	if len(carry)+len(xs) == 0 {
		fail("loop", "needs a carry or per-iteration inputs")
	}
	ref := slices.Concat(carry, xs)[0]
	start := ref.n.g.root.Scalar(I32, 0)
	outs := makeLoop(start, trips, false, carry, xs, func(i Value, c, x []Value) results {
		next, y := f(i, c, x)
		return results{carry: next, ys: y}
	})
	return outs[:len(carry)], outs[len(carry):]
}

// makeLoop traces the body and adds the loop. All carries of a loop that touches per-sample values are per-sample.
func makeLoop(start Value, trips int, reverse bool, carry, xs []Value, f func(i Value, carry, xs []Value) results) []Value {
	root := start.n.g.root
	if trips < 0 {
		fail("loop", "negative number of iterations %d", trips)
	}
	for _, x := range xs {
		if x.Rank() < 1 || x.n.shape[0] != trips {
			fail("loop", "a per-iteration input %s needs a first axis of length %d", describe(x.n), trips)
		}
	}
	if root.current.trips*max(trips, 1) >= 1<<indexBits {
		fail("loop", "more than %d iterations in all nested loops", 1<<indexBits)
	}
	perSample := slices.ContainsFunc(slices.Concat(carry, xs), func(v Value) bool { return !v.n.shared })
	slots := *root.slots
	for {
		*root.slots = slots
		l := traceLoop(root, start, trips, reverse, carry, xs, perSample, f)
		if l.consistent {
			return l.add()
		}
		perSample = true
	}
}

type tracedLoop struct {
	attr       *loopAttr
	in         []Value
	perSample  bool
	consistent bool
}

func traceLoop(root *Graph, start Value, trips int, reverse bool, carry, xs []Value, perSample bool, f func(i Value, carry, xs []Value) results) tracedLoop {
	body, end := root.open()
	defer end()
	body.trips = root.current.parent.trips * max(trips, 1)
	i := Value{body.addInput(nil, I32, true)}
	index := i
	if up := body.parent.loopIndex(); up != nil {
		index = Add(Mul(Value{body.here(up, "loop")}, root.Scalar(I32, float64(trips))), i)
	}
	body.index = index.n
	// Captured inputs come after the declared ones: the index above may have captured already.
	early := body.caps
	lead := len(body.ins)
	var c, x []Value
	for _, v := range carry {
		c = append(c, Value{body.addInput(v.n.shape, v.n.dtype, v.n.shared && !perSample)})
	}
	for _, v := range xs {
		x = append(x, Value{body.addInput(v.n.shape[1:], v.n.dtype, v.n.shared)})
	}
	if len(early) > 0 {
		moved := slices.Clone(body.ins[1:lead])
		body.ins = slices.Concat(body.ins[:1], body.ins[lead:], moved)
	}
	r := f(i, c, x)
	if len(r.carry) != len(carry) {
		fail("loop", "the body returns %d carries, %d went in", len(r.carry), len(carry))
	}
	for k := range carry {
		if r.carry[k].IsZero() || !slices.Equal(r.carry[k].n.shape, carry[k].n.shape) || r.carry[k].n.dtype != carry[k].n.dtype {
			fail("loop", "carry %d is %s on the way in and %s on the way out", k, describe(carry[k].n), r.carry[k])
		}
	}
	attr := &loopAttr{body: body, trips: trips, reverse: reverse, carry: len(carry), xs: len(xs), ys: len(r.ys), batch: r.batch}
	if attr.batch == nil {
		attr.batch = make([]bool, len(r.sums))
	}
	touched := perSample
	outs := slices.Concat(r.carry, r.ys, r.sums)
	for k, v := range outs {
		n := body.here(v.n, "loop")
		outs[k] = Value{n}
	}
	for _, n := range body.nodes {
		touched = touched || !n.shared
	}
	for k, v := range outs {
		sum := k - len(r.carry) - len(r.ys)
		if touched && (sum < 0 || !attr.batch[sum]) {
			v = Rows(v)
		}
		body.outs = append(body.outs, output{n: v.n})
	}
	in := []Value{start}
	for _, v := range carry {
		if touched {
			v = Value{rowsIn(body.parent, v)}
		}
		in = append(in, v)
	}
	in = append(in, xs...)
	for _, n := range body.caps {
		in = append(in, Value{n})
	}
	return tracedLoop{attr: attr, in: in, perSample: touched, consistent: touched == perSample}
}

// rowsIn is Rows in a graph that is not the innermost open one.
func rowsIn(g *Graph, v Value) *node {
	if !v.n.shared {
		return v.n
	}
	cur := g.root.current
	g.root.current = g
	defer func() { g.root.current = cur }()
	return Rows(v).n
}

// add adds the loop and one pick for each output.
func (l tracedLoop) add() []Value {
	shared := !l.perSample
	v := addShared(opLoop, l.attr, nil, I32, &shared, l.in...)
	return picks(v.n)
}

func picks(n *node) []Value {
	a := n.attr.(*loopAttr)
	outs := make([]Value, len(a.body.outs))
	for k, o := range a.body.outs {
		shape, shared, level := o.n.shape, n.shared, n.level
		switch sum := k - a.carry - a.ys; {
		case k >= a.carry && sum < 0:
			shape = append([]int{a.trips}, shape...)
		case sum >= 0 && a.batch[sum]:
			shared, level = true, level+1
		}
		outs[k] = Value{n.g.insert(&node{g: n.g, op: opPick, in: []*node{n}, attr: k, shape: shape, dtype: o.n.dtype, shared: shared, level: level})}
	}
	return outs
}

// isLane reports whether a node is a sum over the batch that a loop makes: inside another loop's body it can
// only be handed on.
func isLane(n *node) bool {
	if n.op != opPick {
		return false
	}
	a := n.in[0].attr.(*loopAttr)
	sum := n.attr.(int) - a.carry - a.ys
	return sum >= 0 && a.batch[sum]
}

// replay adds the body of a loop to the innermost open graph, with the given values in place of its inputs,
// and returns its outputs.
func replay(body *Graph, in []Value) []Value {
	at := make(map[*node]Value, len(body.nodes))
	for i, n := range body.ins {
		at[n] = in[i]
	}
	for _, n := range body.nodes {
		if _, done := at[n]; !done {
			at[n] = again(n, operands(n, at))
		}
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
	outs := makeLoop(in[0], a.trips, a.reverse, in[1:1+a.carry], in[1+a.carry:1+a.carry+a.xs], func(i Value, c, x []Value) results {
		return a.split(replay(a.body, slices.Concat([]Value{i}, c, x, hereAll(caps))))
	})
	if len(outs) == 0 {
		fail("loop", "a loop without outputs")
	}
	return Value{outs[0].n.in[0]}
}

// split divides the outputs of a body.
func (a *loopAttr) split(outs []Value) results {
	return results{carry: outs[:a.carry], ys: outs[a.carry : a.carry+a.ys], sums: outs[a.carry+a.ys:], batch: slices.Clone(a.batch)}
}

func hereAll(vs []Value) []Value {
	out := make([]Value, len(vs))
	for i, v := range vs {
		out[i] = Value{v.n.g.root.current.here(v.n, "loop")}
	}
	return out
}
