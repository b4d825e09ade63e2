package ad

import (
	"unsafe"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// convRoutines are the vector routines of one float type.
type convRoutines[T any] struct {
	pack           func(dst, b []T, k, n, ldb int, trans bool)
	forward, input func(y, x, packed []T, g *simd.Conv)
	kernel         func(k, x, y, room []T, g *simd.Conv, images int, acc bool)
	room           func(g *simd.Conv, images int) int // that kernel needs
}

var (
	conv32 = convRoutines[float32]{simd.Pack32, simd.Conv32, simd.ConvInput32, simd.ConvKernel32, (*simd.Conv).Room}
	conv64 = convRoutines[float64]{simd.Pack64, simd.Conv64, simd.ConvInput64, simd.ConvKernel64, (*simd.Conv).Room}
	conv16 = convRoutines[float32]{simd.PackBF16, simd.ConvBF16, simd.ConvInputBF16, simd.ConvKernelBF16,
		(*simd.Conv).RoomBF16}
)

// routines32 are those of a product of float32.
func routines32(n *node) convRoutines[float32] {
	if convHalved(n) {
		return conv16
	}
	return conv32
}

// convHalved reports whether a product is one of bfloat16: the channels that a tap sums over must be even in number.
func convHalved(n *node) bool {
	if n.op == opConvKernel {
		return n.halved()
	}
	return n.halved() && simd.CanBF16(n.in[1].shape[2])
}

// convRun is one of the three products, bound to its operands a and b.
type convRun[T float32 | float64] struct {
	convRoutines[T]
	g       simd.Conv
	p       *padding // of x; nil where there is none
	images  int      // of a row
	packed  bool     // b is in panels already
	panels  int      // elements of b in panels
	o, a, b ref
	op      *opDef
	sizeA   int // of an image
	sizeO   int
	sizeB   int
	k, n    int // of the kernel as a matrix
}

// The slots of scratch.
const (
	roomPadded = iota
	roomKernel
)

// room is scratch of another element type.
func room[T float32 | float64](f *frame, slot, n int) []T {
	var x T
	s := f.scratch(slot, (n*int(unsafe.Sizeof(x))+7)/8)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&s[0])), n)
}

func emitConv(c *planner, n *node) {
	reads, packed, routines := convOperands(c, n)
	c.push(instr{name: n.op.name, cost: convProducts(n) / 60, reads: reads, writes: []*node{n},
		bind: func(at func(*node) ref) func(*frame) {
			if n.dtype == F64 {
				x := bindConv(conv64, n, at(n), at(reads[0]), at(reads[1]), packed)
				return x.run
			}
			x := bindConv(routines, n, at(n), at(reads[0]), at(reads[1]), packed)
			return x.run
		}})
}

// convOperands are the nodes that the product reads, and its routines; a shared kernel is packed once a run.
func convOperands(c *planner, n *node) (reads []*node, packed bool, r convRoutines[float32]) {
	a, b := n.in[0], n.in[1]
	r = routines32(n)
	if n.op == opConvKernel || !b.shared {
		return []*node{c.use(a), c.use(b)}, false, r
	}
	at := b.shape
	attr := packAttr{k: at[0] * at[1] * at[2], n: at[3], taps: at[0] * at[1]}
	if convHalved(n) {
		attr.as = BF16
	}
	if src, grid, ok := n.quantised(attr.k); ok && n.op == opConv {
		a, attr.as = src, Int8
		r.forward = func(y, x, packed []float32, g *simd.Conv) { simd.Conv8(y, x, packed, g, grid) }
	}
	return []*node{c.use(a), c.packed(b, attr)}, true, r
}

func bindConv[T float32 | float64](r convRoutines[T], n *node, o, a, b ref, packed bool) *convRun[T] {
	at := n.attr.(convAttr)
	last := func(m *node) int { return m.shape[len(m.shape)-1] }
	x := &convRun[T]{convRoutines: r, packed: packed, o: o, a: a, b: b, op: n.op}
	in, out := last(n.in[0]), last(n)
	switch n.op {
	case opConvInput:
		in, out = out, in
	case opConvKernel:
		out = last(n.in[1])
	}
	x.g, x.p = at.sizes(in, out), at.padding(in)
	image, result := at.h*at.w*in, at.outH*at.outW*out
	switch n.op {
	case opConv:
		x.sizeA, x.sizeO, x.sizeB = image, result, n.in[1].size()
		x.k, x.n = x.g.Taps(), out
	case opConvInput:
		x.sizeA, x.sizeO, x.sizeB = result, image, n.in[1].size()
		x.k, x.n = at.kh*at.kw*out, in
	default:
		x.sizeA, x.sizeO, x.sizeB = image, n.size(), result
	}
	x.images = n.in[0].size() / max(x.sizeA, 1)
	x.panels = packedLen(n.dtype, x.k, x.n)
	return x
}

// padded is the image with its padding.
func (x *convRun[T]) padded(f *frame, image []T) []T {
	if x.p == nil {
		return image
	}
	d := room[T](f, roomPadded, x.p.size())
	pad2(d, image, x.p)
	return d
}

func (x *convRun[T]) run(f *frame) {
	o, a, b := vec[T](f, x.o), vec[T](f, x.a), vec[T](f, x.b)
	for r := range f.rowsOf(x.o) {
		if x.op == opConvKernel {
			x.sum(f, o[r*x.sizeO:(r+1)*x.sizeO], rowOf(a, r, x.images*x.sizeA), rowOf(b, r, x.images*x.sizeB), x.images,
				false)
			continue
		}
		kernel := b
		if !x.packed {
			kernel = room[T](f, roomKernel, x.panels)
			x.pack(kernel, rowOf(b, r, x.sizeB), x.k, x.n, x.n, false)
		}
		images := rowOf(a, r, x.images*x.sizeA)
		for i := range x.images {
			from := (r*x.images + i) * x.sizeO
			x.one(f, o[from:from+x.sizeO], images[i*x.sizeA:(i+1)*x.sizeA], kernel)
		}
	}
}

// one is y from x, or x from y.
func (x *convRun[T]) one(f *frame, dst, src, kernel []T) {
	switch {
	case x.op == opConv:
		x.forward(dst, x.padded(f, src), kernel, &x.g)
	case x.p == nil:
		x.input(dst, src, kernel, &x.g)
	default:
		wide := room[T](f, roomPadded, x.p.size())
		x.input(wide, src, kernel, &x.g)
		fold2(dst, wide, x.p)
	}
}

// sum adds the gradients of the kernel at so many images.
func (x *convRun[T]) sum(f *frame, dst, images, ys []T, n int, acc bool) {
	if x.p != nil {
		size := x.p.size()
		wide := room[T](f, roomPadded, n*size)
		for i := range n {
			pad2(wide[i*size:(i+1)*size], images[i*x.sizeA:(i+1)*x.sizeA], x.p)
		}
		images = wide
	}
	x.kernel(dst, images, ys, room[T](f, roomKernel, x.room(&x.g, n)), &x.g, n, acc)
}

// isKernelSum reports a gradient of a kernel that a sum over the batch accumulates without making it.
func isKernelSum(n *node) bool { return n.op == opConvKernel && !n.shared }

// emitKernelSum accumulates the gradient of a kernel over the rows of a block into the lane.
func emitKernelSum(c *planner, n, src *node) {
	a, b := c.use(src.in[0]), c.use(src.in[1])
	c.pushLane(n, laneSum, convProducts(src)/60, []*node{a, b}, func(at func(*node) ref, lane ref) func(*frame) {
		if n.dtype == F64 {
			return bindConv(conv64, src, lane, at(a), at(b), false).accumulate
		}
		return bindConv(routines32(src), src, lane, at(a), at(b), false).accumulate
	})
}

func (x *convRun[T]) accumulate(f *frame) {
	o, a, b := vec[T](f, x.o), vec[T](f, x.a), vec[T](f, x.b)
	if x.a.per && x.b.per {
		x.sum(f, o, a, b, f.rows*x.images, !f.first)
		return
	}
	for r := range f.rows {
		x.sum(f, o, rowOf(a, r, x.images*x.sizeA), rowOf(b, r, x.images*x.sizeB), x.images, !f.first || r > 0)
	}
}
