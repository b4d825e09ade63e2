package ad

import "github.com/seed9a7962a8/ito/internal/simd"

// columnSum adds rows of columns: in order of the reduced axes, as every sum of a program.
func columnSum(c *planner, n *node) {
	x := c.use(n.in[0])
	_, red, inner := n.attr.(reduceAttr).split(n.in[0].shape)
	c.push(instr{name: n.op.name, reads: []*node{x}, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
		o, r := at(n), at(x)
		if n.dtype == F64 {
			return func(f *frame) {
				sumColumns(vec[float64](f, o), vec[float64](f, r), red, inner*f.rows, simd.ColSumAcc64)
			}
		}
		return func(f *frame) {
			sumColumns(vec[float32](f, o), vec[float32](f, r), red, inner*f.rows, simd.ColSumAcc32)
		}
	}})
}

func sumColumns[T float32 | float64](dst, x []T, red, wide int, add func(acc, x []T, rows, cols, ld int)) {
	clear(dst)
	for o := 0; o*wide < len(dst); o++ {
		add(dst[o*wide:(o+1)*wide], x[o*red*wide:(o+1)*red*wide], red, wide, wide)
	}
}

func columnMax(c *planner, n *node) {
	x := c.use(n.in[0])
	_, red, inner := n.attr.(reduceAttr).split(n.in[0].shape)
	c.push(instr{name: n.op.name, reads: []*node{x}, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
		o, r := at(n), at(x)
		if n.dtype == F64 {
			return func(f *frame) { maxColumns(vec[float64](f, o), vec[float64](f, r), red, inner*f.rows, simd.Max64) }
		}
		return func(f *frame) { maxColumns(vec[float32](f, o), vec[float32](f, r), red, inner*f.rows, simd.Max32) }
	}})
}

func maxColumns[T float32 | float64](dst, x []T, red, wide int, larger func(dst, a, b []T)) {
	if red == 0 || wide <= shortRows {
		maxRows(dst, x, red, wide)
		return
	}
	for o := 0; o*wide < len(dst); o++ {
		d := dst[o*wide : (o+1)*wide]
		copy(d, x[o*red*wide:])
		for k := 1; k < red; k++ {
			larger(d, d, x[(o*red+k)*wide:][:wide])
		}
	}
}

// columnMatMul has a form where one factor is shared: the other's columns are the columns of an ordinary product.
func columnMatMul(n *node) func(c *planner, n *node) {
	if len(n.shape) != 2 || n.in[0].shared == n.in[1].shared {
		return nil
	}
	return emitColumnMatMul
}

// emitColumnMatMul compiles C = A·B. With A shared, the elements of a row of B side by side make C's row j of
// every sample at once; with B shared, Cᵀ = Bᵀ·Aᵀ does.
func emitColumnMatMul(c *planner, n *node) {
	p := productOf(n)
	a, b := n.in[0], n.in[1]
	if b.shared {
		a, b, p = b, a, product{m: p.n, n: p.m, k: p.k, ta: !p.tb, tb: !p.ta}
	}
	swapped := n.in[1].shared
	x, y := c.use(a), c.use(b)
	c.push(instr{name: "matmul", reads: []*node{x, y}, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
		o, rx, ry := at(n), at(x), at(y)
		if n.dtype == F64 {
			return func(f *frame) {
				columnProduct(vec[float64](f, o), vec[float64](f, rx), vec[float64](f, ry), f.rows, p, swapped,
					simd.GemmNN64, simd.GemmTN64)
			}
		}
		return func(f *frame) {
			columnProduct(vec[float32](f, o), vec[float32](f, rx), vec[float32](f, ry), f.rows, p, swapped,
				simd.GemmNN32, simd.GemmTN32)
		}
	}})
}

// columnProduct multiplies the shared a [m,k], or [k,m] where p.ta is set, by every sample's b [k,n], or [n,k]
// where p.tb is set, into c [m,n], or [n,m] where swapped.
func columnProduct[T any](c, a, b []T, rows int, p product, swapped bool, nn, tn gemm[T]) {
	if p.m*p.n == 0 || rows == 0 {
		return
	}
	if p.k == 0 {
		clear(c)
		return
	}
	count, wide := p.n, rows // products, and columns of each
	if !p.tb && !swapped {
		count, wide = 1, p.n*rows // the columns of b and of c lie as they should
	}
	// Distances in elements between the rows of b and of c, and between one product's and the next's.
	rowB, nextB, rowC, nextC := p.n*rows, rows, p.n*rows, rows
	if p.tb {
		rowB, nextB = rows, p.k*rows
	}
	if swapped {
		rowC, nextC = rows, p.m*rows
	}
	for j := range count {
		if p.ta {
			tn(c[j*nextC:], rowC, a, p.m, b[j*nextB:], rowB, p.k, wide, p.m, false)
		} else {
			nn(c[j*nextC:], rowC, a, p.k, b[j*nextB:], rowB, p.m, wide, p.k, false)
		}
	}
}

// columnCompare compiles a comparison.
func columnCompare(rel relation) func(c *planner, n *node) {
	return func(c *planner, n *node) {
		a, b := c.read(n.in[0]), c.read(n.in[1])
		c.push(instr{name: n.op.name, reads: []*node{a.src, b.src}, writes: []*node{n},
			bind: func(at func(*node) ref) func(*frame) {
				switch n.in[0].dtype {
				case F32:
					return bindColumnCompare[float32](rel, at(n), at(a.src), at(b.src), a, b)
				case F64:
					return bindColumnCompare[float64](rel, at(n), at(a.src), at(b.src), a, b)
				}
				return bindColumnCompare[int32](rel, at(n), at(a.src), at(b.src), a, b)
			}})
	}
}

func bindColumnCompare[T ordered](rel relation, o, ra, rb ref, a, b reading) func(*frame) {
	return func(f *frame) {
		dst, x, y := vec[int32](f, o), vec[T](f, ra), vec[T](f, rb)
		for e := range o.size {
			d := dst[e*f.rows : (e+1)*f.rows]
			xe, dx := column(x, ra, a.index(e), f.rows)
			ye, dy := column(y, rb, b.index(e), f.rows)
			switch rel {
			case less: // nearly all comparisons of densities
				for i := range d {
					d[i] = bit(xe[i*dx] < ye[i*dy])
				}
			default:
				for i := range d {
					d[i] = bit(holds(rel, xe[i*dx], ye[i*dy]))
				}
			}
		}
	}
}

// column is element e of every sample and the distance from one sample to the next: 0 for a shared value.
func column[T any](x []T, r ref, e, rows int) ([]T, int) {
	if r.per {
		return x[e*rows : (e+1)*rows], 1
	}
	return x[e : e+1], 0
}

func columnSelect(c *planner, n *node) {
	p, a, b := c.read(n.in[0]), c.read(n.in[1]), c.read(n.in[2])
	c.push(instr{name: "select", reads: []*node{p.src, a.src, b.src}, writes: []*node{n},
		bind: func(at func(*node) ref) func(*frame) {
			if n.dtype.bytes() == 8 {
				return bindColumnSelect[uint64](at(n), at(p.src), at(a.src), at(b.src), p, a, b)
			}
			return bindColumnSelect[uint32](at(n), at(p.src), at(a.src), at(b.src), p, a, b)
		}})
}

func bindColumnSelect[T any](o, rp, ra, rb ref, p, a, b reading) func(*frame) {
	return func(f *frame) {
		dst, cond, x, y := vec[T](f, o), vec[int32](f, rp), vec[T](f, ra), vec[T](f, rb)
		for e := range o.size {
			d := dst[e*f.rows : (e+1)*f.rows]
			ce, dc := column(cond, rp, p.index(e), f.rows)
			xe, dx := column(x, ra, a.index(e), f.rows)
			ye, dy := column(y, rb, b.index(e), f.rows)
			for i := range d {
				if ce[i*dc] != 0 {
					d[i] = xe[i*dx]
				} else {
					d[i] = ye[i*dy]
				}
			}
		}
	}
}
