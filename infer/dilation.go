package infer

import (
	"context"
	"math"
)

// Dilation is the diffusion path whose noise is a point mass: the law of √λ X, X from the target, so
//
//	p_λ(x) = λ^{−d/2} ρ(x/√λ),  ∇log p_λ(x) = λ^{−1/2} s(x/√λ),  s = ∇log ρ.
//
// One gradient of the target a score (Chehab and Korba, arXiv:2406.14040).
type Dilation struct{}

// Name implements Annealing.
func (Dilation) Name() string { return "dilation" }

// Start implements Annealing: N(0, λI).
func (Dilation) Start(z []float64, _ int, λ float64) {
	for i := range z {
		z[i] *= math.Sqrt(λ)
	}
}

// Score implements Annealing.
func (Dilation) Score(ctx context.Context, p Problem, s *State, λ float64, score, x []float64) error {
	n := len(x) / s.D
	y, logp := s.tmp("dilation.y", len(x)), s.tmp("dilation.logp", n)
	r := 1 / math.Sqrt(λ)
	for i, v := range x {
		y[i] = v * r
	}
	if err := gradient(ctx, p, s, n, logp, score, y); err != nil {
		return err
	}
	for i := range score {
		score[i] *= r
	}
	s.countAll(tallyGradients, 1)
	return nil
}
