package anneal

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/metric"
)

// SMC is adaptive sequential Monte Carlo from a normal reference to the target (Del Moral, Doucet and Jasra, JRSS B
// 68, 2006): every step raises β until the conditional effective sample size (Zhou, Johansen and Aston 2016) is
// ESS·Particles, reweights, resamples systematically when the weights' size falls below Resample·Particles, and
// moves all particles by Hamiltonian trajectories whose metric and step size follow the particles (each half of
// them has the covariance of the other), until log ρ/q after the moves tells little of what it was before. The
// product of the mean weights estimates ∫ρ; adaptation leaves a bias of order 1/Particles. A group is one run:
// several groups give log Z ± sd.
//
// Where the moves do not mix (a funnel's neck, scales of a hierarchical model) log Z is too small in every run and
// neither the sd over runs nor the weights show it. The moves do, which then push the particles the same way again
// and again, and the report warns: raise ESS and Particles until log Z stands still. (Brownian motion with unknown
// scales, log Z = 1.19: −2.2 with 2 moves by variances at ESS .9, which was the custom once, 1.21 ± .02 with this
// one.) Every second move is a short one, for the particles in such places, where there are more than three. Runs
// whose means differ by more than their particles explain are a warning too.
type SMC struct {
	Particles int             // of a group; 0: 1024
	Reference infer.Reference // the zero value is N(0, I)
	ESS       float64         // 0: .9
	Resample  float64         // 0: 1, at every β, which measured best
	Leapfrogs int             // of a move; 0: 4
	// at each β; 0: until log ρ/q at a particle tells little of what it was before them, at least 2 and at most 64
	Moves int
	// the metric has the particles' variances only, where it would have their covariance: up to 128 dimensions,
	// from 10 particles to a dimension on
	Diagonal bool
	MaxSteps int // more are an error; 0: 10000
}

// WithDefaults has the defaults in place of zeros.
func (k SMC) WithDefaults() SMC {
	k.Particles = cmp.Or(k.Particles, 1024)
	k.ESS, k.Resample = cmp.Or(k.ESS, .9), cmp.Or(k.Resample, 1)
	k.Leapfrogs = cmp.Or(k.Leapfrogs, 4)
	k.MaxSteps = cmp.Or(k.MaxSteps, 10_000)
	return k
}

func (k SMC) engine() particles {
	k = k.WithDefaults()
	return particles{name: "smc", n: k.Particles, ref: k.Reference, leapfrogs: k.Leapfrogs, moves: k.Moves,
		next: k.next, resample: k.Resample, dense: !k.Diagonal, settle: true}
}

// Name implements Kernel.
func (SMC) Name() string { return "smc" }

// Slots implements Kernel.
func (k SMC) Slots() int { return k.WithDefaults().Particles }

// Finished implements Ender.
func (k SMC) Finished(s *infer.State) bool { return k.engine().finished(s) }

// Validate implements infer.Validator.
func (k SMC) Validate(d int) error {
	k = k.WithDefaults()
	if k.Particles < 2 || !(k.ESS > 0 && k.ESS < 1) || !(k.Resample > 0 && k.Resample <= 1) || k.Leapfrogs < 1 ||
		k.Moves < 0 || k.MaxSteps < 1 {
		return &ito.InputError{Where: "smc", What: fmt.Sprintf("%d particles, ESS %v, resampling at %v, %d moves of "+
			"%d leapfrog steps", k.Particles, k.ESS, k.Resample, k.Moves, k.Leapfrogs),
			Do: "give two particles or more, fractions between 0 and 1 and a move or more"}
	}
	return k.Reference.Validate(d)
}

// Init implements Kernel.
func (k SMC) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	return k.engine().init(ctx, p, s)
}

// Step implements Kernel.
func (k SMC) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	return k.engine().step(ctx, p, s, info)
}

// Warnings implements infer.Warner.
func (k SMC) Warnings(s *infer.State) []string { return k.engine().Warnings(s) }

// next bisects for the β at which the conditional effective sample size, (ΣWv)²/ΣWv² with v = e^{(β'−β)ℓ}, falls to
// the fraction ESS of what it is just above β. (Particles of density zero are lost at once and at any β.)
func (k SMC) next(step int, β float64, ℓ, logw []float64) (float64, error) {
	if step >= k.MaxSteps {
		return 0, &ito.InputError{Where: "smc", What: fmt.Sprintf("β is %v after %d steps", β, step),
			Do: "take a reference nearer to the target or a smaller ESS"}
	}
	cess := func(Δ float64) float64 {
		a, b := make([]float64, len(ℓ)), make([]float64, len(ℓ))
		for i, l := range ℓ {
			v := Δ * l
			if math.IsInf(l, -1) {
				v = l
			}
			a[i], b[i] = logw[i]+v, logw[i]+2*v
		}
		return math.Exp(2*metric.LogSumExp(a) - metric.LogSumExp(b))
	}
	want := k.WithDefaults().ESS * cess(0)
	if !(cess(1-β) < want) {
		return 1, nil
	}
	lo, hi := 0., 1-β
	for range 60 {
		if mid := (lo + hi) / 2; cess(mid) < want {
			hi = mid
		} else {
			lo = mid
		}
	}
	return min(1, β+hi), nil
}
