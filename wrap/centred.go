package wrap

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// Centred is the wrapping of a network on a path around a mean of each row, [ito.RowMean]: that of [Moments] on the
// path around the means, for y = x − μ with μ from the condition of the row. The moments are those of x_0 − μ. A
// predicted x0 counts from 0, as everywhere; score, ε and velocity are those of y.
//
// A Centred is immutable and safe for concurrent use.
type Centred struct {
	inner *Moments
	path  ito.RowMean
}

// NewCentred plans the wrapping for data whose distances from the mean of their row have these moments.
func NewCentred(p ito.RowMean, residuals ito.Gaussian) (*Centred, error) {
	inner, err := NewMoments(p.Around(), residuals)
	if err != nil {
		return nil, err
	}
	return &Centred{inner, p}, nil
}

// Kind implements Wrapping.
func (*Centred) Kind() string { return "centred" }

// Maker implements Made.
func (*Centred) Maker() Maker { return CentredMaker{} }

// Path implements Wrapping.
func (c *Centred) Path() ito.Path { return c.path }

// Moments implements Wrapping: those of x_0 − μ. The caller must not change them.
func (c *Centred) Moments() ito.Gaussian { return c.inner.Moments() }

// Sizes implements Wrapping.
func (c *Centred) Sizes() Sizes { return c.inner.Sizes() }

// OutDim implements Wrapping.
func (c *Centred) OutDim(kind ito.Prediction) int { return c.inner.OutDim(kind) }

// Check implements Wrapping.
func (c *Centred) Check(kind ito.Prediction) error { return c.inner.Check(kind) }

// Basis implements Trainable.
func (c *Centred) Basis() []float64 { return c.inner.Basis() }

// Prepare implements Trainable for rows x0 that count from the mean of their row already.
func (c *Centred) Prepare(b *Batch, x0, eps ito.States, t ito.Times, kind ito.Prediction) error {
	return c.inner.Prepare(b, x0, eps, t, kind)
}

// Rows implements Wrapping. They are a Tracer and a Pusher.
func (c *Centred) Rows(kind ito.Prediction) Rows {
	return &centredRows{affine: c.inner.rows(kind), path: c.path, shift: kind == ito.PredX0}
}

type centredRows struct {
	*affine
	path  ito.RowMean
	shift bool
	μ, y  ito.States
}

// Enter implements Rows.
func (s *centredRows) Enter(in, feature []float64, x ito.States, t ito.Times, c ito.Cond) error {
	s.μ = ito.States{N: x.N, D: x.D, X: resize(s.μ.X, len(x.X)), ID: x.ID}
	s.y = ito.States{N: x.N, D: x.D, X: resize(s.y.X, len(x.X)), ID: x.ID}
	if err := s.path.MeanOf(s.μ, c); err != nil {
		return err
	}
	copy(s.y.X, x.X)
	matrix.AddScaled(s.y.X, -1, s.μ.X)
	return s.affine.Enter(in, feature, s.y, t, c)
}

// Leave implements Rows.
func (s *centredRows) Leave(dst ito.States, out []float64) {
	s.affine.Leave(dst, out)
	if s.shift {
		matrix.AddScaled(dst.X, 1, s.μ.X)
	}
}

// CentredMaker makes [Centred].
type CentredMaker struct{}

// Kind implements Maker.
func (CentredMaker) Kind() string { return "centred" }

// Wrap implements Maker.
func (CentredMaker) Wrap(p ito.Path, on Setting) (Wrapping, error) {
	r, ok := p.(ito.RowMean)
	if !ok {
		return nil, &ito.UnsupportedError{What: "wrapping centred on path " + p.Name(),
			Why: "its mean does not belong to the row", Nearest: "path centred"}
	}
	return typed(NewCentred(r, on.Moments))
}
