package mcmc

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// ULA is the unadjusted Langevin algorithm, x' = x + h∇log ρ(x) + √(2h) z. Its draws are of a density near ρ: for a
// normal of variance s² their variance is s²/(1 − h/(2s²)). One gradient a step. (Roberts and Tweedie, Bernoulli 2,
// 1996.)
type ULA struct {
	StepSize float64 // h > 0
}

// Name implements Kernel.
func (ULA) Name() string { return "ula" }

// Measures implements infer.Measured.
func (ULA) Measures() infer.Measure { return infer.MeasureStepSize }

// Slots implements Kernel.
func (ULA) Slots() int { return 1 }

// Validate implements infer.Validator.
func (k ULA) Validate(int) error {
	if !(k.StepSize > 0) || !infer.Finite(k.StepSize) {
		return &ito.InputError{Where: "ula", What: fmt.Sprintf("a step size of %v", k.StepSize),
			Do: "give a positive step size"}
	}
	return nil
}

// Init implements Kernel.
func (ULA) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	return infer.Begin(ctx, p, s)
}

// Step implements Kernel. A chain whose next value, density or gradient is not finite stays where it is and is counted.
func (k ULA) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	n, d := s.Groups, s.D
	x, z, g, logp, grad := s.Scratch("x", n*d), s.Scratch("z", n*d), s.Scratch("g", n*d), s.Scratch("logp", n),
		s.Var("grad")
	s.Normals(p.Seed, 0, z)
	amp := math.Sqrt(2 * k.StepSize)
	for i := range x {
		x[i] = s.X[i] + k.StepSize*grad[i] + amp*z[i]
	}
	if err := infer.Gradient(ctx, p, s, n, logp, g, x); err != nil {
		return err
	}
	for i := range n {
		info.StepSize[i] = k.StepSize
		s.Count(i, infer.TallyGradients, 1)
		lo, hi := i*d, (i+1)*d
		if !infer.Finite(logp[i]) || !infer.AllFinite(g[lo:hi]) || !infer.AllFinite(x[lo:hi]) {
			s.Count(i, infer.TallyDropped, 1)
			continue
		}
		copy(s.X[lo:hi], x[lo:hi])
		copy(grad[lo:hi], g[lo:hi])
		s.LogP[i] = logp[i]
	}
	return nil
}
