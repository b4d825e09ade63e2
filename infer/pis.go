package infer

import (
	"cmp"
	"math"
)

// PIS is the path integral sampler (Zhang and Chen, ICLR 2022): dX = σu dt + σ dW from X_0 = 0. Without control X_T
// ~ N(0, σ²T I). Euler's steps of the uncontrolled process are exact.
type PIS struct {
	K     int     // 0: 100
	Sigma float64 // 0: √.2
	T     float64 // 0: 5
}

func (p PIS) custom() PIS {
	return PIS{cmp.Or(p.K, 100), cmp.Or(p.Sigma, math.Sqrt(.2)), cmp.Or(p.T, 5)}
}

// Name implements Process.
func (PIS) Name() string { return "pis" }

// Steps implements Process.
func (p PIS) Steps() int { return p.custom().K }

// Start implements Process.
func (PIS) Start(x []float64) float64 { clear(x); return 0 }

// Rate implements Process.
func (p PIS) Rate(int) float64 { p = p.custom(); return math.Sqrt(p.T / float64(p.K)) }

// Move implements Process.
func (p PIS) Move(k int) func(x, u, ε []float64) float64 {
	p = p.custom()
	return controlledStep(1, p.Sigma*p.Rate(k), p.Rate(k))
}

// End implements Process.
func (p PIS) End(x []float64) float64 {
	p = p.custom()
	return Reference{SD: []float64{p.Sigma * math.Sqrt(p.T)}}.LogDensity(x)
}

// Guide implements Process: the clipped score of the target.
func (PIS) Guide(_ int, _, score float64) float64 { return clip(score, guideLimit) }

func (p PIS) traced() tracedProcess {
	p = p.custom()
	return tracedStep(func(k int) (a, n, m float64) { return 1, p.Sigma * p.Rate(k), p.Rate(k) },
		p.Sigma*math.Sqrt(p.T))
}

func (p PIS) validate() error { return positive("pis", p.custom().K, p.custom().Sigma, p.custom().T) }
