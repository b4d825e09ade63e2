package rnn

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/baseline"
	"github.com/seed9a7962a8/ito/nn"
)

type fitted struct {
	config
	weights *nn.Weights
	compile func() (*ad.Program, error)
}

func newFitted(c config, w *nn.Weights) *fitted {
	f := &fitted{config: c, weights: w}
	f.compile = sync.OnceValues(func() (*ad.Program, error) {
		return ad.Compile(func(g *ad.Graph) {
			params := w.Declare(g, ad.F32)
			x, naive := g.Input("x", ad.F32, c.length()*c.channels()), g.Input("naive", ad.F32, c.Horizon)
			μ, σ, ν := f.law(w.Apply(g, params, x, noTime(g), ad.Value{}), naive)
			g.Output("location", μ)
			g.Output("scale", σ)
			g.Output("freedom", ν)
		})
	})
	return f
}

// Panel implements forecast.Together: each series can be asked for alone.
func (*fitted) Panel() []string { return nil }

// Together implements forecast.Together: the ranks of the paths are those of the past, as of the baselines.
func (*fitted) Together() bool { return true }

// most windows of a run of the program.
const batch = 64

// Predict implements forecast.Fitted. A horizon that is shorter than the model's is its beginning.
func (f *fitted) Predict(ctx context.Context, ws []forecast.Window, r forecast.Request) ([]forecast.Forecast, error) {
	if err := forecast.CheckLevels(r.Levels); err != nil {
		return nil, err
	}
	for _, w := range ws {
		switch {
		case w.Horizon < 1 || w.Horizon > f.Horizon:
			return nil, &ito.InputError{Where: "`horizon`", What: fmt.Sprintf("the model forecasts 1 to %d "+
				"steps, not %d", f.Horizon, w.Horizon), Do: "ask for no more, or train for more"}
		case w.Observed() == 0:
			return nil, &ito.InputError{Where: "series " + w.ID, What: "no value of it was observed",
				Do: "leave it out"}
		case len(w.Known) != len(f.Known) || len(w.Past) != len(f.Past):
			return nil, &ito.InputError{Where: "series " + w.ID, What: fmt.Sprintf("it has %d known and %d past "+
				"covariates, "+
				"the model %d and %d", len(w.Known), len(w.Past), len(f.Known), len(f.Past)),
				Do: "declare those of the training"}
		}
	}
	prog, err := f.compile()
	if err != nil {
		return nil, err
	}
	out := make([]forecast.Forecast, 0, len(ws))
	size, h := f.length()*f.channels(), f.Horizon
	for from := 0; from < len(ws); from += batch {
		part := ws[from:min(from+batch, len(ws))]
		n := len(part)
		x, naive := make([]float32, n*size), make([]float32, n*h)
		about := make([]window, n)
		for i, w := range part {
			about[i] = f.encode(forecast.Place{Series: w.Series, Origin: w.Origin()}, x[i*size:(i+1)*size])
			for k, v := range about[i].naive {
				naive[i*h+k] = float32(v)
			}
		}
		μ, σ, ν := make([]float32, n*h), make([]float32, n*h), make([]float32, n*h)
		if err := prog.Run(ctx, ad.Call{N: n, Pool: r.Pool, In: append(f.weights.Arrays(f.weights.Params), ad.F32s(x),
			ad.F32s(naive)), Out: []ad.Array{ad.F32s(μ), ad.F32s(σ), ad.F32s(ν)}}); err != nil {
			return nil, err
		}
		for i, w := range part {
			if !about[i].seasonal {
				one, err := standIn(ctx, w, f.Seasons[0], r)
				if err != nil {
					return nil, err
				}
				out = append(out, one)
				continue
			}
			at, scale := i*h, about[i].scale
			m := baseline.Marginals{Spread: forecast.FromNetwork, Mean: make([]float64, w.Horizon),
				Errors: baseline.Trajectories(w.Values, f.Seasons[0], w.Horizon),
				Quantile: func(k int, q float64) float64 {
					t := distuv.StudentsT{Mu: float64(μ[at+k]), Sigma: float64(σ[at+k]), Nu: float64(ν[at+k])}
					return scale.Undo(t.Quantile(min(max(q, 1e-6), 1-1e-6)))
				}}
			for k := range m.Mean {
				m.Mean[k] = scale.Undo(float64(μ[at+k]))
			}
			one := m.Forecast(w, r)
			one.ID, one.Start, one.Freq = w.ID, w.Begins(), w.Freq
			if err := one.Check(); err != nil {
				return nil, err
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// standIn is the forecast of a series without two values a season apart: the network's spread has their distance as its
// unit.
func standIn(ctx context.Context, w forecast.Window, season int, r forecast.Request) (forecast.Forecast, error) {
	naive, err := baseline.SeasonalErrors{}.Fit(ctx, nil, forecast.FitOptions{Horizon: w.Horizon})
	if err != nil {
		return forecast.Forecast{}, err
	}
	fs, err := naive.Predict(ctx, []forecast.Window{w}, r)
	if err != nil {
		return forecast.Forecast{}, err
	}
	fs[0].Fallback = strings.TrimSuffix(fmt.Sprintf("seasonal-errors stands in: no two values are %d steps apart; ",
		season)+fs[0].Fallback, "; ")
	return fs[0], nil
}
