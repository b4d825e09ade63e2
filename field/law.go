package field

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
)

// law is p_t of a mixture at one time, in the coordinates y of the path's basis:
//
//	y | k ~ N(m_k, S_k),  m_k = Φ c_k,  S_k = Φ C_k Φᵀ + Σ_t.
//
// On a Diagonal path Φ = diag(α). With diagonal C_k everything is O(K·D).
type law struct {
	*source
	t     float64
	alpha []float64 // [D], Diagonal paths
	means []float64 // [K,D] m_k
	logw  []float64 // [K] log w_k − ½ log det S_k
	prec  []float64 // diagonal: 1/S_k, [D] or [K,D]
	gain  []float64 // diagonal: α C_k, [D] or [K,D]
	white []float64 // full: inverse Cholesky factors of S_k, [D,D] or [K,D,D]

	// What is predicted, in the basis: xc ⊙ x0 + sc ⊙ score on a Diagonal path (x0 only when useX0),
	// F y − ½ GGᵀ score for the velocity of a Linear one.
	xc, sc []float64
	useX0  bool
	drift  []float64 // [D,D] F, nil for a score
	half   []float64 // [D,D] ½GGᵀ
}

// source is a mixture bound to a path: what does not depend on time. It is immutable.
type source struct {
	path     ito.Path
	diagonal ito.Diagonal // nil on a Linear path
	linear   ito.Linear   // nil on a Diagonal path
	rowMean  ito.RowMean  // nil where the mean is the path's
	mean     []float64
	d, k     int
	logw     []float64 // [K]
	centers  []float64 // [K,D] Qᵀ(c_k−μ)
	vars     []float64 // diagonal in the basis: [D] or [K,D]
	covs     []float64 // otherwise: QᵀC_kQ, [D,D] or [K,D,D]
}

func newSource(p ito.Path, m Mixture) (*source, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	m, err := m.lift(p)
	if err != nil {
		return nil, err
	}
	if r, ok := p.(ito.RowMean); ok {
		s, err := newSource(r.Around(), m)
		if err != nil {
			return nil, err
		}
		s.path, s.rowMean = p, r
		return s, nil
	}
	d, k := m.D, m.K()
	if pd := p.Dim(); pd != 0 && pd != d {
		return nil, &ito.InputError{Where: "mixture", What: fmt.Sprintf("the components have dimension %d, the path "+
			"%s has %d", d, p.Name(), pd)}
	}
	s := &source{path: p, d: d, k: k, logw: m.weights(), centers: make([]float64, d*k)}
	for i, w := range s.logw {
		s.logw[i] = math.Log(w)
	}
	var q []float64
	if !ito.Has(p, ito.CapGaussian) {
		return nil, &ito.UnsupportedError{What: "an exact field of a mixture on path " + p.Name(),
			Why: "its noise is not Gaussian", Nearest: "the field that the path's own comment names"}
	}
	switch p := p.(type) {
	case ito.Diagonal:
		s.diagonal, s.mean, q = p, p.Mean(), p.Basis()
		modes := path.NewModes(p)
		for i := range k {
			modes.Point(s.centers[i*d:(i+1)*d], m.Means[i*d:(i+1)*d])
		}
	case ito.Linear:
		s.linear, s.mean = p, p.Mean()
		copy(s.centers, m.Means)
		for i := range s.centers {
			if s.mean != nil {
				s.centers[i] -= s.mean[i%d]
			}
		}
	default:
		return nil, &ito.UnsupportedError{What: "an exact field on path " + p.Name(),
			Why: "its transition is not known to be Gaussian", Nearest: "a diagonal or linear path"}
	}
	s.covariances(m, q)
	return s, nil
}

// covariances turns the components' covariances into the basis and keeps only the diagonals when that
// is all there is.
func (s *source) covariances(m Mixture, q []float64) {
	d := s.d
	n := 1
	if len(m.Var) > d || len(m.Cov) > d*d {
		n = s.k
	}
	if q == nil && m.Cov == nil && s.linear == nil {
		if s.vars = m.Var; s.vars == nil {
			s.vars = make([]float64, d)
		}
		s.vars = append([]float64(nil), s.vars...)
		return
	}
	s.covs = make([]float64, n*d*d)
	half, diagonal := make([]float64, d*d), s.diagonal != nil
	for i := range n {
		c := s.covs[i*d*d : (i+1)*d*d]
		m.covariance(c, i)
		if q != nil {
			qt := matrix.Transposed(q, d)
			matrix.Multiply(half, qt, c, d)
			matrix.MultiplyT(c, half, qt, d)
		}
		for a := range d {
			for b := range a {
				v := (c[a*d+b] + c[b*d+a]) / 2
				c[a*d+b], c[b*d+a] = v, v
				if math.Abs(v) > 1e-13*math.Sqrt(math.Abs(c[a*d+a]*c[b*d+b])) {
					diagonal = false
				}
			}
		}
	}
	if !diagonal {
		return
	}
	s.vars = make([]float64, n*d)
	for i := range s.vars {
		s.vars[i] = s.covs[i/d*d*d+i%d*(d+1)]
	}
	s.covs = nil
}

// pointVariance stands for a variance of zero: the nearest point takes all the weight, and nothing overflows.
const pointVariance = 1e-200

// at makes the law at time t for predictions of the given kind.
func (s *source) at(t float64, kind ito.Prediction) (*law, error) {
	l := &law{source: s, t: t, logw: append([]float64(nil), s.logw...), means: make([]float64, s.k*s.d)}
	if s.linear != nil {
		return l, l.moveLinear(kind)
	}
	d := s.d
	modes := path.NewModes(s.diagonal)
	modes.At(t)
	n := len(modes.Alpha)
	l.alpha, l.xc, l.sc = make([]float64, d), make([]float64, d), make([]float64, d)
	σ2 := make([]float64, d)
	for i := range d {
		a, σ, dα, dσ := modes.Alpha[path.Mode(i, n)], modes.Sigma[path.Mode(i, n)], modes.DAlpha[path.Mode(i, n)],
			modes.DSigma[path.Mode(i, n)]
		l.alpha[i], σ2[i] = a, σ*σ
		switch kind {
		case ito.PredX0:
			l.xc[i] = 1
		case ito.PredEps:
			l.sc[i] = -σ
		case ito.PredScore:
			l.sc[i] = 1
		case ito.PredVelocity:
			l.xc[i] = dα
			if l.sc[i] = -σ * dσ; σ == 0 {
				l.sc[i] = -modes.G2[path.Mode(i, n)] / 2 // the limit of −σσ̇ = −½g² − σ²α̇/α
			}
		}
		l.useX0 = l.useX0 || l.xc[i] != 0
	}
	for i, c := range s.centers {
		l.means[i] = l.alpha[i%d] * c
	}
	if s.vars != nil {
		l.moveDiagonal(σ2)
		return l, nil
	}
	S := make([]float64, len(s.covs))
	for i, c := range s.covs {
		a, b := i/d%d, i%d
		S[i] = l.alpha[a] * c * l.alpha[b]
		if a == b {
			S[i] += σ2[a]
		}
	}
	return l, l.whiten(S)
}

func (l *law) moveDiagonal(σ2 []float64) {
	d := l.d
	l.prec, l.gain = make([]float64, len(l.vars)), make([]float64, len(l.vars))
	for i, c := range l.vars {
		α := l.alpha[i%d]
		v := math.Max(float64(α*α*c)+σ2[i%d], pointVariance)
		l.prec[i], l.gain[i] = 1/v, α*c
		if len(l.vars) > d {
			l.logw[i/d] -= math.Log(v) / 2
		}
	}
	if len(l.vars) > d {
		return
	}
	logdet := 0.0
	for _, p := range l.prec {
		logdet -= math.Log(p)
	}
	for k := range l.logw {
		l.logw[k] -= logdet / 2
	}
}

func (l *law) moveLinear(kind ito.Prediction) error {
	d := l.d
	phi, cov := make([]float64, d*d), make([]float64, d*d)
	l.linear.Transition(l.t, phi, cov)
	for k := range l.k {
		for i := range d {
			l.means[k*d+i] = matrix.Dot(phi[i*d:(i+1)*d], l.centers[k*d:(k+1)*d])
		}
	}
	S, half := make([]float64, len(l.covs)), make([]float64, d*d)
	for at := 0; at < len(S); at += d * d {
		matrix.Multiply(half, phi, l.covs[at:at+d*d], d)
		matrix.MultiplyT(S[at:at+d*d], half, phi, d)
		for i, v := range cov {
			S[at+i] += v
		}
	}
	if kind == ito.PredVelocity {
		l.drift, l.half = make([]float64, d*d), make([]float64, d*d)
		l.linear.Drift(l.t, l.drift, l.half)
		for i := range l.half {
			l.half[i] /= 2
		}
	}
	return l.whiten(S)
}

// whiten stores the inverse Cholesky factors of the covariances S.
func (l *law) whiten(S []float64) error {
	d := l.d
	l.white = make([]float64, len(S))
	n := len(S) / (d * d)
	for i := range n {
		w := l.white[i*d*d : (i+1)*d*d]
		logdet, ok := inverseCholesky(w, S[i*d*d:(i+1)*d*d], d)
		if !ok {
			return &ito.InputError{Where: fmt.Sprintf("exact field at t=%g", l.t),
				What: fmt.Sprintf("the covariance of component %d is singular there", i),
				Do:   "start from a later time, or give the data some width"}
		}
		if n > 1 {
			l.logw[i] -= logdet / 2
			continue
		}
		for k := range l.logw {
			l.logw[k] -= logdet / 2
		}
	}
	return nil
}

// componentPart is the part of a shared or per-component array that belongs to component k.
func componentPart(a []float64, k, size int) []float64 {
	if len(a) == size {
		return a
	}
	return a[k*size : (k+1)*size]
}
