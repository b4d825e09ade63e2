package solve

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
	"gonum.org/v1/gonum/integrate/quad"
)

// DEIS is the diffusion exponential integrator sampler: per mode, with ρ = σ/α and the Lagrange polynomials L_j
// through the last predictions of ε in the chosen clock,
//
//	y' = (α'/α) y + Σ_j C_j ε̂_{−j},   C_j = α' ∫ L_j dρ  over the step,   Σ_j C_j = α'(ρ'−ρ).
//
// Order: the number of predictions used (tAB-k of the paper uses k+1). One evaluation a step, Diagonal paths; a step
// from α = 0 is of order 1, and any step may go to σ = 0. The integrals in t are by parts with 48 Gauss–Legendre
// points, so that a σ̇ that is infinite at t = 0 does no harm. In t it is best on the quadratic grid.
type DEIS struct {
	Order int   `config:"-"` // predictions used, 1 to 4; 0: 4
	Clock Clock `config:"-"` // in which ε is a polynomial; the zero value is ClockT
	// runs of fewer steps than this end with lower orders; 0 and negative: none do
	LowerFinal LowerFinal `zero:"default" default:"0" help:"runs of fewer steps than this end with lower orders; 0: none do"`
}

// Clock is what a multistep solver takes for its independent variable.
type Clock uint8

// The clocks of DEIS.
const (
	ClockT      Clock = iota // the path's own time: tAB
	ClockRho                 // ρ = σ/α: ρAB
	ClockLogRho              // log ρ: the exact multistep DPM-Solver, what diffusers calls DEIS
)

// WithDefaults is the solver with its default order where none is set.
func (o DEIS) WithDefaults() DEIS {
	if o.Order == 0 {
		o.Order = 4
	}
	return o
}

// Info implements ito.Solver.
func (o DEIS) Info() ito.SolverInfo {
	o = o.WithDefaults()
	name := "deis"
	switch o.Clock {
	case ClockRho:
		name = "deis-rho"
	case ClockLogRho:
		name = "deis-logrho"
	}
	return ito.SolverInfo{Name: Word(fmt.Sprintf("%s-%d", name, o.Order), o), Order: o.Order, Evals: 1,
		Needs:  []ito.Capability{ito.CapDiagonal},
		Source: "Zhang & Chen 2023, arXiv:2204.13902, eq. 14 and 15 (tAB, ρAB)"}
}

// Plan implements ito.Solver.
func (o DEIS) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.WithDefaults()
	if err := checkOptions(p, o, o.Order, ""); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	weigh, err := o.Weigher(pl)
	if err != nil {
		return nil, err
	}
	return pl.Multistep(g, ito.PredEps, o.Order, o.LowerFinal > 0 && o.LowerFinal.Lowers(len(g)-1), false, weigh)
}

// Weigher is the rule of a step in the solver's clock on the planner's path, through as many predictions as it is
// given.
func (o DEIS) Weigher(pl *affine.Planner) (affine.Weigher, error) {
	switch o.Clock {
	case ClockT:
		return newTimes(pl).weigh, nil
	case ClockRho:
		return weighRho, nil
	case ClockLogRho:
		return DPMpp{Order: o.Order, Second: SecondTaylor}.Weigh, nil
	}
	return nil, &ito.InputError{Where: "solver deis", What: fmt.Sprintf("clock %d", o.Clock),
		Do: "take ClockT, ClockRho or ClockLogRho"}
}

// weighRho: with u the fraction of the step in ρ, ∫ u^k dρ = (ρ'−ρ)/(k+1).
func weighRho(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	x, m[0] = affine.First(from[0], to, i)
	clock := make([]float64, len(from))
	for j, k := range from {
		clock[j] = k.Rho(i)
	}
	affine.Extend(m, clock, to.Rho(i), to.Alpha[i]*(to.Rho(i)-from[0].Rho(i)), func(b []float64) {
		for k := range b {
			b[k] = 1 / float64(k+2)
		}
	})
	return x, 0
}

// times integrates over steps in the path's clock. It keeps ρ at the points of the last step.
type times struct {
	pl       *affine.Planner
	s, t     float64
	u, w     [48]float64 // points and weights on [0,1]
	rho      [][]float64 // [point][mode]
	computed bool
}

func newTimes(pl *affine.Planner) *times {
	c := &times{pl: pl, rho: make([][]float64, 48)}
	quad.Legendre{}.FixedLocations(c.u[:], c.w[:], 0, 1)
	for i := range c.rho {
		c.rho[i] = make([]float64, pl.Modes.Path.Modes())
	}
	return c
}

// weigh: with u the fraction of the step in t, ∫ u^k dρ = ρ' − ∫ k u^{k−1} ρ du.
func (c *times) weigh(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	x, m[0] = affine.First(from[0], to, i)
	clock := make([]float64, len(from))
	for j, k := range from {
		clock[j] = k.T
	}
	if from[0].Form != ito.PredEps || to.Alpha[i] == 0 {
		return x, 0
	}
	c.over(from[0].T, to.T)
	affine.Extend(m, clock, to.T, to.Alpha[i], func(b []float64) {
		for k := range b {
			b[k] = to.Rho(i)
		}
		for j, u := range c.u {
			f := c.w[j] * c.rho[j][i]
			for k := range b {
				b[k] -= float64(k+1) * f
				f *= u
			}
		}
	})
	return x, 0
}

// over evaluates ρ at the points of the step from s to t.
func (c *times) over(s, t float64) {
	if c.computed && c.s == s && c.t == t {
		return
	}
	c.s, c.t, c.computed = s, t, true
	for j, u := range c.u {
		m := c.pl.Modes
		m.Path.Schedule(s+u*(t-s), m.Alpha, m.Sigma, nil, nil)
		for i, α := range m.Alpha {
			c.rho[j][i] = m.Sigma[i] / α
		}
	}
}
