package pathspace

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
)

// Process is a discretised diffusion with a control u, whose cost R along a path has E[e^{−R}] = ∫ρ for every control
// and every number of steps (Richter and Berner, arXiv:2307.01198; density ratios instead of an Euler–Maruyama
// likelihood where these differ, unless asked for). A Process is a value.
type Process interface {
	Name() string
	Steps() int
	// Start turns standard normals into x_0 and returns the cost there.
	Start(x []float64) float64
	// Move returns step k: it carries x on with control u and noise ε and returns the cost, less that of the ends;
	// dR/du = Rate·ε with the path held.
	Move(k int) func(x, u, ε []float64) float64
	Rate(k int) float64
	// End is the cost of the end apart from −log ρ.
	End(x []float64) float64
	// Guide is the direction by which NN₂(t) is multiplied in a learned control, from x_j and s_j = ∂_j log ρ.
	Guide(k int, x, score float64) float64
	// traced is the same inside a program.
	Traced() TracedProcess
	Validate() error
}

// TracedProcess is a Process over the values of one path in a program: what a loss that is differentiated is made of.
type TracedProcess struct {
	// Terms are the numbers of step k that the others read, as c.
	Terms func(k int) []float64
	Move  func(c []ad.Value, x, u, ε ad.Value) ad.Value    // x'
	Cost  func(c []ad.Value, x, y, u, ε ad.Value) ad.Value // of the step from x to y = x'
	Guide func(c []ad.Value, x, score ad.Value) ad.Value
	End   func(x ad.Value) ad.Value
}

// guideLimit clips the guides' scores.
const guideLimit = 10

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

// tracedStep is controlledStep, whose steps have the terms a, n and m, ended by a normal of standard deviation sd.
func tracedStep(terms func(k int) (a, n, m float64), sd float64) TracedProcess {
	return TracedProcess{
		Terms: func(k int) []float64 {
			a, n, m := terms(k)
			return []float64{a, n, m}
		},
		Move: func(c []ad.Value, x, u, ε ad.Value) ad.Value {
			return ad.Add(ad.Mul(x, c[0]), ad.Mul(ad.Add(ad.Mul(u, c[2]), ε), c[1]))
		},
		Cost: func(c []ad.Value, _, _, u, ε ad.Value) ad.Value {
			v := ad.Mul(u, c[2])
			return ad.Dot(v, ad.Add(ad.Scale(v, .5), ε))
		},
		Guide: func(_ []ad.Value, _, score ad.Value) ad.Value { return clipped(score) },
		End: func(x ad.Value) ad.Value {
			d := float64(x.Size())
			return ad.Shift(ad.Scale(ad.Dot(x, x), -.5/(sd*sd)), -d/2*math.Log(2*math.Pi)-d*math.Log(sd))
		},
	}
}

// clipped is clip(x, guideLimit).
func clipped(x ad.Value) ad.Value {
	limit := ad.Shift(ad.Zeros(x), guideLimit)
	return ad.Max(ad.Min(x, limit), ad.Neg(limit))
}

func positive(name string, k int, x ...float64) error {
	ok := k >= 1
	for _, v := range x {
		ok = ok && v > 0 && infer.Finite(v)
	}
	if !ok {
		return &ito.InputError{Where: name, What: fmt.Sprintf("%d steps with parameters %v", k, x),
			Do: "give a step or more and positive numbers"}
	}
	return nil
}
