package path

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// The rates at which a mean-reverting path reverts.
const (
	ConstantTheta = "constant" // θ_i = 1
	LinearTheta   = "linear"   // θ_i evenly spaced from θ to 200 θ
	CosineTheta   = "cosine"   // θ_i = 1 − cos²((u+.008)/1.008·π/2)/cos²(.008/1.008·π/2), u = (i+1)/(T+2)
)

// RevertingConfig says which mean-reverting path.
type RevertingConfig struct {
	// constant, linear or cosine; "" means cosine
	Theta string `json:"theta" default:"cosine" enum:"constant,linear,cosine" help:"Rates θ: ${enum}."`
	// T, steps of the table; 0 means 100
	Steps int `json:"steps" default:"100" min:"2" help:"Steps of the table."`
	// α at the drawn end; 0 means .01
	Eps float64 `json:"eps" default:"0.01" above:"0" below:"1" help:"α at the drawn end."`
	// σ∞, the stationary noise; 0 means 10/255
	SigmaInf float64   `json:"sigma_inf" default:"0.0392156862745098" above:"0" help:"Stationary noise σ∞."`
	Mean     []float64 `json:"mean" help:"Centre of the data."` // μ [D]; nil for zero. A μ of each row is for [RowMean]
}

// Reverting is the mean-reverting path of IR-SDE, dx = θ_t(μ−x)dt + σ_t dw with σ_t² = 2σ∞²θ_t:
//
//	x_t = μ + α(x_0−μ) + σε,  α = e^{−∫θ},  σ = σ∞√(1−α²),  g² = 2σ∞²θ,
//
// on t = i/T, i from 1 to T (Luo et al. 2023, arXiv:2301.11699, eq. 3–6). ∫θ at step i is dt·Σ_{1≤j≤i} θ_j with
// dt such that α(1) = Eps, and linear between steps. Its prior is N(μ,σ∞²I).
//
// In restoration x_0 is the clean image and μ the degraded one, which differs from row to row: [RowMean]
// carries it in the condition, every solver unchanged.
type Reverting struct {
	cfg  RevertingConfig
	logα table // [T+1], −∫θ
	unit float64
}

// NewReverting computes the table, O(T).
func NewReverting(cfg RevertingConfig) (*Reverting, error) {
	const where = "path reverting"
	if cfg.Theta == "" {
		cfg.Theta = CosineTheta
	}
	cfg.Steps, cfg.Eps, cfg.SigmaInf = cmp.Or(cfg.Steps, 100), cmp.Or(cfg.Eps, .01), cmp.Or(cfg.SigmaInf, 10./255)
	if cfg.Steps < 2 || cfg.Steps > maxSteps || !(cfg.Eps > 0 && cfg.Eps < 1) || !(cfg.SigmaInf > 0) ||
		math.IsInf(cfg.SigmaInf, 0) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("steps=%d, eps=%g, sigma_inf=%g", cfg.Steps,
			cfg.Eps, cfg.SigmaInf),
			Do: fmt.Sprintf("give 2 to %d steps, 0 < eps < 1 and a positive sigma_inf", maxSteps)}
	}
	if err := checkMean(where, cfg.Mean, len(cfg.Mean)); err != nil {
		return nil, err
	}
	cfg.Mean = append([]float64(nil), cfg.Mean...)
	n := cfg.Steps
	p := &Reverting{cfg: cfg, logα: make(table, n+1)}
	for i := 1; i <= n; i++ {
		θ := 1.0
		switch cfg.Theta {
		case ConstantTheta:
		case LinearTheta:
			θ = 1 + 199*float64(i)/float64(n)
		case CosineTheta:
			// cos²a − cos²b = sin(b−a) sin(b+a).
			u, a := float64(i+1)/float64(n+2), .008/1.008*math.Pi/2
			b := (u + .008) / 1.008 * math.Pi / 2
			θ = math.Sin(b-a) * math.Sin(b+a) / (math.Cos(a) * math.Cos(a))
		default:
			return nil, unknown(where, "rate", cfg.Theta, []string{ConstantTheta, LinearTheta, CosineTheta})
		}
		p.logα[i] = p.logα[i-1] - θ
	}
	p.unit = math.Log(cfg.Eps) / p.logα[n]
	for i := range p.logα {
		p.logα[i] *= p.unit
	}
	return p, nil
}

// Config returns the configuration with its defaults filled in. Its list is not a copy.
func (p *Reverting) Config() RevertingConfig { return p.cfg }

// Name returns "reverting".
func (*Reverting) Name() string { return "reverting" }

// Dim returns the length of μ, or 0 for any dimension.
func (p *Reverting) Dim() int { return len(p.cfg.Mean) }

// Span returns 1/T and 1.
func (p *Reverting) Span() (lo, hi float64) { return 1 / float64(p.cfg.Steps), 1 }

// Steps returns T.
func (p *Reverting) Steps() int { return p.cfg.Steps }

// Unit returns dt, the length of a step in the units of θ.
func (p *Reverting) Unit() float64 { return p.unit }

// Label returns the step i = Tt, not rounded: what the network is told.
func (p *Reverting) Label(t float64) float64 { return t * float64(p.cfg.Steps) }

// Modes returns 1.
func (*Reverting) Modes() int { return 1 }

// Basis returns nil, the identity.
func (*Reverting) Basis() []float64 { return nil }

// Mean returns μ [D], or nil for zero. It is not a copy.
func (p *Reverting) Mean() []float64 { return p.cfg.Mean }

// Schedule writes α, σ, α̇ and σ̇ at t, each of length 1 or nil. At a node the derivatives are those of
// the cell to its right; σ̇ is infinite at t = 0.
func (p *Reverting) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	logα, slope := p.logα.at(t)
	α, s := math.Exp(logα), math.Sqrt(-math.Expm1(2*logα))
	write(alpha, α)
	write(sigma, p.cfg.SigmaInf*s)
	write(dalpha, slope*α)
	write(dsigma, -p.cfg.SigmaInf*slope*α*α/s)
}

// Diffusion writes g² = 2σ∞²θ.
func (p *Reverting) Diffusion(t float64, g2 []float64) {
	_, slope := p.logα.at(t)
	write(g2, -2*p.cfg.SigmaInf*p.cfg.SigmaInf*slope)
}

// TimeAt implements [SNRClock]: e^{−2λ} = σ∞²(1−α²)/α².
func (p *Reverting) TimeAt(λ float64) float64 {
	return p.logα.inverse(-softplus(-2*(λ+math.Log(p.cfg.SigmaInf))) / 2)
}

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p *Reverting) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(μ,σ∞²I).
func (p *Reverting) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	return drawPrior(p, dst, p.cfg.Mean, p.cfg.SigmaInf, n)
}
