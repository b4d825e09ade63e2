package tune

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// Gridded are the deterministic solvers of one evaluation a step on the grid of so many steps that GITS finds from the
// starts of a task, as the fixed solvers of [FixedSolvers] are on named grids. It costs 60 evaluations a start.
func (o GITS) Gridded(ctx context.Context, t Task, evals int) ([]Fixed, error) {
	if o.Grid == nil {
		if _, err := solve.Karras(t.Path, t.From, t.To, 1); err != nil { // a path without log-SNR at its ends
			o.Grid = solve.Uniform
		}
	}
	costs, err := o.Costs(ctx, t.Path, t.Field, t.Starts, t.From, t.To, solve.RunOptions{Cond: t.Cond})
	if err != nil {
		return nil, err
	}
	g, _, err := costs.Best(evals)
	if err != nil {
		return nil, err
	}
	var out []Fixed
	for _, f := range FixedSolvers(t.Path, t.From, t.To, evals) {
		if len(f.Times) == len(g) && f.Solver.Info().Evals == 1 && f.Grid == "uniform" {
			out = append(out, Fixed{f.Solver, f.Name, "gits", g})
		}
	}
	return out, nil
}

// V3Solvers are DPM-Solver-v3 with the given statistics, of orders 1 to 3, with and without corrector and lower
// orders at the end, on every named grid with so many steps that the path has.
func V3Solvers(e *EMS, p ito.Path, from, to float64, evals int) []Fixed {
	var out []Fixed
	for _, grid := range solve.GridNames() {
		f, err := solve.GridByName(grid)
		if err != nil {
			continue
		}
		g, err := f(p, from, to, evals)
		if err != nil {
			continue
		}
		for order := 1; order <= 3; order++ {
			for _, plain := range []bool{false, true} {
				for _, lower := range []solve.LowerFinal{0, -1} {
					s := DPMv3{EMS: e, Order: order, NoCorrect: plain, LowerFinal: lower}
					name := s.Info().Name
					if plain {
						name += " predictor"
					}
					if lower < 0 {
						name += " all orders"
					}
					out = append(out, Fixed{s, name, grid, g})
				}
			}
		}
	}
	return out
}
