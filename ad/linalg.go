package ad

import (
	"math"
	"slices"
)

var (
	opCholesky = &opDef{name: "cholesky", rowwise: true}
	opSolve    = &opDef{name: "triangular_solve", rowwise: true}
)

func init() {
	opCholesky.vjp = func(n *node, c Value, need []bool) []Value {
		if l := (Value{n}); n.dtype == F64 && n.shape[len(n.shape)-1] >= blockedFrom {
			return []Value{add(opCholeskyGrad, nil, n.shape, n.dtype, l, c)}
		}
		return []Value{choleskyGrad(Value{n}, c)}
	}
	opCholesky.jvp = func(n *node, t []Value) Value {
		// L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ).
		l := Value{n}
		a := Scale(Add(t[0], Transpose(t[0])), .5)
		p := solve(l, Transpose(solve(l, a, false)), false)
		return mm(l, Mul(p, halfLower(l)), false, false)
	}
	opCholesky.lift = func(n *node, in []Value, mapped []bool, m int) Value { return Cholesky(in[0]) }
	opCholesky.emit = func(c *planner, n *node) {
		x, d := c.use(n.in[0]), n.shape[len(n.shape)-1]
		c.push(instr{name: "cholesky", reads: []*node{x}, writes: []*node{n}, bind: func(at func(*node) ref) func(
			*frame) {
			o, r := at(n), at(x)
			if n.dtype == F64 {
				return func(f *frame) { choleskyAll(vec[float64](f, o), vec[float64](f, r), d) }
			}
			return func(f *frame) { choleskyAll(vec[float32](f, o), vec[float32](f, r), d) }
		}})
	}

	opSolve.vjp = func(n *node, c Value, need []bool) []Value {
		trans := n.attr.(bool)
		l, x := Value{n.in[0]}, Value{n}
		b := solve(l, c, !trans)
		out := []Value{{}, b}
		if need[0] {
			g := mm(b, x, false, true)
			if trans {
				g = mm(x, b, false, true)
			}
			out[0] = Neg(Mul(g, lower(l)))
		}
		return out
	}
	opSolve.jvp = func(n *node, t []Value) Value {
		trans := n.attr.(bool)
		l, x := Value{n.in[0]}, Value{n}
		r := t[1]
		if !t[0].IsZero() {
			d := Neg(mm(Mul(t[0], lower(l)), x, trans, false))
			r = addOrZero(r, d)
		}
		return solve(l, r, trans)
	}
	opSolve.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return solve(repeatIf(in[0], !mapped[0], m), repeatIf(in[1], !mapped[1], m), n.attr.(bool))
	}
	opSolve.emit = func(c *planner, n *node) {
		l, b := c.use(n.in[0]), c.use(n.in[1])
		r := len(n.shape)
		s := solveSizes{sizeOf(n.shape[:r-2]), n.shape[r-2], n.shape[r-1], n.attr.(bool)}
		c.push(instr{name: "triangular_solve", reads: []*node{l, b}, writes: []*node{n},
			bind: func(at func(*node) ref) func(*frame) {
				o, rl, rb := at(n), at(l), at(b)
				if n.dtype == F64 {
					return func(f *frame) { solveAll[float64](f, o, rl, rb, s) }
				}
				return func(f *frame) { solveAll[float32](f, o, rl, rb, s) }
			}})
	}
}

// lower is the constant mask of the lower triangle, halfLower the same with ½ on the diagonal.
func lower(l Value) Value     { return triangle(l, 1) }
func halfLower(l Value) Value { return triangle(l, .5) }

func triangle(l Value, diag float64) Value {
	d := l.n.shape[l.Rank()-1]
	m := make([]float64, d*d)
	for i := range d {
		for j := range i {
			m[i*d+j] = 1
		}
		m[i*d+i] = diag
	}
	return l.n.g.root.Const(l.n.dtype, m, d, d)
}

// choleskyAll factors matrix after matrix. One that is not positive definite becomes NaN.
func choleskyAll[T float32 | float64](dst, src []T, d int) {
	for at := 0; at < len(dst); at += d * d {
		l, a := dst[at:at+d*d], src[at:at+d*d]
		if l64, ok := any(l).([]float64); ok && d >= blockedFrom {
			choleskyBlocked(l64, any(a).([]float64), d)
			continue
		}
		for i := range d {
			for j := range d {
				if j > i {
					l[i*d+j] = 0
					continue
				}
				s := .5 * (a[i*d+j] + a[j*d+i])
				for k := range j {
					s -= l[i*d+k] * l[j*d+k]
				}
				if i == j {
					if !(s > 0) {
						s = T(math.NaN())
					}
					l[i*d+i] = T(math.Sqrt(float64(s)))
				} else {
					l[i*d+j] = s / l[j*d+j]
				}
			}
		}
	}
}

type solveSizes struct {
	batches, d, cols int
	trans            bool
}

func solveAll[T float32 | float64](f *frame, o, rl, rb ref, s solveSizes) {
	dst, ls, bs := vec[T](f, o), vec[T](f, rl), vec[T](f, rb)
	for r := range f.rowsOf(o) {
		l, b := rowOf(ls, r, s.batches*s.d*s.d), rowOf(bs, r, s.batches*s.d*s.cols)
		x := dst[r*s.batches*s.d*s.cols:][:s.batches*s.d*s.cols]
		copy(x, b)
		for i := range s.batches {
			solveOne(x[i*s.d*s.cols:(i+1)*s.d*s.cols], l[i*s.d*s.d:(i+1)*s.d*s.d], s)
		}
	}
}

// solveOne solves L x = b or Lᵀ x = b in place, by substitution.
func solveOne[T float32 | float64](x, l []T, s solveSizes) {
	d, m := s.d, s.cols
	if x64, ok := any(x).([]float64); ok && d >= blockedFrom {
		solveBlocked(x64, any(l).([]float64), d, m, s.trans)
		return
	}
	for step := range d {
		i := step
		if s.trans {
			i = d - 1 - step
		}
		xi := x[i*m : (i+1)*m]
		for k := range d {
			if (!s.trans && k >= i) || (s.trans && k <= i) {
				continue
			}
			c := l[i*d+k]
			if s.trans {
				c = l[k*d+i]
			}
			for j, v := range x[k*m : (k+1)*m] {
				xi[j] -= c * v
			}
		}
		for j := range xi {
			xi[j] /= l[i*d+i]
		}
	}
}

func square(op string, a Value) int {
	r := a.Rank()
	if r < 2 || a.n.shape[r-1] != a.n.shape[r-2] || !a.n.dtype.Float() {
		fail(op, "needs square float matrices, got %s", describe(a.n))
	}
	return a.n.shape[r-1]
}

// Cholesky is the lower triangular L with L·Lᵀ = A of the symmetric part of the last two axes. A matrix
// that is not positive definite gives NaN.
func Cholesky(a Value) Value {
	square("cholesky", a)
	return add(opCholesky, nil, a.n.shape, a.n.dtype, a)
}

func solve(l, b Value, trans bool) Value {
	return add(opSolve, trans, b.n.shape, b.n.dtype, l, b)
}

// TriangularSolve solves L·X = B, or Lᵀ·X = B when trans, for lower triangular L [B…, d, d] and B [B…, d, m],
// or a vector B [d]. What stands above the diagonal of L is not read.
func TriangularSolve(l, b Value, trans bool) Value {
	d := square("triangular_solve", l)
	vector := b.Rank() == 1
	if vector {
		b = Reshape(b, b.Size(), 1)
	}
	r := b.Rank()
	if r < 2 || b.n.shape[r-2] != d || b.n.dtype != l.n.dtype {
		fail("triangular_solve", "%s does not fit the right-hand side %s", describe(l.n), describe(b.n))
	}
	lead, ok := broadcastShape(l.n.shape[:l.Rank()-2], b.n.shape[:r-2])
	if !ok {
		fail("triangular_solve", "the leading axes of %s and %s do not broadcast", describe(l.n), describe(b.n))
	}
	l = BroadcastTo(l, slices.Concat(lead, l.n.shape[l.Rank()-2:])...)
	b = BroadcastTo(b, slices.Concat(lead, b.n.shape[r-2:])...)
	x := solve(l, b, trans)
	if vector {
		return Reshape(x, d)
	}
	return x
}

// LogDet is log det A = 2 Σ log L_ii of symmetric positive definite matrices.
func LogDet(a Value) Value { return Scale(Sum(Log(Diag(Cholesky(a))), -1), 2) }
