// Package compare tries solvers and grids on a model and describes which sample it best.
package compare

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/evaluate"
)

// Config sets what is tried, and how its samples are compared with data.
type Config struct {
	Model    string    `arg:"" where:"local" help:"A model that ito train wrote"`
	Against  string    `required:"" where:"local" placeholder:"DATA" help:"The data to compare with"`
	NFE      []int     `name:"nfe" default:"5,10,20" min:"1" max:"1000000" placeholder:"K,…" help:"Network calls a sample, one column each"`
	Solver   []string  `placeholder:"NAME,…" help:"Solvers to try; ito solvers lists them. Without it a choice of eleven; heun is always among them"`
	Grid     []string  `placeholder:"NAME,…" help:"Spacings to try for each solver, or files of levels; without it all that have a name"`
	Scale    []float64 `placeholder:"1,8" help:"Multiply the columns of DATA by these factors first, as ito train --scale does"`
	Where    string    `placeholder:"COL=VALUE,…" help:"Sample for these conditions and compare with the rows of DATA that meet them"`
	Guidance float64   `default:"1" help:"Weight of the condition"`
	Rows     int       `default:"1000" min:"20" max:"1000000" help:"Rows of each draw"`
	Draws    int       `default:"3" min:"1" max:"10000" help:"Draws, whose mean and standard deviation are reported"`
	Seed     uint64    `default:"1" help:"Seed of the samples and draws"`
	Workers  int       `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all"`
	task.Reading
}

// tried are the solvers that are compared when none is named: one of each family, in its usual order.
var tried = []string{"heun", "euler", "ddim", "dpmpp-2m", "dpmpp-3m", "unipc-2", "unipc-3", "deis-3", "ipndm-4",
	"sde-dpmpp-2m", "em"}

// plainSolver is what ito sample takes without --solver.
const plainSolver = recipe.DefaultSolver

// storedSchedule is how a comparison calls the schedule that the model stores for the calls of a column.
const storedSchedule = "stored"

// Run samples the model by every solver on every grid at every number of network calls and compares with the data.
func Run(ctx context.Context, c Config, env task.Env) (*Report, error) {
	asked := len(c.Solver) > 0
	if err := c.fill(); err != nil {
		return nil, err
	}
	m, err := store.LoadModel(c.Model)
	if err != nil {
		return nil, err
	}
	truth, err := evaluate.Truth(&env, m, evaluate.Against{Data: c.Against, Name: c.Model, Scale: c.Scale,
		Where: c.Where, Reading: c.Reading})
	if err != nil {
		return nil, err
	}
	if err := task.Fits("rows", c.Rows*c.Draws, task.Width(m)); err != nil {
		return nil, err
	}
	y := truth.States()
	if y.N < 4 {
		return nil, &ito.InputError{Where: truth.Name, What: fmt.Sprintf("too few rows to compare: %d", y.N),
			Do: "give 4 or more"}
	}
	if !asked && slices.ContainsFunc(c.NFE, func(k int) bool { return m.Schedule(k, c.Guidance) != nil }) {
		c.Solver = append([]string{storedSchedule}, c.Solver...)
	}
	r := &Report{Model: c.Model, Data: truth.Name, NFE: c.NFE, Draws: c.Draws}
	r.Rows = min(c.Rows, y.N/2) // as many as the floor has
	p := evaluate.Protocol{Draws: c.Draws, Rows: r.Rows, Seed: c.Seed}
	normal, err := evaluate.Normals(y, c.Seed)
	if err != nil {
		return nil, err
	}
	base, err := p.Measure(ctx, metric.W2, normal, y, normal)
	if err != nil {
		return nil, err
	}
	r.Floor, r.FloorSD, r.Baseline = base.Floor, base.FloorSD, base.Value
	total, done := int64(len(c.Solver)*len(c.NFE)), int64(0)
	for _, name := range c.Solver {
		row := Attempt{Solver: name}
		for _, nfe := range c.NFE {
			best, err := c.best(ctx, &env, m, name, nfe, y, p)
			if err != nil {
				return nil, err
			}
			row.Cells = append(row.Cells, best)
			done++
			env.Count("compare", done, total)
		}
		r.Solvers = append(r.Solvers, row)
	}
	r.Verdict = r.verdict()
	return r, nil
}

// fill puts in what was not named, and refuses words that are not known.
func (c *Config) fill() error {
	if len(c.Solver) == 0 {
		c.Solver = slices.Clone(tried)
	}
	if !slices.Contains(c.Solver, plainSolver) {
		c.Solver = append([]string{plainSolver}, c.Solver...)
	}
	if len(c.Grid) == 0 {
		c.Grid = solve.GridNames()
	}
	if len(c.NFE) == 0 {
		return &ito.InputError{Where: "`nfe`", What: "no numbers", Do: "give some, as 5,10,20"}
	}
	c.NFE = slices.Compact(slices.Sorted(slices.Values(c.NFE)))
	cfg := recipe.DefaultSample()
	for _, cfg.Solver = range c.Solver {
		for _, cfg.Grid = range c.Grid {
			cfg.NFE = c.NFE[0] // which a solver that chooses its own steps refuses
			if err := cfg.Check(); err != nil {
				return err
			}
		}
	}
	return nil
}

// best samples by a solver on every grid and measures the W2 of the one with the least sliced W2.
func (c *Config) best(ctx context.Context, env *task.Env, m *ito.Model, solver string, nfe int, y ito.States,
	p evaluate.Protocol) (Cell, error) {
	cfg := recipe.DefaultSample()
	cfg.N, cfg.Seed, cfg.Where, cfg.Guidance, cfg.Solver, cfg.NFE = c.Rows*c.Draws, c.Seed, c.Where, c.Guidance, solver,
		nfe
	var out Cell
	var kept ito.States
	least := math.Inf(1)
	grids := c.Grid
	if solver == storedSchedule {
		if m.Schedule(nfe, c.Guidance) == nil {
			return out, nil
		}
		cfg.Solver, grids = "auto", []string{"auto"}
	}
	for _, grid := range grids {
		cfg.Grid = grid
		x := ito.NewStates(cfg.N, task.Width(m), 0)
		done := 0
		_, err := recipe.Sample(ctx, m, cfg, recipe.RunOptions{Workers: c.Workers, Version: env.Version},
			func(s ito.States) error {
				copy(x.X[done*x.D:], s.X)
				done += s.N
				return nil
			})
		var lost *ito.NonFiniteError
		switch {
		case errors.As(err, &lost):
			out.Reason = err.Error()
			continue
		case errors.Is(err, ito.ErrInput):
			out.Reason = err.Error()
			continue
		case err != nil:
			return out, err
		}
		if x, err = evaluate.Seen(m, x); err != nil {
			return out, err
		}
		s, err := metric.Measure(ctx, func(ctx context.Context, x, y ito.States) (float64, error) {
			return metric.SlicedW2(ctx, x, y, metric.Directions, c.Seed)
		}, x, y, p.Draws, p.Rows, p.Seed)
		if err != nil {
			return out, err
		}
		if s.Value < least {
			least, out.Grid, kept = s.Value, grid, x
		}
	}
	if out.Grid == "" {
		return out, nil
	}
	out.Reason = ""
	w, err := metric.Measure(ctx, metric.W2, kept, y, p.Draws, p.Rows, p.Seed)
	out.W2, out.SD = w.Value, w.SD
	return out, err
}
