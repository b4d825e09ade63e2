package field

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/path"
	"gonum.org/v1/gonum/mat"
)

// Precond scales the inputs and outputs of a network by the marginal law that a diagonal path gives data
// with moments (m, S_0), so that the network meets and must produce numbers of unit variance at every time,
// and is left nothing to learn when the data are Gaussian. It generalises the c_in, c_out and c_skip of
// Karras et al. (2022, arXiv:2206.00364, §5) to any α, σ and kind of prediction, mode by mode.
//
// With s0 the variances of the data in the modes, u = (x_0−m)/√s0, and s = α² s0 + σ²,
//
//	x̃ = (x_t − m_t)/√s = (α√s0 u + σε)/√s      m_t = μ + α(m−μ), the network's input
//	F  = (α√s0 ε − σu)/√s                       the network's target, uncorrelated with x̃
//
// is a rotation of (u, ε). A prediction of y = a(x_0−m) + bε is therefore
//
//	ŷ = (aα s0 + bσ)/s · (x_t − m_t) + (bα − aσ)√(s0/s) · F,
//
// where x0 has (a,b) = (1,0) and adds m, ε has (0,1), the velocity has (α̇,σ̇) and adds dm_t/dt = α̇(m−μ),
// and the score is −ε̂/σ. All of this is meant in the modes of a basis Q and carried back to data
// coordinates by Q: inputs and targets are in data coordinates, whatever the basis, so that a network
// can be bound to another path. Q is the path's own; a scalar schedule, which any basis suits, takes
// the eigenvectors of S_0. With S_0 diagonal in Q a Gaussian is exact at F = 0.
//
// The network is told the time by c(t), the mean over modes of log(σ/(α√s0)) cut to ±10: monotone in
// noise, and finite where α or σ vanishes.
//
// A Precond is immutable and safe for concurrent use.
type Precond struct {
	path      ito.Diagonal
	data      ito.Gaussian
	d, modes  int
	q, qt     []float64 // Q and its transpose, nil for the identity
	mean      []float64 // μ, nil for zero
	center    []float64 // [D] Qᵀ(m−μ)
	s0        []float64 // [D]
	root, log []float64 // [D] √s0 and ½ log s0
	plain     *Plain    // nothing is scaled
	origin    []float64 // [D] Qᵀμ, where plain
}

// cutFeature bounds c(t); e^{±10} is noise of 22026 times the data or the reverse.
const cutFeature = 10

// NewPrecond plans the scaling for data with the given moments. The path's dimension, the mean and the
// covariance must agree, and the variances be finite and not negative: otherwise an [ito.InputError]. A
// direction in which the data hardly vary counts as having 1e-10 of the mean variance.
func NewPrecond(p ito.Diagonal, data ito.Gaussian) (*Precond, error) {
	d := len(data.Mean)
	bad := func(format string, args ...any) (*Precond, error) {
		return nil, &ito.InputError{Where: "preconditioning on path " + p.Name(), What: fmt.Sprintf(format, args...)}
	}
	if d == 0 || len(data.Cov) != d*d {
		return bad("the data have %d means and %d covariances", d, len(data.Cov))
	}
	if pd := p.Dim(); pd != 0 && pd != d {
		return bad("the data have dimension %d, the path %d", d, pd)
	}
	where := "preconditioning on path " + p.Name()
	if err := checkMoments(where, data); err != nil {
		return nil, err
	}
	c := &Precond{path: p, data: data, d: d, modes: p.Modes(), q: p.Basis(), mean: p.Mean(), log: make([]float64, d)}
	if c.q == nil && c.modes == 1 {
		c.q = eigenvectors(data.Cov, d)
	}
	if c.q != nil {
		c.qt = matrix.Transposed(c.q, d)
	}
	var err error
	if c.center, c.s0, c.root, err = modesOf(where, data, c.mean, c.q); err != nil {
		return nil, err
	}
	for k, s := range c.s0 {
		c.log[k] = math.Log(s) / 2
	}
	return c, nil
}

// checkMoments reports moments that are not finite.
func checkMoments(where string, data ito.Gaussian) error {
	for i, v := range append(append([]float64(nil), data.Mean...), data.Cov...) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &ito.InputError{Where: where, What: fmt.Sprintf("moment %d of the data is %g", i, v)}
		}
	}
	return nil
}

// modesOf returns Qᵀ(m−μ), the variances of the data in the modes of q (nil for the identity), none less than 1e-10 of their mean, and
// their roots.
func modesOf(where string, data ito.Gaussian, mean, q []float64) (center, s0, root []float64, err error) {
	d := len(data.Mean)
	center, s0, root = make([]float64, d), make([]float64, d), make([]float64, d)
	off := append([]float64(nil), data.Mean...)
	for i, μ := range mean {
		off[i] -= μ
	}
	copy(center, off)
	for k := range d {
		s0[k] = data.Cov[k*d+k]
	}
	if q != nil {
		qt := matrix.Transposed(q, d)
		matrix.Turn(center, off, q)
		v := make([]float64, d)
		for k := range d {
			mode := qt[k*d : (k+1)*d]
			for i := range v {
				v[i] = matrix.Dot(data.Cov[i*d:(i+1)*d], mode)
			}
			s0[k] = matrix.Dot(v, mode)
		}
	}
	total := 0.0
	for k, s := range s0 {
		if s < -1e-9*math.Abs(data.Cov[0]) && s < -1e-12 {
			return nil, nil, nil, &ito.InputError{Where: where, What: fmt.Sprintf("the variance of mode %d of the data is %g", k, s)}
		}
		total += math.Max(s, 0)
	}
	floor := math.Max(1e-10*total/float64(d), 1e-30)
	for k, s := range s0 {
		s0[k] = math.Max(s, floor)
		root[k] = math.Sqrt(s0[k])
	}
	return center, s0, root, nil
}

// eigenvectors are the columns of Q in S = QΛQᵀ, nil where S is diagonal.
func eigenvectors(s []float64, d int) []float64 {
	diagonal := true
	sym := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			v := (s[i*d+j] + s[j*d+i]) / 2
			sym.SetSym(i, j, v)
			diagonal = diagonal && (i == j || math.Abs(v) <= 1e-12*math.Sqrt(math.Abs(s[i*d+i]*s[j*d+j])))
		}
	}
	var e mat.EigenSym
	if diagonal || !e.Factorize(sym, true) {
		return nil
	}
	var q mat.Dense
	e.VectorsTo(&q)
	out := make([]float64, 0, d*d)
	for i := range d {
		out = append(out, q.RawRowView(i)...)
	}
	return out
}

// Path is the path of NewPrecond.
func (c *Precond) Path() ito.Diagonal { return c.path }

// Data is the moments of NewPrecond. The caller must not change them.
func (c *Precond) Data() ito.Gaussian { return c.data }

// Dim is D.
func (c *Precond) Dim() int { return c.d }

// Basis is Q [D,D], row-major, whose columns are the modes of [Batch].Weight; nil for the identity. The caller must
// not change it.
func (c *Precond) Basis() []float64 { return c.q }

// turn carries n rows into the basis, dst = src·Q. The bits of a row do not depend on n.
func (c *Precond) turn(dst, src []float64, n int) { c.rotate(dst, src, n, c.q) }

// back is the inverse of turn, dst = src·Qᵀ.
func (c *Precond) back(dst, src []float64, n int) { c.rotate(dst, src, n, c.qt) }

func (c *Precond) rotate(dst, src []float64, n int, q []float64) {
	if q == nil {
		copy(dst, src)
		return
	}
	simd.GemmNN64(dst, c.d, src, c.d, q, c.d, n, c.d, c.d, false)
}

// scales is what a prediction of one kind needs at one time, in the basis:
//
//	x̃ = in (y−centre),  ŷ = skip (y−centre) + out F + offset,  y = Qᵀ(x−μ).
type scales struct {
	all                           []float64 // the others, one behind the other
	in, skip, out, centre, offset []float64 // [D]
	feat                          []float64 // [1]
}

func (c *Precond) newScales() scales {
	d := c.d
	all := make([]float64, 5*d+1)
	return scales{all, all[:d], all[d : 2*d], all[2*d : 3*d], all[3*d : 4*d], all[4*d : 5*d], all[5*d:]}
}

// schedule is α, σ, α̇, σ̇ of every mode; a scalar schedule has one. A plain network has its modes instead.
type schedule struct {
	alpha, sigma, dalpha, dsigma []float64
	*path.Modes
}

func (c *Precond) newSchedule() schedule {
	if c.plain != nil {
		m := path.NewModes(c.path)
		return schedule{alpha: m.Alpha, Modes: m}
	}
	b, m := make([]float64, 4*c.modes), c.modes
	return schedule{alpha: b[:m], sigma: b[m : 2*m], dalpha: b[2*m : 3*m], dsigma: b[3*m:]}
}

func (s schedule) set(p ito.Diagonal, t float64, derivatives bool) {
	if derivatives {
		p.Schedule(t, s.alpha, s.sigma, s.dalpha, s.dsigma)
		return
	}
	p.Schedule(t, s.alpha, s.sigma, nil, nil)
}

// feature is c(t).
func (c *Precond) feature(s schedule) float64 {
	sum, ratio := 0.0, 0.0
	for k, l := range c.log {
		if k < c.modes {
			ratio = math.Log(s.sigma[k] / s.alpha[k])
		}
		sum += math.Max(-cutFeature, math.Min(cutFeature, ratio-l))
	}
	return sum / float64(c.d)
}

// target is (a, b) of a kind in y = a(x_0−m) + bε. A score is −ε/σ; at σ = 0 its network part counts as 0.
func (s schedule) target(k int, kind ito.Prediction) (a, b float64) {
	switch kind {
	case ito.PredX0:
		return 1, 0
	case ito.PredVelocity:
		return s.dalpha[k], s.dsigma[k]
	}
	return 0, 1
}

// at fills o for a prediction of the given kind at t.
func (c *Precond) at(o scales, s schedule, t float64, kind ito.Prediction) {
	if c.plain != nil {
		c.atPlain(o, s.Modes, t, kind)
		return
	}
	s.set(c.path, t, kind == ito.PredVelocity)
	o.feat[0] = c.feature(s)
	for i, s0 := range c.s0 {
		k := path.Mode(i, c.modes)
		α, σ := s.alpha[k], s.sigma[k]
		v := float64(α*α*s0) + float64(σ*σ)
		o.in[i] = 1 / math.Sqrt(v)
		o.centre[i] = α * c.center[i]
		a, b := s.target(k, kind)
		o.skip[i] = (float64(a*α*s0) + float64(b*σ)) / v
		o.out[i] = (float64(b*α) - float64(a*σ)) * c.root[i] * o.in[i]
		o.offset[i] = a * c.center[i]
		if kind == ito.PredScore {
			o.skip[i], o.offset[i] = -1/v, 0
			if o.out[i] /= -σ; σ == 0 {
				o.out[i] = 0
			}
		}
	}
}
