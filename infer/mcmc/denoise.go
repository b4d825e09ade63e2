package mcmc

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/metric"
)

// levels draws each chain's level from p(σ|x), all levels equally probable beforehand, or takes the most probable.
func (k DMCMC) levels(ctx context.Context, s *infer.State, u []float64) error {
	n, d, m := s.Groups, s.D, len(k.Levels)
	chain, level := s.Var("chain"), s.Var("level")
	logp := make([]float64, n*m)
	if k.Level != nil {
		if err := k.Level.Levels(ctx, logp, states(s, n, chain)); err != nil {
			return err
		}
	} else {
		x, σ := ito.NewStates(n*m, d, 0), make([]float64, n*m)
		for i := range n {
			for l, v := range k.Levels {
				copy(x.Row(i*m+l), chain[i*d:(i+1)*d])
				σ[i*m+l] = v
			}
		}
		if err := k.Density.Smoothed(ctx, logp, ito.States{}, x, σ); err != nil {
			return err
		}
		s.CountAll(infer.TallyEvaluations, float64(m))
	}
	for i := range n {
		l := logp[i*m : (i+1)*m]
		total, best, sum := metric.LogSumExp(l), 0, 0.
		if !infer.Finite(total) {
			continue
		}
		at := m - 1
		for j := m - 1; j >= 0; j-- {
			if l[j] > l[best] {
				best = j
			}
			if sum += math.Exp(l[j] - total); sum <= u[2*i+1] {
				at = max(j-1, 0)
			}
		}
		if k.Argmax {
			at = best
		}
		level[i] = float64(at)
	}
	return nil
}

// denoise carries rows of noise σ along dx/dσ = −σ∇log p_σ(x) to a fifth of the lowest level by Heun's rule on the
// grid of Karras et al. (2022, ρ = 7), and to its mean there.
func (k DMCMC) denoise(ctx context.Context, s *infer.State, x, σ []float64) error {
	n, d := s.Groups, s.D
	logp, g, g2, y, at := make([]float64, n), make([]float64, n*d), make([]float64, n*d), make([]float64, n*d),
		make([]float64, n)
	end := k.Levels[0] / 5
	node := func(from float64, i int) float64 {
		a, b := math.Pow(from, 1./7), math.Pow(end, 1./7)
		return math.Pow(a+float64(i)/float64(k.Heun)*(b-a), 7)
	}
	score := func(g, x []float64, i int) error {
		for r := range at {
			at[r] = node(σ[r], i)
		}
		s.CountAll(infer.TallyGradients, 1)
		return k.slope(ctx, logp, states(s, n, g), states(s, n, x), at)
	}
	for i := range k.Heun {
		if err := score(g, x, i); err != nil {
			return err
		}
		for j := range x {
			a, b := node(σ[j/d], i), node(σ[j/d], i+1)
			y[j] = x[j] - (b-a)*a*g[j]
		}
		if err := score(g2, y, i+1); err != nil {
			return err
		}
		for j := range x {
			a, b := node(σ[j/d], i), node(σ[j/d], i+1)
			x[j] -= (b - a) / 2 * (a*g[j] + b*g2[j])
		}
	}
	if err := score(g, x, k.Heun); err != nil {
		return err
	}
	for j := range x {
		x[j] += end * end * g[j]
	}
	return nil
}
