package ad

import (
	"slices"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// mmAttr: the operands are stored transposed where ta, tb say so.
type mmAttr struct{ ta, tb bool }

// opMatMul is C = A·B on the last two axes, [B…, m, k]·[B…, k, n]; both operands have the same leading axes.
var opMatMul = &opDef{name: "matmul", rowwise: true}

func init() {
	opMatMul.vjp = func(n *node, c Value, need []bool) []Value {
		t := n.attr.(mmAttr)
		a, b := Value{n.in[0]}, Value{n.in[1]}
		out := make([]Value, 2)
		if need[0] {
			if t.ta {
				out[0] = mm(b, c, t.tb, true)
			} else {
				out[0] = mm(c, b, false, !t.tb)
			}
		}
		if need[1] {
			if t.tb {
				out[1] = mm(c, a, true, t.ta)
			} else {
				out[1] = mm(a, c, !t.ta, false)
			}
		}
		return out
	}
	opMatMul.jvp = func(n *node, t []Value) Value {
		f := n.attr.(mmAttr)
		var s Value
		if !t[0].IsZero() {
			s = mm(t[0], Value{n.in[1]}, f.ta, f.tb)
		}
		if !t[1].IsZero() {
			s = addOrZero(s, mm(Value{n.in[0]}, t[1], f.ta, f.tb))
		}
		return s
	}
	opMatMul.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		t := n.attr.(mmAttr)
		a, b := in[0], in[1]
		if !mapped[1] && b.Rank() == 2 {
			// One matrix for all: the mapped axis joins the rows of A.
			if t.ta {
				a = Transpose(a)
			}
			rows, k := n.shape[0], a.n.shape[a.Rank()-1]
			return Reshape(mm(Reshape(a, m*rows, k), b, false, t.tb), append([]int{m}, n.shape...)...)
		}
		return mm(repeatIf(a, !mapped[0], m), repeatIf(b, !mapped[1], m), t.ta, t.tb)
	}
	opMatMul.emit = emitMatMul
	opMatMul.columns = columnMatMul
}

// mm adds a product of operands that have the same leading axes.
func mm(a, b Value, ta, tb bool) Value {
	r := a.Rank()
	m, k := a.n.shape[r-2], a.n.shape[r-1]
	if ta {
		m, k = k, m
	}
	k2, n := b.n.shape[r-2], b.n.shape[r-1]
	if tb {
		k2, n = n, k2
	}
	if k != k2 || !slices.Equal(a.n.shape[:r-2], b.n.shape[:r-2]) {
		turned := func(n *node, t bool) string {
			if t {
				return describe(n) + " (transposed)"
			}
			return describe(n)
		}
		fail("matmul", "%s and %s do not agree", turned(a.n, ta), turned(b.n, tb))
	}
	return add(opMatMul, mmAttr{ta, tb}, append(slices.Clone(a.n.shape[:r-2]), m, n), a.n.dtype, a, b)
}

// MatMul is the matrix product over the last axis of a and the last but one of b. A vector [k] on the left
// is a row, on the right a column, and its axis disappears from the result; leading axes broadcast.
func MatMul(a, b Value) Value { return MatMulT(a, b, false, false) }

// MatMulT is MatMul of operands that are stored with their last two axes swapped where ta, tb say so.
func MatMulT(a, b Value, ta, tb bool) Value {
	if a.n == nil || b.n == nil || a.n.dtype != b.n.dtype || !a.n.dtype.Float() || a.Rank() == 0 || b.Rank() == 0 {
		fail("matmul", "needs two floats of one dtype with at least one axis, got %s and %s", a, b)
	}
	row, col := a.Rank() == 1, b.Rank() == 1
	if row {
		a, ta = Reshape(a, 1, a.Size()), false
	}
	if col {
		b, tb = Reshape(b, b.Size(), 1), false
	}
	c := matMul(a, b, ta, tb)
	shape := slices.Clone(c.n.shape)
	if col {
		shape = shape[:len(shape)-1]
	}
	if row {
		shape = slices.Delete(shape, len(c.n.shape)-2, len(c.n.shape)-1)
	}
	return Reshape(c, shape...)
}

func matMul(a, b Value, ta, tb bool) Value {
	ra, rb := a.Rank(), b.Rank()
	if rb == 2 && ra > 2 {
		// One B for all: the leading axes of A are rows.
		if ta {
			a = Transpose(a)
		}
		lead := a.n.shape[:ra-1]
		k := a.n.shape[ra-1]
		c := mm(Reshape(a, -1, k), b, false, tb)
		return Reshape(c, append(slices.Clone(lead), c.n.shape[1])...)
	}
	lead, ok := broadcastShape(a.n.shape[:ra-2], b.n.shape[:rb-2])
	if !ok {
		fail("matmul", "the leading axes of %s and %s do not broadcast", describe(a.n), describe(b.n))
	}
	a = BroadcastTo(a, slices.Concat(lead, a.n.shape[ra-2:])...)
	b = BroadcastTo(b, slices.Concat(lead, b.n.shape[rb-2:])...)
	return mm(a, b, ta, tb)
}

// gemm is a routine of simd for matrices that are not packed.
type gemm[T any] func(c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int, acc bool)

// product holds the sizes of one matrix product.
type product struct {
	m, n, k int
	ta, tb  bool
}

func productOf(n *node) product {
	t := n.attr.(mmAttr)
	r := len(n.shape)
	k := n.in[0].shape[r-1]
	if t.ta {
		k = n.in[0].shape[r-2]
	}
	return product{n.shape[r-2], n.shape[r-1], k, t.ta, t.tb}
}

func emitMatMul(c *planner, n *node) {
	p := productOf(n)
	a, b := n.in[0], n.in[1]
	if b.shared && len(n.shape) == 2 && !p.ta && !n.shared {
		emitRows(c, n, p)
		return
	}
	x, y := c.use(a), c.use(b)
	batches := sizeOf(n.shape[:len(n.shape)-2])
	c.push(instr{name: "matmul", reads: []*node{x, y}, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
		o, rx, ry := at(n), at(x), at(y)
		if n.dtype == F64 {
			mul := productBy(simd.GemmNN64, simd.GemmNT64, simd.GemmTN64)
			return func(f *frame) { smallProducts(f, o, rx, ry, batches, p, mul) }
		}
		mul := productBy(simd.GemmNN32, simd.GemmNT32, simd.GemmTN32)
		return func(f *frame) { smallProducts(f, o, rx, ry, batches, p, mul) }
	}})
}

// emitRows multiplies the rows of the whole block by one packed matrix.
func emitRows(c *planner, n *node, p product) {
	a, attr := n.in[0], packAttr{k: p.k, n: p.n, trans: p.tb, taps: 1}
	gemm := simd.Gemm32
	switch {
	case n.halved():
		gemm, attr.as = simd.GemmBF16, BF16
	default:
		if src, grid, ok := n.quantised(p.k); ok {
			a, attr.as = src, Int8
			gemm = func(c []float32, ldc int, a []float32, lda int, packed []float32, m, n, k int, _ bool) {
				simd.Gemm8(c, ldc, a, lda, packed, m, n, k, grid)
			}
		}
	}
	packed, x := c.packed(n.in[1], attr), c.use(a)
	reads := []*node{x, packed}
	c.push(instr{name: "gemm", reads: reads, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
		o, rx, rb := at(n), at(x), at(packed)
		if n.dtype == F64 {
			return func(f *frame) {
				simd.Gemm64(vec[float64](f, o), p.n, vec[float64](f, rx), p.k, vec[float64](f, rb), f.rows*p.m, p.n,
					p.k, false)
			}
		}
		return func(f *frame) {
			gemm(vec[float32](f, o), p.n, vec[float32](f, rx), p.k, vec[float32](f, rb), f.rows*p.m, p.n, p.k, false)
		}
	}})
}

// smallProducts multiplies matrix by matrix, for every row of the batch and every leading index.
func smallProducts[T any](f *frame, o, rx, ry ref, batches int, p product, mul func(c, a, b []T, p product)) {
	dst, x, y := vec[T](f, o), vec[T](f, rx), vec[T](f, ry)
	for r := range f.rowsOf(o) {
		xr, yr := rowOf(x, r, batches*p.m*p.k), rowOf(y, r, batches*p.k*p.n)
		for i := range batches {
			q := (r*batches + i) * p.m * p.n
			mul(dst[q:q+p.m*p.n], xr[i*p.m*p.k:(i+1)*p.m*p.k], yr[i*p.k*p.n:(i+1)*p.k*p.n], p)
		}
	}
}

// productBy multiplies two matrices by the routine of their form.
func productBy[T float32 | float64](nn, nt, tn gemm[T]) func(c, a, b []T, p product) {
	return func(c, a, b []T, p product) {
		switch {
		case p.m*p.n*p.k == 0:
			clear(c)
		case p.m*p.n*p.k < 64 || (p.ta && p.tb):
			plainProduct(c, a, b, p)
		case p.ta:
			tn(c, p.n, a, p.m, b, p.n, p.k, p.n, p.m, false)
		case p.tb:
			nt(c, p.n, a, p.k, b, p.k, p.m, p.n, p.k, false)
		default:
			nn(c, p.n, a, p.k, b, p.n, p.m, p.n, p.k, false)
		}
	}
}

// plainProduct is the definition, for tiny matrices and the doubly transposed case.
func plainProduct[T float32 | float64](c, a, b []T, p product) {
	for i := range p.m {
		for j := range p.n {
			s := T(0)
			for k := range p.k {
				x, y := i*p.k+k, k*p.n+j
				if p.ta {
					x = k*p.m + i
				}
				if p.tb {
					y = j*p.k + k
				}
				s += a[x] * b[y]
			}
			c[i*p.n+j] = s
		}
	}
}
