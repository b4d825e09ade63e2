package nn

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/simd"
)

// Adam is the rule of AdamW (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1; Loshchilov and Hutter 2019,
// arXiv:1711.05101, algorithm 2); without weight decay it is Adam. [DefaultAdam] holds the papers' numbers:
// a zero is a zero here.
type Adam struct {
	Beta1       float64 `json:"beta1" default:"0.9"`      // decay of the mean of the gradient
	Beta2       float64 `json:"beta2" default:"0.999"`    // decay of the mean of its square
	Eps         float64 `json:"eps" default:"1e-8"`       // ε, added to the root of the second moment
	WeightDecay float64 `json:"weight_decay" default:"0"` // decoupled: p loses lr·WeightDecay·p a step
}

// DefaultAdam is β = (.9, .999), ε = 1e-8 and no decay.
func DefaultAdam() Adam { return Adam{Beta1: .9, Beta2: .999, Eps: 1e-8} }

// Check reports a number that cannot be used, as a *ConfigError.
func (a Adam) Check() error {
	for _, f := range []struct {
		name   string
		v, max float64
	}{{"beta1", a.Beta1, 1}, {"beta2", a.Beta2, 1}} {
		if !(f.v >= 0 && f.v < f.max) {
			return &ConfigError{f.name, fmt.Sprintf("%g is not in [0, 1)", f.v)}
		}
	}
	if !(a.Eps > 0) || math.IsInf(a.Eps, 0) {
		return &ConfigError{"eps", fmt.Sprintf("%g is not a positive number", a.Eps)}
	}
	if !(a.WeightDecay >= 0) || math.IsInf(a.WeightDecay, 0) {
		return &ConfigError{"weight_decay", fmt.Sprintf("%g is negative or not finite", a.WeightDecay)}
	}
	return nil
}

// Moments is the state of an optimiser: it and the parameters are what a checkpoint keeps.
type Moments struct {
	Steps uint64    // steps taken
	M, V  []float32 // means of the gradient and of its square
}

// NewMoments is the state before the first step on n parameters.
func NewMoments(n int) *Moments { return &Moments{M: make([]float32, n), V: make([]float32, n)} }

// Step takes one step on the flat parameters p down the flat gradient g, which is multiplied by scale first
// (1, or the factor of [Clip]):
//
//	g ← scale·g,  m ← β1 m + (1−β1) g,  v ← β2 v + (1−β2) g²,  p ← p − lr (m̂/(√v̂+ε) + λp),
//
// m̂ = m/(1−β1ᵗ), v̂ = v/(1−β2ᵗ). The three slices have one length. It allocates nothing.
func (a Adam) Step(s *Moments, p, g []float32, lr, scale float64) { a.StepOn(nil, s, p, g, lr, scale) }

// stretch is how many parameters one worker moves at a time.
const stretch = 32 << 10

// StepOn is Step with the workers of a pool, which a large network keeps busy. The result is the same.
func (a Adam) StepOn(pool *ad.Pool, s *Moments, p, g []float32, lr, scale float64) {
	s.Steps++
	t := float64(s.Steps)
	c := simd.AdamConst{
		LR: lr, Beta1: a.Beta1, Beta2: a.Beta2, Eps: a.Eps, WD: a.WeightDecay,
		BC1: 1 - math.Pow(a.Beta1, t), BC2: 1 - math.Pow(a.Beta2, t), GScale: scale,
	}
	if pool.Workers() == 1 || len(p) < 4*stretch {
		simd.Adam32(p, s.M, s.V, g, c)
		return
	}
	pool.Do((len(p)+stretch-1)/stretch, func(_, unit int) {
		lo, hi := unit*stretch, min((unit+1)*stretch, len(p))
		simd.Adam32(p[lo:hi], s.M[lo:hi], s.V[lo:hi], g[lo:hi], c)
	})
}

// Clip returns the factor by which a gradient of flat values must be multiplied for its Euclidean norm not to
// exceed limit, and the norm. A limit of 0 or less clips nothing. The norm of a gradient with a NaN or an
// infinity is not finite, and so the factor is no use: the caller stops.
func Clip(g []float32, limit float64) (factor, norm float64) {
	norm = math.Sqrt(simd.NormSq32(g))
	if limit > 0 && norm > limit {
		return limit / norm, norm
	}
	return 1, norm
}
