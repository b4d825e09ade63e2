package field

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
)

// Converter turns one prediction at x_t into another, row by row, at times of its own choice. It is
// what [As] is made of, for those who hold the predictions already. It is not for concurrent use.
type Converter struct {
	from, to ito.Prediction
	linear   ito.Linear // nil on a Diagonal path
	mean     []float64
	modes    *path.Modes
	t        float64
	ready    bool
	p, r     []float64 // to = P from + R (x−μ): [M] in the basis, or [D,D] on a Linear path
	a, b, w  []float64
}

// NewConverter plans the conversion on p for states of dimension d. A Diagonal path converts every
// prediction into every other, a Linear one a score into the probability-flow velocity.
func NewConverter(p ito.Path, from, to ito.Prediction, d int) (*Converter, error) {
	if from > ito.PredVelocity || to > ito.PredVelocity {
		why := "one of them is not a prediction"
		if from == ito.PredLogits || to == ito.PredLogits {
			why = "logits are of tokens, the other predictions of numbers"
		}
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("turning %s into %s", from, to), Why: why, Nearest: "score"}
	}
	m := &Converter{from: from, to: to, a: make([]float64, d), b: make([]float64, d), w: make([]float64, d)}
	if from == to {
		return m, nil
	}
	if err := path.Admits(p, from); err != nil {
		return nil, err
	}
	if !ito.Has(p, ito.CapGaussian) && (from == ito.PredScore || to == ito.PredScore) {
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("turning %s into %s on path %s", from, to, p.Name()),
			Why: "its noise is not Gaussian, so the score is not −ε/σ", Nearest: "x0"}
	}
	switch p := p.(type) {
	case ito.Diagonal:
		m.modes = path.NewModes(p)
		m.p, m.r = make([]float64, p.Modes()), make([]float64, p.Modes())
	case ito.Linear:
		if from != ito.PredScore || to != ito.PredVelocity {
			return nil, unsupportedKind(p, to)
		}
		m.linear, m.mean = p, p.Mean()
		m.p, m.r = make([]float64, d*d), make([]float64, d*d)
	default:
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("turning %s into %s on path %s", from, to, p.Name()),
			Why: "the path's transition is not known to be Gaussian", Nearest: from.String()}
	}
	return m, nil
}

// At sets the time of the rows that follow. The same time again costs nothing.
func (m *Converter) At(t float64) {
	if m.from == m.to || m.ready && t == m.t {
		return
	}
	m.t, m.ready = t, true
	if m.linear != nil {
		m.linear.Drift(t, m.r, m.p)
		for i := range m.p {
			m.p[i] /= -2
		}
		return
	}
	m.modes.At(t)
	m.modes.Affine(m.from, m.to, m.p, m.r)
}

// Row replaces the prediction at x by the other one.
func (m *Converter) Row(pred, x []float64) {
	if m.from == m.to {
		return
	}
	d := len(x)
	if m.linear != nil {
		copy(m.a, x)
		for i, μ := range m.mean {
			m.a[i] -= μ
		}
		copy(m.b, pred)
		for i := range pred {
			pred[i] = matrix.Dot(m.p[i*d:(i+1)*d], m.b) + matrix.Dot(m.r[i*d:(i+1)*d], m.a)
		}
		return
	}
	m.modes.Point(m.a, x)
	m.modes.From(m.b, pred, m.from)
	for i, y := range m.a {
		k := path.Mode(i, len(m.p))
		m.a[i] = float64(m.p[k]*m.b[i]) + float64(m.r[k]*y)
	}
	m.modes.To(pred, m.a, m.to)
}

// times writes P v or R v, or with the transposed matrix.
func (m *Converter) times(dst, v []float64, p, transposed bool) {
	c := m.r
	if p {
		c = m.p
	}
	if m.linear != nil {
		d := len(v)
		for i := range dst {
			s := 0.0
			for j, x := range v {
				if transposed {
					s += float64(c[j*d+i] * x)
				} else {
					s += float64(c[i*d+j] * x)
				}
			}
			dst[i] = s
		}
		return
	}
	m.modes.Turn(m.w, v)
	for i := range m.w {
		m.w[i] *= c[path.Mode(i, len(c))]
	}
	m.modes.Back(dst, m.w)
}
