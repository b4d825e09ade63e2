package learn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Alternate learns a variational Schrödinger path, [path.VSDM] or [path.NewVSMD]: for stage k = 1 … Stages it fits
// the score on path k, simulates the reverse SDE from the prior under it, updates A in closed form by a step of
// stochastic approximation
//
//	A ← Proj(A + η_k (A_LS − A)),  η_k = Eta/(1 + (k−1)/EtaStages)^EtaPower,
//
// and goes on with the new path. On a momentum path A is A_v, one number a dimension with D = 1−2A_v, and A_x
// follows by the damping transform or is learnt as well: see [DampingRefit]. Warm starts, the centre, the schedule
// and the variant are those of the path it begins with. (Deng et al. 2024, arXiv:2405.04795, algorithm 1, with the
// least-squares solution in the place of gradient steps; for momentum, arXiv:2501.16675.)
type Alternate struct {
	Stages    int     // 0: keep the path
	Paths     int     // M, simulated a stage
	Grid      int     // N, steps of the simulation
	Zeta      float64 // see [Refit]
	Eta       float64
	EtaStages float64 // k_0 > 0
	EtaPower  float64 // in (½,1] for convergence under noise; 0 keeps the step
	DMin      float64
	// 0: 1/(β_T h), on a momentum path 2/(γβ_T h), for which steps of length h = span/Grid are stable; no bound
	// for the logistic variant, which steps nowhere
	DMax    float64
	Both    bool // on a momentum path A_x is learnt as well, see [DampingRefit]
	Seed    uint64
	Workers int // for the simulation; 0 means 1. No effect on the result
	// Cond gives the conditions of the simulated paths, [Paths, C]; nil: none.
	Cond func(stage int) (ito.Cond, error)
}

// DefaultAlternate is what the recipes use: 40 stages of 1000 paths of 50 steps, ζ = 1, η_0 = 1, k_0 = 20,
// exponent .6, D from .05.
func DefaultAlternate() Alternate {
	return Alternate{Stages: 40, Paths: 1000, Grid: 50, Zeta: 1, Eta: 1, EtaStages: 20, EtaPower: .6, DMin: .05}
}

// Fitter fits the field of a path: stage counts from 1. An exact field is a Fitter that ignores the stage; a
// [Trainer] trains for a while.
type Fitter interface {
	FitStage(ctx context.Context, p ito.Path, stage int) (ito.Field, error)
}

// FitterFunc is a Fitter from a function.
type FitterFunc func(ctx context.Context, p ito.Path, stage int) (ito.Field, error)

// FitStage implements Fitter.
func (f FitterFunc) FitStage(ctx context.Context, p ito.Path, stage int) (ito.Field, error) {
	return f(ctx, p, stage)
}

// Alternation is how far an Alternate has come: with the state of its Fitter, all that resuming needs.
type Alternation struct {
	Path    ito.Path // *path.VSDM, or a *path.Momentum of path.NewVSMD
	History []Stage  // of the finished stages
}

// Stage is what one finished stage made of the path.
type Stage struct {
	Stage int     `json:"stage"` // from 1
	Eta   float64 `json:"eta"`   // η_k
	Refitted
}

// Run goes through the stages that s has not finished, calling after (if not nil) at the end of each,
// and returns the last state. An error of after stops it.
func (a Alternate) Run(ctx context.Context, s Alternation, fit Fitter, after func(Alternation) error) (Alternation,
	error) {
	if err := a.check(s); err != nil {
		return s, err
	}
	for k := len(s.History) + 1; k <= a.Stages; k++ {
		f, err := fit.FitStage(ctx, s.Path, k)
		if err != nil {
			return s, err
		}
		if s, err = a.update(ctx, s, f, k); err != nil {
			return s, fmt.Errorf("stage %d: %w", k, err)
		}
		if after != nil {
			if err := after(s); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

func (a Alternate) update(ctx context.Context, s Alternation, f ito.Field, k int) (Alternation, error) {
	var c ito.Cond
	var err error
	if a.Cond != nil {
		if c, err = a.Cond(k); err != nil {
			return s, err
		}
	}
	p, info, err := a.refit(ctx, s.Path, f, c, k)
	if err != nil {
		return s, err
	}
	return Alternation{Path: p, History: append(slices.Clip(s.History), Stage{Stage: k, Eta: a.eta(k),
		Refitted: info})}, nil
}

// refit simulates the reverse SDE under f and updates the path.
func (a Alternate) refit(ctx context.Context, p ito.Path, f ito.Field, c ito.Cond, k int) (ito.Path, Refitted, error) {
	noise := stageNoise{a.Seed, uint32(k)}
	if m, ok := p.(*path.Momentum); ok {
		rev, err := ReverseMomentum(ctx, m, f, c, a.Paths, a.Grid, a.Workers, noise)
		if err != nil {
			return nil, Refitted{}, err
		}
		return asPath(DampingRefit{Zeta: a.Zeta, Eta: a.eta(k), DMin: a.DMin, DMax: a.dmax(p), Both: a.Both}.Update(m,
			rev))
	}
	v := p.(*path.VSDM) // by check
	steps := a.Grid
	if v.Variant() == path.Logistic {
		steps = 0 // its update needs the drawn end alone
	}
	rev, err := Reverse(ctx, v, f, c, a.Paths, steps, a.Workers, noise)
	if err != nil {
		return nil, Refitted{}, err
	}
	return asPath(Refit{Zeta: a.Zeta, Eta: a.eta(k), DMin: a.DMin, DMax: a.dmax(p)}.Update(v, rev))
}

// asPath keeps a path that could not be made from leaving as a typed nil.
func asPath[P ito.Path](p P, info Refitted, err error) (ito.Path, Refitted, error) {
	if err != nil {
		return nil, info, err
	}
	return p, info, nil
}

// eta is η_k of stage k, from 1.
func (a Alternate) eta(k int) float64 {
	return a.Eta / math.Pow(1+float64(k-1)/a.EtaStages, a.EtaPower)
}

func (a Alternate) dmax(p ito.Path) float64 {
	if a.DMax != 0 {
		return a.DMax
	}
	lo, hi := p.Span()
	rate := 0.0
	switch p := p.(type) {
	case *path.VSDM:
		if p.Variant() == path.Logistic {
			return math.Inf(1)
		}
		rate = p.Beta(hi)
	case *path.Momentum: // the velocity falls at ½βγD
		cfg, _ := p.VSMDConfig()
		rate = p.Beta(hi) * cfg.Gamma / 2
	}
	return float64(a.Grid) / ((hi - lo) * rate)
}

func (a Alternate) check(s Alternation) error {
	bad := func(what, do string) error { return &ito.InputError{Where: "learning the path", What: what, Do: do} }
	switch p := s.Path.(type) {
	case nil:
		return bad("there is no path to begin with", "")
	case *path.VSDM:
		if p.Variant() != path.DiagonalOnly && a.Stages > len(s.History) {
			if err := ito.CheckFull("learning a full A of path vsdm", p.Dim(), "variant=diagonal"); err != nil {
				return err
			}
		}
	case *path.Momentum:
		if a.Stages > len(s.History) {
			if err := ito.CheckFull("learning the path "+p.Name(), p.Dim(), "vsdm with variant=diagonal"); err != nil {
				return err
			}
		}
		if _, ok := p.VSMDConfig(); !ok {
			return &ito.UnsupportedError{What: "learning the path " + p.Name(), Why: "it has no variational score",
				Nearest: "vsmd"}
		}
	default:
		return &ito.UnsupportedError{What: "learning the path " + p.Name(), Why: "it has no variational score",
			Nearest: "vsdm"}
	}
	switch {
	case a.Stages < 0 || a.Stages > 0 && (a.Paths < 1 || a.Grid < 1):
		return bad(fmt.Sprintf("%d stages of %d paths of %d steps", a.Stages, a.Paths, a.Grid), "give positive numbers")
	case !(a.Eta > 0) || !(a.EtaStages > 0) || !(a.EtaPower >= 0):
		return bad(fmt.Sprintf("eta=%g, eta-stages=%g, eta-power=%g", a.Eta, a.EtaStages, a.EtaPower),
			"the first two must be positive, the last not negative")
	case a.Zeta < 0 || math.IsNaN(a.Zeta):
		return bad(fmt.Sprintf("zeta=%g", a.Zeta), "give a number that is not negative")
	case !(a.DMin > 0) || !(a.DMin < a.dmax(s.Path)):
		return bad(fmt.Sprintf("the eigenvalues of D are to be between %g and %g", a.DMin, a.dmax(s.Path)),
			"give 0 < d-min < d-max, or a finer grid")
	}
	return nil
}
