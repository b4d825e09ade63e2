package solve

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
)

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
	switch o := s.(type) {
	case Dopri5:
		o.Tol = tol
		return o, nil
	case Tsit5:
		o.Tol = tol
		return o, nil
	case DPMAdaptive:
		o.Atol, o.Rtol = tol, tol
		return o, nil
	case EMAdaptive:
		o.Atol, o.Rtol = tol, tol
		return o, nil
	case Finish:
		inner, err := WithTolerance(o.Solver, tol)
		o.Solver = inner
		return o, err
	}
	return nil, &ito.InputError{Where: "solver " + s.Info().Name, What: "it takes steps of its grid and no tolerance",
		Do: "give a number of evaluations, or take dopri5"}
}
