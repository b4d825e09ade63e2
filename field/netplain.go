package field

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// Plain says what a network that was trained elsewhere reads and says: x_t itself and the time, and one kind
// of prediction in data coordinates. The zero value predicts x0 at the path's own clock.
type Plain struct {
	Predicts  ito.Prediction `json:"predicts"`
	TimeScale float64        `json:"time_scale,omitempty"` // the time feature is TimeScale·t; 0 means 1
}

// NewPlainNet is a network without any scaling of inputs and outputs as a field on a path: an imported one.
// Its other kinds of prediction are conversions as [As] makes them, with its ends where σ or α vanishes.
func NewPlainNet(p ito.Diagonal, net *nn.Weights, plain Plain) (*Net, error) {
	if plain.TimeScale == 0 {
		plain.TimeScale = 1
	}
	d := net.Ports.Reads()
	if pd := p.Dim(); pd != 0 && pd != d {
		return nil, &ito.InputError{Where: "network", What: fmt.Sprintf("it reads states of dimension %d, the path has %d", d, pd)}
	}
	if math.IsNaN(plain.TimeScale) || math.IsInf(plain.TimeScale, 0) {
		return nil, &ito.InputError{Where: "network", What: fmt.Sprintf("the scale of time is %g", plain.TimeScale)}
	}
	if err := fits(p, net, d, plain.Predicts); err != nil {
		return nil, err
	}
	pre := &Precond{path: p, d: d, modes: p.Modes(), q: p.Basis(), mean: p.Mean(), plain: &plain, origin: make([]float64, d)}
	copy(pre.origin, pre.mean)
	if pre.q != nil {
		pre.qt = matrix.Transposed(pre.q, d)
		if pre.mean != nil {
			matrix.Turn(pre.origin, pre.mean, pre.q)
		}
	}
	return &Net{Path: p, Net: net, Predicts: plain.Predicts, Plain: &plain, pre: pre, progs: newNetPrograms(net)}, nil
}

// atPlain fills o for a network that predicts one kind from x itself: with w = Qᵀμ the input is y + w, and
//
//	ŷ = P (QᵀF − w) + R y  for a predicted x0,  P QᵀF + R y  for the others.
func (c *Precond) atPlain(o scales, m *path.Modes, t float64, kind ito.Prediction) {
	m.At(t)
	o.feat[0] = c.plain.TimeScale * t
	for i, w := range c.origin {
		p, r := m.AffineOf(path.Mode(i, c.modes), c.plain.Predicts, kind)
		o.in[i], o.centre[i] = 1, -w
		o.out[i], o.skip[i] = p, r
		o.offset[i] = -r * w
		if c.plain.Predicts == ito.PredX0 {
			o.offset[i] -= p * w
		}
	}
}
