package pathspace

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito/infer"
)

// DDS is the denoising diffusion sampler with its exponential integrator (Vargas, Grathwohl and Doucet, ICLR 2023):
// x' = √(1−β_k²) x + β_k²σ²u + σβ_k ε, β_k = min(Alpha √dt_k, 1), dt_k ∝ cos⁴((k/K+s)/(1+s)·π/2), s = .008, Σdt =
// T, from N(0, σ²I), which the uncontrolled steps keep.
type DDS struct {
	K     int     // 0: 128
	Sigma float64 // 0: 1
	Alpha float64 // 0: 1
	T     float64 // 0: 6.4
}

// WithDefaults has the defaults in place of zeros.
func (p DDS) WithDefaults() DDS {
	return DDS{cmp.Or(p.K, 128), cmp.Or(p.Sigma, 1), cmp.Or(p.Alpha, 1), cmp.Or(p.T, 6.4)}
}

// Name implements Process.
func (DDS) Name() string { return "dds" }

// Steps implements Process.
func (p DDS) Steps() int { return p.WithDefaults().K }

// Start implements Process.
func (p DDS) Start(x []float64) float64 {
	for j := range x {
		x[j] *= p.WithDefaults().Sigma
	}
	return 0
}

func (p DDS) beta(k int) float64 {
	p = p.WithDefaults()
	w := func(k int) float64 {
		const s = .008
		c := math.Cos((float64(k)/float64(p.K) + s) / (1 + s) * math.Pi / 2)
		return c * c * c * c
	}
	sum := 0.
	for i := range p.K {
		sum += w(i)
	}
	return min(p.Alpha*math.Sqrt(p.T*w(k)/sum), 1)
}

// Rate implements Process.
func (p DDS) Rate(k int) float64 { return p.WithDefaults().Sigma * p.beta(k) }

// Move implements Process.
func (p DDS) Move(k int) func(x, u, ε []float64) float64 {
	β, r := p.beta(k), p.Rate(k)
	return controlledStep(math.Sqrt(1-β*β), r, r)
}

// End implements Process.
func (p DDS) End(x []float64) float64 {
	return infer.Reference{SD: []float64{p.WithDefaults().Sigma}}.LogDensity(x)
}

// Guide implements Process: the clipped score of the target.
func (DDS) Guide(_ int, _, score float64) float64 { return clip(score, guideLimit) }

// Traced implements Process.
func (p DDS) Traced() TracedProcess {
	return tracedStep(func(k int) (a, n, m float64) {
		β, r := p.beta(k), p.Rate(k)
		return math.Sqrt(1 - β*β), r, r
	}, p.WithDefaults().Sigma)
}

// Validate implements Process.
func (p DDS) Validate() error {
	p = p.WithDefaults()
	return positive("dds", p.K, p.Sigma, p.Alpha, p.T)
}
