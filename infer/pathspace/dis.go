package pathspace

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
)

// DIS is the time-reversed diffusion sampler (Berner, Richter and Ullrich, TMLR 2024) of a variance-preserving process
// with β from 10 at the noise to .1 at the data, from N(0, I), in the density-ratio form: R = log p_0(x_0) − log ρ(x_K)
// + Σ[log F(x_{k+1}|x_k) − log B(x_k|x_{k+1})] with the normal steps
//
//	F: x + (½βx + √β u)dt + √(β dt) ε,   B: y − ½βy dt + √(β dt) ε,
//
// whose estimate of ∫ρ is unbiased for every K.
type DIS struct {
	K int // 0: 100
	// Euler takes the cost of the continuous process step by step instead, Σ[½|u|²dt + √dt u·ε] − ∫½βd dt by the
	// trapezoidal rule, as the code of arXiv:2307.01198 does, on the same paths. Its estimate is biased: without
	// control log Z of e³N(1, .25) is too high by .455, .242 and .080 at K = 2, 5 and 20.
	Euler bool
}

func (p DIS) k() int { return cmp.Or(p.K, 100) }

// Name implements Process.
func (DIS) Name() string { return "dis" }

// FirstScale is what NN₂ of a learned control begins with: see [Learned].
func (DIS) FirstScale() float64 { return 1 }

// Steps implements Process.
func (p DIS) Steps() int { return p.k() }

// Start implements Process.
func (DIS) Start(x []float64) float64 { return infer.Reference{}.LogDensity(x) }

func (p DIS) beta(k int) float64 { return 10 + (.1-10)*float64(k)/float64(p.k()) }

func (p DIS) step(k int) (β, dt float64) { return p.beta(k), 1 / float64(p.k()) }

// Rate implements Process.
func (p DIS) Rate(k int) float64 { return math.Sqrt(1 / float64(p.k())) }

// shrink is ∫½βd over step k by the trapezoidal rule, what the cost of the Euler form loses in dimension 1.
func (p DIS) shrink(k int) float64 {
	_, dt := p.step(k)
	return (p.beta(k) + p.beta(k+1)) / 4 * dt
}

// Move implements Process.
func (p DIS) Move(k int) func(x, u, ε []float64) float64 {
	β, dt := p.step(k)
	shrink := p.shrink(k)
	return func(x, u, ε []float64) float64 {
		r := 0.
		for j, v := range x {
			y := v + (β/2*v+math.Sqrt(β)*u[j])*dt + math.Sqrt(β*dt)*ε[j]
			if p.Euler {
				r += u[j]*u[j]/2*dt + math.Sqrt(dt)*u[j]*ε[j] - shrink
			} else {
				back := v - y*(1-β/2*dt)
				r += back*back/(2*β*dt) - ε[j]*ε[j]/2
			}
			x[j] = y
		}
		return r
	}
}

// End implements Process.
func (DIS) End([]float64) float64 { return 0 }

// Guide implements Process: √β times the clipped score of the geometric mean of prior and target at time k/K.
func (p DIS) Guide(k int, x, score float64) float64 {
	t := float64(k) / float64(p.k())
	return math.Sqrt(p.beta(k)) * clip(t*score-(1-t)*x, guideLimit)
}

// The terms of DIS in a program.
const (
	disGrow   = iota // 1 + ½β dt
	disPush          // √β dt
	disNoise         // √(β dt)
	disBack          // 1 − ½β dt
	disWeight        // 1/(2β dt)
	disTime          // k/K
	disRoot          // √β
	disShrink
)

// Traced implements Process.
func (p DIS) Traced() TracedProcess {
	return TracedProcess{
		Terms: func(k int) []float64 {
			β, dt := p.step(k)
			root, t := math.Sqrt(β), float64(k)/float64(p.k())
			return []float64{1 + β/2*dt, root * dt, math.Sqrt(β * dt), 1 - β/2*dt, 1 / (2 * β * dt), t, root,
				p.shrink(k)}
		},
		Move: func(c []ad.Value, x, u, ε ad.Value) ad.Value {
			return ad.Add(ad.Add(ad.Mul(x, c[disGrow]), ad.Mul(u, c[disPush])), ad.Mul(ε, c[disNoise]))
		},
		Cost: func(c []ad.Value, x, y, u, ε ad.Value) ad.Value {
			if p.Euler {
				_, dt := p.step(0)
				own := ad.Dot(u, ad.Add(ad.Scale(u, dt/2), ad.Scale(ε, math.Sqrt(dt))))
				return ad.Sub(own, ad.Scale(c[disShrink], float64(x.Size())))
			}
			back := ad.Sub(x, ad.Mul(y, c[disBack]))
			return ad.Sub(ad.Mul(ad.Dot(back, back), c[disWeight]), ad.Scale(ad.Dot(ε, ε), .5))
		},
		Guide: func(c []ad.Value, x, score ad.Value) ad.Value {
			t := c[disTime]
			mean := ad.Sub(ad.Mul(score, t), ad.Mul(x, ad.Shift(ad.Neg(t), 1)))
			return ad.Mul(clipped(mean), c[disRoot])
		},
		End: func(x ad.Value) ad.Value { return ad.Scale(ad.Sum(x), 0) },
	}
}

// Validate implements Process.
func (p DIS) Validate() error { return positive("dis", p.k()) }
