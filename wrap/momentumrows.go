package wrap

import "github.com/seed9a7962a8/ito"

// momentumRows are Rows of which every mode has a position and a velocity.
type momentumRows struct {
	*Momentum
	kind ito.Prediction
	runs runs[*momentumScales]
	n    int
	y, a []float64 // [n,2d]
	f    []float64 // [n,d]
}

// Rows implements Wrapping. They are a Tracer.
func (c *Momentum) Rows(kind ito.Prediction) Rows { return &momentumRows{Momentum: c, kind: kind} }

// Enter implements Rows.
func (s *momentumRows) Enter(in, feature []float64, x ito.States, t ito.Times, _ ito.Cond) error {
	d, n := s.d, x.N
	s.n = n
	s.y, s.a, s.f = resize(s.y, 2*n*d), resize(s.a, 2*n*d), resize(s.f, n*d)
	if err := s.runs.set(n, t, s.newScales, func(o *momentumScales,
		t float64) error {
		s.at(o, t, s.kind)
		return nil
	}); err != nil {
		return err
	}
	copy(s.a, x.X)
	for i := range n {
		for k, μ := range s.mean {
			s.a[2*i*d+k] -= μ
		}
	}
	s.turnHalves(s.y, s.a, n)
	for i := range n {
		o, y, a := s.runs.scalesOf(i), s.y[2*i*d:2*(i+1)*d], s.a[2*i*d:2*(i+1)*d]
		for k := range d {
			in := o.in[3*k : 3*k+3]
			x, v := y[k]-o.centre[2*k], y[d+k]-o.centre[2*k+1]
			a[k], a[d+k] = in[0]*x, float64(in[1]*x)+float64(in[2]*v)
		}
		feature[i] = o.feat[0]
	}
	s.backHalves(in, s.a, n)
	return nil
}

// Leave implements Rows.
func (s *momentumRows) Leave(dst ito.States, out []float64) {
	d, n := s.d, s.n
	s.turn(s.f, out, n)
	for i := range n {
		o, y, a := s.runs.scalesOf(i), s.y[2*i*d:2*(i+1)*d], s.a[2*i*d:2*(i+1)*d]
		for k := range d {
			p, F := o.skip[4*k:4*k+4], s.f[i*d+k]
			x, v := y[k]-o.centre[2*k], y[d+k]-o.centre[2*k+1]
			a[k] = float64(p[0]*x) + float64(p[1]*v) + float64(o.out[2*k]*F) + o.offset[2*k]
			a[d+k] = float64(p[2]*x) + float64(p[3]*v) + float64(o.out[2*k+1]*F) + o.offset[2*k+1]
		}
	}
	s.backHalves(dst.X, s.a, n)
}

// PullOut implements Rows.
func (s *momentumRows) PullOut(dout []float64, w ito.States) {
	d, n := s.d, s.n
	s.turnHalves(s.y, w.X, n)
	for i := range n {
		o, w := s.runs.scalesOf(i), s.y[2*i*d:2*(i+1)*d]
		for k := range d {
			s.f[i*d+k] = float64(o.out[2*k]*w[k]) + float64(o.out[2*k+1]*w[d+k])
		}
	}
	s.back(dout, s.f, n)
}

// PullIn implements Rows.
func (s *momentumRows) PullIn(dx ito.States, din []float64) {
	d, n := s.d, s.n
	s.turnHalves(s.a, din, n)
	for i := range n {
		o, w, a := s.runs.scalesOf(i), s.y[2*i*d:2*(i+1)*d], s.a[2*i*d:2*(i+1)*d]
		for k := range d {
			p, in := o.skip[4*k:4*k+4], o.in[3*k:3*k+3]
			gx, gv := a[k], a[d+k]
			a[k] = float64(p[0]*w[k]) + float64(p[2]*w[d+k]) + float64(in[0]*gx) + float64(in[1]*gv)
			a[d+k] = float64(p[1]*w[k]) + float64(p[3]*w[d+k]) + float64(in[2]*gv)
		}
	}
	s.backHalves(dx.X, s.a, n)
}

// Over implements Tracer.
func (s *momentumRows) Over() int { return s.d }

// Trace implements Tracer.
func (s *momentumRows) Trace(div []float64) {
	for i := range div {
		div[i] = 0
		for k := range s.d {
			div[i] += s.runs.scalesOf(i).skip[4*k] + s.runs.scalesOf(i).skip[4*k+3]
		}
	}
}

// Columns implements Tracer: those of N R, [2d,d] with N the scales of the input and R those of the output, in data
// coordinates.
func (s *momentumRows) Columns(dst []float64, first, per int) {
	for i := range s.n {
		for j := range per {
			at := (i*per + j) * 2 * s.d
			s.column(dst[at:at+2*s.d], s.runs.scalesOf(i), first+j)
		}
	}
}

func (s *momentumRows) column(dst []float64, o *momentumScales, j int) {
	clear(dst)
	d := s.d
	if j >= d {
		return
	}
	for k := range d {
		in, x, v := o.in[3*k:3*k+3], o.out[2*k], o.out[2*k+1]
		gx, gv := in[0]*x, float64(in[1]*x)+float64(in[2]*v)
		if s.q == nil {
			if k == j {
				dst[k], dst[d+k] = gx, gv
			}
			continue
		}
		w := s.q[j*d+k]
		for i, q := range s.qt[k*d : (k+1)*d] {
			dst[i] += float64(gx * w * q)
			dst[d+i] += float64(gv * w * q)
		}
	}
}

// AddTrace implements Tracer.
func (s *momentumRows) AddTrace(div, out []float64, first, per int) {
	for i := range s.n {
		for j := range min(per, s.d-first) {
			div[i] += out[(i*per+j)*s.d+first+j]
		}
	}
}
