package path

import "github.com/seed9a7962a8/ito"

// Absorbing is the jump path of masked diffusion: at rate −α̇/α a token becomes a mask, level V, and stays one,
//
//	x_t = x_0 with probability α(t), the mask otherwise,
//
// on t ∈ [0,1] with α(0) = 1 and α(1) = 0, so that its prior is all masks and exact (Austin et al. 2021,
// arXiv:2107.03006, §3.1; Sahoo et al. 2024, arXiv:2406.07524, eq. 3). Given x_0 a mask at t is one at s ≤ t with
// probability (1−α_s)/(1−α_t), and a token that is none is x_0.
type Absorbing struct{ cfg JumpConfig }

// NewAbsorbing fills the defaults of cfg; the number of levels has none.
func NewAbsorbing(cfg JumpConfig) (*Absorbing, error) {
	cfg, err := cfg.filled("path absorbing")
	if err != nil {
		return nil, err
	}
	return &Absorbing{cfg}, nil
}

// Config returns the configuration with its defaults filled in.
func (p *Absorbing) Config() JumpConfig { return p.cfg }

// Name returns "absorbing".
func (*Absorbing) Name() string { return "absorbing" }

// Dim returns 0: any number of tokens.
func (*Absorbing) Dim() int { return 0 }

// Span returns 0 and 1.
func (*Absorbing) Span() (lo, hi float64) { return 0, 1 }

// Data returns V.
func (p *Absorbing) Data() int { return p.cfg.Levels }

// Levels returns V+1: the mask is level V.
func (p *Absorbing) Levels() int { return p.cfg.Levels + 1 }

// Keep implements Replacing.
func (p *Absorbing) Keep(t float64) (α, dα float64) { return p.cfg.keep(t) }

// Rates implements ito.Jump.
func (p *Absorbing) Rates(t float64, r []float64) {
	k, rate := p.Levels(), p.cfg.rate(t)
	clear(r[:k*k])
	for i := range k - 1 {
		r[i*k+i], r[i*k+k-1] = -rate, rate
	}
}

// Transition implements ito.Jump.
func (p *Absorbing) Transition(s, t float64, m []float64) {
	k, a := p.Levels(), p.cfg.kept(s, t)
	clear(m[:k*k])
	for i := range k - 1 {
		m[i*k+i], m[i*k+k-1] = a, 1-a
	}
	m[k*k-1] = 1
}

// Posterior implements ito.Jump.
func (p *Absorbing) Posterior(s, t float64, x0, xt int, q []float64) {
	k := p.Levels()
	a, _ := p.cfg.keep(s)
	b, _ := p.cfg.keep(t)
	clear(q[:k])
	switch {
	case xt == x0 && b > 0:
		q[x0] = 1
	case xt == k-1 && t > 0:
		q[x0] = (a - b) / (1 - b)
		q[k-1] = (1 - a) / (1 - b)
	}
}

// Limit implements ito.Jump.
func (p *Absorbing) Limit(q []float64) {
	clear(q[:p.Levels()])
	q[p.cfg.Levels] = 1
}

// Perturb draws x_t given x_0.
func (p *Absorbing) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	mask := float64(p.cfg.Levels)
	return p.cfg.replace(p, dst, x0, t, n, func(float64) float64 { return mask })
}

// Prior writes masks.
func (p *Absorbing) Prior(dst ito.States, _ ito.Cond, _ ito.Noise) error {
	if err := checkStates(p, "destination", dst, 0); err != nil {
		return err
	}
	for i := range dst.X {
		dst.X[i] = float64(p.cfg.Levels)
	}
	return nil
}
