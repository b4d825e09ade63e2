package solve

import "github.com/seed9a7962a8/ito"

// applier carries out updates; it owns the scratch row that a basis needs.
type applier struct {
	q, mean []float64
	row     []float64
}

func newApplier(p ito.Path) applier {
	switch p := p.(type) {
	case ito.Diagonal:
		return applier{q: p.Basis(), mean: p.Mean()}
	case ito.Linear:
		return applier{mean: p.Mean()}
	}
	return applier{}
}

// blockSize is the number of values that an update of several passes, or updates in a row, take at a time: the next
// one then finds in the nearest cache what the one before has written.
const blockSize = 1024

// apply writes the update of the inputs into dst, which may be the first of them. All have dst's shape.
func (a *applier) apply(u *update, dst ito.States, in ...ito.States) {
	if len(in) <= 2 || len(dst.X) <= blockSize {
		a.block(u, dst, in...)
		return
	}
	step := max(1, blockSize/dst.D)
	var part [maxInputs]ito.States
	for lo := 0; lo < dst.N; lo += step {
		hi := min(lo+step, dst.N)
		for j, s := range in {
			part[j] = s.Slice(lo, hi)
		}
		a.block(u, dst.Slice(lo, hi), part[:len(in)]...)
	}
}

func (a *applier) block(u *update, dst ito.States, in ...ito.States) {
	d, n := dst.D, len(u.coef[0])
	switch {
	case n == 1 && u.shift == nil && len(in) == 1:
		scale(dst.X, in[0].X, u.coef[0][0])
	case n == 1 && u.shift == nil && len(in) == 2:
		two(dst.X, in[0].X, in[1].X, u.coef[0][0], u.coef[1][0])
	case n == 1 && u.shift == nil && len(in) == 3:
		three(dst.X, in[0].X, in[1].X, in[2].X, u.coef[0][0], u.coef[1][0], u.coef[2][0])
	case n == 1 && u.shift == nil && len(in) == 4:
		four(dst.X, in[0].X, in[1].X, in[2].X, in[3].X, u.coef[0][0], u.coef[1][0], u.coef[2][0], u.coef[3][0])
	case n == 1 && u.shift == nil:
		many(u, dst.X, in)
	case u.tile != nil:
		tiled(u, dst.X, in)
	case n == d:
		a.turned(u, dst, in)
	case d == 2 && len(in) == 4:
		plane4(u, dst.X, in)
	case d == 2:
		plane(u, dst.X, in)
	default:
		a.dense(u, dst, in)
	}
}

func scale(dst, x []float64, a float64) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = a * x[i]
	}
}

func two(dst, x, p []float64, a, b float64) {
	x, p = x[:len(dst)], p[:len(dst)]
	for i := range dst {
		dst[i] = float64(a*x[i]) + float64(b*p[i])
	}
}

func three(dst, x, p, q []float64, a, b, c float64) {
	x, p, q = x[:len(dst)], p[:len(dst)], q[:len(dst)]
	for i := range dst {
		dst[i] = float64(a*x[i]) + float64(b*p[i]) + float64(c*q[i])
	}
}

func four(dst, x, p, q, r []float64, a, b, c, e float64) {
	x, p, q, r = x[:len(dst)], p[:len(dst)], q[:len(dst)], r[:len(dst)]
	for i := range dst {
		dst[i] = float64(a*x[i]) + float64(b*p[i]) + float64(c*q[i]) + float64(e*r[i])
	}
}

// many is an update of five inputs or more: four, then the others by threes. dst may be the first input,
// and no other.
func many(u *update, dst []float64, in []ito.States) {
	c := func(j int) float64 { return u.coef[j][0] }
	four(dst, in[0].X, in[1].X, in[2].X, in[3].X, c(0), c(1), c(2), c(3))
	for j := 4; j < len(in); {
		switch len(in) - j {
		case 1:
			two(dst, dst, in[j].X, 1, c(j))
		case 2:
			three(dst, dst, in[j].X, in[j+1].X, 1, c(j), c(j+1))
		default:
			four(dst, dst, in[j].X, in[j+1].X, in[j+2].X, 1, c(j), c(j+1), c(j+2))
		}
		j += 3
	}
}

// tiled is an update with a number for each coordinate, three inputs a pass. dst may be the first input, and no
// other.
func tiled(u *update, dst []float64, in []ito.States) {
	for j := 0; j < len(in); j += 3 {
		more := in[j:min(j+3, len(in))]
		for at := 0; at < len(dst); at += len(u.shiftTile) {
			to := dst[at:min(at+len(u.shiftTile), len(dst))]
			from := to
			if j == 0 {
				from = u.shiftTile
			}
			n := len(to)
			from = from[:n]
			a, A := more[0].X[at:at+n], u.tile[j][:n]
			switch len(more) {
			case 1:
				for i := range to {
					to[i] = from[i] + float64(A[i]*a[i])
				}
			case 2:
				b, B := more[1].X[at:at+n], u.tile[j+1][:n]
				for i := range to {
					to[i] = from[i] + float64(A[i]*a[i]) + float64(B[i]*b[i])
				}
			default:
				b, B, c, C := more[1].X[at:at+n], u.tile[j+1][:n], more[2].X[at:at+n], u.tile[j+2][:n]
				for i := range to {
					to[i] = from[i] + float64(A[i]*a[i]) + float64(B[i]*b[i]) + float64(C[i]*c[i])
				}
			}
		}
	}
}

// turned is an update in the path's basis: x' = μ + Q (Σ c_j ⊙ Qᵀu_j + shift).
func (a *applier) turned(u *update, dst ito.States, in []ito.States) {
	d := dst.D
	if len(a.row) < 2*d {
		a.row = make([]float64, 2*d)
	}
	w, y := a.row[:d], a.row[d:2*d]
	for r := range dst.N {
		if u.shift != nil {
			copy(y, u.shift)
		} else {
			clear(y)
		}
		for j, c := range u.coef {
			clear(w)
			for i, v := range in[j].X[r*d : (r+1)*d] {
				for k, q := range a.q[i*d : (i+1)*d] {
					w[k] += float64(q * v)
				}
			}
			for k, v := range w {
				y[k] += float64(c[k] * v)
			}
		}
		for i := range d {
			v := 0.0
			for k, q := range a.q[i*d : (i+1)*d] {
				v += float64(q * y[k])
			}
			if a.mean != nil && !u.vector {
				v += a.mean[i]
			}
			dst.X[r*d+i] = v
		}
	}
}

// dense is an update with a matrix for each input.
func (a *applier) dense(u *update, dst ito.States, in []ito.States) {
	d := dst.D
	if len(a.row) < d {
		a.row = make([]float64, d)
	}
	y := a.row[:d]
	for r := range dst.N {
		for i := range d {
			v := 0.0
			if u.shift != nil {
				v = u.shift[i]
			}
			for j, c := range u.coef {
				for k, x := range in[j].X[r*d : (r+1)*d] {
					v += float64(c[i*d+k] * x)
				}
			}
			y[i] = v
		}
		copy(dst.X[r*d:(r+1)*d], y)
	}
}

// plane is dense in two dimensions, two inputs a pass. dst may be the first input, and no other.
func plane(u *update, dst []float64, in []ito.States) {
	var s [2]float64
	if u.shift != nil {
		s = [2]float64(u.shift)
	}
	for j := 0; j < len(in); j += 2 {
		a, b := in[j].X[:len(dst)], in[j].X[:len(dst)]
		m, n := [4]float64(u.coef[j]), [4]float64{}
		if j+1 < len(in) {
			b, n = in[j+1].X[:len(dst)], [4]float64(u.coef[j+1])
		}
		for i := 0; i+1 < len(dst); i += 2 {
			if j > 0 {
				s = [2]float64{dst[i], dst[i+1]}
			}
			a0, a1, b0, b1 := a[i], a[i+1], b[i], b[i+1]
			dst[i] = s[0] + float64(m[0]*a0) + float64(m[1]*a1) + float64(n[0]*b0) + float64(n[1]*b1)
			dst[i+1] = s[1] + float64(m[2]*a0) + float64(m[3]*a1) + float64(n[2]*b0) + float64(n[3]*b1)
		}
	}
}

// plane4 is plane for four inputs, in one pass.
func plane4(u *update, dst []float64, in []ito.States) {
	var s [2]float64
	if u.shift != nil {
		s = [2]float64(u.shift)
	}
	n := len(dst)
	a, b, c, e := in[0].X[:n], in[1].X[:n], in[2].X[:n], in[3].X[:n]
	A, B, C, E := [4]float64(u.coef[0]), [4]float64(u.coef[1]), [4]float64(u.coef[2]), [4]float64(u.coef[3])
	for i := 0; i < n-1; i += 2 {
		a0, a1, b0, b1, c0, c1, e0, e1 := a[i], a[i+1], b[i], b[i+1], c[i], c[i+1], e[i], e[i+1]
		x := s[0] + float64(A[0]*a0) + float64(A[1]*a1) + float64(B[0]*b0) + float64(B[1]*b1)
		y := s[1] + float64(A[2]*a0) + float64(A[3]*a1) + float64(B[2]*b0) + float64(B[3]*b1)
		x += float64(C[0]*c0) + float64(C[1]*c1) + float64(E[0]*e0) + float64(E[1]*e1)
		y += float64(C[2]*c0) + float64(C[3]*c1) + float64(E[2]*e0) + float64(E[3]*e1)
		dst[i], dst[i+1] = x, y
	}
}

// buffer is a States that a stepper allocates once and lends for every step.
type buffer struct{ s ito.States }

// like returns the buffer with the shape and ids of x.
func (b *buffer) like(x ito.States) ito.States {
	if len(b.s.X) != len(x.X) {
		b.s.X = make([]float64, len(x.X))
	}
	b.s.N, b.s.D, b.s.ID = x.N, x.D, x.ID
	return b.s
}
