package ad

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

var (
	opLinearSolve = &opDef{name: "solve", rowwise: true}
	opEigh        = &opDef{name: "eigen_symmetric", rowwise: true}
	opExpm        = &opDef{name: "matrix_exp", rowwise: true}
)

// ofMatrix completes an operation of one float64 matrix in the last two axes, whose result has extra rows.
func ofMatrix(op *opDef, extra int, kernel func(dst, a []float64, d int)) {
	op.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return add(op, nil, append([]int{m}, n.shape...), n.dtype, in[0])
	}
	op.emit = func(c *planner, n *node) {
		x, d := c.use(n.in[0]), n.shape[len(n.shape)-1]
		c.push(instr{name: op.name, reads: []*node{x}, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
			o, r := at(n), at(x)
			return func(f *frame) {
				dst, src := vec[float64](f, o), vec[float64](f, r)
				for i, k := 0, 0; k < len(src); i, k = i+(d+extra)*d, k+d*d {
					kernel(dst[i:i+(d+extra)*d], src[k:k+d*d], d)
				}
			}
		}})
	}
}

func init() {
	opLinearSolve.vjp = func(n *node, c Value, need []bool) []Value {
		// X = A⁻¹B: B̄ = A⁻ᵀC, Ā = −B̄Xᵀ
		trans := n.attr.(bool)
		a, x := Value{n.in[0]}, Value{n}
		b := linearSolve(a, c, !trans)
		out := []Value{{}, b}
		if need[0] {
			if out[0] = Neg(mm(b, x, false, true)); trans {
				out[0] = Neg(mm(x, b, false, true))
			}
		}
		return out
	}
	opLinearSolve.jvp = func(n *node, t []Value) Value {
		trans := n.attr.(bool)
		a, x := Value{n.in[0]}, Value{n}
		r := t[1]
		if !t[0].IsZero() {
			r = addOrZero(r, Neg(mm(t[0], x, trans, false)))
		}
		return linearSolve(a, r, trans)
	}
	opLinearSolve.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return linearSolve(repeatIf(in[0], !mapped[0], m), repeatIf(in[1], !mapped[1], m), n.attr.(bool))
	}
	opLinearSolve.emit = func(c *planner, n *node) {
		a, b := c.use(n.in[0]), c.use(n.in[1])
		r := len(n.shape)
		s := solveSizes{sizeOf(n.shape[:r-2]), n.shape[r-2], n.shape[r-1], n.attr.(bool)}
		c.push(instr{name: "solve", reads: []*node{a, b}, writes: []*node{n},
			bind: func(at func(*node) ref) func(*frame) {
				o, ra, rb := at(n), at(a), at(b)
				return func(f *frame) {
					dst, as, bs := vec[float64](f, o), vec[float64](f, ra), vec[float64](f, rb)
					big, small := s.batches*s.d*s.d, s.batches*s.d*s.cols
					for r := range f.rowsOf(o) {
						x, l := dst[r*small:(r+1)*small], rowOf(as, r, big)
						copy(x, rowOf(bs, r, small))
						for i := range s.batches {
							eliminate(x[i*s.d*s.cols:(i+1)*s.d*s.cols], l[i*s.d*s.d:(i+1)*s.d*s.d], s)
						}
					}
				}
			}})
	}

	ofMatrix(opEigh, 1, eigenSymmetric)
	opEigh.vjp = func(n *node, c Value, need []bool) []Value {
		// Ā = V(diag λ̄ + F∘VᵀV̄)Vᵀ, F_ij = 1/(λ_j−λ_i); of the symmetric part
		_, v, f := eigenParts(Value{n})
		axis := c.Rank() - 2
		d := v.n.shape[axis]
		cv := Slice(c, axis, 1, d+1)
		inner := Add(Mul(identity(v), Slice(c, axis, 0, 1)), Mul(f, mm(v, cv, true, false)))
		s := mm(mm(v, inner, false, false), v, false, true)
		return []Value{Scale(Add(s, Transpose(s)), .5)}
	}
	opEigh.jvp = func(n *node, t []Value) Value {
		_, v, f := eigenParts(Value{n})
		a := Scale(Add(t[0], Transpose(t[0])), .5)
		m := mm(mm(v, a, true, false), v, false, false)
		axis := v.Rank() - 2
		values := Sum(Mul(m, identity(v)), axis)
		values = Reshape(values, slices.Insert(slices.Clone(values.Shape()), axis, 1)...)
		return Concat(axis, values, mm(v, Mul(f, m), false, false))
	}

	ofMatrix(opExpm, 0, matrixExp)
	// e^{[[A, T], [0, A]]} has the derivative of e^A along T as its upper right block.
	along := func(a, t Value) Value {
		axis := a.Rank() - 2
		d := a.n.shape[axis]
		top, bottom := Concat(axis+1, a, t), Concat(axis+1, Zeros(a), a)
		e := MatrixExp(Concat(axis, top, bottom))
		return Slice(Slice(e, axis, 0, d), axis+1, d, 2*d)
	}
	opExpm.vjp = func(n *node, c Value, need []bool) []Value { return []Value{along(Transpose(Value{n.in[0]}), c)} }
	opExpm.jvp = func(n *node, t []Value) Value { return along(Value{n.in[0]}, t[0]) }
}

// identity is that of the last two axes of v.
func identity(v Value) Value {
	d := v.n.shape[v.Rank()-1]
	m := make([]float64, d*d)
	for i := range d {
		m[i*d+i] = 1
	}
	return v.n.g.root.Const(v.n.dtype, m, d, d)
}

func matrixExp(dst, a []float64, d int) {
	for _, v := range a {
		if v-v != 0 {
			for i := range dst {
				dst[i] = math.NaN()
			}
			return
		}
	}
	var e mat.Dense
	e.Exp(mat.NewDense(d, d, slices.Clone(a)))
	copy(dst, e.RawMatrix().Data)
}

// eliminate solves A X = B or Aᵀ X = B in place, with pivots by rows. A singular A gives infinities or NaN.
func eliminate(x, a []float64, s solveSizes) {
	d, m := s.d, s.cols
	p := borrow(d * d)
	defer give(p)
	lu := *p
	copy(lu, a)
	if s.trans {
		for i := range d {
			for j := range d {
				lu[i*d+j] = a[j*d+i]
			}
		}
	}
	for i := range d {
		best := i
		for r := i + 1; r < d; r++ {
			if math.Abs(lu[r*d+i]) > math.Abs(lu[best*d+i]) {
				best = r
			}
		}
		if best != i {
			for k := range d {
				lu[i*d+k], lu[best*d+k] = lu[best*d+k], lu[i*d+k]
			}
			for k := range m {
				x[i*m+k], x[best*m+k] = x[best*m+k], x[i*m+k]
			}
		}
		pivot := lu[i*d+i]
		for r := i + 1; r < d; r++ {
			f := lu[r*d+i] / pivot
			if f == 0 {
				continue
			}
			row, top := lu[r*d+i+1:(r+1)*d], lu[i*d+i+1:(i+1)*d]
			for k, v := range top {
				row[k] -= f * v
			}
			for k, v := range x[i*m : (i+1)*m] {
				x[r*m+k] -= f * v
			}
		}
	}
	for i := d - 1; i >= 0; i-- {
		xi := x[i*m : (i+1)*m]
		for k := i + 1; k < d; k++ {
			c := lu[i*d+k]
			for j, v := range x[k*m : (k+1)*m] {
				xi[j] -= c * v
			}
		}
		for j := range xi {
			xi[j] /= lu[i*d+i]
		}
	}
}

func linearSolve(a, b Value, trans bool) Value {
	return add(opLinearSolve, trans, b.n.shape, b.n.dtype, a, b)
}

// Solve is X with A·X = B, A [B…, d, d] and B [B…, d, m] or a vector [d], by elimination with pivots; float64 only.
func Solve(a, b Value) Value {
	d := square64("solve", a)
	vector := b.Rank() == 1
	if vector {
		b = Reshape(b, b.Size(), 1)
	}
	r := b.Rank()
	if r < 2 || b.n.shape[r-2] != d || b.n.dtype != a.n.dtype {
		fail("solve", "%s does not fit the right-hand side %s", describe(a.n), describe(b.n))
	}
	lead, ok := broadcastShape(a.n.shape[:a.Rank()-2], b.n.shape[:r-2])
	if !ok {
		fail("solve", "the leading axes of %s and %s do not broadcast", describe(a.n), describe(b.n))
	}
	x := linearSolve(BroadcastTo(a, slices.Concat(lead, a.n.shape[a.Rank()-2:])...),
		BroadcastTo(b, slices.Concat(lead, b.n.shape[r-2:])...), false)
	if vector {
		return Reshape(x, d)
	}
	return x
}

// Inverse is A⁻¹ of square matrices in the last two axes.
func Inverse(a Value) Value {
	square64("inverse", a)
	return Solve(a, identity(a))
}

// MatrixExp is e^A of square matrices in the last two axes; float64 only.
func MatrixExp(a Value) Value {
	square64("matrix_exp", a)
	return add(opExpm, nil, a.n.shape, a.n.dtype, a)
}

func square64(op string, a Value) int {
	d := square(op, a)
	if a.n.dtype != F64 {
		fail(op, "needs float64, got %s", describe(a.n))
	}
	return d
}
