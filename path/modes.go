package path

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// Modes is a diagonal path seen mode by mode at one time. In the coordinates y = Qᵀ(x−μ) of its basis
// the path is y_t = α y_0 + σ e, one mode beside the other, and every prediction is an affine function
// of every other: that is what solvers are planned with. It is scratch space: not for concurrent use.
type Modes struct {
	Path                             ito.Diagonal
	Alpha, Sigma, DAlpha, DSigma, G2 []float64 // [M] at the time of the last At
	mean, q                          []float64
}

// NewModes makes the modes of p. Call At before anything that depends on time.
func NewModes(p ito.Diagonal) *Modes {
	m := p.Modes()
	b := make([]float64, 5*m)
	return &Modes{Path: p, Alpha: b[:m], Sigma: b[m : 2*m], DAlpha: b[2*m : 3*m], DSigma: b[3*m : 4*m], G2: b[4*m:],
		mean: p.Mean(), q: p.Basis()}
}

// At evaluates the path's schedule and diffusion at t.
func (m *Modes) At(t float64) {
	m.Path.Schedule(t, m.Alpha, m.Sigma, m.DAlpha, m.DSigma)
	m.Path.Diffusion(t, m.G2)
}

// Affine writes P and R [M] of the map between predictions at the time of the last At,
//
//	to = P ⊙ from + R ⊙ y,
//
// in the basis, where a predicted x0 counts from μ and a score, ε or velocity is rotated only. It follows
// from y = α x0 + σ ε, score = −ε/σ and velocity = α̇ x0 + σ̇ ε.
//
// Ends. At σ = 0 the state is known: ε counts as 0, its limit, and x0 as y/α; a score cannot be had there
// from another prediction and is given as 0. At α = 0 nothing is known of x0 from a predicted ε or score,
// and it counts as μ.
func (m *Modes) Affine(from, to ito.Prediction, P, R []float64) {
	for i := range m.Alpha {
		P[i], R[i] = m.AffineOf(i, from, to)
	}
}

// AffineOf is Affine for one mode.
func (m *Modes) AffineOf(i int, from, to ito.Prediction) (p, r float64) {
	if from == to {
		return 1, 0
	}
	α, σ, dα, dσ := m.Alpha[i], m.Sigma[i], m.DAlpha[i], m.DSigma[i]
	if from == ito.PredScore && to == ito.PredVelocity && σ == 0 && α != 0 {
		return -m.G2[i] / 2, dα / α // σσ̇ has a limit where σ̇ has none
	}
	var xp, xr, ep, er float64 // x0 = xp·from + xr·y, ε = ep·from + er·y
	switch from {
	case ito.PredX0:
		xp = 1
		if σ != 0 {
			ep, er = -α/σ, 1/σ
		}
	case ito.PredEps:
		ep = 1
		if α != 0 {
			xp, xr = -σ/α, 1/α
		}
	case ito.PredScore:
		ep = -σ
		if α != 0 {
			xp, xr = σ*σ/α, 1/α
		}
	case ito.PredVelocity:
		det := float64(α*dσ) - float64(σ*dα)
		switch {
		case σ == 0 && α != 0:
			xr = 1 / α
		case det != 0 && !math.IsInf(det, 0):
			xp, xr, ep, er = -σ/det, dσ/det, α/det, -dα/det
		}
	}
	switch to {
	case ito.PredX0:
		return xp, xr
	case ito.PredEps:
		return ep, er
	case ito.PredScore:
		if σ == 0 {
			return 0, 0
		}
		return -ep / σ, -er / σ
	default:
		if σ == 0 {
			return dα * xp, dα * xr
		}
		return float64(dα*xp) + float64(dσ*ep), float64(dα*xr) + float64(dσ*er)
	}
}

// Identity reports that the path has no basis: modes are coordinates.
func (m *Modes) Identity() bool { return m.q == nil }

// Point writes y = Qᵀ(x−μ). y and x do not overlap when there is a basis.
func (m *Modes) Point(y, x []float64) {
	switch {
	case m.q == nil && m.mean == nil:
		copy(y, x)
	case m.q == nil:
		for i, v := range x {
			y[i] = v - m.mean[i]
		}
	case m.mean == nil:
		matrix.Turn(y, x, m.q)
	default:
		d := len(x)
		for k := range y {
			s := 0.0
			for j, v := range x {
				s += float64(m.q[j*d+k] * (v - m.mean[j]))
			}
			y[k] = s
		}
	}
}

// Place writes x = μ + Qy, the inverse of Point.
func (m *Modes) Place(x, y []float64) {
	m.Back(x, y)
	for i, μ := range m.mean {
		x[i] += μ
	}
}

// Turn writes Qᵀv: a vector, not a point.
func (m *Modes) Turn(w, v []float64) {
	if m.q == nil {
		copy(w, v)
		return
	}
	matrix.Turn(w, v, m.q)
}

// Back writes Qw, the inverse of Turn.
func (m *Modes) Back(v, w []float64) {
	if m.q == nil {
		copy(v, w)
		return
	}
	d := len(w)
	for j := range v {
		v[j] = matrix.Dot(m.q[j*d:(j+1)*d], w)
	}
}

// From writes a prediction of the given kind in the basis: Point for x0, Turn for the others.
func (m *Modes) From(w, pred []float64, kind ito.Prediction) {
	if kind == ito.PredX0 {
		m.Point(w, pred)
	} else {
		m.Turn(w, pred)
	}
}

// To is the inverse of From.
func (m *Modes) To(pred, w []float64, kind ito.Prediction) {
	if kind == ito.PredX0 {
		m.Place(pred, w)
	} else {
		m.Back(pred, w)
	}
}

// Mode is the mode of coordinate i: a scalar schedule has one for all.
func Mode(i, modes int) int {
	if modes == 1 {
		return 0
	}
	return i
}
