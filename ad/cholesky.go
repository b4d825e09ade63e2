package ad

import (
	"math"
	"sync"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// Factorisations and solves of float64 matrices of blockedFrom rows or more go by blocks of nb, whose products are
// vector code: three quarters of the arithmetic of a factor of 400 rows. Blocks on the diagonal are inverted once, so
// that what stands beside them is a product too.
const (
	blockedFrom = 64
	nb          = 32
)

var workspace = sync.Pool{New: func() any { return new([]float64) }}

// borrow is n numbers, not cleared, until give.
func borrow(n int) *[]float64 {
	p := workspace.Get().(*[]float64)
	if cap(*p) < n {
		*p = make([]float64, n)
	}
	*p = (*p)[:n]
	return p
}

func give(p *[]float64) { workspace.Put(p) }

// negated copies −a, [m,n] with stride lda, densely.
func negated(dst, a []float64, lda, m, n int) {
	for i := range m {
		simd.Neg64(dst[i*n:(i+1)*n], a[i*lda:i*lda+n])
	}
}

// invertLower writes the inverse of the lower triangular b×b matrix l, densely, zeros above.
func invertLower(dst, l []float64, ld, b int) {
	clear(dst[:b*b])
	for j := range b {
		dst[j*b+j] = 1 / l[j*ld+j]
		for i := j + 1; i < b; i++ {
			s := 0.
			for k := j; k < i; k++ {
				s -= l[i*ld+k] * dst[k*b+j]
			}
			dst[i*b+j] = s / l[i*ld+i]
		}
	}
}

// choleskyBlocked factors the symmetric part of a [d,d]; NaN where it is not positive definite.
func choleskyBlocked(l, a []float64, d int) {
	for i := range d {
		for j := range i {
			l[i*d+j] = .5 * (a[i*d+j] + a[j*d+i])
		}
		l[i*d+i] = a[i*d+i]
		clear(l[i*d+i+1 : (i+1)*d])
	}
	w := borrow(nb*d + nb*nb + nb*d)
	defer give(w)
	neg, inv, panel := (*w)[:nb*d], (*w)[nb*d:nb*d+nb*nb], (*w)[nb*d+nb*nb:]
	for from := 0; from < d; from += nb {
		b := min(nb, d-from)
		if from > 0 { // what the columns before take off this block of columns
			negated(neg, l[from*d:], d, b, from)
			simd.GemmNT64(l[from*d+from:], d, l[from*d:], d, neg, from, d-from, b, from, true)
		}
		for i := range b { // the product wrote above the diagonal
			clear(l[(from+i)*d+from+i+1 : (from+i)*d+from+b])
		}
		diagonalFactor(l[from*d+from:], d, b)
		rest := d - from - b
		if rest == 0 {
			break
		}
		invertLower(inv, l[from*d+from:], d, b)
		below := l[(from+b)*d+from:]
		for at := 0; at < rest; at += d / 2 {
			m := min(d/2, rest-at)
			for i := range m {
				copy(panel[i*b:(i+1)*b], below[(at+i)*d:(at+i)*d+b])
			}
			simd.GemmNT64(below[at*d:], d, panel, b, inv, b, m, b, b, false)
		}
	}
}

// diagonalFactor factors a block in place.
func diagonalFactor(l []float64, ld, b int) {
	for i := range b {
		for j := range i + 1 {
			s := l[i*ld+j]
			for k := range j {
				s -= l[i*ld+k] * l[j*ld+k]
			}
			switch {
			case i != j:
				l[i*ld+j] = s / l[j*ld+j]
			case s > 0:
				l[i*ld+i] = math.Sqrt(s)
			default:
				l[i*ld+i] = math.NaN()
			}
		}
	}
}

// choleskyReverse writes the gradient in the symmetric A [d,d] from that in its factor L, g: the blocked algorithm of
// Murray (2016, arXiv:1602.07527, §3.2), of the arithmetic of two factorisations.
func choleskyReverse(out, l, g []float64, d int) {
	for i := range d {
		copy(out[i*d:i*d+i+1], g[i*d:i*d+i+1])
		clear(out[i*d+i+1 : (i+1)*d])
	}
	w := borrow(2*nb*nb + 3*nb*d)
	defer give(w)
	inv, dd, wide := (*w)[:nb*nb], (*w)[nb*nb:2*nb*nb], (*w)[2*nb*nb:]
	last := (d - 1) / nb * nb
	for from := last; from >= 0; from -= nb {
		b := min(nb, d-from)
		rest := d - from - b
		diag, cbar := out[from*d+from:], []float64(nil)
		if rest > 0 {
			cbar = out[(from+b)*d+from:]
			c := l[(from+b)*d+from:]
			invertLower(inv, l[from*d+from:], d, b)
			tmp := wide[:rest*b]
			for i := range rest {
				copy(tmp[i*b:(i+1)*b], cbar[i*d:i*d+b])
			}
			simd.GemmNN64(cbar, d, tmp, b, inv, b, rest, b, b, false) // C̄ ← C̄D⁻¹
			neg := wide[:rest*b]
			negated(neg, cbar, d, rest, b)
			if from > 0 {
				simd.GemmNN64(out[(from+b)*d:], d, neg, b, l[from*d:], d, rest, from, b, true) // B̄ −= C̄R
				simd.GemmTN64(out[from*d:], d, neg, b, l[(from+b)*d:], d, rest, from, b, true) // R̄ −= C̄ᵀB
			}
			simd.GemmTN64(dd, b, neg, b, c, d, rest, b, b, false) // D̄ −= tril(C̄ᵀC)
			for i := range b {
				for j := range i + 1 {
					diag[i*d+j] += dd[i*b+j]
				}
			}
		}
		diagonalReverse(diag, l[from*d+from:], d, b)
		if from > 0 { // R̄ −= (D̄+D̄ᵀ)R
			for i := range b {
				for j := range i + 1 {
					v := -diag[i*d+j]
					dd[i*b+j], dd[j*b+i] = v, v
				}
				dd[i*b+i] *= 2
			}
			simd.GemmNN64(out[from*d:], d, dd, b, l[from*d:], d, b, from, b, true)
		}
	}
	for i := range d {
		for j := range i {
			v := .5 * out[i*d+j]
			out[i*d+j], out[j*d+i] = v, v
		}
	}
}

// diagonalReverse is the reverse of diagonalFactor: g, lower, becomes the gradient in the lower triangle.
func diagonalReverse(g, l []float64, ld, b int) {
	for j := b - 1; j >= 0; j-- {
		d := l[j*ld+j]
		for i := j + 1; i < b; i++ {
			g[j*ld+j] -= l[i*ld+j] * g[i*ld+j] / d
		}
		for i := j; i < b; i++ {
			g[i*ld+j] /= d
		}
		for k := range j {
			s := g[j*ld+j] * l[j*ld+k]
			for i := j + 1; i < b; i++ {
				s += g[i*ld+j] * l[i*ld+k]
			}
			g[j*ld+k] -= s
		}
		for i := j + 1; i < b; i++ {
			c := g[i*ld+j]
			for k := range j {
				g[i*ld+k] -= c * l[j*ld+k]
			}
		}
		g[j*ld+j] *= .5
	}
}

// opCholeskyGrad is the gradient in A from (L, that in L), of large float64 matrices.
var opCholeskyGrad = &opDef{name: "cholesky_reverse", rowwise: true}

// choleskyGrad is sym(L⁻ᵀ Φ(Lᵀ L̄) L⁻¹), Φ the lower triangle with half its diagonal (Murray 2016).
func choleskyGrad(l, c Value) Value {
	p := Mul(mm(l, c, true, false), halfLower(l))
	s := solve(l, Transpose(solve(l, Transpose(p), true)), true)
	return Scale(Add(s, Transpose(s)), .5)
}

func init() {
	// With G the lower triangle of the second operand, N = LᵀG and S the result:
	opCholeskyGrad.vjp = func(n *node, c Value, need []bool) []Value {
		l, g, s := Value{n.in[0]}, Mul(Value{n.in[1]}, lower(Value{n.in[0]})), Value{n}
		c = Scale(Add(c, Transpose(c)), .5)
		// N̄ = Φ(L⁻¹CL⁻ᵀ), Ḡ = LN̄, L̄ = GN̄ᵀ − 2SCL⁻ᵀ
		nbar := Mul(solve(l, Transpose(solve(l, c, false)), false), halfLower(l))
		out := make([]Value, 2)
		if need[0] {
			back := Transpose(solve(l, Transpose(mm(s, c, false, false)), false))
			out[0] = Mul(Sub(mm(g, nbar, false, true), Scale(back, 2)), lower(l))
		}
		if need[1] {
			out[1] = Mul(mm(l, nbar, false, false), lower(l))
		}
		return out
	}
	opCholeskyGrad.jvp = func(n *node, t []Value) Value {
		// Ṡ = sym L⁻ᵀΦ(L̇ᵀG + LᵀĠ)L⁻¹ − W − Wᵀ, W = L⁻ᵀL̇ᵀS
		l, g, s := Value{n.in[0]}, Mul(Value{n.in[1]}, lower(Value{n.in[0]})), Value{n}
		var out, dn Value
		if !t[1].IsZero() {
			dn = mm(l, Mul(t[1], lower(l)), true, false)
		}
		if !t[0].IsZero() {
			dl := Mul(t[0], lower(l))
			dn = addOrZero(dn, mm(dl, g, true, false))
			w := solve(l, mm(dl, s, true, false), true)
			out = Neg(Add(w, Transpose(w)))
		}
		p := solve(l, Transpose(solve(l, Transpose(Mul(dn, halfLower(l))), true)), true)
		return addOrZero(out, Scale(Add(p, Transpose(p)), .5))
	}
	opCholeskyGrad.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return add(opCholeskyGrad, nil, append([]int{m}, n.shape...), n.dtype, repeatIf(in[0], !mapped[0], m),
			repeatIf(in[1], !mapped[1], m))
	}
	opCholeskyGrad.emit = func(c *planner, n *node) {
		l, g, d := c.use(n.in[0]), c.use(n.in[1]), n.shape[len(n.shape)-1]
		c.push(instr{name: opCholeskyGrad.name, reads: []*node{l, g}, writes: []*node{n},
			bind: func(at func(*node) ref) func(*frame) {
				o, rl, rg := at(n), at(l), at(g)
				return func(f *frame) {
					dst, ls, gs := vec[float64](f, o), vec[float64](f, rl), vec[float64](f, rg)
					size := n.size()
					for r := range f.rowsOf(o) {
						x, y, z := dst[r*size:(r+1)*size], rowOf(ls, r, size), rowOf(gs, r, size)
						for k := 0; k < size; k += d * d {
							choleskyReverse(x[k:k+d*d], y[k:k+d*d], z[k:k+d*d], d)
						}
					}
				}
			}})
	}
}
