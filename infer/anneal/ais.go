package anneal

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// AIS is annealed importance sampling (Neal, Statistics and Computing 11, 2001): independent weighted particles
// follow the ladder β_k = (k/Steps)^Power from a normal reference to the target with one Hamiltonian trajectory at
// each β, and are never resampled. The mean weight estimates ∫ρ. The weights are the variable "logw" of the state,
// normalised. Metric and step size follow all particles of a group.
type AIS struct {
	Particles int             // of a group; 0: 1024
	Reference infer.Reference // the zero value is N(0, I)
	Steps     int             // 0: 100
	Power     float64         // 0: 2
	Leapfrogs int             // 0: 4
}

// WithDefaults has the defaults in place of zeros.
func (k AIS) WithDefaults() AIS {
	k.Particles = cmp.Or(k.Particles, 1024)
	k.Steps, k.Power = cmp.Or(k.Steps, 100), cmp.Or(k.Power, 2)
	k.Leapfrogs = cmp.Or(k.Leapfrogs, 4)
	return k
}

func (k AIS) engine() particles {
	k = k.WithDefaults()
	ladder := func(step int, _ float64, _, _ []float64) (float64, error) {
		return math.Pow(min(1, float64(step+1)/float64(k.Steps)), k.Power), nil
	}
	return particles{name: "ais", n: k.Particles, ref: k.Reference, leapfrogs: k.Leapfrogs, moves: 1, next: ladder}
}

// Name implements Kernel.
func (AIS) Name() string { return "ais" }

// Slots implements Kernel.
func (k AIS) Slots() int { return k.WithDefaults().Particles }

// TotalSteps is when it ends.
func (k AIS) TotalSteps() int { return k.WithDefaults().Steps }

// Finished implements Ender.
func (k AIS) Finished(s *infer.State) bool { return k.engine().finished(s) }

// Validate implements infer.Validator.
func (k AIS) Validate(d int) error {
	k = k.WithDefaults()
	if k.Particles < 2 || k.Steps < 1 || !(k.Power > 0) || k.Leapfrogs < 1 {
		return &ito.InputError{Where: "ais",
			What: fmt.Sprintf("%d particles, %d steps with power %v, %d leapfrog steps", k.Particles, k.Steps, k.Power,
				k.Leapfrogs),
			Do: "give two particles or more, a step or more and a positive power"}
	}
	return k.Reference.Validate(d)
}

// Init implements Kernel.
func (k AIS) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	return k.engine().init(ctx, p, s)
}

// Step implements Kernel.
func (k AIS) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	return k.engine().step(ctx, p, s, info)
}

// Warnings implements infer.Warner.
func (k AIS) Warnings(s *infer.State) []string { return k.engine().Warnings(s) }
