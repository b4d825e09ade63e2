package path

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Uniform is the jump path that replaces tokens by any of the V at random: at rate −α̇/α a token is drawn anew,
//
//	P(s,t) = a I + (1−a)/V 11ᵀ,  a = α(t)/α(s),
//
// on t ∈ [0,1] with α(0) = 1 and α(1) = 0, so that its prior is uniform and exact (Hoogeboom et al. 2021,
// arXiv:2102.05379, eq. 11; Austin et al. 2021, arXiv:2107.03006, §3.1).
type Uniform struct{ cfg JumpConfig }

// NewUniform fills the defaults of cfg; the number of levels has none.
func NewUniform(cfg JumpConfig) (*Uniform, error) {
	cfg, err := cfg.filled("path uniform")
	if err != nil {
		return nil, err
	}
	return &Uniform{cfg}, nil
}

// Config returns the configuration with its defaults filled in.
func (p *Uniform) Config() JumpConfig { return p.cfg }

// Name returns "uniform".
func (*Uniform) Name() string { return "uniform" }

// Dim returns 0: any number of tokens.
func (*Uniform) Dim() int { return 0 }

// Span returns 0 and 1.
func (*Uniform) Span() (lo, hi float64) { return 0, 1 }

// Data returns V.
func (p *Uniform) Data() int { return p.cfg.Levels }

// Levels returns V.
func (p *Uniform) Levels() int { return p.cfg.Levels }

// Keep implements Replacing.
func (p *Uniform) Keep(t float64) (α, dα float64) { return p.cfg.keep(t) }

// Rates implements ito.Jump.
func (p *Uniform) Rates(t float64, r []float64) {
	k := p.Levels()
	rate := p.cfg.rate(t) / float64(k)
	for i := range r[:k*k] {
		if r[i] = rate; i%(k+1) == 0 {
			r[i] = -rate * float64(k-1)
		}
	}
}

// Transition implements ito.Jump.
func (p *Uniform) Transition(s, t float64, m []float64) {
	k, a := p.Levels(), p.cfg.kept(s, t)
	for i := range m[:k*k] {
		if m[i] = (1 - a) / float64(k); i%(k+1) == 0 {
			m[i] += a
		}
	}
}

// Posterior implements ito.Jump.
func (p *Uniform) Posterior(s, t float64, x0, xt int, q []float64) { bayes(p, s, t, x0, xt, q) }

// Limit implements ito.Jump.
func (p *Uniform) Limit(q []float64) {
	for i := range p.cfg.Levels {
		q[i] = 1 / float64(p.cfg.Levels)
	}
}

// any is the level that a uniform number draws.
func (p *Uniform) any(u float64) float64 {
	return math.Min(math.Floor(u*float64(p.cfg.Levels)), float64(p.cfg.Levels-1))
}

// Perturb draws x_t given x_0.
func (p *Uniform) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return p.cfg.replace(p, dst, x0, t, n, p.any)
}

// Prior draws every token by itself.
func (p *Uniform) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	if err := checkStates(p, "destination", dst, 0); err != nil {
		return err
	}
	n.Uniform(dst, rng.PurposePrior, 0, 0)
	for i, u := range dst.X {
		dst.X[i] = p.any(u)
	}
	return nil
}
