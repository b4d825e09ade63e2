package infer

import (
	"context"
)

// Geometric is the path of geometric means, log p_λ = λ log ρ + (1−λ) log ν, with a normal reference ν: the
// classical annealing. One gradient a score.
type Geometric struct{ Reference Reference }

// Name implements Annealing.
func (Geometric) Name() string { return "geometric" }

func (a Geometric) validate(d int) error { return a.Reference.validate(d) }

// Start implements Annealing: draws of ν.
func (a Geometric) Start(z []float64, d int, _ float64) { a.Reference.draw(z, d) }

// Score implements Annealing.
func (a Geometric) Score(ctx context.Context, p Problem, s *State, λ float64, score, x []float64) error {
	n := len(x) / s.D
	if err := gradient(ctx, p, s, n, s.tmp("geometric.logp", n), score, x); err != nil {
		return err
	}
	for i := range score {
		score[i] = λ*score[i] + (1-λ)*a.Reference.score(i%s.D, x[i])
	}
	s.countAll(tallyGradients, 1)
	return nil
}
