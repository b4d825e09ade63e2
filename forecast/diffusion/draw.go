package diffusion

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/solve"
)

// drawer draws sample paths of groups of windows: a window each, or the series of a panel together.
type drawer struct {
	field  *field.Net
	joint  []string // the series of a panel in the order of a state; nil: each window by itself
	solver ito.Solver
	grid   ito.Grid
	enter  func(g group, paths int) (entered, error)
}

// group is what is drawn together, at an address of its own.
type group struct {
	windows []forecast.Window
	at      []int // their places in a call
	address uint64
}

// entered is a group as a run has it: one condition for all its samples, hooks, and how the values of series k are read
// out of a state, from its first step on. The forecast begins skip steps later.
type entered struct {
	cond  []float64
	hooks []ito.Hook
	leave func(dst, state []float64, k int)
	skip  int
}

func newDrawer(f *field.Net, solver string, calls int) (*drawer, error) {
	s, g, err := solverOf(f.Bound(), solver, calls)
	if err != nil {
		return nil, err
	}
	return &drawer{field: f, solver: s, grid: g}, nil
}

// solverOf plans a solver by its word on a path, with as many even steps as a number of network calls allows.
func solverOf(p ito.Path, word string, calls int) (ito.Solver, ito.Grid, error) {
	s, err := solve.ByName(word)
	if err != nil {
		return nil, nil, err
	}
	if err := solve.Check(p, s); err != nil {
		return nil, nil, err
	}
	steps, err := solve.StepsFor(s, calls, 1)
	if err != nil {
		return nil, nil, err
	}
	lo, hi := p.Span()
	g, err := solve.Uniform(p, hi, lo, steps)
	return s, g, err
}

// defaultPaths are drawn where quantiles are asked for and no number of paths.
const defaultPaths = 100

// Predict implements forecast.Fitted, a worker a group.
func (d *drawer) Predict(ctx context.Context, ws []forecast.Window, r forecast.Request) ([]forecast.Forecast, error) {
	if err := forecast.CheckLevels(r.Levels); err != nil {
		return nil, err
	}
	groups, err := d.groups(ws)
	if err != nil {
		return nil, err
	}
	out := make([]forecast.Forecast, len(ws))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(r.Pool.Workers(), 1))
	for _, one := range groups {
		g.Go(func() error { return d.predict(ctx, out, one, r) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

// Panel implements forecast.Together.
func (d *drawer) Panel() []string { return d.joint }

// Together implements forecast.Together.
func (d *drawer) Together() bool { return d.joint != nil }

// predict writes the forecasts of a group.
func (d *drawer) predict(ctx context.Context, out []forecast.Forecast, g group, r forecast.Request) error {
	n, levels := r.Paths, r.Levels
	if n == 0 {
		n = defaultPaths
	}
	if len(levels) == 0 {
		levels = []float64{.5}
	}
	states, in, err := d.draw(ctx, g, n, r.Seed)
	if err != nil {
		return err
	}
	for k, w := range g.windows {
		f := forecast.Forecast{ID: w.ID, Start: w.Begins(), Freq: w.Freq, Paths: make([]float64, n*w.Horizon)}
		whole := make([]float64, in.skip+w.Horizon)
		for s := range n {
			in.leave(whole, states.Row(s), k)
			copy(f.Paths[s*w.Horizon:(s+1)*w.Horizon], whole[in.skip:])
		}
		f.Fill(w.Horizon, levels)
		if r.Paths == 0 {
			f.Paths = nil
		}
		if err := f.Check(); err != nil {
			return err
		}
		out[g.at[k]] = f
	}
	return nil
}

// draw draws n states of a group.
func (d *drawer) draw(ctx context.Context, g group, n int, seed uint64) (ito.States, entered, error) {
	in, err := d.enter(g, n)
	if err != nil {
		return ito.States{}, in, err
	}
	states, err := d.run(ctx, in, g.address, n, seed)
	return states, in, err
}

// run draws n states at an address.
func (d *drawer) run(ctx context.Context, in entered, address uint64, n int, seed uint64) (ito.States, error) {
	states := ito.NewStates(n, d.field.Wrap.Sizes().State, address)
	p := d.field.Bound()
	if err := p.Prior(states, ito.Cond{}, ito.Seed(seed)); err != nil {
		return states, err
	}
	_, err := solve.Run(ctx, p, d.field, states, d.grid, d.solver, solve.RunOptions{Noise: ito.Seed(seed),
		Cond: repeated(in.cond, n), Hooks: in.hooks})
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
