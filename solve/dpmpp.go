package solve

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// DPMpp is multistep DPM-Solver++ (2M, 3M): per mode, with λ = log(α/σ), h = λ'−λ and the polynomial
// x̂0(λ) = Σ_k d_k ((λ−λ_s)/h)^k through the last predictions,
//
//	y' = (σ'/σ) y − α' [ (e^{−h}−1) x̂0 + Σ_{k≥1} b_k d_k ],   b_k = −h k! φ_{k+1}(−h).
//
// The first steps have lower orders. One evaluation a step, Diagonal paths; a step from α = 0 or to
// σ = 0 is of order 1, so that a grid may end where σ = 0: its last step then denoises.
//
// The released code of order 3 gives d_2 half its weight, which makes it a method of order 2
// (measured slopes 1.98 and 2.91 on the ring of this package's tests): CompatThirdOrderFactor.
type DPMpp struct {
	Order int `config:"-"` // 1 to 4; 0: 2
	// interpolate ε instead of x̂0: DPM-Solver, y' = (α'/α) y − σ' [(e^h−1) ε̂ + …] with h for −h
	Eps bool `config:"-"`
	// how steps of order 2 weigh d_1
	Second Second `enum:"auto,midpoint,taylor" help:"the weight of the slope in steps of order 2; auto: midpoint in solvers of order 2, else taylor"`
	// runs of fewer steps than this end with lower orders; 0: 15, negative: none do
	LowerFinal LowerFinal `zero:"default" default:"15" help:"runs of fewer steps than this end with lower orders; 0: none do"`
	// "" or CompatThirdOrderFactor
	Compat string `zero:"default" default:"none" enum:"none,third-order-factor" help:"a defect of released code to reproduce"`
}

// Second is a choice of the weight b_1 in steps of order 2. Both are of order 2.
type Second uint8

// The choices of Second.
const (
	SecondAuto     Second = iota // Midpoint in solvers of order 2, Taylor in the first steps of higher orders
	SecondMidpoint               // b_1 = (e^{∓h}−1)/2, as DPM-Solver++(2M) is published
	SecondTaylor                 // b_1 = ∓h φ_2(∓h), exact for a linear prediction ("heun" in diffusers)
)

// named is c for a name: auto where it says the same.
func (c Second) named(order int) Second {
	if c.IsTaylor(order) == SecondAuto.IsTaylor(order) {
		return SecondAuto
	}
	return c
}

// IsTaylor reports whether steps of order 2 take the weight of Taylor in a solver of this order.
func (c Second) IsTaylor(order int) bool { return c == SecondTaylor || c == SecondAuto && order != 2 }

// CompatThirdOrderFactor reproduces released third-order multistep code, in which φ_3 d_2 stands for 2 φ_3 d_2.
const CompatThirdOrderFactor = "third-order-factor"

// Info implements ito.Solver.
func (o DPMpp) Info() ito.SolverInfo {
	o = o.WithDefaults()
	o.Second = o.Second.named(o.Order)
	name := "dpmpp"
	if o.Eps {
		name = "dpm"
	}
	order := o.Order
	if o.Compat != "" {
		order = min(order, 2)
	}
	return ito.SolverInfo{Name: Word(fmt.Sprintf("%s-%dm", name, o.Order), o), Order: order, Evals: 1,
		Needs: []ito.Capability{ito.CapDiagonal},
		Source: "Lu et al. 2022, arXiv:2211.01095, algorithm 2 and appendix B; the weights are the exact ones of " +
			"Hochbruck & Ostermann 2010, Acta Numerica 19:209"}
}

// WithDefaults is the solver with its default order where none is set.
func (o DPMpp) WithDefaults() DPMpp {
	if o.Order == 0 {
		o.Order = 2
	}
	return o
}

// Plan implements ito.Solver.
func (o DPMpp) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.WithDefaults()
	if err := checkOptions(p, o, o.Order, o.Compat, CompatThirdOrderFactor); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	form := ito.PredX0
	if o.Eps {
		form = ito.PredEps
	}
	return pl.Multistep(g, form, o.Order, o.LowerFinal.Lowers(len(g)-1), false, o.Weigh)
}

// Weigh is the step of the formula above for one mode; an affine.Weigher.
func (o DPMpp) Weigh(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	x, m[0] = affine.First(from[0], to, i)
	B, z := affine.Exponential(from[0], to, i)
	affine.Extend(m, affine.LogSNRs(from, i), to.Lambda[i], B, func(b []float64) {
		affine.Taylor(b, z)
		if len(b) == 1 && !o.Second.IsTaylor(o.Order) {
			b[0] = math.Expm1(z) / 2
		}
		if len(b) == 2 && o.Compat == CompatThirdOrderFactor {
			b[1] /= 2
		}
	})
	return x, 0
}

// checkOptions reports a path that s cannot serve, an order outside 1…maxOrder, and an unknown compat.
func checkOptions(p ito.Path, s ito.Solver, order int, compat string, known ...string) error {
	if err := Check(p, s); err != nil {
		return err
	}
	where := "solver " + s.Info().Name
	if order < 1 || order > affine.MaxOrder {
		return &ito.InputError{Where: where, What: fmt.Sprintf("an order of %d", order),
			Do: fmt.Sprintf("give one from 1 to %d", affine.MaxOrder)}
	}
	if compat == "" {
		return nil
	}
	for _, k := range known {
		if compat == k {
			return nil
		}
	}
	err := unknown("compat", compat, known)
	return fmt.Errorf("%s: %w", where, err)
}
