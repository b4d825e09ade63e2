package solve

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// UniPC is the unified predictor–corrector of order p. With r_k = (λ_{−k}−λ_s)/h < 0 for the last p−1
// predictions, r_p = 1, D_k = (m_{−k}−m)/r_k, D_p = m(x'_pred) − m and z = −h, A = σ'/σ, B = −α' for x̂0
// (z = h, A = α'/α, B = −σ' for ε),
//
//	y' = A y + B [ (e^z−1) m + B(h) Σ_k ρ_k D_k ],   Σ_k ρ_k r_k^{i−1} B(h) = z i! φ_{i+1}(z),  i = 1 … p,
//
// with k < p for the predictor and k ≤ p for the corrector. The system alone would not leave B(h) any
// effect; it has one where the published method departs from it: ρ = ½ for the predictor of order 2 and for the
// corrector of order 1.
//
// Here a step is the correction that belongs to the one before and the prediction that follows, in one update: the
// state between steps is the predicted one, its prediction serves both, a step costs one evaluation, and the last
// point is not corrected. Global order p+1. Diagonal paths; a step from α = 0 or to σ = 0 is of order 1 and is not
// corrected.
type UniPC struct {
	Order int `config:"-"` // p, 1 to 3; 0: 3
	// B(h); the zero value is UniB2
	B UniB `enum:"bh2,bh1,vary" help:"B(h); vary: coefficients that vary"`
	// interpolate ε instead of x̂0
	Eps         bool `name:"predict" default:"x0" enum:"x0,eps" help:"what is interpolated"`
	NoCorrector bool `config:"-"` // the predictor alone (UniP)
	// as in DPMpp; 0: 15, negative: none
	LowerFinal LowerFinal `zero:"default" default:"15" help:"runs of fewer steps than this end with lower orders; 0: none do"`
	// "" or CompatVaryCoeffIndex
	Compat string `zero:"default" default:"none" enum:"none,vary-coeff-index" help:"a defect of released code to reproduce"`
}

// UniB is a choice of B(h).
type UniB uint8

// The choices of B(h).
const (
	UniB2   UniB = iota // e^z − 1
	UniB1               // z
	UniVary             // varying coefficients: the system solved as it is, also where the others take ½
)

// CompatVaryCoeffIndex reproduces a leaked loop index of released code for varying coefficients: the corrector
// of order p gives D_p only the weight that belongs to the wrong power. The order falls to 1 for p > 1.
const CompatVaryCoeffIndex = "vary-coeff-index"

// WithDefaults is the solver with its default order where none is set.
func (o UniPC) WithDefaults() UniPC {
	if o.Order == 0 {
		o.Order = 3
	}
	return o
}

// Info implements ito.Solver.
func (o UniPC) Info() ito.SolverInfo {
	o = o.WithDefaults()
	order, name := o.Order+1, "unipc"
	if o.NoCorrector {
		order, name = o.Order, "unip"
	}
	if o.Compat != "" && o.Order > 1 {
		order = 1
	}
	return ito.SolverInfo{Name: Word(fmt.Sprintf("%s-%d", name, o.Order), o), Order: order, Evals: 1,
		Needs:  []ito.Capability{ito.CapDiagonal},
		Source: "Zhao et al. 2023, arXiv:2302.04867, algorithms 1 and 2 and appendix C"}
}

// Plan implements ito.Solver.
func (o UniPC) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.WithDefaults()
	if err := checkOptions(p, o, o.Order, o.Compat, CompatVaryCoeffIndex); err != nil {
		return nil, err
	}
	switch {
	case o.Order == affine.MaxOrder:
		return nil, &ito.InputError{Where: "solver " + o.Info().Name, What: "an order of 4", Do: "give one from 1 to 3"}
	case o.Compat != "" && o.B != UniVary:
		return nil, &ito.InputError{Where: "solver " + o.Info().Name, What: o.Compat + " without varying coefficients",
			Do: "set B to UniVary"}
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	form := ito.PredX0
	if o.Eps {
		form = ito.PredEps
	}
	return o.plan(pl, g, form)
}

// plan lays out buffers: 0 the state, then predictions.
func (o UniPC) plan(pl *affine.Planner, g ito.Grid, form ito.Prediction) (*affine.History, error) {
	n := len(g) - 1
	lower := o.LowerFinal.Lowers(n)
	keep := o.Order + 1
	ks := pl.Knots(g, form)
	st := affine.NewHistory(pl.Path, n, 1+keep, o.Order)
	slot := func(i int) int { return 1 + i%keep }
	for i := range n {
		from := affine.Usable(ks, i, keep)
		do, err := pl.Keep(ks[i], slot(i), 0)
		if err != nil {
			return nil, err
		}
		orderAt := func(i, have, usable int) int {
			k := min(o.Order, have+1, usable)
			if lower {
				k = min(k, n-i)
			}
			return k
		}
		for have := range min(i, o.Order) + 1 {
			part := from[:min(have+1, len(from))]
			next := orderAt(i, have, len(part))
			last := 0
			if len(part) > 1 && !o.NoCorrector && affine.Corrects(ks[i-1], ks[i]) {
				last = orderAt(i-1, have-1, len(part)-1)
			}
			w := func(to *affine.Knot, from []*affine.Knot, mode int, m []float64) (x, noise float64) {
				return o.step(to, from, mode, m, next, last), 0
			}
			c, _ := pl.Weigh(ks[i+1], part, w, false, func(j int) int { return slot(i - j) })
			in, err := pl.Combine(g[i], 0, 'x', c)
			if err != nil {
				return nil, err
			}
			st.By[i] = append(st.By[i], affine.Line{{Predict: true, Into: slot(i), T: g[i],
				Do: append(append([]affine.Instruction(nil), do...), in)}})
		}
	}
	return st, nil
}

// step is the correction of the step before, of the given order (0: none), and the prediction that follows, in one.
// The state is the predicted one: the corrected one is that and the difference of the two rules' weights.
func (o UniPC) step(to *affine.Knot, from []*affine.Knot, i int, m []float64, next, last int) (x float64) {
	x, _ = o.Predict(to, from[:next], i, m[:next])
	if last == 0 {
		return x
	}
	before := from[1 : 1+last : 1+last]
	predicted, corrected := make([]float64, last), make([]float64, last+1)
	o.Predict(from[0], before, i, predicted)
	o.Correct(from[0], append(before, from[0]), i, corrected)
	m[0] += x * corrected[last]
	for j, w := range predicted {
		m[1+j] += x * (corrected[j] - w)
	}
	return x
}

// Predict is the predictor for one mode; an affine.Weigher, of order len(from).
func (o UniPC) Predict(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	x, m[0] = affine.First(from[0], to, i)
	B, z := affine.Exponential(from[0], to, i)
	affine.Extend(m, affine.LogSNRs(from, i), to.Lambda[i], B, func(b []float64) {
		affine.Taylor(b, z)
		if len(b) == 1 {
			o.halve(b, z)
		}
	})
	return x, 0
}

// Correct is the corrector for one mode, an affine.Weigher: Predict with one more prediction, the last of from, made at
// the end of the step. Its order is len(from) − 1.
func (o UniPC) Correct(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	x, m[0] = affine.First(from[0], to, i)
	B, z := affine.Exponential(from[0], to, i)
	last := len(from) - 1
	clock := append([]float64{from[0].Lambda[i], to.Lambda[i]}, affine.LogSNRs(from[1:last], i)...)
	w := make([]float64, len(from)) // newest, end of the step, older
	affine.Extend(w, clock, to.Lambda[i], B, func(b []float64) {
		affine.Taylor(b, z)
		if len(b) == 1 {
			o.halve(b, z)
		}
	})
	if o.Compat == CompatVaryCoeffIndex && last > 1 {
		leak(w, clock, B, z)
	}
	m[0] += w[0]
	m[last] = w[1]
	copy(m[1:last], w[2:])
	return x, 0
}

// halve puts ρ = ½ where the method departs from the system.
func (o UniPC) halve(b []float64, z float64) {
	switch o.B {
	case UniB2:
		b[0] = math.Expm1(z) / 2
	case UniB1:
		b[0] = z / 2
	}
}

// leak is the corrector of order p = len(w)−1 as a released loop over powers k has it: it stops at p−1 for the
// older predictions, and the newest counts once, with the coefficient of the power p−1 times z φ_{p+1}.
func leak(w, clock []float64, B, z float64) {
	old, last := make([]float64, len(w)), make([]float64, len(w))
	affine.Extend(old, clock, clock[1], B, func(b []float64) {
		affine.Taylor(b, z)
		if p := len(b); p > 1 {
			b[p-1] = 0
		}
	})
	affine.Extend(last, clock, clock[1], B, func(b []float64) {
		affine.Taylor(b, z)
		if p := len(b); p > 1 {
			v := b[p-1] / float64(p) // z (p−1)! φ_{p+1}
			clear(b)
			b[p-2] = v
		}
	})
	copy(w, old)
	w[1] = last[1]
	w[0] = 0
	for _, v := range w[1:] {
		w[0] -= v
	}
}
