package path

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// VSMDConfig says which variational Schrödinger momentum path.
type VSMDConfig struct {
	// dimension of the data; 0 takes it from Mean, or else from Av
	D     int     `json:"d" min:"0" help:"Dimension of the data; 0: that of mean or av."`
	Gamma float64 `json:"gamma" default:"2" above:"0" help:"Friction γ."` // friction γ; 0 means 2
	// damping κ: 1 critical, less under-, more over-damped; 0 means 1. Not looked at where Ax is given
	Kappa float64 `json:"kappa" default:"1" above:"0" help:"Damping κ: 1 critical, less under-, more over-damped."`
	// c [D], the variational score of the velocity, below ½; nil for zero
	Av []float64 `json:"av" below:"0.5" help:"A_v of every dimension."`
	// A_x [D], below 1/(2γ), with Av; nil for the damping transform
	Ax      []float64 `json:"ax,omitempty" help:"A_x of every dimension; without it by the damping transform."`
	BetaMin float64   `json:"beta_min" min:"0" help:"β at the data; 0: that at the noise."` // β_0; 0 means that of β_1
	BetaMax float64   `json:"beta_max" default:"10" above:"0" help:"β at the noise."`       // β_1; 0 means 10
	Power   float64   `json:"power" default:"1" above:"0" help:"Exponent r of β in time."`  // r; 0 means 1
	Lo      float64   `json:"lo" default:"0.001" above:"0" below:"1" help:"Sampled end."`   // sampled end; 0 means 1e-3
	Mean    []float64 `json:"mean" help:"Centre of the data."`                              // μ [D]; nil for zero
}

// NewVSMD returns the momentum path with a variational score that is linear and diagonal,
//
//	dx = ½βv dt,  dv = ½β[−x − γv + 2γ(A_x x + A_v v)] dt + √(γβ) dw,  v_0 ~ N(0,I),
//
// x counted from μ, with prior N(0,I) in x−μ and v (VSMD, arXiv:2501.16675). Without Ax only c = A_v is free: the
// damping transform A_x = (1−γ²(1−2c)²/(4κ))/(2γ) keeps every dimension at the damping κ. c = 0, γ = 2
// is the critically damped Langevin path with unit mass on the clock B/2.
func NewVSMD(cfg VSMDConfig) (*Momentum, error) {
	const where = "path vsmd"
	cfg.Gamma, cfg.Kappa = cmp.Or(cfg.Gamma, 2), cmp.Or(cfg.Kappa, 1)
	rate := beta{cfg.BetaMin, cfg.BetaMax, cfg.Power}.defaults(cmp.Or(cfg.BetaMax, 10), 10, 1)
	cfg.BetaMin, cfg.BetaMax, cfg.Power, cfg.Lo = rate.min, rate.max, rate.r, cmp.Or(cfg.Lo, defaultLo)
	if !(cfg.Gamma > 0) || !(cfg.Kappa > 0) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("gamma=%g, kappa=%g", cfg.Gamma, cfg.Kappa),
			Do: "give positive values"}
	}
	p := &Momentum{name: "vsmd", rate: rate, scale: .5, lo: cfg.Lo, v0: 1, vT: 1}
	if cfg.D == 0 && len(cfg.Mean) == 0 {
		cfg.D = len(cfg.Av)
	}
	if err := p.centre(where, &cfg.D, &cfg.Mean); err != nil {
		return nil, err
	}
	if cfg.Av == nil {
		p.cells = []oscillator{dampedCell(cfg.Gamma, cfg.Kappa, 0)}
	} else if len(cfg.Av) != cfg.D {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("A_v has %d values for dimension %d", len(cfg.Av),
			cfg.D)}
	}
	cfg.Av = append([]float64(nil), cfg.Av...)
	for k, c := range cfg.Av {
		if !(c < .5) || c < -1e6 {
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("A_v of dimension %d is %g", k, c),
				Do: "keep it below ½: above, the velocity is not damped"}
		}
		p.cells = append(p.cells, dampedCell(cfg.Gamma, cfg.Kappa, c))
	}
	if cfg.Ax != nil && (len(cfg.Ax) != cfg.D || len(cfg.Av) != cfg.D) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("A_x has %d values and A_v %d for dimension %d",
			len(cfg.Ax), len(cfg.Av), cfg.D)}
	}
	cfg.Ax = append([]float64(nil), cfg.Ax...)
	for k, a := range cfg.Ax {
		p.cells[k].k = 1 - 2*cfg.Gamma*a
		if !(p.cells[k].k > 0) || a < -1e6 {
			return nil, &ito.InputError{Where: where, What: fmt.Sprintf("A_x of dimension %d is %g", k, a),
				Do: fmt.Sprintf("keep it below 1/(2γ) = %g: above, nothing draws the position back", 1/(2*cfg.Gamma))}
		}
	}
	if err := p.checkKernel(); err != nil {
		return nil, err
	}
	p.config = cfg
	return p, nil
}

// dampedCell is one dimension after the damping transform: with ρ = γ(1−2c)/2 the spring is
// 1−2γA_x = ρ²/κ and the friction 2ρ.
func dampedCell(gamma, kappa, c float64) oscillator {
	ρ := gamma * (1 - 2*c) / 2
	return oscillator{a: 1, k: ρ * ρ / kappa, r: 2 * ρ, q: 2 * gamma}
}

// Damping returns A_x of the damping transform for A_v = c: (1−γ²(1−2c)²/(4κ))/(2γ).
func Damping(gamma, kappa, c float64) float64 {
	u := gamma * (1 - 2*c)
	return (1 - u*u/(4*kappa)) / (2 * gamma)
}
