package baseline

import (
	"context"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/rng"
)

// Naive is the last value: a random walk, whose step h has the variance σ²h, σ² the mean square of the steps.
type Naive struct{}

// Drift is the last value and the mean step: y_T + h(y_T − y_1)/(T−1), with the variance σ²h(1 + h/(T−1)) of Hyndman
// and Athanasopoulos (2021, §5.5).
type Drift struct{}

func init() {
	forecast.RegisterBaseline("The last value again: a random walk.", func() forecast.Model { return Naive{} })
	forecast.RegisterBaseline("The last value and the mean step.", func() forecast.Model { return Drift{} })
}

// Kind implements forecast.Model.
func (Naive) Kind() string { return "naive" }

// Fit implements forecast.Model.
func (m Naive) Fit(context.Context, *forecast.Set, forecast.FitOptions) (forecast.Fitted, error) {
	return m.Restore(forecast.State{})
}

// Restore implements forecast.Model.
func (m Naive) Restore(forecast.State) (forecast.Fitted, error) {
	return &fitted{one: func(w forecast.Window, r forecast.Request) (forecast.Forecast, error) {
		return walk(w, r, false)
	}}, nil
}

// Kind implements forecast.Model.
func (Drift) Kind() string { return "drift" }

// Fit implements forecast.Model.
func (m Drift) Fit(context.Context, *forecast.Set, forecast.FitOptions) (forecast.Fitted, error) {
	return m.Restore(forecast.State{})
}

// Restore implements forecast.Model.
func (m Drift) Restore(forecast.State) (forecast.Fitted, error) {
	return &fitted{one: func(w forecast.Window, r forecast.Request) (forecast.Forecast, error) {
		return walk(w, r, true)
	}}, nil
}

// walk is a random walk with drift or without. Its paths are walks; with drift the slope of a path is drawn too.
func walk(w forecast.Window, r forecast.Request, drift bool) (forecast.Forecast, error) {
	x, n := w.Values, w.Origin()
	first, last := 0, n-1
	for last >= 0 && math.IsNaN(x[last]) {
		last--
	}
	for first < last && math.IsNaN(x[first]) {
		first++
	}
	if last < 0 {
		return forecast.Forecast{}, errNothing(w)
	}
	slope := 0.
	if drift && last > first {
		slope = (x[last] - x[first]) / float64(last-first)
	}
	// a step over g missing values has variance gσ²
	square, steps, before := 0., 0, first
	for t := first + 1; t <= last; t++ {
		if !math.IsNaN(x[t]) {
			g := float64(t - before)
			e := x[t] - x[before] - g*slope
			square, steps, before = square+e*e/g, steps+1, t
		}
	}
	f := forecast.Forecast{Spread: forecast.FromNormal}
	free := steps
	if drift {
		free--
	}
	sigma := 0.
	if free > 0 {
		sigma = math.Sqrt(square / float64(free))
	} else {
		f.Fallback, f.Spread = "without a spread: too few steps to estimate one", forecast.FromNone
	}
	mean, sd := make([]float64, w.Horizon), make([]float64, w.Horizon)
	for h := range mean {
		ahead := float64(n + h - last)
		mean[h] = x[last] + ahead*slope
		variance := ahead
		if drift && last > first {
			variance += ahead * ahead / float64(last-first)
		}
		sd[h] = sigma * math.Sqrt(variance)
	}
	normalQuantiles(&f, mean, sd, r.Levels)
	f.Paths = normalPaths(w, r, func(z, path []float64) {
		own := 0.
		if drift && last > first {
			own = sigma / math.Sqrt(float64(last-first)) * z[w.Horizon]
		}
		at := 0.
		for h := range path {
			step := 1.
			if h == 0 {
				step = float64(n - last)
			}
			at += sigma * math.Sqrt(step) * z[h]
			path[h] = mean[h] + at + float64(n+h-last)*own
		}
	})
	return f, nil
}

// normalQuantiles fills the mean and the quantiles of normal steps.
func normalQuantiles(f *forecast.Forecast, mean, sd, levels []float64) {
	f.Mean, f.Levels, f.Q = mean, levels, nil
	if len(levels) == 0 {
		f.Levels = []float64{.5}
	}
	for _, q := range f.Levels {
		z := distuv.UnitNormal.Quantile(q)
		for h := range mean {
			f.Q = append(f.Q, mean[h]+z*sd[h])
		}
	}
}

// normalPaths draws paths: draw makes one of Horizon+1 standard normals.
func normalPaths(w forecast.Window, r forecast.Request, draw func(z, path []float64)) []float64 {
	if r.Paths == 0 {
		return nil
	}
	h := w.Horizon
	z := ito.NewStates(r.Paths, h+1, w.Address)
	ito.Seed(r.Seed).Normal(z, rng.PurposePrior, 0, 0)
	paths := make([]float64, r.Paths*h)
	for k := range r.Paths {
		draw(z.Row(k), paths[k*h:(k+1)*h])
	}
	return paths
}
