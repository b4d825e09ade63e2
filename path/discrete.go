package path

import (
	"cmp"
	"fmt"
	"math"
	"sort"

	"github.com/seed9a7962a8/ito"
)

// The noise schedules of discrete tables, and the conventions for what a network was told of the time.
const (
	LinearBetas  = "linear"            // β_i evenly spaced (DDPM)
	ScaledLinear = "scaled_linear"     // √β_i evenly spaced (Stable Diffusion)
	SquaredCos   = "squaredcos_cap_v2" // ᾱ(t) = cos²((t+.008)/1.008·π/2), β_i ≤ .999 (improved DDPM)

	LabelIndex    = "index"     // i = Nt−1 (DDPM, diffusers)
	LabelThousand = "thousand"  // 1000(t−1/N) (DPM-Solver)
	LabelScoreSDE = "score_sde" // 999 t (score_sde)
)

// DiscreteConfig says which discrete table.
type DiscreteConfig struct {
	// linear, scaled_linear or squaredcos_cap_v2; "" means linear
	Schedule string `json:"schedule" enum:",linear,scaled_linear,squaredcos_cap_v2" help:"Schedule of the betas; without it linear."`
	// number of steps that the network was trained on; 0 means 1000, or the length of Betas
	N int `json:"n" name:"steps" min:"0" help:"Steps of the table; 0: 1000, or as many as betas."`
	// 0 means 1e-4, .00085 when scaled
	BetaStart float64 `json:"beta_start" min:"0" help:"First beta; 0: 1e-4, .00085 for scaled_linear."`
	// 0 means .02, .012 when scaled
	BetaEnd float64 `json:"beta_end" min:"0" help:"Last beta; 0: .02, .012 for scaled_linear."`
	// [N] trained or copied betas, instead of a schedule; nil for none
	Betas []float64 `json:"betas" above:"0" below:"1" help:"The betas themselves."`
	// rescale so that nothing is left of the data at the last step
	ZeroSNR bool `json:"zero_snr" help:"Nothing is left of the data at the last step."`
	// the span ends at the last step with log(α/σ) ≥ this; 0 means −5.1 for squaredcos_cap_v2, no limit for the others
	LambdaMin float64 `json:"lambda_min" help:"Least log(α/σ); 0: −5.1 for squaredcos_cap_v2, none for the others."`
	// index, thousand or score_sde; "" means index
	Labels string `json:"labels" default:"index" enum:"index,thousand,score_sde" help:"What the network is told: ${enum}."`
}

// Discrete is the variance-preserving path of a network that was trained on N steps: with ᾱ_i = Π_{j≤i}(1−β_j)
// for i = 0 … N−1,
//
//	t_i = (i+1)/N,  α(t_i) = √ᾱ_i,  σ² = 1−α²,
//
// log α linear between the t_i, and α(0) = 1. The span is from t_0 = 1/N to 1, or to where LambdaMin cuts
// it; g² = −2 dlog α/dt is constant in a cell. Its prior is N(0,I). Steps of a solver need not be nodes:
// [Discrete.Label] says what the network is told at any t. (Ho et al. 2020, arXiv:2006.11239; Lu et al.
// 2022, arXiv:2206.00927, appendix D.4.)
//
// ZeroSNR replaces √ᾱ by (√ᾱ−√ᾱ_T)·√ᾱ_0/(√ᾱ_0−√ᾱ_T) (Lin et al. 2023, arXiv:2305.08891, algorithm 1), with α
// linear in the last cell, where its logarithm ends. At t = 1 a predicted ε or score then says nothing of
// the data: see [Admits].
type Discrete struct {
	cfg   DiscreteConfig
	logα  table // [N+1]
	hi    float64
	label func(t float64) float64
}

// NewDiscrete computes the table, in float64 whatever the network's precision: O(N). Betas outside (0,1),
// an unknown schedule and a table that ends where it begins are an [ito.InputError].
func NewDiscrete(cfg DiscreteConfig) (*Discrete, error) {
	const where = "path discrete"
	if len(cfg.Betas) == 0 {
		if cfg.Schedule == "" {
			cfg.Schedule = LinearBetas
		}
		cfg.N = cmp.Or(cfg.N, 1000)
	} else if cfg.Schedule != "" || cfg.N != 0 && cfg.N != len(cfg.Betas) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("%d betas for %d steps of schedule %q",
			len(cfg.Betas), cfg.N, cfg.Schedule), Do: "give betas or a schedule"}
	} else {
		cfg.N = len(cfg.Betas)
	}
	if cfg.N < 2 || cfg.N > maxSteps {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("a table of %d steps", cfg.N),
			Do: fmt.Sprintf("give 2 to %d", maxSteps)}
	}
	if cfg.Labels == "" {
		cfg.Labels = LabelIndex
	}
	if cfg.Schedule == SquaredCos && !cfg.ZeroSNR {
		cfg.LambdaMin = cmp.Or(cfg.LambdaMin, -5.1)
	}
	cfg.Betas = append([]float64(nil), cfg.Betas...)
	betas, err := cfg.betas()
	if err != nil {
		return nil, err
	}
	p := &Discrete{logα: make(table, cfg.N+1), hi: 1}
	for i, β := range betas {
		if !(β > 0 && β < 1) {
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("beta %d is %g", i, β),
				Do: "betas are between 0 and 1"}
		}
		p.logα[i+1] = p.logα[i] + math.Log1p(-β)/2
	}
	if cfg.ZeroSNR {
		p.logα.rescale()
	}
	n := float64(cfg.N)
	switch cfg.Labels {
	case LabelIndex:
		p.label = func(t float64) float64 { return n*t - 1 }
	case LabelThousand:
		p.label = func(t float64) float64 { return 1000 * (t - 1/n) }
	case LabelScoreSDE:
		p.label = func(t float64) float64 { return 999 * t }
	default:
		return nil, unknown(where, "convention of labels", cfg.Labels, []string{LabelIndex, LabelThousand,
			LabelScoreSDE})
	}
	p.cfg = cfg
	return p, p.cut()
}

// betas returns the N betas of the configuration, its defaults filled in.
func (c *DiscreteConfig) betas() ([]float64, error) {
	if len(c.Betas) > 0 {
		return c.Betas, nil
	}
	b, n := make([]float64, c.N), float64(c.N)
	switch c.Schedule {
	case LinearBetas:
		c.BetaStart, c.BetaEnd = cmp.Or(c.BetaStart, 1e-4), cmp.Or(c.BetaEnd, .02)
		for i := range b {
			b[i] = c.BetaStart + float64(i)/(n-1)*(c.BetaEnd-c.BetaStart)
		}
	case ScaledLinear:
		c.BetaStart, c.BetaEnd = cmp.Or(c.BetaStart, .00085), cmp.Or(c.BetaEnd, .012)
		lo, hi := math.Sqrt(c.BetaStart), math.Sqrt(c.BetaEnd)
		for i := range b {
			r := lo + float64(i)/(n-1)*(hi-lo)
			b[i] = r * r
		}
	case SquaredCos:
		bar := func(t float64) float64 { c := math.Cos((t + .008) / 1.008 * math.Pi / 2); return c * c }
		for i := range b {
			b[i] = math.Min(1-bar(float64(i+1)/n)/bar(float64(i)/n), .999)
		}
	default:
		return nil, unknown("path discrete", "schedule", c.Schedule, []string{LinearBetas, ScaledLinear, SquaredCos})
	}
	return b, nil
}

// rescale moves the table so that α vanishes at its end and the first step stays.
func (a table) rescale() {
	n := len(a) - 1
	first, last := math.Exp(a[1]), math.Exp(a[n])
	for i := 2; i < n; i++ {
		// √ᾱ_i − √ᾱ_T by expm1, for the steps next to the last.
		a[i] = math.Log(last * math.Expm1(a[i]-a[n]) * first / (first - last))
	}
	a[n] = math.Inf(-1)
}

// cut ends the span where LambdaMin says.
func (p *Discrete) cut() error {
	last := p.cfg.N
	if p.cfg.LambdaMin != 0 {
		last = sort.Search(p.cfg.N, func(i int) bool { return tableLogSNR(p.logα[i+1]) < p.cfg.LambdaMin })
	}
	p.hi = float64(last) / float64(p.cfg.N)
	if last < 2 {
		return &ito.InputError{Where: "path discrete", What: fmt.Sprintf("%d steps have a log-SNR of %g or more", last,
			p.cfg.LambdaMin), Do: "lower lambda_min"}
	}
	return nil
}

// tableLogSNR returns log(α/σ) of a variance-preserving log α.
func tableLogSNR(logα float64) float64 { return logα - math.Log(-math.Expm1(2*logα))/2 }

// Config returns a copy of the configuration with its defaults filled in.
func (p *Discrete) Config() DiscreteConfig {
	c := p.cfg
	c.Betas = append([]float64(nil), c.Betas...)
	return c
}

// Name returns "discrete".
func (*Discrete) Name() string { return "discrete" }

// Dim returns 0: any dimension.
func (*Discrete) Dim() int { return 0 }

// Span returns 1/N and 1, or the time of the last step that LambdaMin leaves.
func (p *Discrete) Span() (lo, hi float64) { return 1 / float64(p.cfg.N), p.hi }

// Steps returns N.
func (p *Discrete) Steps() int { return p.cfg.N }

// Time returns t_i = (i+1)/N.
func (p *Discrete) Time(i int) float64 { return float64(i+1) / float64(p.cfg.N) }

// Label returns what the network is told at t, in its own convention, not below 0 and not rounded.
func (p *Discrete) Label(t float64) float64 { return math.Max(p.label(t), 0) }

// LabelAt returns the index i, not rounded, of the noise level ρ = σ/α, linear in log ρ between the steps
// and within [0,N−1]: what samplers that step in ρ (k-diffusion, diffusers' sigma schedules) tell the network.
func (p *Discrete) LabelAt(rho float64) float64 {
	at := func(i int) float64 { return -tableLogSNR(p.logα[i+1]) }
	x, n := math.Log(rho), p.cfg.N
	k := sort.Search(n, func(i int) bool { return at(i) >= x }) // the first step with as much noise
	if k == 0 || k == n {
		return float64(max(k-1, 0))
	}
	return float64(k-1) + (x-at(k-1))/(at(k)-at(k-1))
}

// Admits refuses a predicted ε or score when nothing is left of the data at t = 1.
func (p *Discrete) Admits(k ito.Prediction) error {
	if p.cfg.ZeroSNR && (k == ito.PredEps || k == ito.PredScore) {
		return &ito.UnsupportedError{What: fmt.Sprintf("prediction %s on a path with zero terminal SNR", k),
			Why:     "at its end the states are pure noise, of which the data cannot be told by what the noise is",
			Nearest: ito.PredX0.String() + " or " + ito.PredVelocity.String()}
	}
	return nil
}

// Admits reports a prediction from which p cannot be sampled, and nil for a path that has none.
func Admits(p ito.Path, k ito.Prediction) error {
	if a, ok := p.(interface{ Admits(ito.Prediction) error }); ok {
		return a.Admits(k)
	}
	return nil
}

// Modes returns 1.
func (*Discrete) Modes() int { return 1 }

// Basis returns nil, the identity.
func (*Discrete) Basis() []float64 { return nil }

// Mean returns nil, zero.
func (*Discrete) Mean() []float64 { return nil }

// at returns α, σ² and α̇/α, or α̇ itself in a last cell that ends at α = 0.
func (p *Discrete) at(t float64) (α, v, rate float64, ending bool) {
	n := p.cfg.N
	if start := float64(n-1) / float64(n); p.cfg.ZeroSNR && t >= start {
		a := math.Exp(p.logα[n-1])
		α = a * math.Max(1-t, 0) * float64(n)
		return α, 1 - α*α, -a * float64(n), true
	}
	logα, slope := p.logα.at(t)
	return math.Exp(logα), -math.Expm1(2 * logα), slope, false
}

// Schedule writes α, σ, α̇ and σ̇ at t, each of length 1 or nil. At a node the derivatives are those of
// the cell to its right; σ̇ is infinite at t = 0.
func (p *Discrete) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	α, v, rate, ending := p.at(t)
	if !ending {
		rate *= α
	}
	σ := math.Sqrt(v)
	write(alpha, α)
	write(sigma, σ)
	write(dalpha, rate)
	write(dsigma, -α*rate/σ)
}

// Diffusion writes g² = −2α̇/α; with ZeroSNR −2α̇/max(α, .05), a finite choice as that of [Flow.Diffusion].
func (p *Discrete) Diffusion(t float64, g2 []float64) {
	α, _, rate, ending := p.at(t)
	if ending {
		rate /= math.Max(α, flowMinAlpha)
	} else if p.cfg.ZeroSNR {
		rate *= math.Min(1, α/flowMinAlpha)
	}
	write(g2, -2*rate)
}

// TimeAt inverts the log-SNR.
func (p *Discrete) TimeAt(λ float64) float64 {
	n := p.cfg.N
	logα := -softplus(-2*λ) / 2
	if p.cfg.ZeroSNR && logα < p.logα[n-1] {
		return 1 - math.Exp(logα-p.logα[n-1])/float64(n)
	}
	return p.logα.inverse(logα)
}

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p *Discrete) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(0,I).
func (p *Discrete) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	return drawPrior(p, dst, nil, 1, n)
}
