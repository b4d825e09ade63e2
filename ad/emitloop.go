package ad

// loopPlan is the body of a loop, lowered once and placed when the enclosing list has room for it.
type loopPlan struct {
	c     *planner
	attr  *loopAttr
	sized map[int]int
	off   int
	rows  int
}

// measure is the room in the arena that the body needs for blocks of the given rows.
func (l *loopPlan) measure(rows int) int {
	if b, ok := l.sized[rows]; ok {
		return b
	}
	a := &allocator{}
	l.placeAll(&placer{c: l.c, rows: rows, alloc: a, places: map[*node]ref{}, fixed: func(n *node) (ref, bool) {
		if outer, ok := l.c.extra[n]; ok {
			return ref{size: outer.size(), per: !outer.shared}, true
		}
		return l.c.prog.constRef(n)
	}})
	l.sized[rows] = align(a.peak)
	return l.sized[rows]
}

func (l *loopPlan) begin(off, rows int) { l.off, l.rows = off, rows }

// placeAll places the inputs and outputs of the body for its whole duration, then its instructions.
func (l *loopPlan) placeAll(p *placer) (staged []ref) {
	a := l.attr
	keep := map[*node]bool{}
	for i, n := range a.body.ins {
		if i < 1+a.carry+a.xs {
			p.place(n)
			keep[n] = true
		}
	}
	for _, o := range a.body.outs {
		keep[baseOf(o.n)] = true
	}
	p.run(l.c.body.code, keep)
	for k := range a.carry {
		if o := baseOf(a.body.outs[k].n); o.op == opInput {
			in := a.body.ins[1+k]
			staged = append(staged, ref{base: baseArena, off: p.alloc.take(p.bytes(in)), size: in.size(),
				per: !in.shared})
		} else {
			staged = append(staged, ref{base: -1})
		}
	}
	return staged
}

// emitLoop compiles a loop: its body is a list of instructions that one block runs again and again.
func emitLoop(c *planner, n *node) {
	a := n.attr.(*loopAttr)
	picked := make([]*node, len(a.body.outs))
	for k := range picked {
		picked[k] = c.pick(n, k)
	}
	body := newPlanner(c.prog, a.body, c, func(k int) bool { return k < a.carry || picked[k] != nil })
	for i, m := range a.body.ins[1+a.carry+a.xs:] {
		body.extra[m] = n.in[1+a.carry+a.xs+i]
	}
	// Sums over the batch go to the lane: to the place that an enclosing loop hands down, or to a new one.
	var lanes []laneSumOf
	for k := a.carry + a.ys; k < len(picked); k++ {
		pick := picked[k]
		if pick == nil || !a.batch[k-a.carry-a.ys] {
			continue
		}
		off, ok := c.lanes[pick]
		if !ok {
			off = c.prog.addLane(pick, laneSum)
		}
		c.done[pick], picked[k] = true, nil
		o := a.body.outs[k].n
		l := laneSumOf{out: o, off: off}
		if isLane(o) {
			body.lanes[o] = off
		} else {
			l.sum = &node{g: a.body, op: opBatchSum, in: []*node{o}, shape: o.shape, dtype: o.dtype, shared: true,
				level: 1}
			body.lanes[l.sum] = off
			body.markSummand(l.sum)
		}
		lanes = append(lanes, l)
	}
	body.lower()
	for _, l := range lanes {
		if l.sum != nil {
			emitBatchSum(body, l.sum)
		}
	}
	for k, o := range a.body.outs {
		if k < a.carry || picked[k] != nil {
			body.use(o.n)
		}
	}

	reads := []*node{c.use(n.in[0])}
	for i := 1; i < 1+a.carry+a.xs; i++ {
		reads = append(reads, c.use(n.in[i]))
	}
	for _, m := range n.in[1+a.carry+a.xs:] {
		if b := baseOf(m); c.done[b] {
			reads = append(reads, b)
		}
	}
	for _, outer := range body.extra {
		if outer.op == opPack {
			reads = append(reads, outer)
		}
	}
	var writes []*node
	for _, p := range picked {
		if p != nil {
			writes = append(writes, p)
			c.done[p] = true
		}
	}
	plan := &loopPlan{c: body, attr: a, sized: map[int]int{}}
	i := instr{name: "loop", reads: reads, writes: writes, loop: plan, bind: func(at func(*node) ref) func(*frame) {
		alloc := &allocator{end: plan.off}
		p := &placer{c: body, rows: plan.rows, alloc: alloc, places: map[*node]ref{}, body: true}
		p.fixed = func(m *node) (ref, bool) {
			if outer, ok := body.extra[m]; ok {
				return at(baseOf(outer)), true
			}
			return c.prog.constRef(m)
		}
		staged := plan.placeAll(p)
		x := &loopRun{slot: c.prog.loops, trips: a.trips, reverse: a.how.reverse, steps: p.tiny, staged: staged,
			start: at(reads[0]), index: p.at(a.body.ins[0])}
		for k := range a.carry {
			x.carry = append(x.carry, loopCarry{init: at(reads[1+k]), in: p.at(a.body.ins[1+k]),
				out: p.at(a.body.outs[k].n), last: refOrNone(at, picked[k]), bytes: a.body.ins[1+k].dtype.bytes()})
		}
		for k := range a.xs {
			in := a.body.ins[1+a.carry+k]
			x.xs = append(x.xs, loopStack{stack: at(reads[1+a.carry+k]), entry: p.at(in), bytes: in.dtype.bytes()})
		}
		for k := range a.ys {
			o := a.body.outs[a.carry+k].n
			if picked[a.carry+k] != nil {
				x.ys = append(x.ys, loopStack{stack: at(picked[a.carry+k]), entry: p.at(o), bytes: o.dtype.bytes()})
			}
		}
		for k := a.carry + a.ys; k < len(picked); k++ {
			if picked[k] != nil {
				o := a.body.outs[k].n
				s := loopStack{stack: at(picked[k]), entry: p.at(o), bytes: o.dtype.bytes()}
				x.sums, x.totals = append(x.sums, s), append(x.totals, s.total())
			}
		}
		for _, l := range lanes {
			x.lanes = append(x.lanes, loopLane{ref{base: baseLane, off: l.off, size: l.out.size()},
				l.out.dtype.bytes()})
		}
		c.prog.loops++
		return x.run
	}}
	switch {
	case c.parent != nil:
		c.body.code = append(c.body.code, i)
	case n.shared:
		c.shared[n.level].code = append(c.shared[n.level].code, i)
	default:
		c.block[n.level].code = append(c.block[n.level].code, i)
	}
}

func refOrNone(at func(*node) ref, n *node) ref {
	if n == nil {
		return ref{base: -1}
	}
	return at(n)
}

// pick is the node of output k of a loop, nil when nothing reads it.
func (c *planner) pick(loop *node, k int) *node {
	for _, u := range c.users[loop] {
		if u.op == opPick && u.attr.(int) == k && c.uses(u) > 0 {
			return u
		}
	}
	return nil
}

// laneSumOf is a body output that is summed over iterations and rows.
type laneSumOf struct {
	out *node
	sum *node // the accumulation, nil when an inner loop makes the sum
	off int
}
