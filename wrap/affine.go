package wrap

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/path"
)

// scales is what a prediction of one kind needs at one time, in the basis:
//
//	x̃ = in (y−centre),  ŷ = skip (y−centre) + out F + offset,  y = Qᵀ(x−μ).
type scales struct {
	all                           []float64 // the others, one behind the other
	in, skip, out, centre, offset []float64 // [D]
	feat                          []float64 // [1]
}

func newScales(d int) scales {
	all := make([]float64, 5*d+1)
	return scales{all, all[:d], all[d : 2*d], all[2*d : 3*d], all[3*d : 4*d], all[4*d : 5*d], all[5*d:]}
}

// basis is Q and what is done with it.
type basis struct {
	d     int
	q, qt []float64 // [D,D] and its transpose; nil for the identity
}

// turn carries n rows into the basis, dst = src·Q. The bits of a row do not depend on n.
func (b basis) turn(dst, src []float64, n int) { b.rotate(dst, src, n, b.q) }

// back is the inverse of turn, dst = src·Qᵀ.
func (b basis) back(dst, src []float64, n int) { b.rotate(dst, src, n, b.qt) }

func (b basis) rotate(dst, src []float64, n int, q []float64) {
	if q == nil {
		copy(dst, src)
		return
	}
	if n > 0 {
		simd.GemmNN64(dst, b.d, src, b.d, q, b.d, n, b.d, b.d, false)
	}
}

// affine are Rows of which every mode has numbers of its own.
type affine struct {
	basis
	mean   []float64                 // μ, nil for zero
	shift  bool                      // predictions count from μ: x0
	lo, hi float64                   // the span of the path
	fill   func(o scales, t float64) // writes the scales of a time
	runs   runs[scales]
	n      int
	y      []float64 // [n,D]
	a, b   []float64
	slopes []scales // of the runs; empty where they have not been asked for
	dt     ito.Times
}

// Enter implements Rows.
func (s *affine) Enter(in, feature []float64, x ito.States, t ito.Times, _ ito.Cond) error {
	d, n := s.d, x.N
	s.n, s.slopes = n, s.slopes[:0]
	s.y, s.a, s.b = resize(s.y, n*d), resize(s.a, n*d), resize(s.b, n*d)
	if err := s.runs.set(n, t, func() scales { return newScales(d) },
		func(o scales, t float64) error { s.fill(o, t); return nil }); err != nil {
		return err
	}
	copy(s.a, x.X)
	if s.mean != nil {
		for i := range n {
			for k, μ := range s.mean {
				s.a[i*d+k] -= μ
			}
		}
	}
	s.turn(s.y, s.a, n)
	for i := range n {
		o, at := s.runs.scalesOf(i), i*d
		for k := range d {
			s.a[at+k] = o.in[k] * (s.y[at+k] - o.centre[k])
		}
		feature[i] = o.feat[0]
	}
	s.back(in, s.a, n)
	return nil
}

// Leave implements Rows.
func (s *affine) Leave(dst ito.States, out []float64) {
	d, n := s.d, s.n
	s.turn(s.b, out, n)
	for i := range n {
		o, at := s.runs.scalesOf(i), i*d
		for k := range d {
			s.a[at+k] = float64(o.skip[k]*(s.y[at+k]-o.centre[k])) + float64(o.out[k]*s.b[at+k]) + o.offset[k]
		}
	}
	s.back(dst.X, s.a, n)
	if s.shift && s.mean != nil {
		for i := range n {
			for k, μ := range s.mean {
				dst.X[i*d+k] += μ
			}
		}
	}
}

// PullOut implements Rows. With P, R and N the diagonal skip, out and in scales, the cotangent w becomes
// Q(P + N QᵀJ_FᵀQ R)Qᵀw.
func (s *affine) PullOut(dout []float64, w ito.States) {
	d, n := s.d, s.n
	s.turn(s.y, w.X, n)
	for i := range n {
		o, at := s.runs.scalesOf(i), i*d
		for k := range d {
			s.a[at+k] = o.out[k] * s.y[at+k]
		}
	}
	s.back(dout, s.a, n)
}

// PullIn implements Rows.
func (s *affine) PullIn(dx ito.States, din []float64) {
	d, n := s.d, s.n
	s.turn(s.b, din, n)
	for i := range n {
		o, at := s.runs.scalesOf(i), i*d
		for k := range d {
			s.a[at+k] = float64(o.skip[k]*s.y[at+k]) + float64(o.in[k]*s.b[at+k])
		}
	}
	s.back(dx.X, s.a, n)
}

// PushIn implements Pusher: the tangent of x̃ goes out, what does not go through the network stays in s.b.
func (s *affine) PushIn(din, dfeature []float64, dx ito.States, dt ito.Times) (moves bool) {
	d, n := s.d, s.n
	s.dt = dt
	s.turn(s.b, dx.X, n)
	for i := range n {
		o, at, v := s.runs.scalesOf(i), i*d, dt.At(i)
		if v == 0 {
			dfeature[i] = 0
			for k := range d {
				s.a[at+k], s.b[at+k] = o.in[k]*s.b[at+k], o.skip[k]*s.b[at+k]
			}
			continue
		}
		moves = true
		slope := s.slope(i)
		dfeature[i] = slope.feat[0] * v
		for k := range d {
			y := s.y[at+k] - o.centre[k]
			dy := s.b[at+k] - float64(slope.centre[k]*v)
			s.a[at+k] = float64(o.in[k]*dy) + float64(slope.in[k]*v*y)
			s.b[at+k] = float64(o.skip[k]*dy) + v*(float64(slope.skip[k]*y)+slope.offset[k])
		}
	}
	s.back(din, s.a, n)
	return moves
}

// PushOut implements Pusher.
func (s *affine) PushOut(df ito.States, dout, out []float64) {
	d, n := s.d, s.n
	s.turn(s.a, dout, n)
	for i := range n {
		o, at := s.runs.scalesOf(i), i*d
		for k := range d {
			s.b[at+k] += float64(o.out[k] * s.a[at+k])
		}
	}
	if out != nil {
		s.turn(s.a, out, n)
		for i := range n {
			v := s.dt.At(i)
			if v == 0 {
				continue
			}
			slope := s.slope(i)
			for k := range d {
				s.b[i*d+k] += v * slope.out[k] * s.a[i*d+k]
			}
		}
	}
	s.back(df.X, s.b, n)
}

// slope is the derivative of every scale of row i along t.
func (s *affine) slope(i int) scales {
	for len(s.slopes) < s.runs.used {
		s.slopes = append(s.slopes, scales{})
	}
	o := &s.slopes[s.runs.at[i]]
	if o.all != nil {
		return *o
	}
	*o = newScales(s.d)
	node, t := newScales(s.d), s.runs.time(i)
	for j := range 5 {
		h, offset, weight := path.Stencil(t, s.lo, s.hi, j)
		if weight == 0 {
			continue
		}
		s.fill(node, t+offset*h)
		for i, v := range node.all {
			o.all[i] += float64(weight / h * v)
		}
	}
	return *o
}

// Over implements Tracer.
func (s *affine) Over() int { return s.d }

// Trace implements Tracer: tr(P) + tr(J_F Q N R Qᵀ).
func (s *affine) Trace(div []float64) {
	for i := range div {
		div[i] = 0
		for _, v := range s.runs.scalesOf(i).skip {
			div[i] += v
		}
	}
}

// Columns implements Tracer: those of Q N R Qᵀ.
func (s *affine) Columns(dst []float64, first, per int) {
	for i := range s.n {
		o := s.runs.scalesOf(i)
		for j := range per {
			s.column(dst[(i*per+j)*s.d:(i*per+j+1)*s.d], o, first+j)
		}
	}
}

func (s *affine) column(dst []float64, o scales, j int) {
	clear(dst)
	switch {
	case j >= len(dst):
	case s.q == nil:
		dst[j] = o.in[j] * o.out[j]
	default:
		d := len(dst)
		for k := range d {
			w := o.in[k] * o.out[k] * s.q[j*d+k]
			for i, v := range s.qt[k*d : (k+1)*d] {
				dst[i] += float64(w * v)
			}
		}
	}
}

// AddTrace implements Tracer.
func (s *affine) AddTrace(div, out []float64, first, per int) {
	d := s.d
	for i := range s.n {
		for j := range min(per, d-first) {
			div[i] += out[(i*per+j)*d+first+j]
		}
	}
}
