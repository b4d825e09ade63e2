package path

import (
	"cmp"

	"github.com/seed9a7962a8/ito"
)

// EDM is the path whose clock is the noise level itself, t = σ ∈ [SigmaMin, SigmaMax]:
//
//	α = 1,  σ = t,  g² = 2t,
//
// with prior N(0, σ_max² I) (Karras et al. 2022, arXiv:2206.00364, table 1, column "Ours").
// The zero value is the paper's .002 and 80, for data of standard deviation near .5.
type EDM struct {
	SigmaMin float64 `json:"sigma_min" default:"0.002" above:"0" help:"Least noise, the sampled end."` // 0 means .002
	SigmaMax float64 `json:"sigma_max" default:"80" above:"0" help:"Largest noise, the drawn end."`    // 0 means 80
}

// Resolve returns p with its defaults filled in, or what is wrong with it.
func (p EDM) Resolve() (EDM, error) {
	lo, hi := p.Span()
	return EDM{lo, hi}, checkLevels("path edm", lo, hi)
}

// Name returns "edm".
func (EDM) Name() string { return "edm" }

// Objective implements [Published].
func (EDM) Objective() string { return "edm" }

// Dim returns 0: any dimension.
func (EDM) Dim() int { return 0 }

// Span returns SigmaMin and SigmaMax.
func (p EDM) Span() (lo, hi float64) { return cmp.Or(p.SigmaMin, .002), cmp.Or(p.SigmaMax, 80) }

// Modes returns 1.
func (EDM) Modes() int { return 1 }

// Basis returns nil, the identity.
func (EDM) Basis() []float64 { return nil }

// Mean returns nil, zero.
func (EDM) Mean() []float64 { return nil }

// Schedule writes α = 1, σ = t, α̇ = 0 and σ̇ = 1, each of length 1 or nil.
func (EDM) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	write(alpha, 1)
	write(sigma, t)
	write(dalpha, 0)
	write(dsigma, 1)
}

// Diffusion writes g² = 2t.
func (EDM) Diffusion(t float64, g2 []float64) { write(g2, 2*t) }

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p EDM) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(0, σ_max² I).
func (p EDM) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	_, hi := p.Span()
	return drawPrior(p, dst, nil, hi, n)
}
