package solve

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ode"
)

// Tsit5 is [Dopri5] with the pair of Tsitouras, which has smaller error terms at the same cost. Order 5, every
// path that Dopri5 serves.
type Tsit5 struct {
	Tol      float64 `config:"-"` // absolute and relative tolerance of a step; 0: 1e-5
	MaxSteps int     `config:"-"` // of a row between two nodes; 0: 10000
}

// Info implements ito.Solver.
func (Tsit5) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "tsit5", Order: 5, Adaptive: true, Needs: flowPaths, Source: ode.Tsit5.Source}
}

// Plan implements ito.Solver.
func (o Tsit5) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	st, err := Dopri5(o).Plan(p, g, k)
	if err != nil {
		return nil, err
	}
	st.(*dopri5).method.Tableau = ode.Tsit5
	return st, nil
}
