package mcmc

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// HMC is Hamiltonian Monte Carlo with trajectories of a fixed number of leapfrog steps (Duane et al., Phys. Lett. B
// 195, 1987; Neal 2011). The step size of every trajectory is varied by a uniform factor, so that no period of the
// target is met for ever.
type HMC struct {
	StepSize  float64 // ε; 0: found, and adapted in warm-up
	Leapfrogs int     // L; 0: 16
	Jitter    float64 // ε is multiplied by a uniform draw of 1 ± Jitter; 0 is none
	Metric    Metric  // Diagonal, Dense or Unit
	Warmup    int     // steps that adapt ε and the metric, not drawn
	Accept    float64 // the acceptance aimed at; 0: .8
}

// Name implements Kernel.
func (HMC) Name() string { return "hmc" }

// Measures implements infer.Measured.
func (HMC) Measures() infer.Measure {
	return infer.MeasureAccept | infer.MeasureStepSize | infer.MeasureLeapfrogs |
		infer.MeasureDiverged | infer.MeasureEnergy
}

// Slots implements Kernel.
func (HMC) Slots() int { return 1 }

// WarmupSteps implements Warmer.
func (k HMC) WarmupSteps() int { return k.Warmup }

func (k HMC) tuner() Tuner {
	return Tuner{Name: "hmc", Warmup: k.Warmup, Accept: cmp.Or(k.Accept, .8), StepSize: k.StepSize, Metric: k.Metric}
}

// Validate implements infer.Validator.
func (k HMC) Validate(int) error {
	if k.Leapfrogs < 0 || !(k.Jitter >= 0 && k.Jitter < 1) {
		return &ito.InputError{Where: "hmc", What: fmt.Sprintf("%d leapfrog steps, jitter %v", k.Leapfrogs, k.Jitter),
			Do: "give one step or more and a jitter of 0 to 1"}
	}
	return k.tuner().Validate()
}

// Init implements Kernel.
func (k HMC) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	if err := infer.Begin(ctx, p, s); err != nil {
		return err
	}
	s.AddVar("energy", infer.EnergyWidth)
	return k.tuner().Init(ctx, p, s)
}

// Step implements Kernel.
func (k HMC) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	eps, u := s.Scratch("hmc.eps", s.Groups), s.Scratch("hmc.jitter", s.Groups)
	copy(eps, s.Var("eps"))
	if k.Jitter > 0 {
		s.Uniforms(p.Seed, 2, u)
		for g := range eps {
			eps[g] *= 1 + k.Jitter*(2*u[g]-1)
		}
	}
	return HamiltonianStep(ctx, p, s, info, k.tuner(), eps, cmp.Or(k.Leapfrogs, 16))
}
