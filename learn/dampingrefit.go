package learn

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// DampingRefit is [Refit] for a [path.VariationalMomentum]: A_v is diagonal and A_x = (1−γ²(1−2A_v)²/(4κ))/(2γ) follows
// from it, so that every dimension keeps its damping κ. In each of them the forward loss over the family,
//
//	Γ_ζ(c) = Σ_t γβh E[½(A_x x + c v)² + (A_x x + c v)φ + ζc],  φ = s_v − (A_x x + A_v v) of the old path,
//
// is a polynomial of degree four, and its minimum is found in closed form ([path.DampingMoments.Fit]). The end of a
// path has three second moments a dimension and one A_v cannot make them those of the prior; with Both, A_x is
// fitted too, by the normal equations of the same loss ([path.DampingMoments.FitBoth]), and comes nearer. The zero
// value is not usable: D needs bounds.
type DampingRefit struct {
	Zeta float64 // ζ, weight of the divergence; 1 is a half step of iterative proportional fitting in the family
	Eta  float64 // the part of the way from A to the minimum; more than 1 over-relaxes
	// bounds of D = 1−2A_v, the damping of the velocity in units of γ; with Both also of 2√(1−2γA_x)/γ, which is D
	// at critical damping
	DMin, DMax float64
	Both       bool // A_x is learnt as well; false: it follows from A_v
}

// Update returns the path with A_v, and with Both A_x, replaced by the bounded A + η(argmin Γ_ζ − A). rev is that
// of [ReverseMomentum] on p. The modes that it reports are A_v, increasing.
func (r DampingRefit) Update(p path.VariationalMomentum, rev *Reversal) (path.VariationalMomentum, Refitted, error) {
	γ, κ, given, old, ok := p.Scores()
	if !ok {
		return nil, Refitted{}, &ito.UnsupportedError{What: "updating the path " + p.Name(),
			Why: "it has no variational score", Nearest: "vsmd"}
	}
	d := p.DataDim()
	if len(old) == 0 {
		old = make([]float64, d)
	}
	lo, hi := (1-r.DMax)/2, (1-r.DMin)/2
	info := Refitted{}
	av, ax := make([]float64, d), make([]float64, d)
	for k, c := range old {
		if ax[k] = path.Damping(γ, κ, c); len(given) > 0 {
			ax[k] = given[k]
		}
	}
	all, err := dampingMoments(p, ax, old, rev)
	if err != nil {
		return nil, info, fmt.Errorf("updating A_v: %w", err)
	}
	var own []float64 // A_x; nil: it follows
	if r.Both {
		own = make([]float64, d)
	}
	for k, y := range all {
		m := path.DampingMoments{Gamma: γ, Kappa: κ, Zeta: r.Zeta, CMin: lo, CMax: hi,
			Weight: y[3], XX: y[4], XV: y[5], VV: y[6], PhiX: y[7], PhiV: y[8]}
		var x, v float64 // A_x and A_v of the least loss
		if r.Both {
			x, v, err = m.FitBoth()
		} else {
			v, err = m.Fit()
		}
		if err != nil {
			return nil, info, fmt.Errorf("updating A_v of dimension %d: %w", k, err)
		}
		info.step(&av[k], old[k], v, r.Eta, lo, hi)
		if r.Both {
			info.step(&own[k], ax[k], x, r.Eta, path.Damping(γ, 1, lo), path.Damping(γ, 1, hi))
		}
	}
	q, err := p.WithScores(own, av)
	if err != nil {
		return nil, info, fmt.Errorf("updating A_v: %w", err)
	}
	info.Modes = slices.Sorted(slices.Values(av))
	return q, info, nil
}

// step writes the bounded old + η(fit − old) and counts it.
func (i *Refitted) step(to *float64, old, fit, eta, lo, hi float64) {
	next := old + eta*(fit-old)
	*to = math.Max(lo, math.Min(hi, next))
	i.Projected = i.Projected || *to != next
	i.Distance = math.Hypot(i.Distance, fit-old)
	i.Change = math.Hypot(i.Change, *to-old)
}
