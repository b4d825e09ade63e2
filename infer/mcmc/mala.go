package mcmc

import (
	"cmp"
	"context"
	"math"

	"github.com/seed9a7962a8/ito/infer"
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

// Measures implements infer.Measured.
func (MALA) Measures() infer.Measure {
	return infer.MeasureAccept | infer.MeasureStepSize | infer.MeasureDiverged
}

// Slots implements Kernel.
func (MALA) Slots() int { return 1 }

// WarmupSteps implements Warmer.
func (k MALA) WarmupSteps() int { return k.Warmup }

func (k MALA) tuner() Tuner {
	return Tuner{Name: "mala", Warmup: k.Warmup, Accept: cmp.Or(k.Accept, .574), StepSize: math.Sqrt(2 * k.StepSize),
		Metric: Unit}
}

// Validate implements infer.Validator.
func (k MALA) Validate(int) error { return k.tuner().Validate() }

// Init implements Kernel.
func (k MALA) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	if err := infer.Begin(ctx, p, s); err != nil {
		return err
	}
	return k.tuner().Init(ctx, p, s)
}

// Step implements Kernel.
func (k MALA) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	t := k.tuner()
	return HamiltonianStep(ctx, p, s, info, t, s.Var("eps"), 1)
}

// HamiltonianStep is one accepted or rejected trajectory of every chain with what warm-up learns from it.
func HamiltonianStep(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info, t Tuner,
	eps []float64, steps int) error {
	h := Hamiltonian{Mass: t.mass(s), StepSizes: eps, Steps: steps}
	if err := h.Trajectory(ctx, p, s, 0, info.Accept, info.Energy, info.Diverged); err != nil {
		return err
	}
	for g := range s.Groups {
		info.StepSize[g], info.Leapfrogs[g] = eps[g], steps
		t.tally(s, g, info.Accept[g], info.Energy[g], info.Diverged[g])
	}
	return t.learn(ctx, p, s, info.Accept)
}
