package solve

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// Bounds beyond which float64 states lose what a step needs. A slope at noise σ is (x − x̂0)/σ, whose round-off is
// 1e-16/σ of the data's size. A step h of the path's clock multiplies it by hσ̇, one from ρ = σ/α in the clock ρ by
// ρ; a multistep rule multiplies the difference of its predictions by the quotient of its steps.
const (
	mostFall     = 1e8 // of ρ in one step, and of h|d log ρ/dt| at the end with less noise
	mostQuotient = 1e6 // of a step in log(α/σ) to the one before
)

// Plan is solver.Plan with the checks that [Run] makes of a grid and a solver, for those who plan before they have
// states. It refuses (*ito.InputError)
//
//   - times that do not go one way or that lie outside of the path: above its drawn end, below its sampled end
//     and 0, or where
//     α or σ is not a number or is below 0;
//   - a step in which σ/α falls or rises by a factor above 10⁸, or would at the rate that it has where there is
//     less noise, unless
//     to or from 0 or infinity: rounding would count for more there than the noise that is left. 0 itself is the
//     level to end with;
//   - with a multistep solver, two steps in log(α/σ) of which the second is more than 10⁶ times the first.
//
// A solver that the path cannot serve is an *ito.UnsupportedError with the nearest that can.
func Plan(p ito.Path, grid ito.Grid, solver ito.Solver, k ito.Prediction) (ito.Stepper, error) {
	if c, ok := p.(ito.RowMean); ok {
		st, err := Plan(c.Around(), grid, solver, k)
		if err != nil {
			return nil, err
		}
		return &rowMean{path: c, inner: st}, nil
	}
	if err := Check(p, solver); err != nil {
		return nil, err
	}
	if err := checkTimes(p, grid); err != nil {
		return nil, err
	}
	steps, err := checkLevels(p, grid)
	if err != nil {
		return nil, err
	}
	st, err := solver.Plan(p, grid, k)
	if err != nil {
		return nil, err
	}
	if extrapolates(st) {
		for i := 1; i < len(steps); i++ {
			if q := steps[i] / steps[i-1]; q > mostQuotient && !math.IsInf(q, 0) {
				return nil, badGrid("leave one of them out, or take a solver without memory such as ddim",
					"times %d and %d of the grid, %g and %g, are so near one another that solver %s cannot draw a "+
						"line through what is predicted there", i-1, i, grid[i-1], grid[i], solver.Info().Name)
			}
		}
	}
	return st, nil
}

func badGrid(do, format string, a ...any) error {
	return &ito.InputError{Where: "run", What: fmt.Sprintf(format, a...), Do: do}
}

// Repeatable reports a stepper that a run leaves as it was planned: it has no history, or one that begins anew with the
// first step.
func Repeatable(st ito.Stepper) bool {
	switch st.(type) {
	case *heun, *affine.Program, *affine.History:
		return true
	}
	return false
}

// extrapolates reports a stepper with a history.
func extrapolates(st ito.Stepper) bool {
	if f, ok := st.(*finish); ok {
		st = f.inner
	}
	_, ok := st.(ito.Resetter)
	return ok
}

// checkTimes refuses times that do not go one way and such as the path does not have.
func checkTimes(p ito.Path, grid ito.Grid) error {
	if len(grid) < 2 {
		return badGrid("give at least a start and an end", "the grid has %d times", len(grid))
	}
	lo, hi := p.Span()
	slack := 1e-9 * (hi - lo)
	for i, t := range grid {
		if math.IsNaN(t) || math.IsInf(t, 0) || i > 0 && !((t-grid[i-1])*(grid[1]-grid[0]) > 0) {
			return badGrid("times must go one way without repeats", "time %d of the grid is %g", i, t)
		}
		if t > hi+slack || t < math.Min(lo, 0)-slack {
			return badGrid(fmt.Sprintf("stay between %g and %g", math.Min(lo, 0), hi),
				"time %d of the grid is %g, and path %s goes from %g to %g", i, t, p.Name(), lo, hi)
		}
	}
	return nil
}

// checkLevels refuses levels of a diagonal path that float64 cannot resolve, and returns the lengths of the steps
// in log(α/σ), the shortest over the modes; nil for other paths.
func checkLevels(p ito.Path, grid ito.Grid) ([]float64, error) {
	d, ok := p.(ito.Diagonal)
	if !ok {
		return nil, nil
	}
	m := path.NewModes(d)
	n := len(m.Alpha)
	var before []float64
	steps := make([]float64, 0, len(grid))
	for i, t := range grid {
		d.Schedule(t, m.Alpha, m.Sigma, m.DAlpha, m.DSigma)
		now := make([]float64, 2*n) // ρ of every mode, and |d log ρ/dt|
		step := math.Inf(1)
		for k, α := range m.Alpha {
			σ := m.Sigma[k]
			if !(α >= 0 && σ >= 0) || math.IsInf(α+σ, 0) {
				return nil, badGrid("stay inside of the path", "time %d of the grid is %g, where path %s has α = %g "+
					"and σ = %g", i, t, p.Name(), α, σ)
			}
			now[k], now[n+k] = σ/α, math.Abs(m.DSigma[k]/σ-m.DAlpha[k]/α)
			if i == 0 || !between(now[k]) || !between(before[k]) {
				continue
			}
			rate := now[n+k]
			if before[k] < now[k] {
				rate = before[n+k]
			}
			fall := math.Max(before[k]/now[k], now[k]/before[k])
			if fall > mostFall || rate*math.Abs(t-grid[i-1]) > mostFall {
				return nil, badGrid("put levels between them, or leave the smaller one out: 0 is where there is no "+
					"noise", "σ/α goes from %.3g to %.3g in one step, from time %d of the grid to time %d, and the "+
					"smaller is lost in rounding", before[k], now[k], i-1, i)
			}
			step = math.Min(step, math.Log(fall))
		}
		if i > 0 {
			steps = append(steps, step)
		}
		before = now
	}
	return steps, nil
}

// between reports a level between 0 and infinity.
func between(rho float64) bool { return rho > 0 && !math.IsInf(rho, 1) }
