package anneal

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
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
func (Dilation) Score(ctx context.Context, p infer.SeededTarget, s *infer.State, λ float64, score, x []float64) error {
	n := len(x) / s.D
	y, logp := s.Scratch("dilation.y", len(x)), s.Scratch("dilation.logp", n)
	r := 1 / math.Sqrt(λ)
	for i, v := range x {
		y[i] = v * r
	}
	if err := infer.Gradient(ctx, p, s, n, logp, score, y); err != nil {
		return err
	}
	for i := range score {
		score[i] *= r
	}
	s.CountAll(infer.TallyGradients, 1)
	return nil
}

// LogDensity implements Density.
func (Dilation) LogDensity(ctx context.Context, t ito.Target, λ float64, logp []float64, x ito.States) error {
	y := x.Clone()
	for i := range y.X {
		y.X[i] /= math.Sqrt(λ)
	}
	return t.LogDensity(ctx, logp, y)
}
