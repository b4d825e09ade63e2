package path

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito"
)

// VP is the variance-preserving path dx = −½β_t x dt + √β_t dw on t ∈ [Lo,1], with
//
//	β_t = β_min + (β_max−β_min) t^r,  B_t = ∫β,  α = e^{−B/2},  σ² = 1−e^{−B},  g² = β,
//
// and prior N(0,I). The zero value is β from .1 to 20 with r = 1: DDPM in continuous time
// (Song et al. 2021, arXiv:2011.13456, eq. 11 and appendix C). A constant rate is BetaMin = BetaMax.
// σ̇ is infinite at t = 0, which the span leaves out.
type VP struct {
	BetaMin float64 `json:"beta_min" default:"0.1" above:"0" help:"β at the data."`      // β_0; 0 means .1
	BetaMax float64 `json:"beta_max" default:"20" above:"0" help:"β at the noise."`      // β_1; 0 means 20
	Power   float64 `json:"power" default:"1" above:"0" help:"Exponent r of β in time."` // r; 0 means 1
	Lo      float64 `json:"lo" default:"0.001" above:"0" below:"1" help:"Sampled end."`  // sampled end; 0 means 1e-3
}

// Resolve returns p with its defaults filled in, or what is wrong with it.
func (p VP) Resolve() (VP, error) {
	b := p.rate()
	p = VP{b.min, b.max, b.r, cmp.Or(p.Lo, defaultLo)}
	if err := b.check("path vp"); err != nil {
		return p, err
	}
	return p, checkSpan("path vp", p.Lo, 1)
}

func (p VP) rate() beta { return beta{p.BetaMin, p.BetaMax, p.Power}.defaults(.1, 20, 1) }

// Name returns "vp".
func (VP) Name() string { return "vp" }

// Dim returns 0: any dimension.
func (VP) Dim() int { return 0 }

// Span returns Lo and 1.
func (p VP) Span() (lo, hi float64) { return cmp.Or(p.Lo, defaultLo), 1 }

// Modes returns 1.
func (VP) Modes() int { return 1 }

// Basis returns nil, the identity.
func (VP) Basis() []float64 { return nil }

// Mean returns nil, zero.
func (VP) Mean() []float64 { return nil }

// Beta returns β_t.
func (p VP) Beta(t float64) float64 { return p.rate().at(t) }

// B returns B_t = ∫₀ᵗ β.
func (p VP) B(t float64) float64 { return p.rate().integral(t) }

// Schedule writes α, σ, α̇ and σ̇ at t, each of length 1 or nil.
func (p VP) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	r := p.rate()
	β, b := r.at(t), r.integral(t)
	a := math.Exp(-b / 2)
	s := math.Sqrt(-math.Expm1(-b))
	write(alpha, a)
	write(sigma, s)
	write(dalpha, -β/2*a)
	write(dsigma, β*math.Exp(-b)/(2*s))
}

// Diffusion writes g² = β_t.
func (p VP) Diffusion(t float64, g2 []float64) { write(g2, p.Beta(t)) }

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p VP) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(0,I).
func (p VP) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error { return drawPrior(p, dst, nil, 1, n) }

// write sets the one value of a scalar schedule, unless it is not wanted.
func write(dst []float64, v float64) {
	if dst != nil {
		dst[0] = v
	}
}
