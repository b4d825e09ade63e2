package ad

import "slices"

// loopAttr describes a loop node. The inputs of the node are [start, carry…, xs…, captured…]; those of the
// body are [index, carry…, xs…, captured…]; the outputs of both are [carry…, ys…, sums…]. The last of the ys are
// what is kept for a reverse pass: the carries on the way in, where all are kept, and the marks.
type loopAttr struct {
	body    *Graph
	inverse *Graph // nil, or from the carry after the body to the one before it, with the other inputs of the body
	trips   int
	how     loopHow
	carry   int
	xs      int
	ys      int
	marks   []*node // of the body, by Keep
	batch   []bool  // one for each sum: also summed over the batch
}

// loopHow says how a loop runs, and how its reverse pass finds the carries again.
type loopHow struct {
	reverse bool
	keep    bool
	inverse func(i Value, next, xs []Value) []Value
}

// hidden is the number of the ys that are kept for a reverse pass.
func (a *loopAttr) hidden() int {
	if a.how.keep {
		return a.carry + len(a.marks)
	}
	return len(a.marks)
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

// Loop runs f a static number of times. carry goes from iteration to iteration; xs [trips, …] are read one entry an
// iteration; f returns the next carry and per-iteration outputs, which are stacked to [trips, …]. i is the int32 index.
// Values from outside may be used inside. The gradient keeps √trips checkpoints; [LoopWith] has others.
func Loop(trips int, carry, xs []Value, f func(i Value, carry, xs []Value) (next, ys []Value)) (last, ys []Value) {
	return LoopWith(LoopOptions{}, trips, carry, xs, f)
}

// LoopOptions says how the reverse pass of a loop finds the carries of its iterations again. The zero value keeps
// √trips of them and runs the body twice more.
type LoopOptions struct {
	// KeepAll keeps the carry of every iteration: trips times the memory, and the body runs once more, as far as its
	// derivative needs it.
	KeepAll bool
	// Inverse returns the carry before iteration i from the carry after it: no carry is kept, the memory does not
	// depend on trips. It must undo the body; rounding that it makes goes into the gradient.
	Inverse func(i Value, next, xs []Value) (carry []Value)
}

// LoopWith is [Loop] with options. The values and, but for the rounding of an inverse, the gradients have the same bits
// for all of them.
func LoopWith(o LoopOptions, trips int, carry, xs []Value, f func(i Value, carry, xs []Value) (next, ys []Value),
) (last, ys []Value) {
	if len(carry)+len(xs) == 0 {
		fail("loop", "needs a carry or per-iteration inputs")
	}
	if o.Inverse != nil && o.KeepAll {
		fail("loop", "what is kept needs no inverse")
	}
	ref := slices.Concat(carry, xs)[0]
	start := ref.n.g.root.Scalar(I32, 0)
	seen := 0
	how := loopHow{keep: o.KeepAll, inverse: o.Inverse}
	outs := makeLoop(start, trips, how, carry, xs, func(i Value, c, x []Value) results {
		next, y := f(i, c, x)
		seen = len(y)
		return results{carry: next, ys: y}
	})
	return outs[:len(carry)], outs[len(carry) : len(carry)+seen]
}

// loopBody traces one iteration.
type loopBody func(i Value, carry, xs []Value) results

// makeLoop traces the body and adds the loop. All carries of a loop that touches per-sample values are per-sample.
func makeLoop(start Value, trips int, how loopHow, carry, xs []Value, f loopBody) []Value {
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
		l := traceLoop(root, start, trips, how, carry, xs, perSample, f)
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

// openBody opens the body of a loop; the inputs of the loop come after its index and before what it captures.
func openBody(root *Graph, trips int, carry, xs []Value, perSample bool,
) (body *Graph, i Value, c, x []Value, end func()) {
	body, end = root.open()
	body.trips = root.current.parent.trips * max(trips, 1)
	i = Value{body.addInput(nil, I32, true)}
	index := i
	if up := body.parent.loopIndex(); up != nil {
		index = Add(Mul(Value{body.here(up, "loop")}, root.Scalar(I32, float64(trips))), i)
	}
	body.index = index.n
	// Captured inputs come after the declared ones: the index above may have captured already.
	early := body.caps
	lead := len(body.ins)
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
	return body, i, c, x, end
}

func traceLoop(root *Graph, start Value, trips int, how loopHow, carry, xs []Value, perSample bool, f loopBody,
) tracedLoop {
	var inverse *Graph
	if how.inverse != nil {
		inverse = traceInverse(root, trips, how, carry, xs, perSample)
	}
	body, i, c, x, end := openBody(root, trips, carry, xs, perSample)
	defer end()
	r := f(i, c, x)
	if len(r.carry) != len(carry) {
		fail("loop", "the body returns %d carries, %d went in", len(r.carry), len(carry))
	}
	for k := range carry {
		checkCarry(k, carry[k], r.carry[k], "out")
	}
	attr := &loopAttr{body: body, trips: trips, how: how, carry: len(carry), xs: len(xs), batch: r.batch}
	if how.keep {
		r.ys = append(slices.Clip(r.ys), c...)
	}
	for _, n := range body.nodes {
		if n.op == opKeep && len(n.in) == 1 {
			attr.marks = append(attr.marks, n)
			r.ys = append(slices.Clip(r.ys), Value{n})
		}
	}
	attr.ys = len(r.ys)
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
	if inverse != nil {
		attr.inverse = inverse
		matchInverse(body, inverse, 1+len(carry)+len(xs))
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

func checkCarry(k int, in, out Value, way string) {
	if out.IsZero() || !slices.Equal(out.n.shape, in.n.shape) || out.n.dtype != in.n.dtype {
		fail("loop", "carry %d is %s on the way in and %s on the way %s", k, describe(in.n), out, way)
	}
}

// traceInverse traces what undoes the body of a loop.
func traceInverse(root *Graph, trips int, how loopHow, carry, xs []Value, perSample bool) *Graph {
	inverse, i, c, x, end := openBody(root, trips, carry, xs, perSample)
	defer end()
	before := how.inverse(i, c, x)
	if len(before) != len(carry) {
		fail("loop", "the inverse returns %d carries, %d went in", len(before), len(carry))
	}
	for k, v := range before {
		checkCarry(k, carry[k], v, "back")
		n := inverse.here(v.n, "loop")
		if perSample {
			n = Rows(Value{n}).n
		}
		inverse.outs = append(inverse.outs, output{n: n})
	}
	return inverse
}

// matchInverse gives a body and its inverse the same captured inputs in the same order, after the declared ones.
func matchInverse(body, inverse *Graph, declared int) {
	for _, n := range inverse.caps {
		body.here(n, "loop")
	}
	ins := inverse.ins[:declared:declared]
	for _, n := range body.caps {
		ins = append(ins, inverse.here(n, "loop"))
	}
	inverse.ins, inverse.caps = ins, body.caps
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
		outs[k] = Value{n.g.insert(&node{g: n.g, op: opPick, in: []*node{n}, attr: k, shape: shape, dtype: o.n.dtype,
			shared: shared, level: level})}
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
