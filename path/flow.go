package path

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Flow is the straight line from data at t = 0 to noise at t = 1, on t ∈ [Lo,1]:
//
//	α = 1−t,  σ = t,  α̇ = −1,  σ̇ = 1,
//
// with prior N(0,I) (Lipman et al. 2023, arXiv:2210.02747, and Liu et al. 2022, arXiv:2209.03003, with
// their clock turned round by t ← 1−t).
//
// At t = 1 the data are gone: α = 0, the forward drift α̇/α = −1/(1−t) and g² = 2t/(1−t) have no finite
// limit. The velocity α̇x_0 + σ̇ε = ε − x_0 is finite throughout, so solvers of the flow never see the
// singularity. [Flow.Diffusion] is clipped there; see its comment.
type Flow struct {
	Lo float64 `json:"lo" default:"0.001" above:"0" below:"1" help:"Sampled end."` // sampled end; 0 means 1e-3
}

// flowMinAlpha bounds g² near t = 1 by 2t/flowMinAlpha = 40: an Euler–Maruyama step of 1/20 is then
// still stable.
const flowMinAlpha = .05

// Resolve returns p with its defaults filled in, or what is wrong with it.
func (p Flow) Resolve() (Flow, error) {
	p.Lo = cmp.Or(p.Lo, defaultLo)
	return p, checkSpan("path flow", p.Lo, 1)
}

// Name returns "flow".
func (Flow) Name() string { return "flow" }

// Objective implements [Published].
func (Flow) Objective() string { return "flow" }

// Dim returns 0: any dimension.
func (Flow) Dim() int { return 0 }

// Span returns Lo and 1.
func (p Flow) Span() (lo, hi float64) { return cmp.Or(p.Lo, defaultLo), 1 }

// Modes returns 1.
func (Flow) Modes() int { return 1 }

// Basis returns nil, the identity.
func (Flow) Basis() []float64 { return nil }

// Mean returns nil, zero.
func (Flow) Mean() []float64 { return nil }

// Schedule writes α = 1−t, σ = t, α̇ = −1 and σ̇ = 1, each of length 1 or nil.
func (Flow) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	write(alpha, 1-t)
	write(sigma, t)
	write(dalpha, -1)
	write(dsigma, 1)
}

// Diffusion writes g² = 2t/max(1−t, .05). Up to t = .95 this is the forward SDE's own coefficient.
// Beyond, it is a finite choice: the reverse SDE dx = (v − ½g²s)dt + g dw̄, with v the velocity, has the
// path's marginals for every g, so a solver that steps in this form stays exact. One that divides by α
// does not survive t = 1 on any choice.
func (Flow) Diffusion(t float64, g2 []float64) { write(g2, 2*t/math.Max(1-t, flowMinAlpha)) }

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p Flow) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	return perturb(p, dst, x0, t, n)
}

// Prior draws N(0,I).
func (p Flow) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	return drawPrior(p, dst, nil, 1, n)
}
