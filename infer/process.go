package infer

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// Process is a discretised diffusion with a control u, whose cost R along a path has E[e^{−R}] = ∫ρ for every control and every number of steps
// (Richter and Berner, arXiv:2307.01198; density ratios instead of an Euler–Maruyama likelihood where these differ, unless asked for). A
// Process is a value.
type Process interface {
	Name() string
	Steps() int
	// Start turns standard normals into x_0 and returns the cost there.
	Start(x []float64) float64
	// Move returns step k: it carries x on with control u and noise ε and returns the cost, less that of the ends; dR/du = Rate·ε with the path held.
	Move(k int) func(x, u, ε []float64) float64
	Rate(k int) float64
	// Adjoint returns the transposed derivative of Move(k) with the noise held: a holds the derivative of the later cost with respect to x' and becomes
	// that of this and the later cost with respect to x; du becomes the one with respect to u.
	Adjoint(k int) func(a, du, x, u, ε []float64)
	// End is the cost of the end apart from −log ρ, EndGradient writes its gradient.
	End(x []float64) float64
	EndGradient(g, x []float64)
	// Guide is the direction by which NN₂(t) is multiplied in a learned control, from x_j and s_j = ∂_j log ρ; GuideSlopes its derivatives with respect to both.
	Guide(k int, x, score float64) float64
	GuideSlopes(k int, x, score float64) (dx, ds float64)
	validate() error
}

// guideLimit clips the guides' scores.
const guideLimit = 10

func clip(x, c float64) float64 { return max(-c, min(c, x)) }

// inside is the slope of clip(x, guideLimit).
func inside(x float64) float64 {
	if x > -guideLimit && x < guideLimit {
		return 1
	}
	return 0
}

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

// controlledAdjoint is the adjoint of controlledStep.
func controlledAdjoint(a, n, m float64) func(adj, du, x, u, ε []float64) {
	return func(adj, du, x, u, ε []float64) {
		for j, y := range adj {
			du[j] = m * (n*y + m*u[j] + ε[j])
			adj[j] = a * y
		}
	}
}

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
