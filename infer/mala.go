package infer

import (
	"cmp"
	"context"
	"math"
)

// MALA is the Metropolis-adjusted Langevin algorithm: the proposal x + h∇log ρ(x) + √(2h) z, accepted with
// the Metropolis–Hastings probability (Roberts and Tweedie, Bernoulli 2, 1996). It is one leapfrog step of size √(2h).
// One gradient a step.
type MALA struct {
	StepSize float64 // h; 0: found, and adapted in warm-up
	Warmup   int     // steps that adapt h by dual averaging, not drawn
	Accept   float64 // the acceptance aimed at; 0: .574, the best in high dimension
}

// Name implements Kernel.
func (MALA) Name() string { return "mala" }

// Slots implements Kernel.
func (MALA) Slots() int { return 1 }

// WarmupSteps implements Warmer.
func (k MALA) WarmupSteps() int { return k.Warmup }

func (k MALA) tuner() tuner {
	return tuner{name: "mala", warmup: k.Warmup, accept: cmp.Or(k.Accept, .574), eps: math.Sqrt(2 * k.StepSize),
		metric: Unit}
}

func (k MALA) validate(int) error { return k.tuner().validate() }

// Init implements Kernel.
func (k MALA) Init(ctx context.Context, p Problem, s *State) error {
	if err := begin(ctx, p, s); err != nil {
		return err
	}
	return k.tuner().init(ctx, p, s)
}

// Step implements Kernel.
func (k MALA) Step(ctx context.Context, p Problem, s *State, info *Info) error {
	t := k.tuner()
	return hamiltonianStep(ctx, p, s, info, t, s.Var("eps"), 1)
}

// hamiltonianStep is one accepted or rejected trajectory of every chain with what warm-up learns from it.
func hamiltonianStep(ctx context.Context, p Problem, s *State, info *Info, t tuner, eps []float64, steps int) error {
	h := hmc{mass: t.mass(s), eps: eps, steps: steps}
	if err := h.trajectory(ctx, p, s, 0, info.Accept, info.Energy, info.Diverged); err != nil {
		return err
	}
	for g := range s.Groups {
		info.StepSize[g], info.Leapfrogs[g] = eps[g], steps
		t.tally(s, g, info.Accept[g], info.Energy[g], info.Diverged[g])
	}
	return t.learn(ctx, p, s, info.Accept)
}
