package infer

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// ULA is the unadjusted Langevin algorithm, x' = x + h∇log ρ(x) + √(2h) z. Its draws are of a density near ρ: for a
// normal of variance s² their variance is s²/(1 − h/(2s²)). One gradient a step. (Roberts and Tweedie, Bernoulli 2,
// 1996.)
type ULA struct {
	StepSize float64 // h > 0
}

// Name implements Kernel.
func (ULA) Name() string { return "ula" }

// Slots implements Kernel.
func (ULA) Slots() int { return 1 }

func (k ULA) validate(int) error {
	if !(k.StepSize > 0) || !finite(k.StepSize) {
		return &ito.InputError{Where: "ula", What: fmt.Sprintf("a step size of %v", k.StepSize),
			Do: "give a positive step size"}
	}
	return nil
}

// Init implements Kernel.
func (ULA) Init(ctx context.Context, p Problem, s *State) error { return begin(ctx, p, s) }

// Step implements Kernel. A chain whose next value, density or gradient is not finite stays where it is and is counted.
func (k ULA) Step(ctx context.Context, p Problem, s *State, info *Info) error {
	n, d := s.Groups, s.D
	x, z, g, logp, grad := s.tmp("x", n*d), s.tmp("z", n*d), s.tmp("g", n*d), s.tmp("logp", n), s.Var("grad")
	s.normals(p.Seed, 0, z)
	amp := math.Sqrt(2 * k.StepSize)
	for i := range x {
		x[i] = s.X[i] + k.StepSize*grad[i] + amp*z[i]
	}
	if err := gradient(ctx, p, s, n, logp, g, x); err != nil {
		return err
	}
	for i := range n {
		info.StepSize[i] = k.StepSize
		s.count(i, tallyGradients, 1)
		lo, hi := i*d, (i+1)*d
		if !finite(logp[i]) || !finiteRow(g[lo:hi]) || !finiteRow(x[lo:hi]) {
			s.count(i, tallyDropped, 1)
			continue
		}
		copy(s.X[lo:hi], x[lo:hi])
		copy(grad[lo:hi], g[lo:hi])
		s.LogP[i] = logp[i]
	}
	return nil
}
