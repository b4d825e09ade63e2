package wrap

import (
	"github.com/seed9a7962a8/ito"
)

// Published is the wrapping of a network as it was published: its input, label and prediction are those of a [Scaling].
type Published struct {
	path    ito.Diagonal
	d       int
	scaling Scaling
}

// NewPublished is the wrapping by s of a network on rows of dimension d.
func NewPublished(p ito.Diagonal, d int, s Scaling) (*Published, error) {
	if _, err := NewPreconditioning(p, s, ito.PredX0); err != nil {
		return nil, err
	}
	return &Published{p, d, s}, nil
}

// Kind implements Wrapping.
func (*Published) Kind() string { return "published" }

// Path implements Wrapping.
func (c *Published) Path() ito.Path { return c.path }

// Moments implements Wrapping: there are none.
func (*Published) Moments() ito.Gaussian { return ito.Gaussian{} }

// Sizes implements Wrapping.
func (c *Published) Sizes() Sizes { return Sizes{c.d, c.d, c.d} }

// OutDim implements Wrapping.
func (c *Published) OutDim(ito.Prediction) int { return c.d }

// Check implements Wrapping.
func (c *Published) Check(kind ito.Prediction) error {
	_, err := NewPreconditioning(c.path, c.scaling, kind)
	return err
}

// Rows implements Wrapping.
func (c *Published) Rows(kind ito.Prediction) Rows {
	m, err := NewPreconditioning(c.path, c.scaling, kind)
	return &publishedRows{m: m, err: err}
}

type publishedRows struct {
	m   *Preconditioning
	err error
	x   ito.States
	t   ito.Times
	w   ito.States
}

// Enter implements Rows.
func (s *publishedRows) Enter(in, feature []float64, x ito.States, t ito.Times, _ ito.Cond) error {
	if s.err != nil {
		return s.err
	}
	s.x, s.t = x, t
	for i := range x.N {
		s.m.At(t.At(i))
		s.m.Input(in[i*x.D:(i+1)*x.D], x.Row(i))
		feature[i] = s.m.Label
	}
	return nil
}

// Leave implements Rows.
func (s *publishedRows) Leave(dst ito.States, out []float64) {
	copy(dst.X, out)
	for i := range s.x.N {
		s.m.At(s.t.At(i))
		s.m.Row(dst.Row(i), s.x.Row(i))
	}
}

// PullOut implements Rows: of pF(In·y) + ry it is p·In·Fᵀw + rw.
func (s *publishedRows) PullOut(dout []float64, w ito.States) {
	s.w = w
	copy(dout, w.X)
}

// PullIn implements Rows.
func (s *publishedRows) PullIn(dx ito.States, din []float64) {
	d := s.x.D
	for i := range s.x.N {
		s.m.At(s.t.At(i))
		row := dx.Row(i)
		for k, w := range s.w.Row(i) {
			row[k] = float64(s.m.p*s.m.In*din[i*d+k]) + float64(s.m.r*w)
		}
	}
}
