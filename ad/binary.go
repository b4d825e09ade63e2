package ad

import "unsafe"

// binaryKernel computes an elementwise function of two operands: vector-vector, vector-scalar, scalar-vector and,
// where there is vector code for it, rows of a with a number of s for each and rows of a with one row p for all.
// The forms whose names say so have the operands in the other order.
type binaryKernel[T any] struct {
	vv              func(dst, a, b []T)
	vs              func(dst, a []T, s T)
	sv              func(dst, a []T, s T) // the scalar is the first operand
	perRow          func(dst, a, s []T, rows, cols int)
	perRowSwapped   func(dst, a, s []T, rows, cols int)
	periodic        func(dst, a, p []T, rows, cols int)
	periodicSwapped func(dst, a, p []T, rows, cols int)
}

// swapped is the same function of its operands in the other order.
func (k binaryKernel[T]) swapped() binaryKernel[T] {
	vv := k.vv
	return binaryKernel[T]{func(dst, a, b []T) { vv(dst, b, a) }, k.sv, k.vs, k.perRowSwapped, k.perRow,
		k.periodicSwapped, k.periodic}
}

type binaryKernels struct {
	f32 binaryKernel[float32]
	f64 binaryKernel[float64]
	i32 binaryKernel[int32]
}

// scalarBinary makes the three forms of a function that has no vector code.
func scalarBinary[T any](f func(a, b T) T) binaryKernel[T] {
	return binaryKernel[T]{
		vv: func(dst, a, b []T) {
			for i, x := range a {
				dst[i] = f(x, b[i])
			}
		},
		vs: func(dst, a []T, s T) {
			for i, x := range a {
				dst[i] = f(x, s)
			}
		},
		sv: func(dst, a []T, s T) {
			for i, x := range a {
				dst[i] = f(s, x)
			}
		},
	}
}

// newBinary registers an elementwise function of two operands by its kernels and its partial derivatives,
// programs of a, b and y; a partial that returns the zero Value is zero.
func newBinary(name string, k binaryKernels, da, db func(a, b, y Value) Value) *opDef {
	op := &opDef{name: name, rowwise: true, lift: liftElementwise}
	partial := func(n *node, i int) Value {
		d := da
		if i == 1 {
			d = db
		}
		if d == nil {
			return Value{}
		}
		return d(Value{n.in[0]}, Value{n.in[1]}, Value{n})
	}
	op.vjp = func(n *node, c Value, need []bool) []Value {
		out := make([]Value, 2)
		for i := range out {
			if need[i] {
				out[i] = mulOrZero(c, partial(n, i))
			}
		}
		return out
	}
	op.jvp = func(n *node, t []Value) Value {
		var s Value
		for i := range t {
			if !t[i].IsZero() {
				s = addOrZero(s, mulOrZero(t[i], partial(n, i)))
			}
		}
		return s
	}
	op.emit = func(c *planner, n *node) { emitBinary(c, n, k) }
	op.columns = columnOp(columnBinary(k))
	return op
}

func emitBinary(c *planner, n *node, k binaryKernels) {
	b := c.operand(n.in[1], n, true)
	a := c.operand(n.in[0], n, !b.scalar)
	c.push(instr{name: n.op.name, reads: []*node{a.n, b.n}, writes: []*node{n}, inplace: true,
		tiny: func(at func(*node) ref) tiny {
			if n.in[0].dtype != F64 {
				return tiny{}
			}
			return tinyBinaryOf(n.op, k.f64, at(n), at(a.n), at(b.n), a, b)
		},
		bind: func(at func(*node) ref) func(*frame) {
			switch n.in[0].dtype {
			case F32:
				return bindBinary(k.f32, at(n), at(a.n), at(b.n), a, b)
			case F64:
				return bindBinary(k.f64, at(n), at(a.n), at(b.n), a, b)
			}
			return bindBinary(k.i32, at(n), at(a.n), at(b.n), a, b)
		}})
}

// bindBinary picks the form of the kernel: full vectors, a scalar, or a shared row that every row of the batch meets.
func bindBinary[T any](k binaryKernel[T], o, ra, rb ref, a, b operand) func(*frame) {
	switch {
	case b.scalar:
		return func(f *frame) { k.vs(vec[T](f, o), vec[T](f, ra), vec[T](f, rb)[0]) }
	case a.scalar:
		return func(f *frame) { k.sv(vec[T](f, o), vec[T](f, rb), vec[T](f, ra)[0]) }
	case a.period > 0:
		return func(f *frame) {
			periodic(f, vec[T](f, ra), vec[T](f, o), vec[T](f, rb), k.vv)
		}
	case b.period > 0:
		return func(f *frame) {
			periodic(f, vec[T](f, rb), vec[T](f, o), vec[T](f, ra), func(dst, row, x []T) { k.vv(dst, x, row) })
		}
	}
	return func(f *frame) { k.vv(vec[T](f, o), vec[T](f, ra), vec[T](f, rb)) }
}

// periodic meets the repeated row with one stretch of x after another. A short row is first repeated, so that
// the vector code has something to chew on; elementwise results do not change by that.
func periodic[T any](f *frame, row, dst, x []T, op func(dst, row, x []T)) {
	p := len(row)
	if p == 0 {
		return
	}
	if p < len(f.tile)/4 && len(dst) > p {
		tile := unsafe.Slice((*T)(unsafe.Pointer(&f.tile)), len(f.tile))
		n := min(len(f.tile)/p*p, len(dst))
		for i := 0; i < n; i += p {
			copy(tile[i:n], row)
		}
		row, p = tile[:n], n
	}
	for i := 0; i < len(dst); i += p {
		n := min(p, len(dst)-i)
		op(dst[i:i+n], row[:n], x[i:i+n])
	}
}
