package ad

import "unsafe"

// columnBinary compiles an elementwise function of two operands, of which at most one is shared.
func columnBinary(k binaryKernels) func(c *planner, n *node) {
	return func(c *planner, n *node) {
		a, b := c.read(n.in[0]), c.read(n.in[1])
		c.push(instr{name: n.op.name, reads: []*node{a.src, b.src}, writes: []*node{n}, inplace: a.inPlace(n) &&
			b.inPlace(n),
			bind: func(at func(*node) ref) func(*frame) {
				switch n.in[0].dtype {
				case F32:
					return bindColumnBinary(k.f32, at(n), at(a.src), at(b.src), a, b)
				case F64:
					return bindColumnBinary(k.f64, at(n), at(a.src), at(b.src), a, b)
				}
				return bindColumnBinary(k.i32, at(n), at(a.src), at(b.src), a, b)
			}})
	}
}

// series is a run that is repeated, with every operand as far from one time to the next.
type series struct {
	run
	times        int
	nextA, nextB int // elements
}

// seriesOf joins runs of one length.
func seriesOf(rs []run) []series {
	var out []series
	for _, r := range rs {
		if k := len(out) - 1; k >= 0 && out[k].n == r.n {
			s := &out[k]
			da, db := (r.a-s.a)/s.times, (r.b-s.b)/s.times
			if s.times == 1 {
				s.nextA, s.nextB = da, db
			}
			if da == s.nextA && db == s.nextB && r.a == s.a+s.times*da && r.b == s.b+s.times*db {
				s.times++
				continue
			}
		}
		out = append(out, series{run: r, times: 1})
	}
	return out
}

// shortRows is the number of rows up to which many short runs cost more than one long one of operands that are
// first spread out; of a single row the runs of a series are one long run as they are.
const shortRows = 8

// columnCall is a series whose second operand is the shared one, or the one that repeats: flip says that it is the
// operation's first.
type columnCall[T any] struct {
	series
	k    binaryKernel[T]
	flip bool
}

func bindColumnBinary[T any](k binaryKernel[T], o, ra, rb ref, a, b reading) func(*frame) {
	var calls []columnCall[T]
	rs := runs(o.size, a, b)
	for _, s := range seriesOf(rs) {
		c := columnCall[T]{series: s, k: k, flip: !ra.per || rb.per && s.times > 1 && s.nextA == 0}
		if c.flip {
			c.k = k.swapped()
			c.a, c.b, c.nextA, c.nextB = s.b, s.a, s.nextB, s.nextA
		}
		calls = append(calls, c)
	}
	shared := !ra.per || !rb.per
	if len(calls) == 1 && calls[0].times == 1 {
		// By far the most, and all that a chain alone has time for.
		c := calls[0]
		x, y := ra, rb
		if c.flip {
			x, y = rb, ra
		}
		if shared {
			return func(f *frame) {
				d := vec[T](f, o)
				c.k.vs(d, vec[T](f, x)[c.a*f.rows:][:len(d)], vec[T](f, y)[c.b])
			}
		}
		return func(f *frame) {
			d := vec[T](f, o)
			c.k.vv(d, vec[T](f, x)[c.a*f.rows:][:len(d)], vec[T](f, y)[c.b*f.rows:][:len(d)])
		}
	}
	return func(f *frame) {
		dst, x, y, rows := vec[T](f, o), vec[T](f, ra), vec[T](f, rb), f.rows
		if rows <= shortRows && (len(calls) > 2 || rows > 1 && len(rs) > 2) {
			k.vv(dst, spreadOut(f, 0, x, ra, a, o.size), spreadOut(f, 1, y, rb, b, o.size))
			return
		}
		for i := range calls {
			c := &calls[i]
			d, x, y := dst[c.dst*rows:(c.dst+c.times*c.n)*rows], x, y
			if c.flip {
				x, y = y, x
			}
			if shared {
				c.withShared(d, x, y, rows)
			} else {
				c.ofColumns(d, x, y, rows)
			}
		}
	}
}

// withShared meets columns of x with one number each of the shared y.
func (c *columnCall[T]) withShared(dst, x, y []T, rows int) {
	wide := c.n * rows
	if c.times > 1 && c.nextA == c.n && c.nextB == 1 {
		x, y := x[c.a*rows:][:c.times*wide], y[c.b:c.b+c.times]
		switch {
		case wide == 1:
			c.k.vv(dst, x, y)
			return
		case c.k.perRow != nil:
			c.k.perRow(dst, x, y, c.times, wide)
			return
		}
	}
	for t := range c.times {
		c.k.vs(dst[t*wide:(t+1)*wide], x[(c.a+t*c.nextA)*rows:][:wide], y[c.b+t*c.nextB])
	}
}

// ofColumns meets columns of x with columns of y.
func (c *columnCall[T]) ofColumns(dst, x, y []T, rows int) {
	wide := c.n * rows
	if c.times > 1 && c.nextA == c.n && c.nextB == 0 {
		x, y := x[c.a*rows:][:c.times*wide], y[c.b*rows:][:wide]
		switch {
		case wide == 1:
			c.k.vs(dst, x, y[0])
			return
		case c.k.periodic != nil:
			c.k.periodic(dst, x, y, c.times, wide)
			return
		}
	}
	for t := range c.times {
		c.k.vv(dst[t*wide:(t+1)*wide], x[(c.a+t*c.nextA)*rows:][:wide], y[(c.b+t*c.nextB)*rows:][:wide])
	}
}

// spreadOut is an operand as elements [size, rows] of its own.
func spreadOut[T any](f *frame, slot int, x []T, r ref, from reading, size int) []T {
	rows := f.rows
	if from.at == nil && (r.per || rows == 1) {
		return x
	}
	var zero T
	if n := (size*rows*int(unsafe.Sizeof(zero)) + 7) / 8; len(f.spread[slot]) < n {
		f.spread[slot] = make([]uint64, n)
	}
	out := unsafe.Slice((*T)(unsafe.Pointer(&f.spread[slot][0])), size*rows)
	for e := range size {
		d, at := out[e*rows:(e+1)*rows], from.index(e)
		if r.per {
			copy(d, x[at*rows:(at+1)*rows])
			continue
		}
		for i := range d {
			d[i] = x[at]
		}
	}
	return out
}
