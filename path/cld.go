package path

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// CLDConfig says which critically damped Langevin path. M = Γ²/4 is critical; other values are under-
// or over-damped and as good to the kernel.
type CLDConfig struct {
	D     int     `json:"d" min:"0" help:"Dimension of the data; 0: that of mean."`       // 0 takes it from Mean
	M     float64 `json:"m" default:"0.25" above:"0" help:"Mass."`                        // mass; 0 means .25
	Gamma float64 `json:"gamma" default:"1" above:"0" help:"Friction Γ."`                 // friction Γ; 0 means 1
	V0    float64 `json:"v0" default:"0.04" above:"0" help:"First velocity: N(0, v0·M)."` // γ; 0 means .04
	// β_0; 0 means that of β_1
	BetaMin float64 `json:"beta_min" min:"0" help:"β at the data; 0: that at the noise."`
	BetaMax float64 `json:"beta_max" default:"4" above:"0" help:"β at the noise."`       // β_1; 0 means 4
	Power   float64 `json:"power" default:"1" above:"0" help:"Exponent r of β in time."` // r; 0 means 1
	// sampled end; 0 means 1e-3
	Lo   float64   `json:"lo" default:"0.001" above:"0" below:"1" help:"Sampled end."`
	Mean []float64 `json:"mean" help:"Centre of the data."` // μ [D]; nil for zero
}

// NewCLD returns the Langevin path
//
//	dx = M⁻¹βv dt,  dv = −β(x−μ) dt − ΓM⁻¹βv dt + √(2Γβ) dw,  v_0 ~ N(0, γM I),
//
// with prior N(μ,I) × N(0,MI) (Dockhorn, Vahdat, Kreis 2022, arXiv:2112.07068, eq. 5). The defaults are
// the paper's, critically damped: Γ² = 4M.
func NewCLD(cfg CLDConfig) (*Momentum, error) {
	const where = "path cld"
	cfg.M, cfg.Gamma, cfg.V0 = cmp.Or(cfg.M, .25), cmp.Or(cfg.Gamma, 1), cmp.Or(cfg.V0, .04)
	rate := beta{cfg.BetaMin, cfg.BetaMax, cfg.Power}.defaults(cmp.Or(cfg.BetaMax, 4), 4, 1)
	cfg.BetaMin, cfg.BetaMax, cfg.Power, cfg.Lo = rate.min, rate.max, rate.r, cmp.Or(cfg.Lo, defaultLo)
	if !(cfg.M > 0) || !(cfg.Gamma > 0) || !(cfg.V0 > 0) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("m=%g, gamma=%g, v0=%g", cfg.M, cfg.Gamma, cfg.V0),
			Do: "give positive values"}
	}
	p := &Momentum{name: "cld", rate: rate, scale: 1, lo: cfg.Lo, v0: cfg.V0 * cfg.M, vT: cfg.M,
		cells: []oscillator{{a: 1 / cfg.M, k: 1, r: cfg.Gamma / cfg.M, q: 2 * cfg.Gamma}}}
	if err := p.centre(where, &cfg.D, &cfg.Mean); err != nil {
		return nil, err
	}
	if err := p.checkKernel(); err != nil {
		return nil, err
	}
	p.config = cfg
	return p, nil
}
