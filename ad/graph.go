package ad

import (
	"fmt"
	"slices"
	"strings"
)

// Graph is a program under construction.
type Graph struct {
	root    *Graph
	parent  *Graph
	current *Graph // of the root: the innermost open graph
	nodes   []*node
	cse     map[string]*node
	ins     []*node // inputs, in order of declaration (root) or of position (loop bodies)
	outs    []output
	caps    []*node // loop bodies: nodes of parent that the trailing inputs stand for
	capOf   map[*node]*node
	index   *node // loop bodies: the linearised loop index
	trips   int   // loop bodies: iterations of all enclosing loops
	slots   *uint32
	lifted  bool // the sub-graph of a Map, which is replayed outside
	// of the root: how the operands of products with weights are read
	products Precision
}

type output struct {
	name string
	n    *node
}

func newGraph(parent *Graph) *Graph {
	g := &Graph{parent: parent, cse: map[string]*node{}}
	if parent == nil {
		g.root, g.current, g.slots = g, g, new(uint32)
		g.trips = 1
	} else {
		g.root, g.slots = parent.root, parent.slots
		g.capOf = map[*node]*node{}
		g.trips = parent.trips
	}
	return g
}

// open begins a sub-graph, in which operations land until the returned function is called.
func (g *Graph) open() (*Graph, func()) {
	r := g.root
	sub := newGraph(r.current)
	r.current = sub
	return sub, func() { r.current = sub.parent }
}

// Inside reports that the trace is inside a loop or a map, where nothing can be an output.
func (g *Graph) Inside() bool { return g.root.current != g.root }

// here brings a node of an enclosing graph into g as a captured input.
func (g *Graph) here(n *node, op string) *node {
	if n.g == g {
		return n
	}
	if g.parent == nil {
		fail(op, "%s belongs to another program, or to a loop or map that has ended", describe(n))
	}
	n = g.parent.here(n, op)
	if c, ok := g.capOf[n]; ok {
		return c
	}
	if n.op == opConst {
		c := g.constant(n.attr.(constAttr), n.shape, n.dtype)
		g.capOf[n] = c
		return c
	}
	c := g.addInput(n.shape, n.dtype, n.shared)
	g.caps = append(g.caps, n)
	g.capOf[n] = c
	return c
}

func (g *Graph) addInput(shape []int, d DType, shared bool) *node {
	n := &node{g: g, op: opInput, attr: len(g.ins), shape: slices.Clone(shape), dtype: d, shared: shared}
	g.append(n)
	g.ins = append(g.ins, n)
	return n
}

func (g *Graph) append(n *node) {
	n.id = len(g.nodes)
	g.nodes = append(g.nodes, n)
}

// Input declares the next per-sample input: an array [n, shape...] at run time.
func (g *Graph) Input(name string, d DType, shape ...int) Value {
	return g.declare(name, d, shape, false)
}

// Shared declares the next shared input: an array [shape...] at run time, passed by reference.
func (g *Graph) Shared(name string, d DType, shape ...int) Value {
	return g.declare(name, d, shape, true)
}

func (g *Graph) declare(name string, d DType, shape []int, shared bool) Value {
	if g.root != g || g.current != g {
		fail("input", "%q: inputs are declared outside loops and maps", name)
	}
	checkShape("input "+name, shape)
	n := g.addInput(shape, d, shared)
	n.name = name
	return Value{n}
}

func checkShape(op string, shape []int) {
	for _, s := range shape {
		if s < 0 {
			fail(op, "negative axis in shape %v", shape)
		}
	}
}

// Output declares the next output: [n, shape...] at run time when v is per-sample, [shape...] when shared.
func (g *Graph) Output(name string, v Value) {
	if g.current != g {
		fail("output", "%q: outputs are declared outside loops and maps", name)
	}
	if v.n == nil {
		fail("output", "%q is the zero Value", name)
	}
	g.outs = append(g.outs, output{name, g.here(v.n, "output")})
}

// opDef is a registered operation: how its shape follows from its inputs, how it is differentiated,
// how it is lifted over an axis, and how it runs.
type opDef struct {
	name string
	// vjp returns the cotangents of the inputs for which need is true; zero Values are zeros.
	vjp func(n *node, c Value, need []bool) []Value
	// jvp returns the tangent of the output; zero Values among t are zeros. Not all are zero.
	jvp func(n *node, t []Value) Value
	// lift replays n on inputs of which the mapped ones have an extra leading axis of length m.
	lift func(n *node, in []Value, mapped []bool, m int) Value
	// emit compiles n into instructions.
	emit func(c *planner, n *node)
	// columns returns what compiles a per-sample n by columns; nil, like a nil rule, where nothing does.
	columns func(n *node) func(c *planner, n *node)
	// rowwise operations commute with repeating a shared value over the batch.
	rowwise bool
}

// add appends an operation to the innermost open graph, reusing an equal one.
func add(op *opDef, attr any, shape []int, d DType, in ...Value) Value {
	return addShared(op, attr, shape, d, nil, in...)
}

func addShared(op *opDef, attr any, shape []int, d DType, shared *bool, in ...Value) Value {
	var g *Graph
	for _, v := range in {
		if v.n == nil {
			fail(op.name, "an operand is the zero Value")
		}
		g = v.n.g.root.current
	}
	ns := make([]*node, len(in))
	isShared, repeated, level := true, false, 0
	for i, v := range in {
		ns[i] = g.here(v.n, op.name)
		if ns[i].op == opRows && op.rowwise {
			ns[i], repeated = ns[i].in[0], true
		}
		isShared = isShared && ns[i].shared
		level = max(level, ns[i].level)
	}
	if shared != nil {
		isShared = *shared
	}
	if isShared && shared == nil {
		if up := g.outside(op, ns); up != nil {
			// What no iteration changes is made once, outside of the loop.
			g.root.current = g.parent
			v := add(op, attr, shape, d, up...)
			g.root.current = g
			return Value{g.here(v.n, op.name)}
		}
	}
	v := Value{g.insert(&node{g: g, op: op, in: ns, attr: attr, shape: shape, dtype: d, shared: isShared,
		level: level})}
	if repeated && isShared {
		return Rows(v)
	}
	return v
}

// outside returns the operands as values of the enclosing graph, where g is the body of a loop and none of them changes
// from iteration to iteration; nil elsewhere. Views are read through where they are used, and stay.
func (g *Graph) outside(op *opDef, ns []*node) []Value {
	if g.parent == nil || g.lifted || len(ns) == 0 {
		return nil
	}
	switch op {
	case opReshape, opStop, opRows, opKeep, opFinite, opBroadcast, opSlice, opTranspose:
		return nil
	}
	up := make([]Value, len(ns))
	for i, n := range ns {
		m := g.constantOf(n)
		if m == nil {
			return nil
		}
		up[i] = Value{m}
	}
	return up
}

// constantOf is the node of the enclosing graph that has the value of n in every iteration, or nil.
func (g *Graph) constantOf(n *node) *node {
	switch {
	case n.op == opConst:
		return g.parent.constant(n.attr.(constAttr), n.shape, n.dtype)
	case n.op == opInput:
		for i := len(g.caps) - 1; i >= 0; i-- {
			if g.capOf[g.caps[i]] == n {
				return g.caps[i]
			}
		}
	case n.shared && n.level == 0 && (n.op == opReshape || isView(n)):
		if m := g.constantOf(n.in[0]); m != nil {
			cur := g.root.current
			g.root.current = g.parent
			v := add(n.op, n.attr, n.shape, n.dtype, Value{m})
			g.root.current = cur
			return g.parent.here(v.n, "loop")
		}
	}
	return nil
}

func (g *Graph) insert(n *node) *node {
	var k strings.Builder
	fmt.Fprintf(&k, "%s|%d|%v|%v", n.op.name, n.dtype, n.shape, n.shared)
	for _, i := range n.in {
		fmt.Fprintf(&k, "|%d", i.id)
	}
	if n.attr != nil {
		fmt.Fprintf(&k, "|%v", n.attr)
	}
	key := k.String()
	if old, ok := g.cse[key]; ok {
		return old
	}
	g.append(n)
	g.cse[key] = n
	return n
}

func (n *node) inputs() []Value {
	vs := make([]Value, len(n.in))
	for i, m := range n.in {
		vs[i] = Value{m}
	}
	return vs
}

func (n *node) size() int     { return sizeOf(n.shape) }
func (n *node) rowBytes() int { return n.size() * n.dtype.bytes() }
