package solve

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// DPMFast is DPM-Solver-fast: single steps of order 3 with the orders at the end chosen so that the run costs a given
// number of evaluations. K = ⌊NFE/3⌋+1 steps have the orders
//
//	3 … 3, 2, 1 | 3 … 3, 1 | 3 … 3, 2   for NFE mod 3 = 0 | 1 | 2.
//
// It wants the log-SNR grid of K steps; Steps says K. Diagonal paths.
type DPMFast struct {
	NFE  int  `config:"-"` // evaluations; 0: as many as the grid's steps can take, 3K−1
	Data bool `config:"-"` // interpolate x̂0 instead of ε
}

// Budgeted is a solver that is told how many evaluations a run costs, and has a number of steps of its own for that.
type Budgeted interface {
	ito.Solver
	// For is the solver of a run of nfe evaluations.
	For(nfe int) ito.Solver
	// Steps is the number of steps that spend them.
	Steps() int
}

// For implements Budgeted.
func (o DPMFast) For(nfe int) ito.Solver {
	o.NFE = nfe
	return o
}

// Steps is the number of steps that spend o.NFE evaluations.
func (o DPMFast) Steps() int { return o.NFE/3 + 1 }

// Info implements ito.Solver. Evals is that of a step of order 3, the most that a step costs.
func (o DPMFast) Info() ito.SolverInfo {
	name := "dpm-fast"
	if o.Data {
		name = "dpmpp-fast"
	}
	return ito.SolverInfo{Name: name, Order: 3, Evals: 3, Needs: []ito.Capability{ito.CapDiagonal},
		Source: "Lu et al. 2022, arXiv:2206.00927, section 3.4"}
}

// Plan implements ito.Solver.
func (o DPMFast) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	if err := Check(p, o); err != nil {
		return nil, err
	}
	n := len(g) - 1
	if o.NFE == 0 {
		o.NFE = 3*n - 1
	}
	if o.NFE < 1 || o.Steps() != n {
		return nil, &ito.InputError{Where: "solver " + o.Info().Name,
			What: fmt.Sprintf("%d evaluations on a grid of %d steps", o.NFE, n),
			Do:   fmt.Sprintf("take a grid of %d steps, or from %d to %d evaluations", max(1, o.Steps()), 3*n-3, 3*n-1)}
	}
	return DPM{Order: 3, Data: o.Data}.plan(p, g, k, o.orders())
}

func (o DPMFast) orders() []int {
	orders := make([]int, o.Steps())
	for i := range orders {
		orders[i] = 3
	}
	last := len(orders) - 1
	switch o.NFE % 3 {
	case 0:
		orders[last] = 1
		if last > 0 {
			orders[last-1] = 2
		}
	default:
		orders[last] = o.NFE % 3
	}
	return orders
}
