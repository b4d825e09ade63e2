package systems

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
)

var distilRecipe = Recipe{Name: "distil", run: runDistil,
	Summary: "one, two and four steps: consistency models and progressive distillation of a spiral, beside solvers " +
		"at equal calls"}

// distilCalls are the budgets that are compared.
var distilCalls = []int{1, 2, 4}

// distilSolvers are what the model is sampled by at the same calls, each on the Karras grid.
var distilSolvers = []string{"ddim", "dpmpp-2m", "unipc-2"}

// runDistil trains a model of the spiral on path edm, distils it in every way, and compares samples.
func runDistil(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	pr := cfg.protocol.orHouse()
	for _, k := range distilCalls {
		r.Columns = append(r.Columns, fmt.Sprintf("W2, %d calls", k))
	}
	for _, seed := range cfg.Seeds {
		t, err := data.Builtin("spiral", 20000, seed)
		if err != nil {
			return err
		}
		truth, err := data.Builtin("spiral", 2*pr.rows, seed+1000)
		if err != nil {
			return err
		}
		c := recipe.DefaultTrain()
		c.Path, c.Seed, c.Steps = "edm", seed, cmp.Or(cfg.Steps, 8000)
		r.Budget = fmt.Sprintf("%d training steps of the model and of every student, samples against %d rows",
			c.Steps, pr.rows)
		m, _, err := recipe.Fit(ctx, t, c, run)
		if err != nil {
			return err
		}
		distance := func(m *ito.Model, solver string, calls int) (float64, error) {
			s := recipe.DefaultSample()
			s.N, s.Seed, s.NFE, s.Solver = pr.rows, seed, calls, solver
			x, err := recipe.Collect(ctx, m, s, run)
			if err != nil {
				return 0, err
			}
			score, err := metric.W2Draws(ctx, x, truth.States(), pr.draws, pr.rows, seed)
			return score.Value, err
		}
		for _, method := range []string{learn.Consistency, learn.ConsistencyTraining} {
			s, err := distilled(ctx, m, t, method, 4, c.Steps, seed, run)
			if err != nil {
				return err
			}
			var row []float64
			for _, k := range distilCalls {
				d, err := distance(s, "auto", k)
				if err != nil {
					return err
				}
				row = append(row, d)
			}
			r.add(method, false, row...)
		}
		var row []float64
		for _, k := range distilCalls { // a student for each number of calls
			s, err := distilled(ctx, m, t, learn.Progressive, k, c.Steps, seed, run)
			if err != nil {
				return err
			}
			d, err := distance(s, "auto", k)
			if err != nil {
				return err
			}
			row = append(row, d)
		}
		r.add(learn.Progressive, false, row...)
		for _, solver := range distilSolvers {
			var row []float64
			for _, k := range distilCalls {
				d, err := distance(m, solver, k)
				if err != nil {
					return err
				}
				row = append(row, d)
			}
			r.add(solver, true, row...)
		}
		d, err := distance(m, "auto", 50)
		if err != nil {
			return err
		}
		r.add("the model, 50 calls of heun", true, d, d, d)
		floor, err := metric.W2Halves(ctx, truth.States(), pr.draws, pr.rows, seed)
		if err != nil {
			return err
		}
		r.add("true rows among themselves", true, floor.Value, floor.Value, floor.Value)
	}
	for i, k := range distilCalls {
		least, _ := spread(r.column(distilSolvers[0], r.Columns[i]))
		for _, solver := range distilSolvers[1:] {
			d, _ := spread(r.column(solver, r.Columns[i]))
			least = min(least, d)
		}
		d, _ := spread(r.column(learn.Consistency, r.Columns[i]))
		r.atMost(least/2, d, "consistency, %d calls: W2 at most half that of the best solver", k)
	}
	return nil
}

// distilled is a student of a model of a table.
func distilled(ctx context.Context, m *ito.Model, t *data.Table, method string, steps, training int, seed uint64,
	run recipe.RunOptions) (*ito.Model, error) {
	x, err := data.Apply(m.Transform, t)
	if err != nil {
		return nil, err
	}
	c := spec.New[recipe.DistilConfig]()
	c.Method, c.Steps, c.Training, c.Seed = method, steps, training, seed
	s := recipe.Set{Source: learn.Data{X: x}, Name: t.Name, Transform: m.Transform, Columns: m.Columns}
	student, _, err := recipe.Distil(ctx, m, s, c, run)
	return student, err
}
