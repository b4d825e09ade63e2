package ad

import "slices"

// VJP is reverse mode: for outputs y with cotangents ȳ it returns x̄ = Σ ȳᵀ ∂y/∂x for each x of wrt, as new
// operations of the program, which can be differentiated again.
//
// The outputs are all per-sample or all shared. For shared outputs (a loss) the gradient with respect to a
// shared value is shared: it includes the sum over the batch. For per-sample outputs it is per-sample. Where
// a per-sample output depends on other rows through a BatchSum, x̄ is the gradient of the sum over all rows.
func VJP(outs, cotangents, wrt []Value) []Value {
	if len(outs) != len(cotangents) || len(outs) == 0 {
		fail("vjp", "%d outputs and %d cotangents", len(outs), len(cotangents))
	}
	for i, o := range outs {
		if o.IsZero() || cotangents[i].IsZero() {
			fail("vjp", "output or cotangent %d is the zero Value", i)
		}
		if !slices.Equal(o.n.shape, cotangents[i].n.shape) || o.n.dtype != cotangents[i].n.dtype || !o.n.dtype.Float() {
			fail("vjp", "output %s has cotangent %s", describe(o.n), describe(cotangents[i].n))
		}
		if o.n.shared != outs[0].n.shared {
			fail("vjp", "outputs are both shared and per-sample")
		}
	}
	g := outs[0].n.g.root.current
	r := newReverse(g, wrt, outs[0].n.shared)
	for i, o := range outs {
		r.push(g.here(o.n, "vjp"), cotangents[i])
	}
	grads := r.run()
	for i, x := range grads {
		if x.IsZero() {
			grads[i] = rowsLike(Zeros(wrt[i]), wrt[i])
		}
	}
	return grads
}

// Grad is the gradient of a scalar with respect to each x of wrt: VJP with cotangent 1.
func Grad(y Value, wrt ...Value) []Value {
	if y.Size() != 1 {
		fail("grad", "needs a scalar, got %s", describe(y.n))
	}
	return VJP([]Value{y}, []Value{full(y, 1)}, wrt)
}

// reverse is one reverse pass over a graph.
type reverse struct {
	g      *Graph
	wrt    []*node
	loss   bool             // outputs are shared: sums over the batch belong to the gradient
	body   bool             // inside a loop body: sums over the batch are left to the loop
	ends   bool             // wrt are made by operations of the graph, at which the pass ends
	dep    map[*node]bool   // depends on wrt
	cot    map[*node]Value  // so far
	pieces map[*node]pieces // body: contributions to captured shared values, each a sum of its own
	limit  int
}

type pieces []Value

func newReverse(g *Graph, wrt []Value, loss bool) *reverse {
	r := &reverse{g: g, loss: loss, dep: map[*node]bool{}, cot: map[*node]Value{}, pieces: map[*node]pieces{}}
	for _, x := range wrt {
		if x.IsZero() || !x.n.dtype.Float() {
			fail("vjp", "cannot differentiate with respect to %s", x)
		}
		n := g.here(x.n, "vjp")
		r.wrt = append(r.wrt, n)
		r.dep[n] = true
	}
	r.limit = len(g.nodes)
	for _, n := range g.nodes {
		for _, m := range n.in {
			if r.dep[m] && (n.dtype.Float() || n.op == opLoop) && n.op != opStop {
				r.dep[n] = true
			}
		}
	}
	return r
}

// push adds a contribution to the cotangent of n.
func (r *reverse) push(n *node, c Value) {
	if c.IsZero() || !r.dep[n] {
		return
	}
	if !n.shared && c.n.shared {
		c = Rows(c)
	}
	if n.shared && !c.n.shared && r.loss && !r.body {
		c = BatchSum(c)
	}
	if r.body && n.shared && slices.Contains(r.wrt, n) {
		r.pieces[n] = append(r.pieces[n], c)
		return
	}
	r.cot[n] = addOrZero(r.cot[n], c)
}

// run processes the nodes from last to first and returns the gradients; zero Values are zeros.
func (r *reverse) run() []Value {
	loops := map[*node][]Value{}
	for id := r.limit - 1; id >= 0; id-- {
		n := r.g.nodes[id]
		if n.op == opLoop {
			if cots := loops[n]; cots != nil {
				for i, c := range loopVJP(r, n, cots) {
					for _, piece := range c {
						r.push(n.in[i], piece)
					}
				}
			}
			continue
		}
		c := r.cot[n]
		if c.IsZero() || !r.dep[n] || len(n.in) == 0 || r.ends && slices.Contains(r.wrt, n) {
			continue
		}
		if n.op == opPick {
			l := n.in[0]
			if loops[l] == nil {
				loops[l] = make([]Value, len(l.attr.(*loopAttr).body.outs))
			}
			loops[l][n.attr.(int)] = c
			continue
		}
		if n.op == opBatchSum && !c.n.shared {
			c = BatchSum(c)
		}
		need := make([]bool, len(n.in))
		any := false
		for i, m := range n.in {
			need[i] = r.dep[m] && m.dtype.Float()
			any = any || need[i]
		}
		if !any {
			continue
		}
		for i, x := range n.op.vjp(n, c, need) {
			if need[i] {
				r.push(n.in[i], x)
			}
		}
	}
	out := make([]Value, len(r.wrt))
	for i, n := range r.wrt {
		out[i] = r.cot[n]
	}
	return out
}

// JVP is forward mode: for tangents ẋ of wrt it returns ẏ = ∂y/∂x ẋ for each output, as new operations. A zero
// Value among the tangents is zero; an output that does not depend on wrt has a zero tangent.
func JVP(outs, wrt, tangents []Value) []Value {
	if len(wrt) != len(tangents) || len(outs) == 0 {
		fail("jvp", "%d values and %d tangents", len(wrt), len(tangents))
	}
	g := outs[0].n.g.root.current
	at := map[*node]Value{}
	for i, x := range wrt {
		t := tangents[i]
		if t.IsZero() {
			continue
		}
		if !slices.Equal(x.n.shape, t.n.shape) || x.n.dtype != t.n.dtype || !x.n.dtype.Float() {
			fail("jvp", "%s has tangent %s", describe(x.n), describe(t.n))
		}
		at[g.here(x.n, "jvp")] = rowsLike(t, x)
	}
	ends := make([]*node, len(outs))
	for i, o := range outs {
		ends[i] = g.here(o.n, "jvp")
	}
	res := forward(g, ends, at)
	for i, t := range res {
		if t.IsZero() {
			t = Zeros(outs[i])
		}
		res[i] = rowsLike(t, outs[i])
	}
	return res
}

// forward pushes tangents through the nodes that the ends need.
func forward(g *Graph, ends []*node, at map[*node]Value) []Value {
	need := map[*node]bool{}
	for _, n := range ends {
		need[n] = true
	}
	limit := len(g.nodes)
	for id := limit - 1; id >= 0; id-- {
		if n := g.nodes[id]; need[n] {
			for _, m := range n.in {
				need[m] = true
			}
		}
	}
	loops := map[*node][]Value{}
	for id := range limit {
		n := g.nodes[id]
		if _, given := at[n]; given || !need[n] || len(n.in) == 0 {
			continue
		}
		t := make([]Value, len(n.in))
		any := false
		for i, m := range n.in {
			t[i] = at[m]
			any = any || !t[i].IsZero()
		}
		switch {
		case n.op == opPick:
			if l := loops[n.in[0]]; l != nil {
				at[n] = l[n.attr.(int)]
			}
		case !any:
		case n.op == opLoop:
			loops[n] = loopJVP(n, t)
		default:
			at[n] = n.op.jvp(n, t)
		}
	}
	out := make([]Value, len(ends))
	for i, n := range ends {
		out[i] = at[n]
	}
	return out
}
