package path

import (
	"cmp"
	"fmt"
	"math"
	"sort"

	"github.com/seed9a7962a8/ito"
)

// KineticConfig says which kinetic-optimal path. It is computed from data by [KineticFromData], or from any
// other knowledge of the posterior variance by [KineticGamma].
type KineticConfig struct {
	// γ at n ≥ 2 even angles from 0 to π/2
	Gamma []float64 `json:"gamma" help:"γ at even angles from 0 to π/2."`
	// least √γ; 0 means .05
	Floor float64 `json:"floor" default:"0.05" above:"0" max:"1" help:"Least √γ."`
	// c, the data's standard deviation √(E‖x−μ‖²/D); 0 means 1
	Scale float64   `json:"scale" default:"1" above:"0" help:"Standard deviation of the data."`
	Mean  []float64 `json:"mean" help:"Mean of the data."`                              // μ [D]; nil for zero
	Lo    float64   `json:"lo" default:"0.001" above:"0" below:"1" help:"Sampled end."` // sampled end; 0 means 1e-3
}

// Kinetic is the scalar Gaussian path whose probability flow moves the data with the least kinetic energy (Shaul et
// al. 2023, arXiv:2306.06626). With τ = 1−t, a = α and m = σ/c for data of mean μ and scale c,
//
//	KE = ∫ E‖dx/dτ‖²/(Dc²) dτ = ∫ r'² + r²θ'²γ(θ) dτ,  a = r sin θ, m = r cos θ,
//	γ(θ) = 1 − ω(tan θ)/cos²θ,  ω(s) = E tr Cov(x_0 | s x_0 + z)/D,
//
// which is flat in the polar coordinates (r,u), u(θ) = ∫₀^θ √γ. The optimum is the straight chord from u = 0
// to U = u(π/2):
//
//	r² = 1−bτ+bτ²,  b = 2(1−cos U) = min KE,  u(τ) = atan2(τ sin U, 1−τ+τ cos U).
//
// γ ≡ 1 (data that are known at once) gives [Flow]; for N(0,I) data γ ≡ 0 and every angle costs nothing. There θ
// would jump, so √γ is kept above Floor: |α̇(1)| is then sin U/Floor at most, at a price in energy of the order of
// Floor (eight points on a circle: least .254, .271 with .05 and α̇ = −10, .256 with .01 and −49). α(0) = 1 and
// α(1) = 0; the prior is N(μ,c²I).
type Kinetic struct {
	cfg  KineticConfig
	s, u []float64 // √γ and u at the nodes
}

// NewKinetic integrates √γ, linear between the nodes. A γ that is not finite, or above 1 by more than 1e-6, is an
// [ito.InputError]; one below 0, which noise can make it, counts as 0.
func NewKinetic(cfg KineticConfig) (*Kinetic, error) {
	const where = "path kinetic"
	cfg.Floor, cfg.Scale, cfg.Lo = cmp.Or(cfg.Floor, .05), cmp.Or(cfg.Scale, 1), cmp.Or(cfg.Lo, defaultLo)
	n := len(cfg.Gamma)
	if n < 2 || !(cfg.Floor > 0 && cfg.Floor <= 1) || !(cfg.Scale > 0) || math.IsInf(cfg.Scale, 0) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("%d values of gamma, floor=%g, scale=%g", n,
			cfg.Floor, cfg.Scale),
			Do: "give at least 2 values, 0 < floor ≤ 1 and a positive scale"}
	}
	if err := checkSpan(where, cfg.Lo, 1); err != nil {
		return nil, err
	}
	if err := checkMean(where, cfg.Mean, len(cfg.Mean)); err != nil {
		return nil, err
	}
	cfg.Gamma, cfg.Mean = append([]float64(nil), cfg.Gamma...), append([]float64(nil), cfg.Mean...)
	p := &Kinetic{cfg: cfg, s: make([]float64, n), u: make([]float64, n)}
	for j, γ := range cfg.Gamma {
		if !(γ <= 1+1e-6) || math.IsInf(γ, 0) {
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("gamma %d is %g", j, γ), Do: "it is at most 1"}
		}
		p.s[j] = math.Max(math.Sqrt(math.Min(math.Max(γ, 0), 1)), cfg.Floor)
		if j > 0 {
			p.u[j] = p.u[j-1] + p.step()*(p.s[j-1]+p.s[j])/2
		}
	}
	return p, nil
}

// step is the angle between two nodes.
func (p *Kinetic) step() float64 { return math.Pi / 2 / float64(len(p.cfg.Gamma)-1) }

// angle returns the θ at which u is u, and √γ there. Within a cell √γ is linear and u a parabola.
func (p *Kinetic) angle(u float64) (θ, s float64) {
	n := len(p.u) - 1
	j := min(max(sort.SearchFloat64s(p.u, u)-1, 0), n-1)
	h := p.step()
	slope := (p.s[j+1] - p.s[j]) / h
	du := u - p.u[j]
	δ := 2 * du / (p.s[j] + math.Sqrt(math.Max(p.s[j]*p.s[j]+2*slope*du, 0)))
	return float64(j)*h + δ, p.s[j] + slope*δ
}

// Angle returns U and the least kinetic energy b = 2(1−cos U), which the floor of √γ is part of.
func (p *Kinetic) Angle() (U, b float64) {
	U = p.u[len(p.u)-1]
	return U, 2 * (1 - math.Cos(U))
}

// Config returns the configuration with its defaults filled in. Its lists are not copies.
func (p *Kinetic) Config() KineticConfig { return p.cfg }

// Name returns "kinetic".
func (*Kinetic) Name() string { return "kinetic" }

// Dim returns the length of μ, or 0 for any dimension.
func (p *Kinetic) Dim() int { return len(p.cfg.Mean) }

// Span returns Lo and 1.
func (p *Kinetic) Span() (lo, hi float64) { return p.cfg.Lo, 1 }

// Modes returns 1.
func (*Kinetic) Modes() int { return 1 }

// Basis returns nil, the identity.
func (*Kinetic) Basis() []float64 { return nil }

// Mean returns μ [D], or nil for zero. It is not a copy.
func (p *Kinetic) Mean() []float64 { return p.cfg.Mean }

// Schedule writes α, σ, α̇ and σ̇ at t, each of length 1 or nil. α is exactly 0 at 1 and σ at 0.
func (p *Kinetic) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	τ := 1 - t
	U, b := p.Angle()
	sin, cos := math.Sincos(U)
	x, y := t+τ*cos, τ*sin // 1−τ+τ cos U
	r := math.Hypot(x, y)
	θ, s := p.angle(math.Atan2(y, x))
	dr, dθ := b*(2*τ-1)/(2*r), sin/(r*r*s) // with τ
	sθ, cθ := math.Sincos(θ)
	switch τ {
	case 0:
		sθ, cθ = 0, 1
	case 1:
		sθ, cθ = 1, 0
	}
	c := p.cfg.Scale
	write(alpha, r*sθ)
	write(sigma, c*r*cθ)
	write(dalpha, -(dr*sθ + r*cθ*dθ))
	write(dsigma, -c*(dr*cθ-r*sθ*dθ))
}

// Diffusion writes g² = 2σσ̇ − 2σ²α̇/α, with α at least .05 there: a finite choice as that of [Flow.Diffusion].
func (p *Kinetic) Diffusion(t float64, g2 []float64) {
	var a, s, da, ds [1]float64
	p.Schedule(t, a[:], s[:], da[:], ds[:])
	write(g2, math.Max(2*s[0]*ds[0]-2*s[0]*s[0]*da[0]/math.Max(a[0], flowMinAlpha), 0))
}

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p *Kinetic) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(μ,c²I).
func (p *Kinetic) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	return drawPrior(p, dst, p.cfg.Mean, p.cfg.Scale, n)
}

// KineticGamma returns γ at n even angles from 0 to π/2 from ω(s) = E tr Cov(x_0 | s x_0 + z)/D of data with mean 0 and
// E‖x_0‖² = D. Give ω itself, not 1 minus E‖E[x_0|·]‖²/D, which loses it. ω is called at the n−2 angles between; at
// θ = 0 it is 1, and γ(π/2) follows the last two angles: 0 for data with a density, 1 for points.
func KineticGamma(n int, omega func(s float64) float64) []float64 {
	return gammaOf(n, func(θ float64) float64 {
		sin, cos := math.Sincos(θ)
		return 1 - omega(sin/cos)/(cos*cos)
	})
}

// gammaOf is γ at n even angles, of which at computes all but the ends.
func gammaOf(n int, at func(θ float64) float64) []float64 {
	γ := make([]float64, n)
	for j := 1; j < n-1; j++ {
		γ[j] = at(math.Pi / 2 * float64(j) / float64(n-1))
	}
	if n > 3 {
		γ[n-1] = math.Min(math.Max(2*γ[n-2]-γ[n-3], 0), 1)
	}
	return γ
}

// KineticEnergy returns ∫ r'² + r²θ'²γ(θ) dt of a path of one mode over t ∈ [from,to], a = α and m = σ/scale, by n
// differences, γ being linear between even angles.
func KineticEnergy(p ito.Diagonal, gamma []float64, scale, from, to float64, n int) float64 {
	var a, s [1]float64
	polar := func(t float64) (r, θ float64) {
		p.Schedule(t, a[:], s[:], nil, nil)
		return math.Hypot(a[0], s[0]/scale), math.Atan2(a[0], s[0]/scale)
	}
	at := func(θ float64) float64 {
		x := θ / (math.Pi / 2) * float64(len(gamma)-1)
		j := min(max(int(x), 0), len(gamma)-2)
		u := x - float64(j)
		return math.Max((1-u)*gamma[j]+u*gamma[j+1], 0)
	}
	h, sum := (to-from)/float64(n), 0.0
	r0, θ0 := polar(from)
	for i := range n {
		r1, θ1 := polar(from + float64(i+1)*h)
		r, dr, dθ := (r0+r1)/2, r1-r0, θ1-θ0
		sum += (dr*dr + r*r*dθ*dθ*at((θ0+θ1)/2)) / h
		r0, θ0 = r1, θ1
	}
	return sum
}
