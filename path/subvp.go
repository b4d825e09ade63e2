package path

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito"
)

// SubVP is the sub-variance-preserving path on t ∈ [Lo,1]: the mean of [VP] with less noise,
//
//	α = e^{−B/2},  σ = 1−e^{−B},  g² = β(1−e^{−2B}),
//
// and prior N(0,I) (Song et al. 2021, arXiv:2011.13456, eq. 29 of appendix B and eq. 33).
// β and the zero value are those of VP.
type SubVP struct {
	BetaMin float64 `json:"beta_min" default:"0.1" above:"0" help:"β at the data."`      // β_0; 0 means .1
	BetaMax float64 `json:"beta_max" default:"20" above:"0" help:"β at the noise."`      // β_1; 0 means 20
	Power   float64 `json:"power" default:"1" above:"0" help:"Exponent r of β in time."` // r; 0 means 1
	Lo      float64 `json:"lo" default:"0.001" above:"0" below:"1" help:"Sampled end."`  // sampled end; 0 means 1e-3
}

// Resolve returns p with its defaults filled in, or what is wrong with it.
func (p SubVP) Resolve() (SubVP, error) {
	b := p.rate()
	p = SubVP{b.min, b.max, b.r, cmp.Or(p.Lo, defaultLo)}
	if err := b.check("path subvp"); err != nil {
		return p, err
	}
	return p, checkSpan("path subvp", p.Lo, 1)
}

func (p SubVP) rate() beta { return beta{p.BetaMin, p.BetaMax, p.Power}.defaults(.1, 20, 1) }

// Name returns "subvp".
func (SubVP) Name() string { return "subvp" }

// Dim returns 0: any dimension.
func (SubVP) Dim() int { return 0 }

// Span returns Lo and 1.
func (p SubVP) Span() (lo, hi float64) { return cmp.Or(p.Lo, defaultLo), 1 }

// Modes returns 1.
func (SubVP) Modes() int { return 1 }

// Basis returns nil, the identity.
func (SubVP) Basis() []float64 { return nil }

// Mean returns nil, zero.
func (SubVP) Mean() []float64 { return nil }

// Beta returns β_t.
func (p SubVP) Beta(t float64) float64 { return p.rate().at(t) }

// B returns B_t = ∫₀ᵗ β.
func (p SubVP) B(t float64) float64 { return p.rate().integral(t) }

// Schedule writes α, σ, α̇ and σ̇ at t, each of length 1 or nil.
func (p SubVP) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	r := p.rate()
	β, b := r.at(t), r.integral(t)
	a := math.Exp(-b / 2)
	write(alpha, a)
	write(sigma, -math.Expm1(-b))
	write(dalpha, -β/2*a)
	write(dsigma, β*math.Exp(-b))
}

// Diffusion writes g² = β_t(1−e^{−2B_t}).
func (p SubVP) Diffusion(t float64, g2 []float64) {
	r := p.rate()
	write(g2, -r.at(t)*math.Expm1(-2*r.integral(t)))
}

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p SubVP) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(0,I).
func (p SubVP) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	return drawPrior(p, dst, nil, 1, n)
}
