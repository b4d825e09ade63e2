package infer

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Process is a discretised diffusion with a control u, whose cost R along a path has E[e^{−R}] = ∫ρ for every control and every number of steps
// (Richter and Berner, arXiv:2307.01198; density ratios instead of an Euler–Maruyama likelihood where these differ). A
// Process is a value.
type Process interface {
	Name() string
	Steps() int
	// Start turns standard normals into x_0 and returns the cost there.
	Start(x []float64) float64
	// Move returns step k: it carries x on with control u and noise ε and returns the cost, less that of the ends; dR/du = Rate·ε with the path held.
	Move(k int) func(x, u, ε []float64) float64
	Rate(k int) float64
	// End is the cost of the end apart from −log ρ.
	End(x []float64) float64
	// Guide is the direction by which NN₂(t) is multiplied in a learned control, from x_j and ∂_j log ρ.
	Guide(k int, x, score float64) float64
	validate() error
}

func clip(x, c float64) float64 { return max(-c, min(c, x)) }

// controlledStep is x' = a x + n(v + ε), v = m u, of cost ½|v|² + v·ε: the part that PIS and DDS share.
func controlledStep(a, n, m float64) func(x, u, ε []float64) float64 {
	return func(x, u, ε []float64) float64 {
		r := 0.
		for j := range x {
			v := m * u[j]
			x[j] = a*x[j] + n*(v+ε[j])
			r += v*v/2 + v*ε[j]
		}
		return r
	}
}

// PIS is the path integral sampler (Zhang and Chen, ICLR 2022): dX = σu dt + σ dW from X_0 = 0. Without control X_T ~ N(0, σ²T I). Euler's steps of the uncontrolled
// process are exact.
type PIS struct {
	K     int     // 0: 100
	Sigma float64 // 0: √.2
	T     float64 // 0: 5
}

func (p PIS) custom() PIS {
	return PIS{int(or(float64(p.K), 100)), or(p.Sigma, math.Sqrt(.2)), or(p.T, 5)}
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
	return Reference{SD: []float64{p.Sigma * math.Sqrt(p.T)}}.logDensity(x)
}

// Guide implements Process.
func (PIS) Guide(_ int, _, score float64) float64 { return clip(score, 10) }

func (p PIS) validate() error { return positive("pis", p.custom().K, p.custom().Sigma, p.custom().T) }

// DDS is the denoising diffusion sampler with its exponential integrator (Vargas, Grathwohl and Doucet, ICLR 2023): x' = √(1−β_k²) x + β_k²σ²u + σβ_k ε,
// β_k = min(Alpha √dt_k, 1), dt_k ∝ cos⁴((k/K+s)/(1+s)·π/2), s = .008, Σdt = T, from N(0, σ²I), which the uncontrolled steps keep.
type DDS struct {
	K     int     // 0: 128
	Sigma float64 // 0: 1
	Alpha float64 // 0: 1
	T     float64 // 0: 6.4
}

func (p DDS) custom() DDS {
	return DDS{int(or(float64(p.K), 128)), or(p.Sigma, 1), or(p.Alpha, 1), or(p.T, 6.4)}
}

// Name implements Process.
func (DDS) Name() string { return "dds" }

// Steps implements Process.
func (p DDS) Steps() int { return p.custom().K }

// Start implements Process.
func (p DDS) Start(x []float64) float64 {
	for j := range x {
		x[j] *= p.custom().Sigma
	}
	return 0
}

func (p DDS) beta(k int) float64 {
	p = p.custom()
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
func (p DDS) Rate(k int) float64 { return p.custom().Sigma * p.beta(k) }

// Move implements Process.
func (p DDS) Move(k int) func(x, u, ε []float64) float64 {
	β, r := p.beta(k), p.Rate(k)
	return controlledStep(math.Sqrt(1-β*β), r, r)
}

// End implements Process.
func (p DDS) End(x []float64) float64 {
	return Reference{SD: []float64{p.custom().Sigma}}.logDensity(x)
}

// Guide implements Process.
func (DDS) Guide(_ int, _, score float64) float64 { return clip(score, 10) }

func (p DDS) validate() error {
	p = p.custom()
	return positive("dds", p.K, p.Sigma, p.Alpha, p.T)
}

// DIS is the time-reversed diffusion sampler (Berner, Richter and Ullrich, TMLR 2024) of a variance-preserving process with β from 10 at the noise to .1 at the data,
// from N(0, I), in the density-ratio form: R = log p_0(x_0) − log ρ(x_K) + Σ[log F(x_{k+1}|x_k) − log B(x_k|x_{k+1})] with the normal steps
//
//	F: x + (½βx + √β u)dt + √(β dt) ε,   B: y − ½βy dt + √(β dt) ε,
//
// whose estimate of ∫ρ is unbiased for every K. (The usual Euler–Maruyama form is not: log Z is off by .08 at K = 20 without control.)
type DIS struct {
	K int // 0: 100
}

func (p DIS) k() int { return int(or(float64(p.K), 100)) }

// Name implements Process.
func (DIS) Name() string { return "dis" }

// Steps implements Process.
func (p DIS) Steps() int { return p.k() }

// Start implements Process.
func (DIS) Start(x []float64) float64 { return Reference{}.logDensity(x) }

func (p DIS) step(k int) (β, dt float64) {
	n := float64(p.k())
	return 10 + (.1-10)*float64(k)/n, 1 / n
}

// Rate implements Process.
func (p DIS) Rate(k int) float64 { return math.Sqrt(1 / float64(p.k())) }

// Move implements Process.
func (p DIS) Move(k int) func(x, u, ε []float64) float64 {
	β, dt := p.step(k)
	return func(x, u, ε []float64) float64 {
		r := 0.
		for j, v := range x {
			y := v + (β/2*v+math.Sqrt(β)*u[j])*dt + math.Sqrt(β*dt)*ε[j]
			back := v - y*(1-β/2*dt)
			r += back*back/(2*β*dt) - ε[j]*ε[j]/2
			x[j] = y
		}
		return r
	}
}

// End implements Process.
func (DIS) End([]float64) float64 { return 0 }

// Guide implements Process: √β times the clipped score of the geometric mean of prior and target at time k/K.
func (p DIS) Guide(k int, x, score float64) float64 {
	β, _ := p.step(k)
	t := float64(k) / float64(p.k())
	return math.Sqrt(β) * clip(t*score-(1-t)*x, 10)
}

func (p DIS) validate() error { return positive("dis", p.k()) }

func positive(name string, k int, x ...float64) error {
	ok := k >= 1
	for _, v := range x {
		ok = ok && v > 0 && finite(v)
	}
	if !ok {
		return &ito.InputError{Where: name, What: fmt.Sprintf("%d steps with parameters %v", k, x), Do: "give a step or more and positive numbers"}
	}
	return nil
}
