package wrap

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Scales is how a published network is wrapped at one time: with y = x−μ its input is In·y, it is told Label,
// and of its output F the prediction is
//
//	x0 − μ = Skip·y + Out·F.
//
// In the terms of Karras et al. (2022, arXiv:2206.00364, table 1), which step in z = y/α and ρ = σ/α, In = c_in/α,
// Skip = c_skip/α, Out = c_out and Label = c_noise. Every wrapping below trains F with weight 1: the weights of
// the papers on ‖x̂0−x0‖² are 1/Out².
type Scales struct{ Skip, Out, In, Label float64 }

// Scaling gives the scales of a wrapping at time t of a path with α and σ.
type Scaling interface {
	At(t, alpha, sigma float64) Scales
}

// ScalingEDM is the wrapping of EDM: c_skip = σd²/(ρ²+σd²), c_out = ρσd/√(ρ²+σd²), c_in = 1/√(ρ²+σd²), c_noise =
// ¼ log ρ. On data of standard deviation σd inputs and targets have unit variance.
type ScalingEDM struct {
	SigmaData float64 // σd; 0 means .5
}

// At implements Scaling.
func (s ScalingEDM) At(_, α, σ float64) Scales {
	d := s.SigmaData
	if d == 0 {
		d = .5
	}
	n := math.Hypot(α*d, σ)
	return Scales{d * d * α / (n * n), σ * d / n, 1 / n, math.Log(σ/α) / 4}
}

// ScalingVP is the wrapping of a network that predicts ε of a variance-preserving path: c_skip = 1, c_out = −ρ, c_in =
// 1/√(ρ²+1), c_noise = (M−1)t with t the time at which the path vp of its rate has noise ρ. It knows
// nothing of x0 where α = 0.
type ScalingVP struct {
	Path path.VP // of the network's training; the zero value is β from .1 to 20
	M    int     // steps of its label; 0 means 1000
}

// At implements Scaling.
func (s ScalingVP) At(_, α, σ float64) Scales {
	c := scalesEps(α, σ)
	m := s.M
	if m == 0 {
		m = 1000
	}
	c.Label = float64(m-1) * path.TimeAt(s.Path, math.Log(α/σ))
	return c
}

func scalesEps(α, σ float64) Scales {
	return Scales{Skip: 1 / α, Out: -σ / α, In: 1 / math.Hypot(α, σ)}
}

// ScalingVE is the wrapping of a network of the variance-exploding path: c_skip = 1, c_out = ρ, c_in = 1, c_noise =
// log(ρ/2). F is −ε.
type ScalingVE struct{}

// At implements Scaling.
func (ScalingVE) At(_, α, σ float64) Scales {
	return Scales{1 / α, σ / α, 1 / α, math.Log(σ / α / 2)}
}

// ScalingV is the wrapping of a network that predicts v = αε − σx_0 of a variance-preserving path: c_skip = 1/(ρ²+1),
// c_out = −ρ/√(ρ²+1), c_in = 1/√(ρ²+1), c_noise = (2/π) atan ρ, so that x0 = αx − σv there (Salimans & Ho 2022,
// arXiv:2202.00512; k-diffusion's VDenoiser). It is finite where α = 0.
type ScalingV struct{}

// At implements Scaling.
func (ScalingV) At(_, α, σ float64) Scales {
	n := math.Hypot(α, σ)
	return Scales{α / (n * n), -σ / n, 1 / n, 2 / math.Pi * math.Atan2(σ, α)}
}

// ScalingIDDPM is the wrapping of improved DDPM: that of VP, with the label M−1−j of the nearest level u_j of
//
//	u_M = 0,  u_{j−1} = √((u_j²+1)/max(ᾱ_{j−1}/ᾱ_j, .001) − 1),  ᾱ_j = sin²(πj/(2M·1.008)).
//
// Samplers should step on the levels themselves: see [ScalingIDDPM.Levels]. Make one by NewScalingIDDPM.
type ScalingIDDPM struct{ u []float64 }

// NewScalingIDDPM computes the M+1 levels; m = 0 means 1000.
func NewScalingIDDPM(m int) (ScalingIDDPM, error) {
	if m == 0 {
		m = 1000
	}
	if m < 1 || m > 1<<24 {
		return ScalingIDDPM{}, &ito.InputError{Where: "iddpm", What: fmt.Sprintf("%d levels", m),
			Do: "give a positive number"}
	}
	u := make([]float64, m+1)
	bar := func(j int) float64 { s := math.Sin(math.Pi / 2 * float64(j) / (float64(m) * 1.008)); return s * s }
	for j := m; j > 0; j-- {
		u[j-1] = math.Sqrt((u[j]*u[j]+1)/math.Max(bar(j-1)/bar(j), .001) - 1)
	}
	return ScalingIDDPM{u}, nil
}

// Levels returns u_0 > … > u_M = 0, levels of ρ = σ/α. It is not a copy.
func (s ScalingIDDPM) Levels() []float64 { return s.u }

// Nearest returns the j whose u_j is nearest to ρ, the larger level of two.
func (s ScalingIDDPM) Nearest(rho float64) int {
	lo, hi := 0, len(s.u)-1
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; s.u[mid] >= rho {
			lo = mid
		} else {
			hi = mid
		}
	}
	if s.u[lo]-rho > rho-s.u[hi] {
		return hi
	}
	return lo
}

// At implements Scaling.
func (s ScalingIDDPM) At(_, α, σ float64) Scales {
	c := scalesEps(α, σ)
	c.Label = float64(len(s.u) - 2 - s.Nearest(σ/α))
	return c
}

// PathLabel is a wrapping whose label is the path's own, such as path.Discrete's.
type PathLabel struct {
	Scaling
	Path interface{ Label(t float64) float64 }
}

// At implements Scaling.
func (s PathLabel) At(t, α, σ float64) Scales {
	c := s.Scaling.At(t, α, σ)
	c.Label = s.Path.Label(t)
	return c
}

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
func (s *publishedRows) Enter(in, feature []float64, x ito.States, t ito.Times) error {
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
