package systems

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/wrap"
)

var gapRecipe = Recipe{Name: "fp-gap", run: runGap,
	Summary: "the gap between a model's flow and its SDE, by the weight of the Fokker–Planck residual in training"}

const (
	gapSteps = 1500
	gapWidth = 64
	gapData  = "spiral"
	// Calls of a sample: so many that the exact field has no gap.
	gapODE, gapSDE = 100, 100
	gapRows        = 2000 // draws of x_t at which residuals are taken, and times among them
	gapTimes       = 20
)

// gapWeights are the rows: weight 0 is plain score matching of the same potential.
var gapWeights = []float64{0, 1, 10, 100}

// gapNetworks are the potentials, and the field of two outputs that is trained by plain score matching.
func gapNetworks() []contender {
	list := []contender{{"no potential", func(c *recipe.TrainConfig) { c.Objective = "dsm" }}}
	for _, w := range gapWeights {
		list = append(list, contender{gapRow(w), func(c *recipe.TrainConfig) {
			c.Objective, c.FPWeight = "fokker-planck",
				w
		}})
	}
	return list
}

func gapRow(w float64) string { return fmt.Sprintf("weight %g", w) }

func runGap(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	r.Columns = []string{"ODE–SDE", "SDE–SDE", "sliced ODE–SDE", "sliced SDE–SDE", "gap", "SDE–data", "ODE–data",
		"residual", "loss"}
	pr := cfg.protocol.orHouse()
	for _, seed := range cfg.Seeds {
		rows, err := data.Builtin(gapData, demoRows, seed)
		if err != nil {
			return err
		}
		truth, err := scaled(gapData, []float64{1, 1}, seed+truthSeed)
		if err != nil {
			return err
		}
		base := Demo{Seed: seed}.train(cmp.Or(cfg.Steps, gapSteps))
		base.Path, base.Transform, base.Scale, base.Width, base.Times = "vp", "standardise", nil, gapWidth, 0
		r.Budget = budgetOf(base)
		models, err := trainAll(ctx, gapNetworks(), base, rows, run)
		if err != nil {
			return err
		}
		exact := *models["no potential"].model
		if exact.Field, err = field.NewMixture(exact.Path, curveMixture(exact.Transform)); err != nil {
			return err
		}
		for _, n := range gapNetworks() {
			v, err := gapOf(ctx, models[n.name].model, truth, pr, seed, run)
			if err != nil {
				return fmt.Errorf("seed %d, %s: %w", seed, n.name, err)
			}
			losses := models[n.name].report.Losses
			r.add(n.name, n.name == "no potential", append(v, losses[len(losses)-1].Loss)...)
		}
		v, err := gapOf(ctx, &exact, truth, pr, seed, run)
		if err != nil {
			return fmt.Errorf("seed %d, exact: %w", seed, err)
		}
		r.add("exact field", true, v[:7]...)
		if err := r.addLevels(ctx, truth, pr, seed); err != nil {
			return err
		}
	}
	r.Notes = append(r.Notes, "ODE–SDE is W2 between samples of the flow and of the SDE, SDE–SDE its floor, between "+
		"SDE samples of two seeds; sliced W2 is over all samples, whose floor is lower, and gap is √(ODE–SDE² − "+
		"SDE–SDE²) of it, 0 where that is negative",
		"residual is the root of the mean over times of (σ²/s) Var_x(r|t), r per unit of log(σ²/α²), at draws of x_t")
	r.checkGap()
	return nil
}

// checkGap asks that the gap shrinks with the weight, seed by seed in the mean, and tells its price.
func (r *Result) checkGap() {
	gap := func(w float64) float64 { m, _ := spread(r.column(gapRow(w), "gap")); return m }
	price := func(w float64) float64 { m, _ := spread(r.column(gapRow(w), "SDE–data")); return m }
	for i, w := range gapWeights[1:] {
		r.atMost(1, gap(w)/gap(gapWeights[i]), "gap at weight %g over that at weight %g", w, gapWeights[i])
	}
	for _, w := range gapWeights[1:] {
		said := "for nothing"
		if d := price(w) - price(0); d > 0 {
			said = fmt.Sprintf("at the price of %.3g", d)
		} else if d < 0 {
			said = fmt.Sprintf("and is %.3g better", -d)
		}
		less := "a gap %.0f %% smaller"
		change := 100 * (1 - gap(w)/gap(0))
		if change < 0 {
			less, change = "a gap %.0f %% larger", -change
		}
		r.Notes = append(r.Notes, fmt.Sprintf("weight %g has "+less+" than weight 0, %.3g against %.3g, %s in the W2 "+
			"of the SDE's samples to the data, %.3g against %.3g", w, change, gap(w), gap(0), said, price(w), price(0)))
	}
}

// gapOf is every column but the loss, of one model.
func gapOf(ctx context.Context, m *ito.Model, truth ito.States, pr protocol, seed uint64,
	run recipe.RunOptions) ([]float64,
	error) {
	draw := func(solver, grid string, nfe int, seed uint64) (ito.States, error) {
		s := recipe.DefaultSample()
		s.Seed, s.N, s.Solver, s.Grid, s.NFE = seed, pr.samples, solver, grid, nfe
		return recipe.Collect(ctx, m, s, recipe.RunOptions{Workers: run.WorkerCount()})
	}
	ode, err := draw("heun", "logsnr", gapODE, seed)
	if err != nil {
		return nil, err
	}
	sde, err := draw("sde-dpmpp-2m", "logsnr", gapSDE, seed+truthSeed)
	if err != nil {
		return nil, err
	}
	other, err := draw("sde-dpmpp-2m", "logsnr", gapSDE, seed+2*truthSeed)
	if err != nil {
		return nil, err
	}
	w2 := func(x, y ito.States) float64 {
		w, e := metric.W2Draws(ctx, x, y, pr.draws, pr.rows, seed)
		err = errors.Join(err, e)
		return w.Value
	}
	sliced := func(x, y ito.States) float64 {
		w, e := metric.SlicedW2(ctx, x, y, metric.Directions, seed)
		err = errors.Join(err, e)
		return w
	}
	apart, floor := sliced(ode, sde), sliced(other, sde)
	out := []float64{w2(ode, sde), w2(other, sde), apart, floor, math.Sqrt(math.Max(apart*apart-floor*floor, 0)),
		w2(sde, truth), w2(ode, truth)}
	if err != nil {
		return nil, err
	}
	residual, err := residualOf(ctx, m, truth, seed)
	return append(out, residual), err
}

// residualOf is √(E_t σ²/s Var_x(r|t)) of a potential at draws of x_t from the data, NaN of another field.
func residualOf(ctx context.Context, m *ito.Model, truth ito.States, seed uint64) (float64, error) {
	f, ok := m.Field.(*field.Net)
	if !ok {
		return 0, nil
	}
	potential, ok := f.Wrap.(wrap.Energy)
	if !ok {
		return 0, nil
	}
	f = f.Float64()
	lo, hi := m.Path.Span()
	x0, x := ito.NewStates(gapRows, truth.D, 0), ito.NewStates(gapRows, truth.D, 0)
	total, r, rho := 0.0, make([]float64, gapRows), make([]float64, truth.D)
	for k := range gapTimes {
		at := lo + (hi-lo)*(float64(k)+.5)/gapTimes
		key := rng.NewKey(seed, rng.PurposeMetric, uint32(k), 0)
		for i, id := range x0.ID {
			if err := m.Transform.Forward(x0.Row(i), truth.Row(key.Intn(id, 0, truth.N))); err != nil {
				return 0, err
			}
		}
		times := ito.Times{at}
		if err := errors.Join(m.Path.Perturb(x, x0, times, ito.Cond{}, ito.Seed(seed+uint64(k))),
			f.Residual(ctx, r, x, times, ito.Cond{})); err != nil {
			return 0, err
		}
		_, sd := spread(r)
		potential.Clock(at, rho)
		mean, _ := spread(rho)
		total += mean * sd * sd / gapTimes
	}
	return math.Sqrt(total), nil
}

// curveMixture is the built-in spiral as a mixture in the states of a transform that scales columns.
func curveMixture(tr ito.Transform) field.Mixture {
	m := spiralMixture()
	for i := range m.Means {
		k := i % 2
		m.Means[i] = (m.Means[i]/spiralScale[k] - tr.Shift[k]) / tr.Scale[k]
	}
	for k := range m.Var {
		v := math.Sqrt(m.Var[k]) / spiralScale[k] / tr.Scale[k]
		m.Var[k] = v * v
	}
	return m
}
