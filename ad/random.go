package ad

import (
	"slices"

	"github.com/seed9a7962a8/ito/rng"
)

// randomAttr is the static part of a draw's address. The loop index is an operand.
type randomAttr struct {
	slot    uint32
	uniform bool
}

const (
	slotBits  = 12 // 4096 random operations a program
	indexBits = 20 // 1,048,576 iterations of the loops around one
)

// opRandom draws numbers addressed by (seed, purpose, sample id, step) of the run, its slot and the loop index.
var opRandom = &opDef{name: "random"}

func init() {
	opRandom.vjp = func(n *node, c Value, need []bool) []Value { return make([]Value, len(n.in)) }
	opRandom.jvp = func(n *node, t []Value) Value { return Value{} }
	opRandom.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		if slices.Contains(mapped, true) {
			fail("random", "a random operation whose loop index is mapped")
		}
		return random(n.g.root.current, n.attr.(randomAttr), append([]int{m}, n.shape...), n.dtype, in)
	}
	opRandom.emit = func(c *planner, n *node) {
		a, size := n.attr.(randomAttr), n.size()
		var reads []*node
		for _, i := range n.in {
			reads = append(reads, c.use(i))
		}
		c.push(instr{name: "random", reads: reads, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
			o := at(n)
			var index []ref
			for _, i := range reads {
				index = append(index, at(i))
			}
			return func(f *frame) {
				sub := a.slot << indexBits
				for _, r := range index {
					i := vec[int32](f, r)[0]
					if i < 0 || i >= 1<<indexBits {
						f.outOfRange("random", 0, int(i), 1<<indexBits)
						return
					}
					sub |= uint32(i)
				}
				call := f.run.call
				key := rng.NewKey(call.Seed, call.Purpose, call.Step, sub)
				ids := f.run.ids[f.row0 : f.row0+f.rows]
				switch {
				case n.dtype == F64 && a.uniform:
					key.Uniforms64(vec[float64](f, o), size, ids)
				case n.dtype == F64:
					key.Normals64(vec[float64](f, o), size, ids)
				case a.uniform:
					key.Uniforms32(vec[float32](f, o), size, ids)
				default:
					key.Normals32(vec[float32](f, o), size, ids)
				}
			}
		}})
	}
}

// Normal draws per-sample standard normals. Each call has its own slot; inside a Loop the index joins the
// address, inside a Map every element has its own numbers. Differentiation and recomputation repeat them.
func (g *Graph) Normal(d DType, shape ...int) Value { return g.random(d, shape, false) }

// Uniform draws per-sample uniforms on the open interval (0,1).
func (g *Graph) Uniform(d DType, shape ...int) Value { return g.random(d, shape, true) }

func (g *Graph) random(d DType, shape []int, uniform bool) Value {
	if !d.Float() {
		fail("random", "needs a float dtype, got %s", d)
	}
	checkShape("random", shape)
	cur := g.root.current
	a := randomAttr{slot: g.slot(), uniform: uniform}
	var in []Value
	if index := cur.loopIndex(); index != nil {
		in = []Value{{index}}
	}
	return random(cur, a, slices.Clone(shape), d, in)
}

// slot takes the next slot.
func (g *Graph) slot() uint32 {
	if *g.slots >= 1<<slotBits {
		fail("random", "more than %d random operations", 1<<slotBits)
	}
	*g.slots++
	return *g.slots - 1
}

// Stream is a slot whose entries are met by their index, in any order, anywhere in the program and as often as it is
// useful: the same index is the same numbers. Loops join nothing to the address.
type Stream struct {
	g    *Graph
	slot uint32
}

// Stream reserves a slot.
func (g *Graph) Stream() Stream { return Stream{g.root, g.slot()} }

// Normal is entry i of the stream: per-sample standard normals, of the address that [Graph.Normal] has at iteration i
// of a loop if it has the same slot. i is a shared i32 scalar from 0 to 2²⁰−1; at run time another is a *RangeError.
func (s Stream) Normal(i Value, d DType, shape ...int) Value {
	switch {
	case s.g == nil:
		fail("random", "the zero Stream")
	case !d.Float():
		fail("random", "needs a float dtype, got %s", d)
	case i.n.dtype != I32 || !i.n.shared || i.Rank() != 0:
		fail("random", "the index of a stream is a shared i32 scalar, got %s", describe(i.n))
	}
	checkShape("random", shape)
	return random(s.g.current, randomAttr{slot: s.slot}, slices.Clone(shape), d, []Value{i})
}

// random adds a draw to g; a draw is always per-sample.
func random(g *Graph, a randomAttr, shape []int, d DType, in []Value) Value {
	n := &node{g: g, op: opRandom, attr: a, shape: shape, dtype: d}
	for _, v := range in {
		n.in = append(n.in, g.here(v.n, "random"))
	}
	return Value{g.insert(n)}
}

// loopIndex is the linearised index of the loops around the innermost open graph, nil outside loops.
func (g *Graph) loopIndex() *node {
	if g.index != nil || g.parent == nil {
		return g.index
	}
	if up := g.parent.loopIndex(); up != nil {
		return g.here(up, "random")
	}
	return nil
}
