package systems

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
)

var fastRecipe = Recipe{Name: "vsdm-fast", run: runFast,
	Summary: "fast solvers on the variational Schrödinger paths of the spiral of 8:1, W2 by network calls on exact " +
		"and trained fields"}

// fastSteps are the training steps of each network, stages included.
const fastSteps = 10000

// fastCalls are the columns: network calls, of which Heun makes two a step.
var fastCalls = []int{4, 6, 8, 10}

// fastSolvers are the rows of a path and field. Order 2 and 3 in λ want the grid that is even in it; they are
// shown on both.
var fastSolvers = []struct{ solver, grid string }{
	{"euler", "uniform"}, {"heun", "uniform"},
	{"dpmpp-2m", "uniform"}, {"unipc-2", "uniform"}, {"deis-3", "uniform"},
	{"dpmpp-2m", "logsnr"}, {"unipc-2", "logsnr"}, {"deis-3", "logsnr"},
}

// fastPaths are the networks: the two Schrödinger paths and their rivals, VP on their clock and on its own.
var fastPaths = contenders[:4]

// spiralPoints is the number of points on the curve of the exact spiral.
const spiralPoints = 360

// spiralMixture is the built-in spiral stretched by (1,8) with its curve cut into points, u = (k+½)/360:
// normals of sd (.1,.8) around .4(θ+π)(cos θ, 8 sin θ), θ = 3π√u − π/2.
func spiralMixture() field.Mixture {
	const noise = .4 * .25
	sx, sy := noise*spiralScale[0], noise*spiralScale[1]
	m := field.Mixture{D: 2, Var: []float64{float64(sx * sx), float64(sy * sy)}}
	for k := range spiralPoints {
		θ := float64(3*math.Pi*math.Sqrt((float64(k)+.5)/spiralPoints)) - math.Pi/2
		r := .4 * (θ + math.Pi)
		sin, cos := math.Sincos(θ)
		m.Means = append(m.Means, r*cos*spiralScale[0], r*sin*spiralScale[1])
	}
	return m
}

// fastCell is one figure of the table.
type fastCell struct {
	model        *ito.Model
	solver, grid string
	nfe          int
	w2           float64
}

func runFast(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	for _, k := range fastCalls {
		r.Columns = append(r.Columns, fmt.Sprintf("%d calls", k))
	}
	pr := cfg.protocol.orHouse()
	for _, seed := range cfg.Seeds {
		rows, err := data.Builtin("spiral", demoRows, seed)
		if err != nil {
			return err
		}
		truth, err := scaled("spiral", spiralScale, seed+truthSeed)
		if err != nil {
			return err
		}
		base := Demo{Seed: seed}.train(cmp.Or(cfg.Steps, fastSteps))
		r.Budget = budgetOf(base)
		models, err := trainAll(ctx, fastPaths, base, rows, run)
		if err != nil {
			return err
		}
		for _, p := range fastPaths {
			net := models[p.name].model
			exact := *net
			if exact.Field, err = field.NewMixture(net.Path, spiralMixture()); err != nil {
				return err
			}
			if err := r.addFast(ctx, "exact, "+p.name, &exact, truth, pr, seed, run); err != nil {
				return err
			}
			if err := r.addFast(ctx, "trained, "+p.name, net, truth, pr, seed, run); err != nil {
				return err
			}
		}
		if err := r.addLevels(ctx, truth, pr, seed); err != nil {
			return err
		}
	}
	r.Notes = append(r.Notes, "the exact field is that of the spiral on the path that the network learnt, from the "+
		"same start: exact and trained rows differ by the network's error alone")
	for _, kind := range []string{"exact, ", "trained, "} {
		var all []string
		for _, p := range fastPaths {
			all = append(all, kind+p.name)
			r.Notes = append(r.Notes, kind+p.name+", best at "+r.fastest(kind+p.name))
		}
		r.Notes = append(r.Notes, "over all paths, best at "+r.fastest(all...))
	}
	return nil
}

// addFast appends the rows of one model for one seed: every solver at every number of calls, side by side.
func (r *Result) addFast(ctx context.Context, name string, m *ito.Model, truth ito.States, pr protocol, seed uint64,
	run recipe.RunOptions) error {
	var cells []fastCell
	for _, s := range fastSolvers {
		for _, k := range fastCalls {
			cells = append(cells, fastCell{model: m, solver: s.solver, grid: s.grid, nfe: k})
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(run.WorkerCount())
	for i := range cells {
		g.Go(func() error {
			if err := cells[i].measure(ctx, truth, pr, seed); err != nil {
				return fmt.Errorf("seed %d, %s, %s on %s with %d calls: %w", seed, name, cells[i].solver, cells[i].grid,
					cells[i].nfe, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, s := range fastSolvers {
		var v []float64
		for _, c := range cells[i*len(fastCalls) : (i+1)*len(fastCalls)] {
			v = append(v, c.w2)
		}
		r.add(fastRow(name, s.solver, s.grid), false, v...)
	}
	return nil
}

func fastRow(name, solver, grid string) string { return name + ": " + solver + ", " + grid }

// measure samples the cell and takes its W2 to the truth.
func (c *fastCell) measure(ctx context.Context, truth ito.States, pr protocol, seed uint64) error {
	s := recipe.DefaultSample()
	s.Seed, s.N, s.Solver, s.Grid, s.NFE = seed, pr.samples, c.solver, c.grid, c.nfe
	x, err := recipe.Collect(ctx, c.model, s, recipe.RunOptions{Workers: 1})
	if err != nil {
		return err
	}
	w, err := metric.W2Draws(ctx, x, truth, pr.draws, pr.rows, seed)
	c.w2 = w.Value
	return err
}

// fastest says which row of some paths and fields has the least mean W2 at every number of calls, beside the best
// of Euler and Heun.
func (r *Result) fastest(names ...string) string {
	var said []string
	for _, column := range r.Columns {
		best, least, plain := "", math.Inf(1), math.Inf(1)
		for _, name := range names {
			for _, s := range fastSolvers {
				w, _ := spread(r.column(fastRow(name, s.solver, s.grid), column))
				if w < least {
					best, least = s.solver+" on "+s.grid, w
					if len(names) > 1 {
						best = name + ": " + best
					}
				}
				if s.solver == "euler" || s.solver == "heun" {
					plain = math.Min(plain, w)
				}
			}
		}
		said = append(said, fmt.Sprintf("%s %s %.3g (Euler or Heun %.3g)", column, best, least, plain))
	}
	return strings.Join(said, "; ")
}
