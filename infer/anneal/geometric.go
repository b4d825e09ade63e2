package anneal

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// Geometric is the path of geometric means, log p_λ = λ log ρ + (1−λ) log ν, with a normal reference ν: the
// classical annealing. One gradient a score.
type Geometric struct{ Reference infer.Reference }

// Name implements Annealing.
func (Geometric) Name() string { return "geometric" }

// Validate implements infer.Validator.
func (a Geometric) Validate(d int) error { return a.Reference.Validate(d) }

// Start implements Annealing: draws of ν.
func (a Geometric) Start(z []float64, d int, _ float64) { a.Reference.FromNormals(z, d) }

// Score implements Annealing.
func (a Geometric) Score(ctx context.Context, p infer.SeededTarget, s *infer.State, λ float64, score,
	x []float64) error {
	n := len(x) / s.D
	if err := infer.Gradient(ctx, p, s, n, s.Scratch("geometric.logp", n), score, x); err != nil {
		return err
	}
	for i := range score {
		score[i] = λ*score[i] + (1-λ)*a.Reference.Score(i%s.D, x[i])
	}
	s.CountAll(infer.TallyGradients, 1)
	return nil
}

// LogDensity implements Density.
func (a Geometric) LogDensity(ctx context.Context, t ito.Target, λ float64, logp []float64, x ito.States) error {
	if err := t.LogDensity(ctx, logp, x); err != nil {
		return err
	}
	for i := range logp {
		logp[i] = λ*logp[i] + (1-λ)*a.Reference.LogDensity(x.Row(i))
	}
	return nil
}
