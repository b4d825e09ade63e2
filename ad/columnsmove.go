package ad

import "github.com/seed9a7962a8/ito/internal/simd"

// columnCopy writes element to[i] of n from element from[i] of x, for results of which nothing else is
// written: the rest is zero where zero is set.
func columnCopy(c *planner, n *node, parts []reading, to [][]int, zero bool) {
	reads := make([]*node, len(parts))
	moves := make([][]run, len(parts))
	for i, p := range parts {
		reads[i] = p.src
		for j, e := range to[i] {
			from := p.index(j)
			if k := len(moves[i]) - 1; k >= 0 && e == moves[i][k].dst+moves[i][k].n && !p.src.shared &&
				from == moves[i][k].a+moves[i][k].n {
				moves[i][k].n++
				continue
			}
			moves[i] = append(moves[i], run{dst: e, a: from, n: 1})
		}
	}
	c.push(instr{name: n.op.name, reads: reads, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
		from := make([]ref, len(reads))
		for i, r := range reads {
			from[i] = at(r)
		}
		if n.dtype.bytes() == 8 {
			return bindColumnCopy[uint64](at(n), from, moves, zero)
		}
		return bindColumnCopy[uint32](at(n), from, moves, zero)
	}})
}

func bindColumnCopy[T any](o ref, from []ref, moves [][]run, zero bool) func(*frame) {
	return func(f *frame) {
		dst, rows := vec[T](f, o), f.rows
		if zero {
			clear(dst)
		}
		for i, r := range from {
			x := vec[T](f, r)
			for _, m := range moves[i] {
				d := dst[m.dst*rows : (m.dst+m.n)*rows]
				if r.per {
					copy(d, x[m.a*rows:])
					continue
				}
				for j := range d {
					d[j] = x[m.a]
				}
			}
		}
	}
}

// columnView makes the value of a view that something other than an elementwise operation reads.
func columnView(c *planner, n *node) {
	c.done[n] = false // so that the reading goes through n itself
	r := c.read(n)
	c.done[n] = true
	columnCopy(c, n, []reading{r}, [][]int{upTo(n.size())}, false)
}

func upTo(n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	return at
}

func columnPad(c *planner, n *node) {
	columnCopy(c, n, []reading{c.read(n.in[0])}, [][]int{padView(n).indices()}, true)
}

func columnConcat(c *planner, n *node) {
	axis := n.attr.(int)
	inner, outer, width := sizeOf(n.shape[axis+1:]), sizeOf(n.shape[:axis]), sizeOf(n.shape[axis:])
	parts, to := make([]reading, len(n.in)), make([][]int, len(n.in))
	from := 0
	for i, m := range n.in {
		parts[i] = c.read(m)
		w := m.shape[axis] * inner
		for o := range outer {
			for j := range w {
				to[i] = append(to[i], o*width+from+j)
			}
		}
		from += w
	}
	columnCopy(c, n, parts, to, false)
}

// columnInput brings an input of more than one element into columns.
func columnInput(c *planner, n *node) {
	user := ref{base: baseUser + n.attr.(int), size: n.size(), per: true, whole: true}
	c.push(instr{name: "load", writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
		o, size := at(n), n.size()
		if n.dtype.bytes() == 8 {
			return func(f *frame) {
				simd.Transpose64(vec[float64](f, o), f.rows, vec[float64](f, user), size, f.rows, size)
			}
		}
		return func(f *frame) {
			simd.Transpose32(vec[float32](f, o), f.rows, vec[float32](f, user), size, f.rows, size)
		}
	}})
}

// storeColumns brings an output of more than one element back into rows.
func storeColumns(f *frame, to, from ref, bytes int) {
	if bytes == 8 {
		simd.Transpose64(vec[float64](f, to), to.size, vec[float64](f, from), f.rows, to.size, f.rows)
		return
	}
	simd.Transpose32(vec[float32](f, to), to.size, vec[float32](f, from), f.rows, to.size, f.rows)
}
