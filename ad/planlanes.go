package ad

// laneKind is how the values of a block's lanes are joined.
type laneKind uint8

const (
	laneSum laneKind = iota
	laneMax
)

// laneValue is a value accumulated over the rows of a block: one copy for each lane.
type laneValue struct {
	n    *node
	kind laneKind
	off  int // bytes
}

type packKey struct {
	n *node
	packAttr
}

// pushLane appends an instruction that accumulates into a lane value, which becomes n when the pass ends.
// An instruction with a cost says how many nanoseconds a row takes.
func (c *planner) pushLane(n *node, kind laneKind, cost float64, reads []*node, bind func(at func(*node) ref,
	lane ref) func(*frame)) {
	off, ok := c.lanes[n]
	if !ok {
		off = c.prog.addLane(n, kind)
	}
	lane := ref{base: baseLane, off: off, size: n.size()}
	i := instr{name: n.op.name, cost: cost, reads: reads,
		bind: func(at func(*node) ref) func(*frame) { return bind(at, lane) }}
	if c.parent != nil {
		c.body.code = append(c.body.code, i)
		return
	}
	l := &c.block[n.level-1]
	l.code = append(l.code, i)
}

// packed returns the node that holds a shared matrix in the panels of a fast product; it is packed once a run where
// that is possible, outside every loop.
func (c *planner) packed(b *node, a packAttr) *node {
	b = baseOf(b)
	key := packKey{b, a}
	if p, ok := c.packs[key]; ok {
		return p
	}
	p := &node{g: c.g, id: -1, op: opPack, in: []*node{b}, attr: a, shape: []int{a.len(b.dtype)},
		dtype: b.dtype, shared: true, level: b.level}
	c.packs[key] = p
	if outer, ok := c.extra[b]; ok && c.parent != nil {
		c.extra[p] = c.parent.packed(outer, a)
		p.op, p.in = opInput, nil
		c.done[p] = true
		return p
	}
	c.make(p)
	return p
}
