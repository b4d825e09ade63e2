package affine

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
)

// Applier carries out updates; it owns the scratch row that a basis needs.
type Applier struct {
	q, mean []float64
	row     []float64
}

// NewApplier is an applier of updates that were planned for the path. It is not safe for concurrent use.
func NewApplier(p ito.Path) Applier {
	switch p := p.(type) {
	case ito.Diagonal:
		return Applier{q: p.Basis(), mean: p.Mean()}
	case ito.Linear:
		return Applier{mean: p.Mean()}
	}
	return Applier{}
}

// blockSize is the number of values that an update of several passes, or updates in a row, take at a time: the next
// one then finds in the nearest cache what the one before has written.
const blockSize = 2048

// Apply writes the update of the inputs into dst, which may be the first of them. All have dst's shape.
func (a *Applier) Apply(u *Update, dst ito.States, in ...ito.States) {
	if len(in) == 1 || len(dst.X) <= blockSize {
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

func (a *Applier) block(u *Update, dst ito.States, in ...ito.States) {
	d, n := dst.D, len(u.Coef[0])
	switch {
	case n == 1 && u.shift == nil:
		flat(u, dst.X, in)
	case u.tile != nil:
		tiled(u, dst.X, in)
	case n == d:
		a.turned(u, dst, in)
	case d == 2:
		plane(u, dst.X, in)
	default:
		a.dense(u, dst, in)
	}
}

// flat is an update with one number for all.
func flat(u *Update, dst []float64, in []ito.States) {
	var x [maxInputs][]float64
	var c [maxInputs]float64
	for j := range in {
		x[j], c[j] = in[j].X, u.Coef[j][0]
	}
	simd.Combine64(dst, c[:len(in)], x[:len(in)])
}

// tiled is an update with a number for each coordinate.
func tiled(u *Update, dst []float64, in []ito.States) {
	for at := 0; at < len(dst); at += len(u.shiftTile) {
		to := dst[at:min(at+len(u.shiftTile), len(dst))]
		n := len(to)
		simd.MulAdd64(to, u.tile[0][:n], in[0].X[at:at+n], u.shiftTile[:n])
		for j := 1; j < len(in); j++ {
			simd.MulAdd64(to, u.tile[j][:n], in[j].X[at:at+n], to)
		}
	}
}

// turned is an update in the path's basis: x' = μ + Q (Σ c_j ⊙ Qᵀu_j + shift).
func (a *Applier) turned(u *Update, dst ito.States, in []ito.States) {
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
		for j, c := range u.Coef {
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
func (a *Applier) dense(u *Update, dst ito.States, in []ito.States) {
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
			for j, c := range u.Coef {
				for k, x := range in[j].X[r*d : (r+1)*d] {
					v += float64(c[i*d+k] * x)
				}
			}
			y[i] = v
		}
		copy(dst.X[r*d:(r+1)*d], y)
	}
}

// plane is dense in two dimensions.
func plane(u *Update, dst []float64, in []ito.States) {
	var s [2]float64
	if u.shift != nil {
		s = [2]float64(u.shift)
	}
	var x [maxInputs][]float64
	var c [maxInputs][4]float64
	for j := range in {
		x[j], c[j] = in[j].X, [4]float64(u.Coef[j])
	}
	simd.Plane64(dst, s, c[:len(in)], x[:len(in)])
}

// Buffer is a States that a stepper allocates once and lends for every step.
type Buffer struct{ s ito.States }

// Like returns the buffer with the shape and ids of x.
func (b *Buffer) Like(x ito.States) ito.States {
	if cap(b.s.X) < len(x.X) {
		b.s.X = make([]float64, len(x.X))
	}
	b.s.N, b.s.D, b.s.X, b.s.ID = x.N, x.D, b.s.X[:len(x.X)], x.ID
	return b.s
}

// Block returns the buffer as rows lo to hi of x: one place for every block.
func (b *Buffer) Block(x ito.States, lo, hi int) ito.States {
	n := (hi - lo) * x.D
	if len(b.s.X) < n {
		b.s.X = make([]float64, n)
	}
	return ito.States{N: hi - lo, D: x.D, X: b.s.X[:n:n], ID: x.ID[lo:hi:hi]}
}
