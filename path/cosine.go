package path

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Cosine is the variance-preserving path whose α is a cosine, on t ∈ [Lo,Hi] inside (0,1):
//
//	α = cos θ/cos θ_0,  θ = (t+s)/(1+s)·π/2,  σ² = 1−α² = sin(θ−θ_0) sin(θ+θ_0)/cos²θ_0,  g² = 2θ̇ tan θ,
//
// with prior N(0,I) (Nichol & Dhariwal 2021, arXiv:2102.09672, eq. 17). At t = 1 the drift −θ̇ tan θ has no
// limit: the default Hi is the T of DPM-Solver, where log(α/σ) = −4.78.
type Cosine struct {
	S  float64 `json:"s" default:"0.008" above:"0" max:"1" help:"Offset s."`       // offset s; 0 means .008
	Lo float64 `json:"lo" default:"0.001" above:"0" below:"1" help:"Sampled end."` // sampled end; 0 means 1e-3
	Hi float64 `json:"hi" default:"0.9946" above:"0" below:"1" help:"Drawn end."`  // drawn end; 0 means .9946
}

// Resolve returns p with its defaults filled in, or what is wrong with it.
func (p Cosine) Resolve() (Cosine, error) {
	p = p.filled()
	if !(p.S > 0 && p.S <= 1) || !(p.Hi < 1) {
		return p, &ito.InputError{Where: "path cosine", What: fmt.Sprintf("s=%g, hi=%g", p.S, p.Hi),
			Do: "give 0 < s ≤ 1 and hi < 1, where the drift ends"}
	}
	return p, checkSpan("path cosine", p.Lo, p.Hi)
}

func (p Cosine) filled() Cosine {
	return Cosine{cmp.Or(p.S, .008), cmp.Or(p.Lo, defaultLo), cmp.Or(p.Hi, .9946)}
}

// Name returns "cosine".
func (Cosine) Name() string { return "cosine" }

// Dim returns 0: any dimension.
func (Cosine) Dim() int { return 0 }

// Span returns Lo and Hi.
func (p Cosine) Span() (lo, hi float64) { p = p.filled(); return p.Lo, p.Hi }

// Modes returns 1.
func (Cosine) Modes() int { return 1 }

// Basis returns nil, the identity.
func (Cosine) Basis() []float64 { return nil }

// Mean returns nil, zero.
func (Cosine) Mean() []float64 { return nil }

// angle returns θ(t), θ_0 and θ̇.
func (p Cosine) angle(t float64) (θ, θ0, rate float64) {
	s := cmp.Or(p.S, .008)
	rate = math.Pi / 2 / (1 + s)
	return rate * (t + s), rate * s, rate
}

// Schedule writes α, σ, α̇ and σ̇ at t, each of length 1 or nil. σ̇ is infinite at t = 0.
func (p Cosine) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	θ, θ0, rate := p.angle(t)
	c := math.Cos(θ0)
	a, da := math.Cos(θ)/c, -math.Sin(θ)/c*rate
	s := math.Sqrt(math.Sin(rate*t)*math.Sin(θ+θ0)) / c
	write(alpha, a)
	write(sigma, s)
	write(dalpha, da)
	write(dsigma, -a*da/s)
}

// Diffusion writes g² = 2θ̇ tan θ.
func (p Cosine) Diffusion(t float64, g2 []float64) {
	θ, _, rate := p.angle(t)
	write(g2, 2*rate*math.Tan(θ))
}

// TimeAt inverts the log-SNR.
func (p Cosine) TimeAt(λ float64) float64 {
	// sin(θ−θ_0) sin(θ+θ_0) = sin²θ − sin²θ_0 = σ² cos²θ_0, which keeps its bits near θ_0.
	_, θ0, rate := p.angle(0)
	c, s := math.Cos(θ0), math.Sin(θ0)
	v := c * c / (1 + math.Exp(2*λ)) // σ² cos²θ_0
	sin := math.Sqrt(v + s*s)
	// θ−θ_0 from its sine, v/sin(θ+θ_0) = v/(sin θ cos θ_0 + cos θ sin θ_0).
	cos := c / math.Sqrt(1+math.Exp(-2*λ))
	return math.Atan2(v/(sin*c+cos*s), cos*c+sin*s) / rate
}

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p Cosine) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(0,I).
func (p Cosine) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	return drawPrior(p, dst, nil, 1, n)
}
