package diffusion

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/solve"
)

// drawer draws sample paths of windows, each window by itself.
type drawer struct {
	field  *field.Net
	frame  frame
	solver ito.Solver
	grid   ito.Grid
	// begin gives the condition of a window, one for all its samples, and hooks of its run. x are its scaled values, NaN
	// where they are not known.
	begin func(w forecast.Window, x []float64, paths int) (cond []float64, hooks []ito.Hook, err error)
}

func newDrawer(f *field.Net, fr frame, solver string, steps int) (*drawer, error) {
	s, g, err := solverOf(f.Bound(), solver, steps)
	if err != nil {
		return nil, err
	}
	return &drawer{field: f, frame: fr, solver: s, grid: g}, nil
}

// defaultPaths are drawn where quantiles are asked for and no number of paths.
const defaultPaths = 100

// Predict implements forecast.Fitted, a worker a window.
func (d *drawer) Predict(ctx context.Context, ws []forecast.Window, r forecast.Request) ([]forecast.Forecast, error) {
	if err := forecast.CheckLevels(r.Levels); err != nil {
		return nil, err
	}
	for _, w := range ws {
		if err := d.frame.fits(w); err != nil {
			return nil, err
		}
	}
	out := make([]forecast.Forecast, len(ws))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(r.Pool.Workers(), 1))
	for i, w := range ws {
		g.Go(func() error {
			x := make([]float64, d.frame.length())
			scale, err := d.frame.values(x, w.Series, w.Origin())
			if err != nil {
				return err
			}
			n := r.Paths
			if n == 0 {
				n = defaultPaths
			}
			states, err := d.draw(ctx, w, x, n, r.Seed)
			if err != nil {
				return err
			}
			f := forecast.Forecast{ID: w.ID, Start: w.Begins(), Freq: w.Freq, Paths: make([]float64, n*w.Horizon)}
			for k := range n {
				for h := range w.Horizon {
					f.Paths[k*w.Horizon+h] = scale.Undo(states.Row(k)[d.frame.Context+h])
				}
			}
			levels := r.Levels
			if len(levels) == 0 {
				levels = []float64{.5}
			}
			f.Fill(w.Horizon, levels)
			if r.Paths == 0 {
				f.Paths = nil
			}
			out[i] = f
			return out[i].Check()
		})
	}
	return out, g.Wait()
}

// draw draws n states of a window, at its address.
func (d *drawer) draw(ctx context.Context, w forecast.Window, x []float64, n int, seed uint64) (ito.States, error) {
	states := ito.NewStates(n, d.field.Wrap.Sizes().State, w.Address)
	cond, hooks, err := d.begin(w, x, n)
	if err != nil {
		return states, err
	}
	if err := d.field.Bound().Prior(states, ito.Cond{}, ito.Seed(seed)); err != nil {
		return states, err
	}
	_, err = solve.Run(ctx, d.field.Bound(), d.field, states, d.grid, d.solver, solve.RunOptions{Noise: ito.Seed(seed),
		Cond: repeated(cond, n), Hooks: hooks})
	return states, err
}

// repeated is one condition for n rows.
func repeated(cond []float64, n int) ito.Cond {
	if len(cond) == 0 {
		return ito.Cond{}
	}
	c := ito.Cond{C: len(cond), X: make([]float64, 0, n*len(cond))}
	for range n {
		c.X = append(c.X, cond...)
	}
	return c
}

// State implements forecast.Fitted.
func (d *drawer) State() (forecast.State, error) { return write(d.field, d.frame) }
