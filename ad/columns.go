package ad

import "slices"

// A program can keep the values of a block in either of two orders. By rows, the elements of a sample lie side
// by side: right for networks, whose samples are long. By columns, element e of every sample of the block lies
// side by side, [size, rows]: then vector code runs across samples, a number of each sample meets a vector of
// each sample without being copied, and slices and repeats are nothing but places to read from. That is right
// for densities, whose samples are a few numbers. An operation that can be compiled so has a columns rule.

// CompileColumns is [Compile] for programs of small samples: it keeps values column by column where every
// per-sample operation of the program can be, and compiles as Compile does where one cannot: loops, random
// numbers, sums over the batch, sorting, factorisations and products of two per-sample matrices. A row's value
// still depends on its inputs alone; it may differ from that of Compile by the order of sums.
func CompileColumns(f func(g *Graph)) (*Program, error) {
	var p *Program
	err := Try(func() {
		g := newGraph(nil)
		f(g)
		p = compile(g, true)
	})
	return p, err
}

// inColumns reports whether every per-sample value that is needed can be kept by columns.
func (c *planner) inColumns() bool {
	if len(c.block) > 1 {
		return false
	}
	for n := range c.users {
		if !c.columnForm(n) {
			return false
		}
	}
	for n := range c.outs {
		if !c.columnForm(n) {
			return false
		}
	}
	return true
}

func (c *planner) columnForm(n *node) bool {
	return n.shared || isAlias(n) || n.op == opInput || n.op.columns != nil && n.op.columns(n) != nil
}

// columnOp is a columns rule for an operation all of whose nodes have that form.
func columnOp(emit func(c *planner, n *node)) func(*node) func(*planner, *node) {
	return func(*node) func(*planner, *node) { return emit }
}

// reading is how an operation meets an operand: its element e is element at[e] of src, or e where at is nil.
type reading struct {
	src *node
	at  []int
}

// isView reports whether a node only reads its operand at other places.
func isView(n *node) bool { return n.op == opBroadcast || n.op == opSlice || n.op == opTranspose }

func viewOf(n *node) view {
	switch n.op {
	case opSlice:
		return sliceView(n)
	case opTranspose:
		return transposeView(n)
	}
	return broadcastView(n.in[0].shape, n.shape)
}

// indices lists the elements that a view reads.
func (v view) indices() []int {
	at := []int{v.offset}
	for i, d := range v.shape {
		next := make([]int, 0, len(at)*d)
		for _, from := range at {
			for k := range d {
				next = append(next, from+k*v.stride[i])
			}
		}
		at = next
	}
	return at
}

// read follows views to the value that they read.
func (c *planner) read(n *node) reading {
	var at []int
	for {
		switch {
		case isAlias(n):
			n = n.in[0]
		case isView(n) && !c.done[n]:
			from := viewOf(n).indices()
			if at == nil {
				at = from
			} else {
				for i, e := range at {
					at[i] = from[e]
				}
			}
			n = n.in[0]
		default:
			r := reading{c.use(n), at}
			if len(at) == n.size() && slices.IsSorted(at) && (len(at) == 0 || at[0] == 0 &&
				at[len(at)-1] == len(at)-1) {
				r.at = nil
			}
			return r
		}
	}
}

func (r reading) index(e int) int {
	if r.at == nil {
		return e
	}
	return r.at[e]
}

// inPlace reports whether a result of n's size may take the place of what is read.
func (r reading) inPlace(n *node) bool { return r.at == nil || r.src.size() != n.size() }

// run is a stretch of n elements of a result that meet stretches of per-sample operands, or one number of shared ones.
type run struct{ dst, a, b, n int }

// runs cuts the elements of a result as long as they can be. One operand: give it twice.
func runs(size int, a, b reading) []run {
	var out []run
	follows := func(r reading, last, next int) bool {
		if r.src.shared {
			return next == last
		}
		return next == last+1
	}
	for e := range size {
		ea, eb := a.index(e), b.index(e)
		if k := len(out) - 1; k >= 0 && follows(a, a.index(e-1), ea) && follows(b, b.index(e-1), eb) {
			out[k].n++
			continue
		}
		out = append(out, run{e, ea, eb, 1})
	}
	return out
}

// columnUnary compiles an elementwise function of one operand.
func columnUnary(name string, k unaryKernel) func(c *planner, n *node) {
	return func(c *planner, n *node) {
		x := c.read(n.in[0])
		c.push(instr{name: name, reads: []*node{x.src}, writes: []*node{n}, inplace: x.inPlace(n),
			bind: func(at func(*node) ref) func(*frame) {
				rs := runs(n.size(), x, x)
				if n.dtype == F64 {
					return bindColumnUnary(k.f64, at(n), at(x.src), rs)
				}
				return bindColumnUnary(k.f32, at(n), at(x.src), rs)
			}})
	}
}

// bindColumnUnary makes columns that repeat once, and copies them.
func bindColumnUnary[T any](k func(dst, x []T), o, r ref, rs []run) func(*frame) {
	ss := seriesOf(rs)
	if len(ss) == 1 && ss[0].times == 1 {
		from := ss[0].a
		return func(f *frame) {
			d := vec[T](f, o)
			k(d, vec[T](f, r)[from*f.rows:][:len(d)])
		}
	}
	return func(f *frame) {
		dst, x, rows := vec[T](f, o), vec[T](f, r), f.rows
		for _, s := range ss {
			wide := s.n * rows
			d := dst[s.dst*rows:][:s.times*wide]
			if s.nextA == 0 {
				k(d[:wide], x[s.a*rows:][:wide])
				for done := wide; done < len(d) && wide > 0; done *= 2 {
					copy(d[done:], d[:done])
				}
				continue
			}
			for t := range s.times {
				k(d[t*wide:(t+1)*wide], x[(s.a+t*s.nextA)*rows:][:wide])
			}
		}
	}
}
