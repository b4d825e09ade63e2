package wrap

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
)

// Plain is the wrapping of a network that was trained elsewhere, and reads x_t itself and a multiple of the time, or
// the label that its path has for it: nothing is scaled. It writes one kind of prediction in data coordinates; other
// kinds are conversions, with the ends of [path.Modes.Affine] where σ or α vanishes.
type Plain struct {
	basis
	path     ito.Diagonal
	predicts ito.Prediction
	scale    float64
	label    func(t float64) float64 // nil: scale·t
	origin   []float64               // [D] Qᵀμ
}

// NewPlain is for a network on rows of dimension d that says predicts, where the time feature is timeScale·t; 0
// means 1.
func NewPlain(p ito.Diagonal, d int, predicts ito.Prediction, timeScale float64) (*Plain, error) {
	if timeScale == 0 {
		timeScale = 1
	}
	if pd := p.Dim(); pd != 0 && pd != d {
		return nil, &ito.InputError{Where: "network", What: fmt.Sprintf("it reads states of dimension %d, the path "+
			"has %d", d, pd)}
	}
	if math.IsNaN(timeScale) || math.IsInf(timeScale, 0) {
		return nil, &ito.InputError{Where: "network", What: fmt.Sprintf("the scale of time is %g", timeScale)}
	}
	c := &Plain{path: p, basis: basis{d: d, q: p.Basis()}, predicts: predicts, scale: timeScale, origin: make([]float64,
		d)}
	copy(c.origin, p.Mean())
	if c.q != nil {
		c.qt = matrix.Transposed(c.q, d)
		if p.Mean() != nil {
			matrix.Turn(c.origin, p.Mean(), c.q)
		}
	}
	return c, c.Check(predicts)
}

// NewLabelled is [NewPlain] of a network that reads the label of its path, [path.Discrete]'s for one. A path without
// labels is an *[ito.UnsupportedError].
func NewLabelled(p ito.Diagonal, d int, predicts ito.Prediction) (*Plain, error) {
	l, ok := p.(interface{ Label(t float64) float64 })
	if !ok {
		return nil, &ito.UnsupportedError{What: "a network that reads labels, on path " + p.Name(),
			Why: "it has none", Nearest: "discrete"}
	}
	c, err := NewPlain(p, d, predicts, 1)
	if err == nil {
		c.label = l.Label
	}
	return c, err
}

// Labelled reports that the time feature is the label of the path.
func (c *Plain) Labelled() bool { return c.label != nil }

// Predicts is what the network says.
func (c *Plain) Predicts() ito.Prediction { return c.predicts }

// TimeScale is the time feature at t = 1.
func (c *Plain) TimeScale() float64 { return c.scale }

// Kind implements Wrapping.
func (*Plain) Kind() string { return "plain" }

// Maker implements Made.
func (c *Plain) Maker() Maker {
	return PlainMaker{Predicts: c.predicts.String(), TimeScale: c.scale, Label: c.label != nil}
}

// Path implements Wrapping.
func (c *Plain) Path() ito.Path { return c.path }

// Moments implements Wrapping: there are none.
func (*Plain) Moments() ito.Gaussian { return ito.Gaussian{} }

// Sizes implements Wrapping.
func (c *Plain) Sizes() Sizes { return Sizes{c.d, c.d, c.d} }

// OutDim implements Wrapping.
func (c *Plain) OutDim(ito.Prediction) int { return c.d }

// Check implements Wrapping.
func (c *Plain) Check(kind ito.Prediction) error { return predicts(c.path, kind) }

// Rows implements Wrapping. They are a Tracer and a Pusher. With w = Qᵀμ the input is y + w, and
//
//	ŷ = P (QᵀF − w) + R y  for a predicted x0,  P QᵀF + R y  for the others.
func (c *Plain) Rows(kind ito.Prediction) Rows {
	m := path.NewModes(c.path)
	s := &affine{basis: c.basis, mean: c.path.Mean(), shift: kind == ito.PredX0, fill: func(o scales, t float64) {
		m.At(t)
		if o.feat[0] = c.scale * t; c.label != nil {
			o.feat[0] = c.label(t)
		}
		for i, w := range c.origin {
			p, r := m.AffineOf(path.Mode(i, len(m.Alpha)), c.predicts, kind)
			o.in[i], o.centre[i] = 1, -w
			o.out[i], o.skip[i] = p, r
			o.offset[i] = -r * w
			if c.predicts == ito.PredX0 {
				o.offset[i] -= p * w
			}
		}
	}}
	s.lo, s.hi = c.path.Span()
	return s
}
