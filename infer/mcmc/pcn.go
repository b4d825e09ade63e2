package mcmc

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// PCN is the preconditioned Crank–Nicolson sampler for densities with a normal prior N(m, C): the proposal m +
// √(1−β²)(x−m) + β ξ, ξ ~ N(0, C), keeps the prior, so only the likelihood decides, and the acceptance does not
// fall as a function is resolved more finely (Cotter, Roberts, Stuart and White, Statistical Science 28, 2013). No
// gradients.
type PCN struct {
	Prior NormalPrior // nil: N(0, I)
	Beta  float64     // in (0, 1]; 0: .2
	// Likelihood says that the target is the likelihood alone. Otherwise the target includes the prior's density.
	Likelihood bool
}

// Name implements Kernel.
func (PCN) Name() string { return "pcn" }

// Measures implements infer.Measured.
func (PCN) Measures() infer.Measure { return infer.MeasureAccept | infer.MeasureStepSize }

// Slots implements Kernel.
func (PCN) Slots() int { return 1 }

// Validate implements infer.Validator.
func (k PCN) Validate(d int) error {
	if β := cmp.Or(k.Beta, .2); !(β > 0 && β <= 1) {
		return &ito.InputError{Where: "pcn", What: fmt.Sprintf("a step β of %v", β), Do: "give a β in (0, 1]"}
	}
	return priorOr(k.Prior).ValidatePrior(d, !k.Likelihood)
}

// Init implements Kernel.
func (k PCN) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	return infer.BeginDensity(ctx, p, s)
}

// Step implements Kernel.
func (k PCN) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	n, d, β := s.Groups, s.D, cmp.Or(k.Beta, .2)
	prior := priorOr(k.Prior)
	x, z, m, logp, u := s.Scratch("x", n*d), s.Scratch("z", n*d), s.Scratch("m", d), s.Scratch("logp", n),
		s.Scratch("u", n)
	s.Normals(p.Seed, 0, z)
	prior.Centre(m)
	s.Uniforms(p.Seed, 1, u)
	keep := math.Sqrt(1 - β*β)
	for i := range n {
		prior.Root(x[i*d:(i+1)*d], z[i*d:(i+1)*d])
	}
	for i, ξ := range x {
		x[i] = m[i%d] + keep*(s.X[i]-m[i%d]) + β*ξ
	}
	if err := infer.Density(ctx, p, s, n, logp, x); err != nil {
		return err
	}
	s.CountAll(infer.TallyEvaluations, 1)
	for i := range n {
		lo, hi := i*d, (i+1)*d
		a := math.Exp(min(0, likelihood(k.Likelihood, prior, logp[i], x[lo:hi])-likelihood(k.Likelihood, prior,
			s.LogP[i], s.X[lo:hi])))
		if math.IsNaN(a) || math.IsInf(logp[i], 1) {
			a = 0
		}
		info.Accept[i], info.StepSize[i] = a, β
		s.Count(i, infer.TallyProposals, 1)
		s.Count(i, infer.TallyAccepted, a)
		if u[i] < a {
			copy(s.X[lo:hi], x[lo:hi])
			s.LogP[i] = logp[i]
		}
	}
	return nil
}
