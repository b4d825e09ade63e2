package path

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// The variants of the Schrödinger path.
const (
	Constant     = "constant" // A is a symmetric matrix, the same at all times
	Full         = "full"     // the same, for callers that otherwise take a diagonal for many columns
	DiagonalOnly = "diagonal" // A is diagonal, the same at all times
	Logistic     = "logistic" // A_t follows dA/dB = A−A², as in a Gaussian Schrödinger bridge, to A at T
)

// VSDMConfig says which Schrödinger path. The zero value of every field but A and Mean, which give the
// dimension, is legal.
type VSDMConfig struct {
	// constant, full (the same), diagonal or logistic; "" means constant
	Variant string  `json:"variant" default:"constant" enum:"constant,diagonal,logistic,full" help:"Form of A_t: ${enum}."`
	BetaMin float64 `json:"beta_min" default:"0.1" above:"0" help:"β at the data."`        // β_0; 0 means .1
	BetaMax float64 `json:"beta_max" default:"10" above:"0" help:"β at the noise."`        // β_T; 0 means 10
	Power   float64 `json:"power" default:"1.7" above:"0" help:"Exponent r of β in time."` // r; 0 means 1.7
	T       float64 `json:"t" default:"1" above:"0" help:"Drawn end."`                     // drawn end; 0 means 1
	Lo      float64 `json:"lo" default:"0.001" above:"0" help:"Sampled end."`              // sampled end; 0 means 1e-3
	// 0 takes it from Mean, or else from A: of n values n in the diagonal variant and where n is no square, else √n
	D int `json:"d" min:"0" help:"Dimension of the data; 0: that of mean or a."`
	// [D,D] symmetric row-major, or its diagonal [D]; nil for zero. Logistic: A at T
	A    []float64 `json:"a" help:"A, row by row, or its diagonal."`
	Mean []float64 `json:"mean" help:"Centre of the data."` // μ [D]; nil for zero
}

// VSDM is the Schrödinger path with a variational score A_t(x−μ) that is linear,
//
//	dx = −½β_t D_t (x−μ) dt + √β_t dw,  D_t = I−2A_t,  β_t = β_min + (β_max−β_min) t^r,
//
// for symmetric A with modes a. Per mode, with b = B_t and λ = 1−2a:
//
//	constant, diagonal:  α = e^{−½bλ},  σ² = (1−e^{−bλ})/λ  (b at λ = 0)
//	logistic:            α = e^{−b/2} w_b/w_0,  σ² = (1−e^{−b}) w_b/w_0,  A = a e^{b−B}/w_b,
//	                     w_b = 1 + a(e^{b−B}−1),  B = B_T
//
// and g² = β in every mode. Its own prior is N(μ,I), where the Schrödinger bridge ends; before A has
// converged [MomentPrior] is nearer. (Deng et al. 2024, arXiv:2405.04795; logistic: the Gaussian
// bridge of [GaussianBridge] seen in its own coordinates, w = u e^{−B} of the usual form without overflow.)
type VSDM struct {
	cfg      VSDMConfig // resolved; A is [D,D], or [D] where it came as a diagonal
	rate     beta
	modes    symmetric // of A
	decays   decays
	total    float64 // B_T
	logistic bool
}

// NewVSDM plans a Schrödinger path: the eigenbasis of A, once, O(D³). A that is not symmetric, not of the
// dimension, off the diagonal in the diagonal variant, or that makes a kernel overflow or a variance negative by
// time T is an [ito.InputError], a matrix of more than [ito.MostFull] columns an [ito.UnsupportedError]. Where A is
// a diagonal it costs O(D). cfg is copied.
func NewVSDM(cfg VSDMConfig) (*VSDM, error) {
	const where = "path vsdm"
	rate := beta{cfg.BetaMin, cfg.BetaMax, cfg.Power}.defaults(.1, 10, 1.7)
	cfg.BetaMin, cfg.BetaMax, cfg.Power = rate.min, rate.max, rate.r
	cfg.T, cfg.Lo = cmp.Or(cfg.T, 1), cmp.Or(cfg.Lo, defaultLo)
	if cfg.Variant == "" || cfg.Variant == Full {
		cfg.Variant = Constant
	}
	if cfg.Variant != Constant && cfg.Variant != DiagonalOnly && cfg.Variant != Logistic {
		return nil, unknown(where, "variant", cfg.Variant, []string{Constant, DiagonalOnly, Logistic, Full})
	}
	if err := rate.check(where); err != nil {
		return nil, err
	}
	if err := checkSpan(where, cfg.Lo, cfg.T); err != nil {
		return nil, err
	}
	if cfg.D == 0 {
		cfg.D = len(cfg.Mean)
	}
	open := cfg.D == 0
	if open {
		cfg.D = columnsOf(cfg.A, cfg.Variant)
	}
	if err := checkDim(where, cfg.D); err != nil {
		return nil, err
	}
	if err := checkMean(where, cfg.Mean, cfg.D); err != nil {
		return nil, err
	}
	cfg.Mean = append([]float64(nil), cfg.Mean...)
	p := &VSDM{rate: rate, total: rate.integral(cfg.T)}
	var err error
	n := len(cfg.A)
	if cfg.A, p.modes, err = spectrum(where, cfg.A, cfg.D); err != nil {
		var input *ito.InputError
		if open && n > cfg.D && errors.As(err, &input) && input.Do == "" {
			input.Do = fmt.Sprintf("it was read as %d×%d; a diagonal of %d numbers is d=%d", cfg.D, cfg.D, n, n)
		}
		return nil, err
	}
	if cfg.Variant == DiagonalOnly && p.modes.q != nil {
		return nil, &ito.InputError{Where: where, What: "A has entries off its diagonal",
			Do: "the diagonal variant takes none: use constant"}
	}
	p.cfg, p.logistic, p.decays = cfg, cfg.Variant == Logistic, newDecays(p.modes.λ)
	if err := p.checkKernel(); err != nil {
		return nil, err
	}
	return p, nil
}

// columnsOf is the dimension of A where nothing else says it: a diagonal variant has a diagonal, and of the others a
// square number of values is a matrix, any other a diagonal.
func columnsOf(a []float64, variant string) int {
	n := len(a)
	if d := int(math.Round(math.Sqrt(float64(n)))); d*d == n && variant != DiagonalOnly {
		return d
	}
	return n
}

// spectrum checks A, [D,D] or its diagonal [D] or nil, and returns a copy of it in the same form
// (exactly symmetric) with its eigenvalues.
func spectrum(where string, a []float64, d int) ([]float64, symmetric, error) {
	if err := checkFinite(where, "matrix", a); err != nil {
		return nil, symmetric{}, err
	}
	if d > ito.MostFull && len(a) > 0 && len(a) != d {
		return nil, symmetric{}, ito.CheckFull("a full A of path vsdm", d, "variant=diagonal")
	}
	out := append([]float64(nil), a...)
	switch len(a) {
	case 0, d:
		s := symmetric{d: d, λ: make([]float64, d)}
		copy(s.λ, a)
		return append([]float64(nil), s.λ...), s, nil
	case d * d:
		if err := checkSymmetric(where, out, d); err != nil {
			return nil, symmetric{}, err
		}
		s, err := eigen(out, d)
		return out, s, err
	}
	return nil, symmetric{}, &ito.InputError{Where: where, What: fmt.Sprintf("A has %d values", len(a)),
		Do: fmt.Sprintf("dimension %d takes %d, or %d for a diagonal", d, d*d, d)}
}

// checkKernel reports the first mode whose kernel at T is not finite and positive.
func (p *VSDM) checkKernel() error {
	alpha, sigma := make([]float64, p.cfg.D), make([]float64, p.cfg.D)
	p.Schedule(p.cfg.T, alpha, sigma, nil, nil)
	for k, λ := range p.modes.λ {
		legal := !p.logistic || 1+λ*math.Expm1(-p.total) > 0
		if !legal || !(alpha[k] > 0) && alpha[k] != 0 || !(sigma[k] > 0) || math.IsInf(alpha[k]+sigma[k], 0) {
			return &ito.InputError{Where: "path vsdm", What: fmt.Sprintf("eigenvalue %g of A gives no Gaussian at "+
				"t=%g (α=%g, σ=%g)", λ, p.cfg.T, alpha[k], sigma[k]),
				Do: "project A first"}
		}
	}
	return nil
}

// Config returns a copy of the configuration with its defaults filled in, A being [D,D], or [D] where it
// was given as a diagonal or not at all. NewVSDM of it is the same path.
func (p *VSDM) Config() VSDMConfig {
	c := p.cfg
	c.A = append([]float64(nil), c.A...)
	c.Mean = append([]float64(nil), c.Mean...)
	return c
}

// Variant returns constant, diagonal or logistic.
func (p *VSDM) Variant() string { return p.cfg.Variant }

// Name returns "vsdm".
func (*VSDM) Name() string { return "vsdm" }

// Dim returns D.
func (p *VSDM) Dim() int { return p.cfg.D }

// Span returns Lo and T.
func (p *VSDM) Span() (lo, hi float64) { return p.cfg.Lo, p.cfg.T }

// Modes returns D.
func (p *VSDM) Modes() int { return p.cfg.D }

// Basis returns the eigenvectors of A [D,D] (columns), or nil where A is diagonal. It is not a copy.
func (p *VSDM) Basis() []float64 { return p.modes.q }

// Mean returns μ [D], or nil for zero. It is not a copy.
func (p *VSDM) Mean() []float64 { return p.cfg.Mean }

// Beta returns β_t.
func (p *VSDM) Beta(t float64) float64 { return p.rate.at(t) }

// B returns B_t = ∫₀ᵗ β.
func (p *VSDM) B(t float64) float64 { return p.rate.integral(t) }

// Diffusion writes g² = β_t for every mode.
func (p *VSDM) Diffusion(t float64, g2 []float64) {
	β := p.rate.at(t)
	for k := range g2 {
		g2[k] = β
	}
}

// Coefficients writes the eigenvalues of A_t [D], mode by mode.
func (p *VSDM) Coefficients(t float64, a []float64) {
	at := newLogistic(p.rate.integral(t), p.total)
	for k, λ := range p.modes.λ {
		if p.logistic {
			λ = at.a(λ)
		}
		writeAt(a, k, λ)
	}
}

// Spectrum returns the eigenvalues of A at the drawn end [D], increasing: what the fitted path did to its modes.
func (p *VSDM) Spectrum() []float64 {
	_, hi := p.Span()
	a := make([]float64, p.Dim())
	p.Coefficients(hi, a)
	slices.Sort(a)
	return a
}

// A returns A_t [D,D].
func (p *VSDM) A(t float64) []float64 {
	if !p.logistic && p.modes.q != nil {
		return append([]float64(nil), p.cfg.A...)
	}
	a := make([]float64, p.cfg.D)
	p.Coefficients(t, a)
	return p.modes.with(a)
}

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p *VSDM) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(μ,I).
func (p *VSDM) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	return drawPrior(p, dst, p.cfg.Mean, 1, n)
}

// writeAt sets one mode, unless it is not wanted.
func writeAt(dst []float64, k int, v float64) {
	if dst != nil {
		dst[k] = v
	}
}
