package infer

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// PCN is the preconditioned Crank–Nicolson sampler for densities with a normal prior N(m, C), C diagonal here: the proposal
// m + √(1−β²)(x−m) + β ξ, ξ ~ N(0, C), keeps the prior, so only the likelihood decides, and the acceptance does not fall as a
// function is resolved more finely (Cotter, Roberts, Stuart and White, Statistical Science 28, 2013). No gradients.
type PCN struct {
	Prior Reference
	Beta  float64 // in (0, 1]; 0: .2
	// Likelihood says that the target is the likelihood alone. Otherwise the target includes the prior's density.
	Likelihood bool
}

// Name implements Kernel.
func (PCN) Name() string { return "pcn" }

// Slots implements Kernel.
func (PCN) Slots() int { return 1 }

func (k PCN) validate(d int) error {
	if β := or(k.Beta, .2); !(β > 0 && β <= 1) {
		return &ito.InputError{Where: "pcn", What: fmt.Sprintf("a step β of %v", β), Do: "give a β in (0, 1]"}
	}
	return k.Prior.validate(d)
}

// Init implements Kernel.
func (k PCN) Init(ctx context.Context, p Problem, s *State) error { return beginDensity(ctx, p, s) }

// likelihood is log ρ without the prior.
func likelihood(alone bool, prior *Reference, logp float64, x []float64) float64 {
	if alone {
		return logp
	}
	return logp - prior.logDensity(x)
}

// Step implements Kernel.
func (k PCN) Step(ctx context.Context, p Problem, s *State, info *Info) error {
	n, d, β := s.Groups, s.D, or(k.Beta, .2)
	x, logp, u := s.tmp("x", n*d), s.tmp("logp", n), s.tmp("u", n)
	s.normals(p.Seed, 0, x)
	s.uniforms(p.Seed, 1, u)
	keep := math.Sqrt(1 - β*β)
	for i := range x {
		m, sd := k.Prior.at(i % d)
		x[i] = m + keep*(s.X[i]-m) + β*sd*x[i]
	}
	if err := density(ctx, p, s, n, logp, x); err != nil {
		return err
	}
	s.countAll(tallyEvaluations, 1)
	for i := range n {
		lo, hi := i*d, (i+1)*d
		a := math.Exp(min(0, likelihood(k.Likelihood, &k.Prior, logp[i], x[lo:hi])-likelihood(k.Likelihood, &k.Prior, s.LogP[i], s.X[lo:hi])))
		if math.IsNaN(a) || math.IsInf(logp[i], 1) {
			a = 0
		}
		info.Accept[i], info.StepSize[i] = a, β
		s.count(i, tallyProposals, 1)
		s.count(i, tallyAccepted, a)
		if u[i] < a {
			copy(s.X[lo:hi], x[lo:hi])
			s.LogP[i] = logp[i]
		}
	}
	return nil
}
