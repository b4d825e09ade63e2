package ad

// columnIndexed has a form where the indices are shared: whole columns move. It stands for gather and scatter-add.
func columnIndexed(n *node) func(c *planner, n *node) {
	batch := 0
	switch a := n.attr.(type) {
	case gatherAttr:
		batch = a.batch
	case scatterAttr:
		batch = a.batch
	}
	if batch > 0 || n.in[0].shared || !n.in[1].shared {
		return nil
	}
	return emitColumnIndexed
}

func emitColumnIndexed(c *planner, n *node) {
	table, scatter := n.in[0].shape, n.op == opScatter
	if scatter {
		table = n.shape
	}
	s := indexedSizes(table, n.in[1].shape, 0)
	x, idx := c.use(n.in[0]), c.use(n.in[1])
	c.push(instr{name: n.op.name, reads: []*node{x, idx}, writes: []*node{n}, bind: func(at func(*node) ref) func(
		*frame) {
		o, rx, ri := at(n), at(x), at(idx)
		switch {
		case scatter && n.dtype == F64:
			return func(f *frame) { scatterColumns[float64](f, o, rx, ri, s) }
		case scatter:
			return func(f *frame) { scatterColumns[float32](f, o, rx, ri, s) }
		case n.dtype.bytes() == 8:
			return func(f *frame) { gatherColumns[uint64](f, o, rx, ri, s) }
		}
		return func(f *frame) { gatherColumns[uint32](f, o, rx, ri, s) }
	}})
}

func gatherColumns[T any](f *frame, o, rx, ri ref, s indexed) {
	dst, x, wide := vec[T](f, o), vec[T](f, rx), s.rest*f.rows
	for j, i := range vec[int32](f, ri) {
		if i < 0 || int(i) >= s.k {
			f.outOfRange("gather", 0, int(i), s.k)
			return
		}
		copy(dst[j*wide:(j+1)*wide], x[int(i)*wide:])
	}
}

// scatterColumns adds in index order.
func scatterColumns[T float32 | float64](f *frame, o, rx, ri ref, s indexed) {
	dst, x, wide := vec[T](f, o), vec[T](f, rx), s.rest*f.rows
	clear(dst)
	for j, i := range vec[int32](f, ri) {
		if i < 0 || int(i) >= s.k {
			f.outOfRange("scatter_add", 0, int(i), s.k)
			return
		}
		addTo(dst[int(i)*wide:(int(i)+1)*wide], x[j*wide:(j+1)*wide])
	}
}
