package ad

// view is a strided reading of a source: what broadcast, transpose and slice have in common.
type view struct {
	shape  []int
	stride []int
	offset int
}

// denseStrides are those of a dense row-major array.
func denseStrides(shape []int) []int {
	st := make([]int, len(shape))
	s := 1
	for i := len(shape) - 1; i >= 0; i-- {
		st[i] = s
		s *= shape[i]
	}
	return st
}

// collapse merges neighbouring axes that one stride walks through and drops axes of length 1.
func (v view) collapse() view {
	w := view{offset: v.offset}
	for i, d := range v.shape {
		if d == 1 {
			continue
		}
		if k := len(w.shape) - 1; k >= 0 && w.stride[k] == v.stride[i]*d {
			w.shape[k] *= d
			w.stride[k] = v.stride[i]
			continue
		}
		w.shape = append(w.shape, d)
		w.stride = append(w.stride, v.stride[i])
	}
	return w
}

// gatherView copies the view of src densely into dst, row by row of the batch.
func gatherView[T any](dst, src []T, rows, dstSize, srcSize int, v view) {
	for r := range rows {
		s := src
		if len(src) > srcSize {
			s = src[r*srcSize : (r+1)*srcSize]
		}
		copyView(dst[r*dstSize:(r+1)*dstSize], s, v.shape, v.stride, v.offset)
	}
}

func copyView[T any](dst, src []T, shape, stride []int, off int) {
	switch len(shape) {
	case 0:
		dst[0] = src[off]
	case 1:
		copyRun(dst[:shape[0]], src, stride[0], off)
	case 2:
		n := shape[1]
		for i := range shape[0] {
			copyRun(dst[i*n:(i+1)*n], src, stride[1], off+i*stride[0])
		}
	default:
		n := sizeOf(shape[1:])
		for i := range shape[0] {
			copyView(dst[i*n:(i+1)*n], src, shape[1:], stride[1:], off+i*stride[0])
		}
	}
}

func copyRun[T any](dst, src []T, stride, off int) {
	switch stride {
	case 1:
		copy(dst, src[off:])
	case 0:
		x := src[off]
		for i := range dst {
			dst[i] = x
		}
	default:
		for i := range dst {
			dst[i] = src[off]
			off += stride
		}
	}
}

// emitView compiles a node that reads its input through a view.
func emitView(c *planner, n *node, v view) {
	x := c.use(n.in[0])
	v = v.collapse()
	size, from := n.size(), n.in[0].size()
	short := func(at func(*node) ref) tiny {
		if n.dtype.bytes() != 8 || len(v.shape) > 1 {
			return tiny{}
		}
		return tiny{code: tinyView, o: at(n), a: at(x), view: v, from: from}
	}
	c.push(instr{name: n.op.name, reads: []*node{x}, writes: []*node{n}, tiny: short, bind: func(
		at func(*node) ref) func(*frame) {
		o, r := at(n), at(x)
		if n.dtype.bytes() == 8 {
			return func(f *frame) { gatherView(vec[uint64](f, o), vec[uint64](f, r), f.rowsOf(o), size, from, v) }
		}
		return func(f *frame) { gatherView(vec[uint32](f, o), vec[uint32](f, r), f.rowsOf(o), size, from, v) }
	}})
}
