package mcmc

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// Smoothed is a density together with what it becomes under normal noise, p_σ = p ∗ N(0, σ²I). It is safe for
// concurrent use.
type Smoothed interface {
	Dim() int
	// Smoothed writes log p_σ(x_i), up to one constant for all σ, and ∇log p_σ(x_i), with σ row by row. A grad with
	// N = 0 is not wanted.
	Smoothed(ctx context.Context, logp []float64, grad, x ito.States, sigma []float64) error
}

// NoisyScore is ∇log p_σ of a density under normal noise of any level. A [FieldScore] makes it of a trained field.
// It is safe for concurrent use.
type NoisyScore interface {
	Dim() int
	// Score writes ∇log p_σ(x_i), with σ row by row.
	Score(ctx context.Context, grad, x ito.States, sigma []float64) error
}

// LevelPosterior says which noise levels are probable for a state. It is safe for concurrent use.
type LevelPosterior interface {
	// Levels writes log p(σ_l | x_i) up to a constant for each row, [N,L], L the number of levels for which it was
	// made.
	Levels(ctx context.Context, logp []float64, x ito.States) error
	Count() int
}

// DMCMC is denoising Markov chain Monte Carlo (Kim and Ye, ICML 2023, arXiv:2209.14593): a chain on the product of
// space and noise levels alternates a Langevin move of size η under p_σ with a new level given x, so that it
// crosses between modes at high noise. Every Skip steps, the state is carried from its σ to almost no noise along
// the probability flow and becomes the draw (State.X); run with Thin a multiple of Skip. The chain itself is the
// variable "chain".
//
// The paper denoises the state of the smallest σ among the last Skip ones, which needs fewer steps of the flow.
// That choice depends on where the chain went and is not exact: on modes of unit variance at ±5, with Skip = 10 and
// η = 2, the draws' variance is 1.35. It is offered as Smallest.
//
// A density with a known smoothed form gives the scores and, by p(σ|x) ∝ p_σ(x), the exact levels. A trained field
// gives scores alone: then the levels come from a classifier ([NoiseLevels]), as in the paper, and moves cannot be
// adjusted.
type DMCMC struct {
	Density Smoothed       // or
	Score   NoisyScore     // instead of Density
	Level   LevelPosterior // needed with Score; nil: exact, from Density
	Levels  []float64      // σ, increasing; nil: 20 from .05 to 10, geometric
	// Argmax takes the most probable level, as the authors' code does, instead of drawing one: wrong proportions.
	Argmax   bool
	StepSize float64 // η of x + ½η∇log p_σ(x) + √η z; 0: .8
	Adjust   bool    // accept or reject the move, which makes the chain exact
	Skip     int     // 0: 10
	Smallest bool    // draw from the smallest σ of the last Skip steps
	Heun     int     // steps of the flow from σ to Levels[0]/5; 0: 18
}

// ScoreOnly implements infer.ScoreOnly: led by a field.
func (k DMCMC) ScoreOnly() bool { return k.Score != nil }

// GeometricLevels are 20 from .05 to the highest.
func GeometricLevels(highest float64) []float64 { return spacedLevels(.05, highest) }

// spacedLevels are 20 of one ratio.
func spacedLevels(lowest, highest float64) []float64 {
	σ := make([]float64, 20)
	for i := range σ {
		σ[i] = lowest * math.Pow(highest/lowest, float64(i)/19)
	}
	return σ
}

// WithDefaults has the defaults in place of zeros.
func (k DMCMC) WithDefaults() DMCMC {
	if k.Levels == nil {
		k.Levels = GeometricLevels(10)
	}
	k.StepSize = cmp.Or(k.StepSize, .8)
	k.Skip, k.Heun = cmp.Or(k.Skip, 10), cmp.Or(k.Heun, 18)
	return k
}

// Name implements Kernel.
func (DMCMC) Name() string { return "dmcmc" }

// Measures implements infer.Measured.
func (DMCMC) Measures() infer.Measure { return infer.MeasureStepSize }

// Slots implements Kernel.
func (DMCMC) Slots() int { return 1 }

// Validate implements infer.Validator.
func (k DMCMC) Validate(d int) error {
	k = k.WithDefaults()
	bad := (k.Density == nil) == (k.Score == nil) || k.Score != nil && (k.Level == nil || k.Adjust) || k.Level != nil &&
		k.Level.Count() != len(k.Levels) || len(k.Levels) < 1 || !(k.StepSize > 0) || !infer.Finite(k.StepSize) ||
		k.Skip < 1 || k.Heun < 1
	for i, σ := range k.Levels {
		bad = bad || !(σ > 0) || !infer.Finite(σ) || i > 0 && σ <= k.Levels[i-1]
	}
	if bad || k.dim() != d {
		return &ito.InputError{Where: "dmcmc", What: fmt.Sprintf("levels %v, step size %v, %d steps a draw", k.Levels,
			k.StepSize, k.Skip), Do: "give a smoothed density of the target's dimension, or a score with the " +
			"posterior of these levels and no adjustment, increasing positive levels and a positive step"}
	}
	return nil
}

func (k DMCMC) dim() int {
	if k.Density != nil {
		return k.Density.Dim()
	}
	return k.Score.Dim()
}

// slope writes ∇log p_σ and, of a density, log p_σ.
func (k DMCMC) slope(ctx context.Context, logp []float64, grad, x ito.States, σ []float64) error {
	if k.Density != nil {
		return k.Density.Smoothed(ctx, logp, grad, x, σ)
	}
	return k.Score.Score(ctx, grad, x, σ)
}

// Init implements Kernel. The chain starts at X and the highest level.
func (k DMCMC) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	k = k.WithDefaults()
	if err := infer.BeginDensity(ctx, p, s); err != nil {
		return err
	}
	copy(s.AddVar("chain", s.D), s.X)
	level, low := s.AddVar("level", 1), s.AddVar("lowest", 1)
	s.AddVar("low", s.D)
	for g := range level {
		level[g], low[g] = float64(len(k.Levels)-1), -1
	}
	return nil
}

func states(s *infer.State, n int, x []float64) ito.States {
	return ito.States{N: n, D: s.D, X: x[:n*s.D], ID: s.RowIDs(n)}
}

// Step implements Kernel.
func (k DMCMC) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	k = k.WithDefaults()
	n, d := s.Groups, s.D
	chain, level := s.Var("chain"), s.Var("level")
	σ, logp, g := s.Scratch("σ", n), s.Scratch("logp", n), s.Scratch("g", n*d)
	x, l1, g1, u := s.Scratch("x", n*d), s.Scratch("l1", n), s.Scratch("g1", n*d), s.Scratch("u", 2*n)
	for i := range σ {
		σ[i] = k.Levels[int(level[i])]
	}
	if err := k.slope(ctx, logp, states(s, n, g), states(s, n, chain), σ); err != nil {
		return err
	}
	s.Normals(p.Seed, 0, x)
	s.Uniforms(p.Seed, 1, u)
	η := k.StepSize
	for i, z := range x {
		x[i] = chain[i] + η/2*g[i] + math.Sqrt(η)*z
	}
	if k.Adjust {
		if err := k.slope(ctx, l1, states(s, n, g1), states(s, n, x), σ); err != nil {
			return err
		}
		s.CountAll(infer.TallyGradients, 1)
	}
	s.CountAll(infer.TallyGradients, 1)
	for i := range n {
		lo, hi := i*d, (i+1)*d
		if k.Adjust {
			q := 0. // log q(x|x') − log q(x'|x)
			for j := lo; j < hi; j++ {
				back, forth := chain[j]-x[j]-η/2*g1[j], x[j]-chain[j]-η/2*g[j]
				q -= (back*back - forth*forth) / (2 * η)
			}
			a := math.Exp(min(0, l1[i]-logp[i]+q))
			if math.IsNaN(a) {
				a = 0
			}
			info.Accept[i] = a
			s.Count(i, infer.TallyProposals, 1)
			s.Count(i, infer.TallyAccepted, a)
			if u[2*i] >= a {
				continue
			}
		}
		if !infer.AllFinite(x[lo:hi]) {
			s.Count(i, infer.TallyDropped, 1)
			continue
		}
		copy(chain[lo:hi], x[lo:hi])
	}
	if err := k.levels(ctx, s, u); err != nil {
		return err
	}
	low, lowest := s.Var("low"), s.Var("lowest")
	for i := range n {
		info.StepSize[i] = η
		if lowest[i] < 0 || level[i] < lowest[i] || !k.Smallest {
			lowest[i] = level[i]
			copy(low[i*d:(i+1)*d], chain[i*d:(i+1)*d])
		}
	}
	if (int(s.Step)+1)%k.Skip != 0 {
		return nil
	}
	copy(s.X, low)
	for i := range n {
		σ[i] = k.Levels[int(lowest[i])]
		lowest[i] = -1
	}
	if err := k.denoise(ctx, s, s.X, σ); err != nil {
		return err
	}
	s.CountAll(infer.TallyEvaluations, 1)
	return infer.Density(ctx, p, s, n, s.LogP, s.X)
}
