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
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
)

var interpolantRecipe = Recipe{Name: "interpolant-spiral", run: runInterpolants,
	Summary: "stochastic interpolants to the spiral, from noise and from the moons: flow and SDE beside flow matching"}

const (
	crossSteps = 5000
	crossWidth = 64
	crossTo    = "spiral"
	crossFrom  = "moons"
)

// crossColumns are the budgets of network calls: of the flow, of which Heun makes two a step, on even steps and on
// the grid ends, and of the SDE on the path's own grid, of which one call a step gives velocity and score.
var crossColumns = []struct {
	name, solver, grid string
	nfe                int
	epsilon            float64
}{
	{"H20 even", "heun", "uniform", 20, 1}, {"H50 even", "heun", "uniform", 50, 1}, {"H20 ends", "heun", "ends", 20, 1},
	{"H50 ends", "heun", "ends", 50, 1},
	{"SDE20 ε=2", "interpolant-sde", "auto", 20, 2}, {"SDE50 ε=.5", "interpolant-sde", "auto", 50, .5},
	{"SDE50 ε=2", "interpolant-sde", "auto", 50, 2},
}

// two is a network of an interpolant.
func two(name, family, noise, objective string) contender {
	return contender{name, func(c *recipe.TrainConfig) {
		c.Path, c.Family, c.Noise, c.Objective = "interpolant", family, noise,
			objective
	}}
}

// fromNoise are the networks from N(0,I), fromRows those between two sets; the first of each is flow matching.
var (
	fromNoise = []contender{
		{"noise: flow matching", func(c *recipe.TrainConfig) { c.Path = "flow" }},
		{"noise: one-sided trig", func(c *recipe.TrainConfig) { c.Path, c.Family = "onesided", path.TrigFamily }},
		two("noise: linear, b+eta", path.LinearFamily, path.BrownianNoise, "b+eta"), two("noise: trig, b+eta",
			path.TrigFamily, path.BrownianNoise, "b+eta"),
	}
	fromRows = []contender{
		two("moons: flow matching", path.LinearFamily, path.NoNoise, "b"),
		two("moons: linear, b+eta", path.LinearFamily, path.BrownianNoise, "b+eta"), two("moons: linear, b+s",
			path.LinearFamily, path.BrownianNoise, "b+s"),
		two("moons: linear, v+eta", path.LinearFamily, path.BrownianNoise, "v+eta"), two("moons: trig, b+eta",
			path.TrigFamily, path.BrownianNoise, "b+eta"),
		two("moons: encdec, b+eta", path.EncDec, path.SineNoise, "b+eta"),
	}
)

func runInterpolants(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	for _, c := range crossColumns {
		r.Columns = append(r.Columns, c.name)
	}
	pr := cfg.protocol.orHouse()
	for _, seed := range cfg.Seeds {
		rows, err := data.Builtin(crossTo, demoRows, seed)
		if err != nil {
			return err
		}
		from, err := data.Builtin(crossFrom, demoRows, seed)
		if err != nil {
			return err
		}
		truth, err := scaled(crossTo, []float64{1, 1}, seed+truthSeed)
		if err != nil {
			return err
		}
		fresh, err := scaled(crossFrom, []float64{1, 1}, seed+truthSeed)
		if err != nil {
			return err
		}
		base := Demo{Seed: seed}.train(cmp.Or(cfg.Steps, crossSteps))
		base.Transform, base.Scale, base.Width, base.Times = "standardise", nil, crossWidth, 0
		r.Budget = budgetOf(base)
		noise, err := trainAll(ctx, fromNoise, base, rows, run)
		if err != nil {
			return err
		}
		between, err := trainFrom(ctx, fromRows, base, rows, from, run)
		if err != nil {
			return err
		}
		for _, c := range fromNoise {
			if err := r.addCrossing(ctx, c.name, false, noise[c.name].model, ito.States{}, truth, pr, seed,
				run); err != nil {
				return err
			}
		}
		exact, err := exactCrossing(noise["noise: linear, b+eta"].model)
		if err != nil {
			return err
		}
		if err := r.addCrossing(ctx, "noise: flow, exact", true, exact, ito.States{}, truth, pr, seed,
			run); err != nil {
			return err
		}
		for _, c := range fromRows {
			if err := r.addCrossing(ctx, c.name, false, between[c.name].model, fresh, truth, pr, seed,
				run); err != nil {
				return err
			}
		}
		if err := r.addLevels(ctx, truth, pr, seed); err != nil {
			return err
		}
	}
	r.Notes = append(r.Notes, r.besides(fromNoise), r.besides(fromRows))
	return nil
}

// exactCrossing is flow matching's path with the exact field of the spiral: what the steps alone cost.
func exactCrossing(m *ito.Model) (*ito.Model, error) {
	out := *m
	p, err := path.Flow{}.Resolve()
	if err != nil {
		return nil, err
	}
	out.Path = p
	out.Field, err = field.NewMixture(p, curveMixture(m.Transform))
	return &out, err
}

// addCrossing appends the row of one model for one seed. A model that learned no score has no SDE; a control is
// shown by its flow.
func (r *Result) addCrossing(ctx context.Context, name string, control bool, m *ito.Model, start, truth ito.States,
	pr protocol, seed uint64, run recipe.RunOptions) error {
	n := len(crossColumns)
	if w := recipe.PairsOf(m.Field); control || w != nil && len(w.Targets()) == 1 {
		for n > 0 && crossColumns[n-1].solver == "interpolant-sde" {
			n--
		}
	}
	w := make([]float64, n)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(run.WorkerCount())
	for i, c := range crossColumns[:n] {
		g.Go(func() error {
			s := recipe.DefaultSample()
			s.Seed, s.N, s.Solver, s.Grid, s.NFE, s.Epsilon, s.Start = seed, pr.samples, c.solver, c.grid, c.nfe,
				c.epsilon, start
			x, err := recipe.Collect(ctx, m, s, recipe.RunOptions{Workers: 1})
			if err != nil {
				return fmt.Errorf("seed %d, %s, %s: %w", seed, name, c.name, err)
			}
			v, err := metric.W2Draws(ctx, x, truth, pr.draws, pr.rows, seed)
			w[i] = v.Value
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	r.add(name, control, w...)
	return nil
}

// besides says, for each budget, which of the networks is best, beside the first of them.
func (r *Result) besides(list []contender) string {
	var said []string
	for k, column := range r.Columns {
		best, least, first := "", math.Inf(1), math.NaN()
		for i, c := range list {
			f := r.row(c.name)
			if k >= len(f.Values[0]) {
				continue
			}
			w, _ := spread(r.column(c.name, column))
			if i == 0 {
				first = w
			}
			if w < least {
				best, least = c.name, w
			}
		}
		if math.IsNaN(first) {
			said = append(said, fmt.Sprintf("%s %s %.3g", column, best, least))
			continue
		}
		said = append(said, fmt.Sprintf("%s %s %.3g (%s %.3g)", column, best, least, list[0].name, first))
	}
	return "best at " + strings.Join(said, "; ")
}
