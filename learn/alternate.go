package learn

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// Alternate learns a variational Schrödinger path, a [path.Variational] as [path.VSDM], a [path.VariationalMomentum] as
// that of [path.NewVSMD], or one that brings its own rule ([Learnable]): for stage k = 1 … Stages it fits the score on
// path k, simulates the reverse SDE from the prior under it, updates A in closed form by a step of stochastic
// approximation
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
	Path    ito.Path // one that [Learns]
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

// refit has the path updated by its rule.
func (a Alternate) refit(ctx context.Context, p ito.Path, f ito.Field, c ito.Cond, k int) (ito.Path, Refitted, error) {
	rule, err := ruleOf(p)
	if err != nil {
		return nil, Refitted{}, err
	}
	return rule.Refit(ctx, f, c, Refitting{Alternate: a, Stage: k, StepSize: a.eta(k), Noise: stageNoise{a.Seed,
		uint32(k)}})
}

// eta is η_k of stage k, from 1.
func (a Alternate) eta(k int) float64 {
	return a.Eta / math.Pow(1+float64(k-1)/a.EtaStages, a.EtaPower)
}

// dmax is the bound of D whose largest rate of decay is rate.
func (a Alternate) dmax(p ito.Path, rate float64) float64 {
	lo, hi := p.Span()
	return cmp.Or(a.DMax, float64(a.Grid)/((hi-lo)*rate))
}

func (a Alternate) check(s Alternation) error {
	bad := func(what, do string) error { return &ito.InputError{Where: "learning the path", What: what, Do: do} }
	if s.Path == nil {
		return bad("there is no path to begin with", "")
	}
	rule, err := ruleOf(s.Path)
	if err != nil {
		return err
	}
	own, bounded := rule.(houseRule)
	if bounded && a.Stages > len(s.History) {
		if err := own.fits(); err != nil {
			return err
		}
	}
	switch {
	case a.Stages < 0 || a.Stages > 0 && (a.Paths < 1 || a.Grid < 1):
		return bad(fmt.Sprintf("%d stages of %d paths of %d steps", a.Stages, a.Paths, a.Grid), "give positive numbers")
	case !(a.Eta > 0) || !(a.EtaStages > 0) || !(a.EtaPower >= 0):
		return bad(fmt.Sprintf("eta=%g, eta-stages=%g, eta-power=%g", a.Eta, a.EtaStages, a.EtaPower),
			"the first two must be positive, the last not negative")
	case a.Zeta < 0 || math.IsNaN(a.Zeta):
		return bad(fmt.Sprintf("zeta=%g", a.Zeta), "give a number that is not negative")
	case bounded && (!(a.DMin > 0) || !(a.DMin < own.most(a))):
		return bad(fmt.Sprintf("the eigenvalues of D are to be between %g and %g", a.DMin, own.most(a)),
			"give 0 < d-min < d-max, or a finer grid")
	}
	return nil
}
