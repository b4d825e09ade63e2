package learn

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// DampingRefit is [Refit] for a path of [path.NewVSMD]: A_v is diagonal and A_x = (1−γ²(1−2A_v)²/(4κ))/(2γ) follows from it,
// so that every dimension keeps its damping κ. In each of them the forward loss over the family,
//
//	Γ_ζ(c) = Σ_t γβh E[½(A_x x + c v)² + (A_x x + c v)φ + ζc],  φ = s_v − (A_x x + A_v v) of the old path,
//
// is a polynomial of degree four, and its minimum is found in closed form ([path.DampingMoments.Fit]). The zero value is not
// usable: D needs bounds.
type DampingRefit struct {
	Zeta       float64 // ζ, weight of the divergence; 1 is a half step of iterative proportional fitting in the family
	Eta        float64 // the part of the way from A_v to the minimum; more than 1 over-relaxes
	DMin, DMax float64 // bounds of D = 1−2A_v, the damping of the velocity in units of γ
}

// Update returns the path with A_v replaced by the bounded A_v + η(argmin Γ_ζ − A_v). rev is that of [ReverseMomentum] on
// p. The modes that it reports are A_v, increasing.
func (r DampingRefit) Update(p *path.Momentum, rev *Reversal) (*path.Momentum, Refitted, error) {
	cfg, ok := p.VSMDConfig()
	if !ok {
		return nil, Refitted{}, &ito.UnsupportedError{What: "updating the path " + p.Name(), Why: "it has no variational score", Nearest: "vsmd"}
	}
	d, D := p.DataDim(), p.Dim()
	old := cfg.Av
	if len(old) == 0 {
		old = make([]float64, d)
	}
	lo, hi := (1-r.DMax)/2, (1-r.DMin)/2
	info := Refitted{}
	cfg.Av = make([]float64, d)
	for k := range cfg.Av {
		m := path.DampingMoments{Gamma: cfg.Gamma, Kappa: cfg.Kappa, Zeta: r.Zeta, CMin: lo, CMax: hi}
		ax := path.Damping(cfg.Gamma, cfg.Kappa, old[k])
		for t, w := range rev.Weight {
			xx, sx := rev.XX[t], rev.SX[t]
			x, v := k, d+k
			m.Weight += w
			m.XX += float64(w * xx[x*D+x])
			m.XV += float64(w * xx[x*D+v])
			m.VV += float64(w * xx[v*D+v])
			m.PhiX += w * (sx[v*D+x] - float64(ax*xx[x*D+x]) - float64(old[k]*xx[x*D+v]))
			m.PhiV += w * (sx[v*D+v] - float64(ax*xx[x*D+v]) - float64(old[k]*xx[v*D+v]))
		}
		c, err := m.Fit()
		if err != nil {
			return nil, info, fmt.Errorf("updating A_v of dimension %d: %w", k, err)
		}
		next := old[k] + r.Eta*(c-old[k])
		cfg.Av[k] = math.Max(lo, math.Min(hi, next))
		info.Projected = info.Projected || cfg.Av[k] != next
		info.Distance = math.Hypot(info.Distance, c-old[k])
		info.Change = math.Hypot(info.Change, cfg.Av[k]-old[k])
	}
	q, err := path.NewVSMD(cfg)
	if err != nil {
		return nil, info, fmt.Errorf("updating A_v: %w", err)
	}
	info.Modes = slices.Sorted(slices.Values(cfg.Av))
	return q, info, nil
}
