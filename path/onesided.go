package path

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito"
)

// OneSided is the interpolant from data to N(0,I), on t ∈ [Lo,1]:
//
//	x_t = αx_0 + σz,  linear: α = 1−t, σ = t;  trig: α = cos(πt/2), σ = sin(πt/2)
//
// (Albergo, Boffi & Vanden-Eijnden 2023, arXiv:2303.08797, §3.4, with t ← 1−t). σ acts as γ: as a TwoEnded path A = α,
// B = 0 and γ = σ. It is Diagonal as well, so every solver and exact field takes it. The linear one is [Flow].
type OneSided struct {
	Family string `json:"family" default:"linear" enum:"linear,trig" help:"Family: ${enum}."` // "" means linear
	// sampled end; 0 means 1e-3
	Lo float64 `json:"lo" default:"0.001" above:"0" below:"1" help:"Sampled end."`
}

// Resolve returns p with its defaults filled in, or what is wrong with it.
func (p OneSided) Resolve() (OneSided, error) {
	p.Lo = cmp.Or(p.Lo, defaultLo)
	switch p.Family {
	case "":
		p.Family = LinearFamily
	case LinearFamily, TrigFamily:
	default:
		return p, unknown("path onesided", "family", p.Family, []string{LinearFamily, TrigFamily})
	}
	return p, checkSpan("path onesided", p.Lo, 1)
}

// Name returns "onesided".
func (OneSided) Name() string { return "onesided" }

// Objective implements [Published].
func (OneSided) Objective() string { return "flow" }

// Dim returns 0: any dimension.
func (OneSided) Dim() int { return 0 }

// Span returns Lo and 1.
func (p OneSided) Span() (lo, hi float64) { return cmp.Or(p.Lo, defaultLo), 1 }

// Modes returns 1.
func (OneSided) Modes() int { return 1 }

// Basis returns nil, the identity.
func (OneSided) Basis() []float64 { return nil }

// Mean returns nil, zero.
func (OneSided) Mean() []float64 { return nil }

// Schedule writes α, σ, α̇ and σ̇ at t, each of length 1 or nil. The ends are exact.
func (p OneSided) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	if p.Family != TrigFamily {
		Flow{}.Schedule(t, alpha, sigma, dalpha, dsigma)
		return
	}
	s, c := math.Sincos(math.Pi / 2 * t)
	if t == 1 {
		c = 0
	}
	write(alpha, c)
	write(sigma, s)
	write(dalpha, -math.Pi/2*s)
	write(dsigma, math.Pi/2*c)
}

// Diffusion writes g² = 2t/max(1−t, .05), or π tan(πt/2) with the cosine at least .05: see [Flow.Diffusion].
func (p OneSided) Diffusion(t float64, g2 []float64) {
	if p.Family != TrigFamily {
		Flow{}.Diffusion(t, g2)
		return
	}
	s, c := math.Sincos(math.Pi / 2 * t)
	write(g2, math.Pi*s/math.Max(c, flowMinAlpha))
}

// TimeAt implements [SNRClock].
func (p OneSided) TimeAt(λ float64) float64 {
	if p.Family != TrigFamily {
		return Flow{}.TimeAt(λ)
	}
	return 2 / math.Pi * math.Atan(math.Exp(-λ))
}

// Interpolation returns the coefficients at t.
func (p OneSided) Interpolation(t float64) ito.Interpolation {
	var a, s, da, ds [1]float64
	p.Schedule(t, a[:], s[:], da[:], ds[:])
	return ito.Interpolation{A: a[0], Gamma: s[0], DA: da[0], HalfDGamma2: s[0] * ds[0]}
}

// Between is Perturb: x1 is not looked at, as the drawn end is the noise.
func (p OneSided) Between(dst, x0, _ ito.States, t ito.Times, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p OneSided) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(0,I).
func (p OneSided) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	return drawPrior(p, dst, nil, 1, n)
}
