package ad

// dualKernel computes a function and its derivative together, each to the bit as alone; bias32, where there is one,
// of x + bias.
type dualKernel struct {
	f32    func(y, d, x []float32)
	f64    func(y, d, x []float64)
	bias32 func(y, d, x, bias []float32, rows, cols int)
}

// withDual has a program that needs a function and its derivative grad at the same point make both in one pass.
func withDual(op, grad *opDef, k dualKernel) {
	op.emit = emitDual(op, grad, k)
	op.columns = columnOp(columnDual(op, grad, k))
}

// emitDual compiles a function; where its derivative at the same point is needed too, both come from one
// pass, and a bias that nothing else reads is added on the way.
func emitDual(op, grad *opDef, k dualKernel) func(c *planner, n *node) {
	plain := op.emit
	return func(c *planner, n *node) {
		d := c.sibling(n, grad)
		if d == nil {
			plain(c, n)
			return
		}
		c.done[d] = true
		if z := n.in[0]; c.skip[z] && !c.done[z] {
			x, b := c.use(z.in[0]), c.use(c.source(z.in[1]))
			c.push(instr{name: op.name + "+bias", reads: []*node{x, b}, writes: []*node{n, d},
				bind: func(at func(*node) ref) func(*frame) {
					y, dy, xr, br := at(n), at(d), at(x), at(b)
					size, cols := n.size(), b.size()
					return func(f *frame) {
						k.bias32(vec[float32](f, y), vec[float32](f, dy), vec[float32](f, xr), vec[float32](f, br),
							f.rows*size/cols, cols)
					}
				}})
			return
		}
		x := c.use(n.in[0])
		c.push(instr{name: op.name + "+grad", reads: []*node{x}, writes: []*node{n, d},
			bind: func(at func(*node) ref) func(*frame) {
				y, dy, xr := at(n), at(d), at(x)
				if n.dtype == F64 {
					return func(f *frame) { k.f64(vec[float64](f, y), vec[float64](f, dy), vec[float64](f, xr)) }
				}
				return func(f *frame) { k.f32(vec[float32](f, y), vec[float32](f, dy), vec[float32](f, xr)) }
			}})
	}
}

// columnDual is emitDual by columns, where a bias is met as any other operand.
func columnDual(op, grad *opDef, k dualKernel) func(c *planner, n *node) {
	plain := op.columns(nil)
	return func(c *planner, n *node) {
		d := c.sibling(n, grad)
		if d == nil {
			plain(c, n)
			return
		}
		c.done[d] = true
		x := c.read(n.in[0])
		c.push(instr{name: op.name + "+grad", reads: []*node{x.src}, writes: []*node{n, d},
			bind: func(at func(*node) ref) func(*frame) {
				rs := runs(n.size(), x, x)
				if n.dtype == F64 {
					return bindColumnDual(k.f64, at(n), at(d), at(x.src), rs)
				}
				return bindColumnDual(k.f32, at(n), at(d), at(x.src), rs)
			}})
	}
}

func bindColumnDual[T any](k func(y, d, x []T), o, od, r ref, rs []run) func(*frame) {
	return func(f *frame) {
		y, d, x, rows := vec[T](f, o), vec[T](f, od), vec[T](f, r), f.rows
		for _, s := range rs {
			from, to := s.dst*rows, (s.dst+s.n)*rows
			k(y[from:to], d[from:to], x[s.a*rows:(s.a+s.n)*rows])
		}
	}
}
