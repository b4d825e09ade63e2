package systems

import (
	"context"
	"errors"
	"fmt"
	"math"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/inverse"
	"github.com/seed9a7962a8/ito/recipe"
)

// The recipes of restoration: posteriors in closed form, the exact field of the prior, every method on every operator.
var inverseGaussian = posteriors("gaussian", "inverse-gaussian", "every method of restoration on posteriors of "+
	"correlated Gaussian data in closed form, through a mask, a blur, down-sampling, random projections and Fourier "+
	"columns, in 2, 20 and 800 dimensions")

var inverseMixture = posteriors("mixture", "inverse-mixture", "every method of restoration on posteriors of "+
	"mixtures of four normals in closed form, as inverse-gaussian")

func posteriors(prior, name, summary string) Recipe {
	return Recipe{Name: name, Summary: summary, limited: true,
		run: func(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
			return runPosteriors(ctx, prior, cfg, run, r)
		}}
}

// A cell is a method on an operator in some dimensions. Of each seed it has so many posteriors, with so many draws, and
// counts as many coordinates of each.
const (
	cellPosteriors = 134 // 402 of three seeds
	widePosteriors = 3
	cellDraws      = 19
	cellNoise      = .2
	wideDims       = 800
	wideCounted    = 64
)

// cell is what is measured together.
type cell struct {
	row    string
	trial  inverse.Trial
	method inverse.Method
	exact  bool // a posterior, on this prior
	wide   bool
	found  inverse.TrialResult
	ms     float64 // a draw
	failed bool
}

func runPosteriors(ctx context.Context, prior string, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	r.Columns = []string{"W2/floor", "in 50 %", "in 90 %", "RMSE/exact", "calls", "ms a draw"}
	for _, seed := range cfg.Seeds {
		cells, err := cellsOf(prior, seed, cfg.Limit)
		if err != nil {
			return err
		}
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(run.WorkerCount())
		for i := range cells {
			g.Go(func() error { return cells[i].measure(gctx, run) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
		for _, c := range cells {
			if c.failed {
				r.Notes = append(r.Notes, fmt.Sprintf("%s diverged for seed %d", c.row, seed))
				continue
			}
			t := c.found
			r.add(c.row, !c.exact, t.Ratio(), 100*t.Within50, 100*t.Within90, t.RMSE/t.ExactRMSE, float64(t.Evals),
				c.ms)
		}
		if r.Budget == "" {
			r.Budget = fmt.Sprintf("noise %g, %d posteriors a seed of %d draws each, of %d dimensions %d", cellNoise,
				cells[0].trial.Posteriors, cellDraws, wideDims, min(widePosteriors, cells[0].trial.Posteriors))
		}
	}
	cells, err := cellsOf(prior, 0, cfg.Limit)
	if err != nil {
		return err
	}
	for _, c := range cells {
		if c.exact && len(r.row(c.row).Values) > 0 {
			r.posterior(c)
		}
	}
	return nil
}

// posterior checks a row that is said to be exact.
func (r *Result) posterior(c cell) {
	ratio, _ := spread(r.column(c.row, "W2/floor"))
	r.atMost(2, ratio, "%s: sliced W2 in floors", c.row)
	if c.wide {
		return
	}
	half, _ := spread(r.column(c.row, "in 50 %"))
	r.atMost(5, math.Abs(half-50), "%s: distance of the coverage of 50 %% (%.1f)", c.row, half)
	most, _ := spread(r.column(c.row, "in 90 %"))
	r.atMost(3, math.Abs(most-90), "%s: distance of the coverage of 90 %% (%.1f)", c.row, most)
}

// cellsOf lists the cells of a prior. Particles are left out of 800 dimensions, where so many numbers are measured that
// they cannot be enough, and so is optimisation in front of derivatives that cost as much as 800 calls.
func cellsOf(prior string, seed uint64, limit int) ([]cell, error) {
	var out []cell
	for _, d := range []int{2, 20, wideDims} {
		p, err := inverse.PriorOf(prior, d)
		if err != nil {
			return nil, err
		}
		n, counted := cellPosteriors, 0
		if d == wideDims {
			n, counted = widePosteriors, wideCounted
		}
		if limit > 0 {
			n = min(n, limit)
		}
		for _, word := range inverse.TrialOperators(d) {
			for _, m := range inverse.Methods() {
				info := m.Info()
				exact := info.Is == inverse.Posterior || info.Name == "moments" && prior == "gaussian"
				if d == wideDims && (info.Name == "mcg" || info.Name == "repaint") {
					continue
				}
				kind := inverse.KindOf(word)
				out = append(out, cell{row: fmt.Sprintf("d=%d %s %s (%s)", d, kind, info.Name, labelOf(info, exact)),
					method: m, exact: exact, wide: d == wideDims, trial: inverse.Trial{Prior: p, Operator: word,
						Sigma: cellNoise, Posteriors: n, Draws: cellDraws, Seed: seed, Dims: counted}})
			}
		}
	}
	return out, nil
}

// labelOf is what the draws of a method are, on data on which it may be exact.
func labelOf(info inverse.MethodInfo, exact bool) string {
	switch {
	case exact:
		return "posterior"
	case info.Is == inverse.Point:
		return "point estimate"
	}
	return "approximate"
}

func (c *cell) measure(ctx context.Context, run recipe.RunOptions) error {
	began := run.Clock()
	t, err := c.trial.Run(ctx, c.method)
	var nf *ito.NonFiniteError
	if errors.As(err, &nf) {
		c.failed = true
		return nil
	}
	c.found = t
	c.ms = 1e3 * run.Clock().Sub(began).Seconds() / float64(c.trial.Posteriors*c.trial.Draws)
	return err
}
