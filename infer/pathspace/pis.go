package pathspace

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito/infer"
)

// PIS is the path integral sampler (Zhang and Chen, ICLR 2022): dX = σu dt + σ dW from X_0 = 0. Without control X_T
// ~ N(0, σ²T I). Euler's steps of the uncontrolled process are exact.
type PIS struct {
	K     int     // 0: 100
	Sigma float64 // 0: √.2
	T     float64 // 0: 5
}

// WithDefaults has the defaults in place of zeros.
func (p PIS) WithDefaults() PIS {
	return PIS{cmp.Or(p.K, 100), cmp.Or(p.Sigma, math.Sqrt(.2)), cmp.Or(p.T, 5)}
}

// Name implements Process.
func (PIS) Name() string { return "pis" }

// Steps implements Process.
func (p PIS) Steps() int { return p.WithDefaults().K }

// Start implements Process.
func (PIS) Start(x []float64) float64 { clear(x); return 0 }

// Rate implements Process.
func (p PIS) Rate(int) float64 { p = p.WithDefaults(); return math.Sqrt(p.T / float64(p.K)) }

// Move implements Process.
func (p PIS) Move(k int) func(x, u, ε []float64) float64 {
	p = p.WithDefaults()
	return controlledStep(1, p.Sigma*p.Rate(k), p.Rate(k))
}

// End implements Process.
func (p PIS) End(x []float64) float64 {
	p = p.WithDefaults()
	return infer.Reference{SD: []float64{p.Sigma * math.Sqrt(p.T)}}.LogDensity(x)
}

// Guide implements Process: the clipped score of the target.
func (PIS) Guide(_ int, _, score float64) float64 { return clip(score, guideLimit) }

// Traced implements Process.
func (p PIS) Traced() TracedProcess {
	p = p.WithDefaults()
	return tracedStep(func(k int) (a, n, m float64) { return 1, p.Sigma * p.Rate(k), p.Rate(k) },
		p.Sigma*math.Sqrt(p.T))
}

// Validate implements Process.
func (p PIS) Validate() error {
	return positive("pis", p.WithDefaults().K, p.WithDefaults().Sigma, p.WithDefaults().T)
}
