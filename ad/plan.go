package ad

// instr is one step of a pass. bind is called when every value has its place.
type instr struct {
	name    string
	reads   []*node
	writes  []*node
	inplace bool    // a written value may take the place of an operand of the same size that dies here
	cost    float64 // nanoseconds a row, where they do not follow from the sizes of what is read and written
	bind    func(at func(*node) ref) func(*frame)
	tiny    func(at func(*node) ref) tiny // how a loop runs it on a few numbers; nil: by the step
	loop    *loopPlan                     // the body of a loop, which needs room of its own
	body    int                           // bytes of a row that a pass over positions touches at one of them
}

// operand is how an elementwise instruction meets one of its inputs.
type operand struct {
	n      *node
	scalar bool // one element for all
	period int  // > 0: a shared value of this length, met again and again
}

// planner lowers one graph: the program, or the body of a loop.
type planner struct {
	prog   *Program
	g      *Graph
	parent *planner
	users  map[*node][]*node
	outs   map[*node]bool
	skip   map[*node]bool // not lowered unless somebody asks
	done   map[*node]bool
	extra  map[*node]*node // loop bodies: what a captured input stands for in the parent
	packs  map[packKey]*node
	// columns says that per-sample values are kept by columns.
	columns bool

	shared []list // by level: run once, before the pass
	block  []list // by level: run for every block of rows
	body   list   // loop bodies have one list
	lanes  map[*node]int
}

type list struct{ code []instr }

// newPlanner prepares to lower what the live outputs of g need.
func newPlanner(p *Program, g *Graph, parent *planner, live func(k int) bool) *planner {
	c := &planner{prog: p, g: g, parent: parent, users: map[*node][]*node{}, outs: map[*node]bool{},
		skip: map[*node]bool{},
		done: map[*node]bool{}, extra: map[*node]*node{}, packs: map[packKey]*node{}, lanes: map[*node]int{}}
	need := map[*node]bool{}
	for k, o := range g.outs {
		if live(k) {
			need[o.n], c.outs[o.n] = true, true
		}
	}
	levels := 1
	for id := len(g.nodes) - 1; id >= 0; id-- {
		n := g.nodes[id]
		if !need[n] {
			continue
		}
		levels = max(levels, n.level+1)
		for _, m := range n.reads() {
			need[m] = true
			c.users[m] = append(c.users[m], n)
		}
	}
	c.shared, c.block = make([]list, levels), make([]list, levels)
	for _, n := range g.nodes {
		if !need[n] {
			c.skip[n] = true
		}
	}
	return c
}

// isAlias reports whether a node's value is its operand's, read in another way.
func isAlias(n *node) bool {
	return n.op == opReshape || n.op == opStop || n.op == opRows || n.op == opKeep || n.op == opFinite
}

func baseOf(n *node) *node {
	for isAlias(n) {
		n = n.in[0]
	}
	return n
}

func (c *planner) uses(n *node) int {
	u := len(c.users[n])
	if c.outs[n] {
		u++
	}
	return u
}

// made reports whether a node has an instruction of its own already.
func (c *planner) made(n *node) bool { return c.done[n] || !c.skip[n] }

// lower compiles the graph in the order of its trace.
func (c *planner) lower() {
	for _, n := range c.g.nodes {
		if c.skip[n] {
			continue
		}
		switch {
		case n.op == opBroadcast && n.shared, c.columns && isView(n):
			c.skip[n] = true // elementwise operations read through it
		case isBytes(n) && !c.outAs(n):
			c.skip[n] = true // products of bytes round what they read
		case n.op == opBatchSum:
			c.markSummand(n)
		case !c.columns && (n.op == opSiLU || n.op == opGELU):
			c.markBias(n)
		}
	}
	for _, n := range c.g.nodes {
		if !c.skip[n] {
			c.make(n)
		}
	}
}

// outAs reports whether an output reads n, in whatever shape.
func (c *planner) outAs(n *node) bool {
	for o := range c.outs {
		if baseOf(o) == n {
			return true
		}
	}
	return false
}

// markSummand leaves out a product or scatter that only a BatchSum reads: it is accumulated, never made.
func (c *planner) markSummand(n *node) {
	src := n.in[0]
	for src.op == opReshape && c.uses(src) == 1 {
		src = src.in[0]
	}
	if c.uses(src) != 1 {
		return
	}
	if src.op == opMatMul && len(src.shape) == 2 && src.attr.(mmAttr) == (mmAttr{true, false}) && !src.in[0].shared &&
		!src.in[1].shared {
		c.skip[src] = true
	}
	if src.op == opScatter && !src.in[0].shared || isKernelSum(src) {
		c.skip[src] = true
	}
}

// markBias leaves out the sum of a bias that only an activation and its derivative read.
func (c *planner) markBias(n *node) {
	z := n.in[0]
	grad := opSiLUGrad
	if n.op == opGELU {
		grad = opGELUGrad
	}
	if n.dtype == F32 && z.op == opAdd && c.uses(z) == 2 && !z.shared && !z.in[0].shared && c.periodic(z.in[1]) &&
		c.sibling(n, grad) != nil {
		c.skip[z] = true
	}
}

// periodic reports whether a shared value meets the rows of a block as one repeated vector.
func (c *planner) periodic(n *node) bool { return n.shared && c.source(n).size() > 1 }

// source follows reshapes and repeats along leading axes to the vector that is repeated.
func (c *planner) source(n *node) *node {
	for {
		switch {
		case isAlias(n):
			n = n.in[0]
		case n.op == opBroadcast && n.in[0].size() > 0 && repeatsWhole(n):
			n = n.in[0]
		default:
			return n
		}
	}
}

func repeatsWhole(n *node) bool {
	v := broadcastView(n.in[0].shape, n.shape).collapse()
	switch len(v.shape) {
	case 1:
		return v.stride[0] == 1 || n.in[0].size() == 1
	case 2:
		return v.stride[0] == 0 && v.stride[1] == 1
	}
	return len(v.shape) == 0
}

// sibling is the node of another operation on the same operand, if it is needed and not made yet.
func (c *planner) sibling(n *node, op *opDef) *node {
	for _, u := range c.users[n.in[0]] {
		if u.op == op && !c.done[u] && !c.skip[u] {
			return u
		}
	}
	return nil
}

// use makes n if nothing has yet, and returns the node that holds its value.
func (c *planner) use(n *node) *node {
	n = baseOf(n)
	c.make(n)
	return n
}

// operand decides how an elementwise instruction that computes consumer meets n.
func (c *planner) operand(n, consumer *node, scalars bool) operand {
	src := c.source(n)
	if src.shared {
		if src.size() == 1 && scalars {
			return operand{n: c.use(src), scalar: true}
		}
		if !consumer.shared {
			return operand{n: c.use(src), period: src.size()}
		}
	}
	return operand{n: c.use(n)}
}

func (c *planner) make(n *node) {
	if c.done[n] || isAlias(n) {
		return
	}
	c.done[n] = true
	switch {
	case n.op == opInput:
		if c.columns && !n.shared && n.size() > 1 {
			columnInput(c, n)
		}
		if c.parent != nil {
			if outer, ok := c.extra[n]; ok {
				c.parent.use(outer)
			}
		}
	case n.op == opConst:
		c.prog.placeConstant(n)
	case n.op == opPick:
		c.make(n.in[0])
	case c.columns && !n.shared:
		n.op.columns(n)(c, n)
	default:
		n.op.emit(c, n)
	}
}

// push appends an instruction to the list in which its result is needed.
func (c *planner) push(i instr) {
	if c.parent != nil {
		c.body.code = append(c.body.code, i)
		return
	}
	n := i.writes[0]
	l := &c.block[n.level]
	if n.shared {
		l = &c.shared[n.level]
	}
	l.code = append(l.code, i)
}
