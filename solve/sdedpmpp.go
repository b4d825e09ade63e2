package solve

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// SDEDPMpp is multistep SDE-DPM-Solver++ (1, 2M, 3M): the exponential integrator of the SDE that keeps the
// path's marginals with noise level η (η = 1: the reverse SDE). Per mode, with h = λ'−λ, z = −(1+η)h and
// x̂0(λ) = Σ_k d_k ((λ−λ_s)/h)^k through the last predictions,
//
//	y' = (σ'/σ) e^{−ηh} y − α' [ (e^z−1) x̂0 + Σ_{k≥1} b_k d_k ] + σ' √(1−e^{−2ηh}) ξ,   b_k = z k! φ_{k+1}(z).
//
// Order 1 with η = 1 is DDIM with η = 1. Weak order 1 for the first, 2 for the others. One evaluation a step,
// Diagonal paths, from noise to data; the last step may go to σ = 0.
type SDEDPMpp struct {
	Order int `config:"-"` // 1 to 4; 0: 2
	// η > 0; 0: 1
	Eta float64 `zero:"default" default:"1" above:"0" help:"η, the noise level of the SDE; 1: the reverse SDE"`
	// how steps of order 2 weigh d_1
	Second Second `enum:"auto,midpoint,taylor" help:"the weight of the slope in steps of order 2; auto: midpoint in solvers of order 2, else taylor"`
	// as in DPMpp; 0: 15, negative: none
	LowerFinal LowerFinal `zero:"default" default:"15" help:"runs of fewer steps than this end with lower orders; 0: none do"`
	// "", CompatSDE3Sign or CompatSDE3Factor
	Compat string `zero:"default" default:"none" enum:"none,sde3-sign,sde3-factor" help:"a defect of released code to reproduce"`
}

// Defects of released third-order code, in terms of q_3 = φ_2(z) − 1/2, whose weight in α' q_3 d_2 is −2.
const (
	// CompatSDE3Sign has −(q_3+1) there, which does not vanish with the step: weak order 1.
	CompatSDE3Sign = "sde3-sign"
	// CompatSDE3Factor has −q_3: still weak order 2, with a larger constant.
	CompatSDE3Factor = "sde3-factor"
)

// Info implements ito.Solver.
func (o SDEDPMpp) Info() ito.SolverInfo {
	o = o.filled()
	o.Second = o.Second.named(o.Order)
	name, order := fmt.Sprintf("sde-dpmpp-%dm", o.Order), min(o.Order, 2)
	if o.Order == 1 {
		name = "sde-dpmpp-1"
	}
	if o.Compat == CompatSDE3Sign {
		order = 1
	}
	return ito.SolverInfo{Name: Word(name, o), Order: order, Stochastic: true, Evals: 1,
		Needs:  []ito.Capability{ito.CapDiagonal},
		Source: "Lu et al. 2022, arXiv:2211.01095, appendix B; order 3 by the same expansion"}
}

func (o SDEDPMpp) filled() SDEDPMpp {
	if o.Order == 0 {
		o.Order = 2
	}
	if o.Eta == 0 {
		o.Eta = 1
	}
	return o
}

// Plan implements ito.Solver.
func (o SDEDPMpp) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.filled()
	if err := checkOptions(p, o, o.Order, o.Compat, CompatSDE3Sign, CompatSDE3Factor); err != nil {
		return nil, err
	}
	if !(o.Eta > 0) || math.IsInf(o.Eta, 0) {
		return nil, &ito.InputError{Where: "solver " + o.Info().Name, What: fmt.Sprintf("a noise level of %g", o.Eta),
			Do: "give a positive one, or take dpmpp"}
	}
	if err := towardsData(g, o, "dpmpp-2m"); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	return pl.Multistep(g, ito.PredX0, o.Order, o.LowerFinal.Lowers(len(g)-1), true, o.weigh)
}

func (o SDEDPMpp) weigh(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	s := from[0]
	h := to.Lambda[i] - s.Lambda[i]
	if math.Abs(h) < 1e-12 { // a level repeated but for rounding, of whose sign there is no root
		return to.Alpha[i] / s.Alpha[i], 0
	}
	z := -(1 + o.Eta) * h
	x = to.Sigma[i] / s.Sigma[i] * math.Exp(-o.Eta*h)
	m[0] = -to.Alpha[i] * math.Expm1(z)
	affine.Extend(m, affine.LogSNRs(from, i), to.Lambda[i], -to.Alpha[i], func(b []float64) {
		affine.Taylor(b, z)
		switch {
		case len(b) == 1 && !o.Second.IsTaylor(o.Order):
			b[0] = math.Expm1(z) / 2
		case len(b) == 2 && o.Compat == CompatSDE3Sign:
			b[1] = b[1]/2 + 1
		case len(b) == 2 && o.Compat == CompatSDE3Factor:
			b[1] /= 2
		}
	})
	return x, to.Sigma[i] * math.Sqrt(-math.Expm1(-2*o.Eta*h))
}

// towardsData refuses a stochastic solver a grid that goes from data to noise.
func towardsData(g ito.Grid, s ito.Solver, nearest string) error {
	if len(g) > 1 && g[1] > g[0] {
		return &ito.UnsupportedError{What: "solver " + s.Info().Name + " on an increasing grid",
			Why: "the reverse SDE goes from noise to data", Nearest: nearest}
	}
	return nil
}
