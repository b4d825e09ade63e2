package anneal

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/metric"
)

// Convolutional is the diffusion path with normal noise: the law of √λ X + √(1−λ) N(0, I). Its score is an expectation,
// estimated by self-normalised importance sampling from Draws normals at every particle and step:
//
//	y_i ~ N(x, (1−λ)I),  w_i ∝ ρ(y_i/√λ),  ∇log p_λ(x) ≈ Σ w_i (y_i − x)/(1−λ).
//
// At λ = 1 it is the target's own gradient. Draws evaluations of the density a score: the control that the dilation
// path does without.
type Convolutional struct {
	Draws int // 0: 32
}

// Name implements Annealing.
func (Convolutional) Name() string { return "convolutional" }

func (a Convolutional) draws() int { return cmp.Or(a.Draws, 32) }

// Validate implements infer.Validator.
func (a Convolutional) Validate(int) error {
	if a.Draws < 0 {
		return &ito.InputError{Where: "convolutional", What: fmt.Sprintf("%d inner draws", a.Draws)}
	}
	return nil
}

// Start implements Annealing: N(0, I).
func (Convolutional) Start([]float64, int, float64) {}

// Score implements Annealing. Where every weight is zero the score is that of the noise, −x.
func (a Convolutional) Score(ctx context.Context, p infer.SeededTarget, s *infer.State, λ float64, score,
	x []float64) error {
	n, d, m := len(x)/s.D, s.D, a.draws()
	if λ >= 1 {
		s.CountAll(infer.TallyGradients, 1)
		return infer.Gradient(ctx, p, s, n, s.Scratch("convolutional.logp", n), score, x)
	}
	z, y := s.Scratch("convolutional.z", n*m*d), s.Scratch("convolutional.y", n*m*d)
	logp := s.Scratch("convolutional.logp", n*m)
	s.Normals(p.Seed, 8, z)
	σ, r := math.Sqrt(1-λ), 1/math.Sqrt(λ)
	ids := make([]uint64, n*m)
	for i := range n {
		for k := range m {
			ids[i*m+k] = s.ID[i/s.Slots]
			for j := range d {
				at := (i*m+k)*d + j
				y[at] = (x[i*d+j] + σ*z[at]) * r
			}
		}
	}
	if err := p.Target.LogDensity(ctx, logp, ito.States{N: n * m, D: d, X: y, ID: ids}); err != nil {
		return err
	}
	for i := range n {
		l := logp[i*m : (i+1)*m]
		for k, v := range l {
			if math.IsNaN(v) {
				l[k] = math.Inf(-1)
			}
		}
		g := score[i*d : (i+1)*d]
		total := metric.LogSumExp(l)
		if !infer.Finite(total) {
			for j := range g {
				g[j] = -x[i*d+j]
			}
			continue
		}
		clear(g)
		for k, v := range l {
			w := math.Exp(v - total)
			for j := range g {
				g[j] += w * z[(i*m+k)*d+j] / σ
			}
		}
	}
	s.CountAll(infer.TallyEvaluations, float64(m))
	return nil
}
