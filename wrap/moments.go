package wrap

import (
	"fmt"
	"math"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
	"gonum.org/v1/gonum/mat"
)

// Moments scales the inputs and outputs of a network by the marginal law that a diagonal path gives data
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
// Moments that are variances alone (see [ito.Gaussian]) are used column by column: a scalar schedule then has no
// basis, and nothing costs D². On a path with a basis of its own the variances are those in its modes.
//
// A Moments is immutable and safe for concurrent use.
type Moments struct {
	basis
	path      ito.Diagonal
	data      ito.Gaussian
	modes     int
	mean      []float64 // μ, nil for zero
	center    []float64 // [D] Qᵀ(m−μ)
	s0        []float64 // [D]
	root, log []float64 // [D] √s0 and ½ log s0
	rooms     sync.Pool // of *room
}

// NewMoments plans the scaling for data with the given moments. The path's dimension, the mean and the
// covariance must agree, and the variances be finite and not negative: otherwise an [ito.InputError]. A
// direction in which the data hardly vary counts as having 1e-10 of the mean variance.
func NewMoments(p ito.Diagonal, data ito.Gaussian) (*Moments, error) {
	d, where := len(data.Mean), "preconditioning on path "+p.Name()
	if pd := p.Dim(); pd != 0 && pd != d {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the data have dimension %d, the path %d", d, pd)}
	}
	if err := data.Check(where); err != nil {
		return nil, err
	}
	c := &Moments{path: p, data: data, modes: p.Modes(), basis: basis{d: d, q: p.Basis()}, mean: p.Mean(),
		log: make([]float64, d)}
	if c.q == nil && c.modes == 1 {
		c.q = eigenvectors(data)
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

// NewEDM is the wrapping of EDM for rows of dimension d that are to be trained on: c_skip, c_out and c_in of Karras
// et al. (2022, arXiv:2206.00364, table 1) with data of mean 0 and standard deviation σ_d in every column (0: .5),
// which is [NewMoments] of those moments.
func NewEDM(p ito.Diagonal, d int, sigmaData float64) (*Moments, error) {
	if sigmaData == 0 {
		sigmaData = .5
	}
	g := ito.StandardNormal(d)
	for i := range g.Cov {
		g.Cov[i] = sigmaData * sigmaData
	}
	return NewMoments(p, g)
}

// modesOf returns Qᵀ(m−μ), the variances of the data in the modes of q (nil for the identity), none less than 1e-10
// of their mean, and their roots.
func modesOf(where string, data ito.Gaussian, mean, q []float64) (center, s0, root []float64, err error) {
	d := len(data.Mean)
	center, s0, root = make([]float64, d), make([]float64, d), make([]float64, d)
	off := append([]float64(nil), data.Mean...)
	for i, μ := range mean {
		off[i] -= μ
	}
	copy(center, off)
	for k := range d {
		s0[k] = data.Variance(k)
	}
	if q != nil {
		qt := matrix.Transposed(q, d)
		matrix.Turn(center, off, q)
		v := make([]float64, d)
		for k := range d {
			mode := qt[k*d : (k+1)*d]
			for i := range v {
				if data.PerColumn() {
					v[i] = data.Cov[i] * mode[i]
				} else {
					v[i] = matrix.Dot(data.Cov[i*d:(i+1)*d], mode)
				}
			}
			s0[k] = matrix.Dot(v, mode)
		}
	}
	total := 0.0
	for k, s := range s0 {
		if s < -1e-9*math.Abs(data.Cov[0]) && s < -1e-12 {
			return nil, nil, nil, &ito.InputError{Where: where,
				What: fmt.Sprintf("the variance of mode %d of the data is %g", k, s)}
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
func eigenvectors(g ito.Gaussian) []float64 {
	if g.PerColumn() {
		return nil
	}
	s, d := g.Cov, len(g.Mean)
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

// Kind implements Wrapping.
func (*Moments) Kind() string { return "moments" }

// Path implements Wrapping.
func (c *Moments) Path() ito.Path { return c.path }

// Moments implements Wrapping. The caller must not change them.
func (c *Moments) Moments() ito.Gaussian { return c.data }

// Sizes implements Wrapping.
func (c *Moments) Sizes() Sizes { return Sizes{c.d, c.d, c.d} }

// OutDim implements Wrapping.
func (c *Moments) OutDim(ito.Prediction) int { return c.d }

// Check implements Wrapping.
func (c *Moments) Check(kind ito.Prediction) error { return predicts(c.path, kind) }

// Rows implements Wrapping. They are a Tracer and a Pusher.
func (c *Moments) Rows(kind ito.Prediction) Rows { return c.rows(kind) }

func (c *Moments) rows(kind ito.Prediction) *affine {
	sched := c.newSchedule()
	s := &affine{basis: c.basis, mean: c.mean, shift: kind == ito.PredX0,
		fill: func(o scales, t float64) { c.at(o, sched, t, kind) }}
	s.lo, s.hi = c.path.Span()
	return s
}

// Basis is Q [D,D], row-major, whose columns are the modes of [Batch].Weight; nil for the identity. The caller must
// not change it.
func (c *Moments) Basis() []float64 { return c.q }

// schedule is α, σ, α̇, σ̇ of every mode; a scalar schedule has one.
type schedule struct {
	alpha, sigma, dalpha, dsigma []float64
}

func (c *Moments) newSchedule() schedule {
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
func (c *Moments) at(o scales, s schedule, t float64, kind ito.Prediction) {
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
