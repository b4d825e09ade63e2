package diffusion

import (
	"context"
	"math"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/selfguide"
)

// fill implements filler.
func (t *Windows) fill(series []*forecast.Series, first int, address uint64, paths int) (in entered, err error) {
	f := t.frame
	x := make([]float64, f.length())
	scale, err := f.scaled(x, series[0], first+f.Context, len(x))
	if err != nil {
		return in, err
	}
	in.leave = leave(scale)
	if f.beside() > 0 {
		in.cond = make([]float64, f.length()*f.beside())
		f.conditions(in.cond, x, series[0], first+f.Context)
	}
	if t.model.Strength > 0 {
		in.hooks = []ito.Hook{t.guide(x, address, paths)}
	}
	return in, nil
}

// Impute implements forecast.Imputer. A model that was trained to read its context has no place for other gaps.
func (t *Windows) Impute(ctx context.Context, series []*forecast.Series, r forecast.Request) ([]forecast.Gaps, error) {
	if t.frame.Given {
		return nil, &ito.UnsupportedError{What: "filling gaps by a tsdiff with condition=true",
			Why: "it reads the context and writes the horizon", Nearest: "condition=false, or csdi"}
	}
	return impute(ctx, t.drawer, t.frame, t, series, r)
}

// The settings of refining: arXiv:2307.11494, appendix B.
const (
	refineTime  = .2 // 20 of 100 steps
	refineSteps = 20
	refineRate  = .1
	refineHold  = 1 // λ, for the pinball loss in units of the scale
	refineHeat  = .1
)

// Refine implements forecast.Refiner: Langevin dynamics from each path of the base, or where it has none from its
// quantiles at the level of the path, with the pinball loss of that level holding it.
func (t *Windows) Refine(ctx context.Context, ws []forecast.Window, base []forecast.Forecast,
	r forecast.Request) ([]forecast.Forecast, error) {
	if err := forecast.CheckLevels(r.Levels); err != nil {
		return nil, err
	}
	if t.frame.Given || len(base) != len(ws) {
		return nil, &ito.UnsupportedError{What: "refining these forecasts",
			Why:     "it takes a forecast for each window, and a model of whole windows",
			Nearest: "tsdiff with condition=false"}
	}
	out := make([]forecast.Forecast, len(ws))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(r.Pool.Workers(), 1))
	for i, w := range ws {
		g.Go(func() (err error) {
			out[i], err = t.refine(ctx, w, base[i], r)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}

func (t *Windows) refine(ctx context.Context, w forecast.Window, base forecast.Forecast,
	r forecast.Request) (forecast.Forecast, error) {
	f, n := t.frame, r.Paths
	out := forecast.Forecast{ID: w.ID, Start: w.Begins(), Freq: w.Freq, Spread: "refined " + base.Spread}
	if err := f.fits(w); err != nil {
		return out, err
	}
	if base.Horizon() != w.Horizon {
		return out, &ito.InputError{Where: "series " + w.ID, What: "the forecast to refine has another horizon"}
	}
	if n == 0 {
		n = defaultPaths
	}
	x := make([]float64, f.length())
	scale, err := f.values(x, w.Series, w.Origin())
	if err != nil {
		return out, err
	}
	fixed, ahead := make([]bool, len(x)), make([]bool, len(x))
	y := ito.NewStates(n, len(x), w.Address)
	for k := range n {
		row := y.Row(k)
		for i, v := range x {
			if fixed[i] = i < f.Context && !math.IsNaN(v); fixed[i] {
				row[i] = v
			}
		}
		for h := range w.Horizon {
			ahead[f.Context+h] = true
			row[f.Context+h] = scale.Apply(baseAt(base, k, n, h))
		}
	}
	start := y.Clone()
	cond := make([]float64, f.length()*f.beside())
	f.conditions(cond, x, w.Series, w.Origin())
	refine := selfguide.Refine{Time: refineTime, Steps: refineSteps, Rate: refineRate, Lambda: refineHold,
		Loss: selfguide.Quantile, Temperature: refineHeat, Fixed: fixed}
	if err := refine.Run(ctx, t.field.Bound(), t.field, y, func(id uint64) selfguide.Observed {
		k := int(id - w.Address)
		return selfguide.Observed{Y: start.Row(k), Known: ahead, Q: selfguide.Level(k, n)}
	}, repeated(cond, n), ito.Seed(r.Seed)); err != nil {
		return out, err
	}
	for k := range n {
		for h := range w.Horizon {
			out.Paths = append(out.Paths, scale.Undo(y.Row(k)[f.Context+h]))
		}
	}
	levels := r.Levels
	if len(levels) == 0 {
		levels = []float64{.5}
	}
	out.Fill(w.Horizon, levels)
	if r.Paths == 0 {
		out.Paths = nil
	}
	return out, out.Check()
}

// baseAt is step h of path k of n of a forecast: of its own paths, or its quantile at the level of k, which lies
// between neighbours on a line.
func baseAt(b forecast.Forecast, k, n, h int) float64 {
	if m := b.NumPaths(); m > 0 {
		return b.Path(k % m)[h]
	}
	q := selfguide.Level(k, n)
	for j, level := range b.Levels {
		v := b.Quantile(j)[h]
		switch {
		case q <= level && j == 0:
			return v
		case q <= level:
			before := b.Quantile(j - 1)[h]
			return before + (v-before)*(q-b.Levels[j-1])/(level-b.Levels[j-1])
		}
	}
	if len(b.Levels) == 0 {
		return b.Mean[h]
	}
	return b.Quantile(len(b.Levels) - 1)[h]
}

// Synthesise implements forecast.Synthesiser: windows of the model without guidance, at ids from 0. A model with
// covariates has none of its own.
func (t *Windows) Synthesise(ctx context.Context, n int, r forecast.Request) ([][]float64, error) {
	if t.frame.beside() > 0 {
		return nil, &ito.UnsupportedError{What: "series of its own by a tsdiff that reads conditions",
			Why: "there is nothing for it to read", Nearest: "one without condition and covariates"}
	}
	if n < 1 {
		return nil, &ito.InputError{Where: "synthesis", What: "no series are asked for", Do: "ask for one or more"}
	}
	states, err := t.run(ctx, entered{}, 0, n, r.Seed)
	if err != nil {
		return nil, err
	}
	out := make([][]float64, n)
	for i := range out {
		out[i] = states.Row(i)
	}
	return out, nil
}
