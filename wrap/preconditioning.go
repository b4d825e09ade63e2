package wrap

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Preconditioning turns the raw output of a wrapped network into a prediction on a path, and back, row by row at
// times of its own choice. It is not for concurrent use.
type Preconditioning struct {
	Scales // at the time of the last At
	s      Scaling
	kind   ito.Prediction
	modes  *path.Modes
	mean   []float64
	t      float64
	ready  bool
	p, r   float64 // prediction = p F + r y, without the μ of an x0
}

// At sets the time of the rows that follow. The same time again costs nothing.
func (m *Preconditioning) At(t float64) {
	if m.ready && t == m.t {
		return
	}
	m.t, m.ready = t, true
	m.modes.At(t)
	m.Scales = m.s.At(t, m.modes.Alpha[0], m.modes.Sigma[0])
	var P, R [1]float64
	m.modes.Affine(ito.PredX0, m.kind, P[:], R[:])
	m.p, m.r = P[0]*m.Out, P[0]*m.Skip+R[0]
}

// Input writes what the network sees of x, In·(x−μ).
func (m *Preconditioning) Input(dst, x []float64) {
	for i, v := range x {
		dst[i] = m.In * (v - m.mu(i))
	}
}

func (m *Preconditioning) mu(i int) float64 {
	if m.mean == nil {
		return 0
	}
	return m.mean[i]
}

// centre is the μ that a prediction counts from.
func (m *Preconditioning) centre(i int) float64 {
	if m.kind != ito.PredX0 {
		return 0
	}
	return m.mu(i)
}

// Row replaces the raw output at x by the prediction.
func (m *Preconditioning) Row(raw, x []float64) {
	for i, F := range raw {
		raw[i] = m.centre(i) + (float64(m.p*F) + float64(m.r*(x[i]-m.mu(i))))
	}
}

// Raw replaces the prediction at x by the raw output that gives it: with x0 the data, a network's target.
func (m *Preconditioning) Raw(pred, x []float64) {
	for i, v := range pred {
		pred[i] = (v - m.centre(i) - float64(m.r*(x[i]-m.mu(i)))) / m.p
	}
}

// NewPreconditioning plans the conversion for a path of one mode. A network wrapped by s may be used on
// any such path, whichever it was trained on: noise levels are matched by ρ = σ/α.
func NewPreconditioning(p ito.Diagonal, s Scaling, kind ito.Prediction) (*Preconditioning, error) {
	if p.Modes() != 1 {
		return nil, &ito.UnsupportedError{What: "a scalar preconditioning on path " + p.Name(),
			Why: "it has many modes", Nearest: "a path of one mode"}
	}
	if err := predicts(p, kind); err != nil {
		return nil, err
	}
	if kind != ito.PredX0 {
		if err := path.Admits(p, ito.PredX0); err != nil {
			return nil, err
		}
	}
	return &Preconditioning{s: s, kind: kind, modes: path.NewModes(p), mean: p.Mean()}, nil
}
