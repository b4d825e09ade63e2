package systems

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/forecast"
	_ "github.com/seed9a7962a8/ito/forecast/diffusion" // forecasters by their words
	"github.com/seed9a7962a8/ito/recipe"
)

var seriesRecipe = Recipe{Name: "vsdm-series", run: runSeries,
	Summary: "forecasts of a vector autoregression on a learnt Schrödinger path, VP, CLD and VSMD with one network " +
		"and few calls, beside the exact law"}

// The recipe's problem and budget.
const (
	seriesDim, seriesHorizon, seriesContext = 4, 6, 4
	seriesLength                            = 4000
	seriesSteps                             = 2000
	seriesWindows, seriesPaths              = 30, 60
)

// seriesRivals differ by their path. Series are learnt in their own units, which is what a path can be fitted to; with
// units taken away by the scale there is little left to fit, and that is the control.
var seriesRivals = []struct {
	name, word string
	control    bool
}{
	{"VSDM diagonal", "path=vsdm,variant=diagonal,scale=none", false},
	{"VSDM constant", "path=vsdm,variant=constant,scale=none", false},
	{"VP", "path=vp,scale=none", false},
	{"CLD", "path=cld,scale=none", false},
	{"VSMD", "path=vsmd,scale=none", false},
}

// seriesCalls are the numbers of network calls of a path.
var seriesCalls = []int{8, 10, 20}

// runSeries trains every rival on one panel and scores forecasts of another by the law that they should have.
func runSeries(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
	steps, windows := cmp.Or(cfg.Steps, seriesSteps), seriesWindows
	if steps < seriesSteps {
		windows = max(windows*steps/seriesSteps, 2) // a trial
	}
	r.Budget = fmt.Sprintf("%d series of %d steps, %d ahead from %d; rnn-mlp of 40 units and width 96, %d steps of "+
		"64, %d windows of %d paths by Heun's solver", seriesDim, seriesLength, seriesHorizon, seriesContext, steps,
		windows, seriesPaths)
	for _, k := range seriesCalls {
		r.Columns = append(r.Columns, fmt.Sprintf("%d calls", k))
	}
	r.Floor = &Level{What: "floor of the score: the exact law itself, over itself"}
	r.Baseline = &Level{What: "baseline: the last value again"}
	pool := ad.NewPool(run.WorkerCount())
	defer pool.Close()
	v := newVectorSeries(seriesDim)
	for _, seed := range cfg.Seeds {
		train := v.set(seriesLength, seed)
		test := v.set(windows*seriesHorizon+seriesContext+1, seed+truthSeed)
		r.Floor.add(1)
		r.Baseline.add(v.naive(test))
		for _, rival := range seriesRivals {
			word := fmt.Sprintf("vsdm:%s,joint=true,context=%d,steps=%d", rival.word, seriesContext, steps)
			m, err := forecast.Parse(word)
			if err != nil {
				return err
			}
			fit, err := m.Fit(ctx, train, forecast.FitOptions{Horizon: seriesHorizon, Seed: seed, Pool: pool,
				Progress: run.Progress})
			if err != nil {
				return fmt.Errorf("%s: %w", rival.name, err)
			}
			var row []float64
			for _, k := range seriesCalls {
				score, err := v.score(ctx, fit, fmt.Sprintf("%s,calls=%d", word, k), test, seed, pool)
				if err != nil {
					return fmt.Errorf("%s with %d calls: %w", rival.name, k, err)
				}
				row = append(row, score)
			}
			r.add(rival.name, rival.control, row...)
		}
	}
	for _, name := range []string{"VSDM diagonal", "VSDM constant"} {
		own, _ := spread(r.column(name, "10 calls"))
		r.atMost(1.1, own, "%s with 10 calls: score over the exact law's", name)
		for _, other := range []string{"VP", "CLD", "VSMD"} {
			rival, _ := spread(r.column(other, "10 calls"))
			r.atMost(1, own/rival, "%s over %s with 10 calls", name, other)
		}
	}
	r.Notes = append(r.Notes,
		"score: continuous ranked probability score of each series and lead in expectation over the "+
			"truth, over that of the exact law, averaged; 1 is the least there is")
	return nil
}

// windows are those of a panel, one behind the other: for each the values before, and its origin.
func (v vectorSeries) origins(test *forecast.Set) []int {
	var out []int
	for o := seriesContext + 1; o+seriesHorizon <= test.Series[0].Len(); o += seriesHorizon {
		out = append(out, o)
	}
	return out
}

// score is the mean score of the forecasts of a fitted model, drawn as a word says.
func (v vectorSeries) score(ctx context.Context, fit forecast.Fitted, word string, test *forecast.Set, seed uint64,
	pool *ad.Pool) (float64, error) {
	state, err := fit.State()
	if err != nil {
		return 0, err
	}
	m, err := forecast.Parse(word)
	if err != nil {
		return 0, err
	}
	if fit, err = m.Restore(state); err != nil {
		return 0, err
	}
	var ws []forecast.Window
	for _, o := range v.origins(test) {
		for _, s := range test.Series {
			ws = append(ws, forecast.NewWindow(s, o, seriesHorizon))
		}
	}
	fs, err := fit.Predict(ctx, ws, forecast.Request{Paths: seriesPaths, Seed: seed, Pool: pool})
	if err != nil {
		return 0, err
	}
	return v.mean(test, func(k, i, h int) []float64 {
		f := fs[k*v.d+i]
		samples := make([]float64, f.NumPaths())
		for s := range samples {
			samples[s] = f.Path(s)[h]
		}
		return samples
	}), nil
}

// naive is the mean score of the last value again.
func (v vectorSeries) naive(test *forecast.Set) float64 {
	origins := v.origins(test)
	return v.mean(test, func(k, i, _ int) []float64 { return []float64{test.Series[i].At(origins[k] - 1)} })
}

// mean is that of the scores of samples of window k, series i and lead h.
func (v vectorSeries) mean(test *forecast.Set, samples func(k, i, h int) []float64) float64 {
	sum, n := 0., 0.
	for k, o := range v.origins(test) {
		x := make([]float64, v.d)
		for i, s := range test.Series {
			x[i] = s.At(o - 1)
		}
		mean, sd := v.law(x, seriesHorizon)
		for h := range seriesHorizon {
			for i := range v.d {
				sum += expectedCRPS(samples(k, i, h), mean[h*v.d+i], sd[h*v.d+i])
				n++
			}
		}
	}
	return sum / n
}
