package solve

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// Tolerant is a solver that chooses its own steps: WithTolerance is the same with the tolerance tol > 0 of a step,
// absolute and relative.
type Tolerant interface {
	ito.Solver
	WithTolerance(tol float64) (ito.Solver, error)
}

// WithTolerance is s with the tolerance tol of a step, absolute and relative, for a solver that chooses its own steps;
// 0 leaves it as it is. It is an *ito.InputError for the others.
func WithTolerance(s ito.Solver, tol float64) (ito.Solver, error) {
	if tol == 0 {
		return s, nil
	}
	if !(tol > 0) {
		return nil, &ito.InputError{Where: "solver " + s.Info().Name, What: fmt.Sprintf("a tolerance of %g", tol),
			Do: "give a number above 0, such as 1e-5"}
	}
	if o, ok := s.(Tolerant); ok {
		return o.WithTolerance(tol)
	}
	return nil, &ito.InputError{Where: "solver " + s.Info().Name, What: "it takes steps of its grid and no tolerance",
		Do: "give a number of evaluations, or take dopri5"}
}

// WithTolerance implements Tolerant.
func (o Dopri5) WithTolerance(tol float64) (ito.Solver, error) {
	o.Tol = tol
	return o, nil
}

// WithTolerance implements Tolerant.
func (o Tsit5) WithTolerance(tol float64) (ito.Solver, error) {
	o.Tol = tol
	return o, nil
}

// WithTolerance implements Tolerant.
func (o DPMAdaptive) WithTolerance(tol float64) (ito.Solver, error) {
	o.Atol, o.Rtol = tol, tol
	return o, nil
}

// WithTolerance implements Tolerant.
func (o EMAdaptive) WithTolerance(tol float64) (ito.Solver, error) {
	o.Atol, o.Rtol = tol, tol
	return o, nil
}

// WithTolerance implements Tolerant: that of the solver inside.
func (f Finish) WithTolerance(tol float64) (ito.Solver, error) {
	inner, err := WithTolerance(f.Solver, tol)
	f.Solver = inner
	return f, err
}
