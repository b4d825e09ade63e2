package path

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// VE is the variance-exploding path on t ∈ [0,1] with geometric noise levels,
//
//	α = 1,  σ = σ_min (σ_max/σ_min)^t,  g² = 2σ² ln(σ_max/σ_min),
//
// and prior N(0, σ_max² I) (Song et al. 2021, arXiv:2011.13456, eq. 30 of appendix C).
// At t = 0 the noise is σ_min, not zero, so the score is finite on the whole span. The zero value is
// the paper's .01 and 50; σ_max should be near the largest distance between two rows of the data.
type VE struct {
	SigmaMin float64 `json:"sigma_min" default:"0.01" above:"0" help:"Least noise."` // 0 means .01
	SigmaMax float64 `json:"sigma_max" default:"50" above:"0" help:"Largest noise."` // 0 means 50
}

// Resolve returns p with its defaults filled in, or what is wrong with it.
func (p VE) Resolve() (VE, error) {
	p = p.filled()
	return p, checkLevels("path ve", p.SigmaMin, p.SigmaMax)
}

func (p VE) filled() VE { return VE{cmp.Or(p.SigmaMin, .01), cmp.Or(p.SigmaMax, 50)} }

// checkLevels reports noise levels that are not 0 < σ_min < σ_max < ∞.
func checkLevels(where string, min, max float64) error {
	if !(min > 0 && min < max) || math.IsInf(max, 0) {
		return &ito.InputError{Where: where, What: fmt.Sprintf("the noise levels go from sigma_min=%g to sigma_max=%g",
			min, max),
			Do: "give 0 < sigma_min < sigma_max"}
	}
	return nil
}

// Name returns "ve".
func (VE) Name() string { return "ve" }

// Dim returns 0: any dimension.
func (VE) Dim() int { return 0 }

// Span returns 0 and 1.
func (VE) Span() (lo, hi float64) { return 0, 1 }

// Modes returns 1.
func (VE) Modes() int { return 1 }

// Basis returns nil, the identity.
func (VE) Basis() []float64 { return nil }

// Mean returns nil, zero.
func (VE) Mean() []float64 { return nil }

// Schedule writes α, σ, α̇ and σ̇ at t, each of length 1 or nil.
func (p VE) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	s, rate := p.level(t)
	write(alpha, 1)
	write(sigma, s)
	write(dalpha, 0)
	write(dsigma, s*rate)
}

// level returns σ(t) and ln(σ_max/σ_min).
func (p VE) level(t float64) (sigma, rate float64) {
	p = p.filled()
	rate = math.Log(p.SigmaMax / p.SigmaMin)
	return p.SigmaMin * math.Exp(t*rate), rate
}

// Diffusion writes g² = 2σ² ln(σ_max/σ_min).
func (p VE) Diffusion(t float64, g2 []float64) {
	s, rate := p.level(t)
	write(g2, 2*s*s*rate)
}

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p VE) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(0, σ_max² I).
func (p VE) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	return drawPrior(p, dst, nil, p.filled().SigmaMax, n)
}
