package pathspace

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/infer"
)

// Potential approximates log g_t of [PDDS] and its gradient. At λ = 0 it must be log ρ(x) − log N(x; 0, σ²I)
// exactly: then the estimate of ∫ρ is unbiased whatever it says elsewhere.
type Potential interface {
	// Log writes log ĝ at noise level λ and its gradient at the rows of x; it counts what it cost.
	Log(ctx context.Context, p infer.SeededTarget, s *infer.State, λ, σ float64, logg, grad, x []float64) error
}

// Naive is the potential g_0 at the mean of the denoised point, log ĝ_t(x) = log g_0(√(1−λ_t) x). One gradient.
type Naive struct{}

// Log implements Potential.
func (Naive) Log(ctx context.Context, p infer.SeededTarget, s *infer.State, λ, σ float64, logg, grad,
	x []float64) error {
	d := s.D
	n := len(x) / d
	y := s.Scratch("naive.y", len(x))
	a := math.Sqrt(1 - λ)
	for i, v := range x {
		y[i] = a * v
	}
	if err := infer.Gradient(ctx, p, s, n, logg, grad, y); err != nil {
		return err
	}
	ref := infer.Reference{SD: []float64{σ}}
	for i := range n {
		logg[i] -= ref.LogDensity(y[i*d : (i+1)*d])
	}
	for i := range grad {
		grad[i] = a * (grad[i] + y[i]/(σ*σ))
	}
	s.CountAll(infer.TallyGradients, 1)
	return nil
}

// NoiseSchedule is λ of PDDS at time t in [0, 1]: 0 at 0, near 1 at 1.
type NoiseSchedule func(t float64) float64

// CosineNoise is 1 − cos²(½π(t+s)/(1+s))/cos²(½πs/(1+s)) with s = .008.
func CosineNoise(t float64) float64 {
	const s = .008
	c := func(t float64) float64 { v := math.Cos(math.Pi / 2 * (t + s) / (1 + s)); return v * v }
	if t >= 1 {
		return 1
	}
	return 1 - c(t)/c(0)
}

// LinearNoise is 1 − exp(−2∫β) for β from a at 0 to b at 1.
func LinearNoise(a, b float64) NoiseSchedule {
	return func(t float64) float64 { return -math.Expm1(-2 * (a*t + (b-a)*t*t/2)) }
}
