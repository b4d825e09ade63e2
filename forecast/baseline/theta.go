package baseline

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/forecast"
)

// Theta is the method of Assimakopoulos and Nikolopoulos (2000) with θ = 2, in the form of Hyndman and Billah (2003):
// simple exponential smoothing of the series without its season, plus half the slope of its line, the season put back.
// The variance of step h is σ²(1 + (h−1)α²).
type Theta struct {
	// steps of a season; 0: the shortest natural one of the frequency, 24 of hours
	Season int `json:"season,omitempty" min:"0" help:"Steps of a season; 0: the shortest natural one, 24 of hours."`
}

// Naive2 is M4's: the last value of the series without its season, where it has one, and the season put back. Its paths
// and quantiles are those of a random walk.
type Naive2 struct {
	// steps of a season; 0: the shortest natural one of the frequency, 24 of hours
	Season int `json:"season,omitempty" min:"0" help:"Steps of a season; 0: the shortest natural one, 24 of hours."`
}

func init() {
	forecast.RegisterBaseline("The last value without its season, put back: M4's Naive2.",
		func() forecast.Model { return Naive2{} })
	forecast.RegisterBaseline("Smoothing and half the slope, without the season, put back.",
		func() forecast.Model { return Theta{} })
}

// Kind implements forecast.Model.
func (Theta) Kind() string { return "theta" }

// Fit implements forecast.Model.
func (m Theta) Fit(context.Context, *forecast.Set, forecast.FitOptions) (forecast.Fitted, error) {
	return m.Restore(forecast.State{})
}

// Restore implements forecast.Model.
func (m Theta) Restore(forecast.State) (forecast.Fitted, error) {
	return &fitted{one: func(w forecast.Window, r forecast.Request) (forecast.Forecast, error) {
		return smoothed(w, r, m.Season, true)
	}}, nil
}

// Kind implements forecast.Model.
func (Naive2) Kind() string { return "naive2" }

// Fit implements forecast.Model.
func (m Naive2) Fit(context.Context, *forecast.Set, forecast.FitOptions) (forecast.Fitted, error) {
	return m.Restore(forecast.State{})
}

// Restore implements forecast.Model.
func (m Naive2) Restore(forecast.State) (forecast.Fitted, error) {
	return &fitted{one: func(w forecast.Window, r forecast.Request) (forecast.Forecast, error) {
		return smoothed(w, r, m.Season, false)
	}}, nil
}

// smoothed is Theta with the season that was asked for, or with α = 1 and without a slope Naive2.
func smoothed(w forecast.Window, r forecast.Request, asked int, theta bool) (forecast.Forecast, error) {
	x := interpolate(w.Values)
	if x == nil {
		return forecast.Forecast{}, errNothing(w)
	}
	a := adjust(x, season(asked, w.Freq))
	n := len(a.x)
	alpha, slope := 1., 0.
	if theta && n > 2 {
		alpha, slope = fitAlpha(a.x), lineSlope(a.x)
	}
	level, square := smooth(a.x, alpha)
	sigma := 0.
	if n > 2 {
		sigma = math.Sqrt(square / float64(n-2))
	}
	mean := make([]float64, w.Horizon)
	for h := range mean {
		mean[h] = level + thetaTrend(slope, alpha, n, h)
	}
	f := forecast.Forecast{Spread: forecast.FromNormal, Levels: r.Levels, Mean: make([]float64, w.Horizon),
		Fallback: unseen(w, asked, 2)}
	for h, v := range mean {
		f.Mean[h] = a.back(n+h, v)
	}
	sd := make([]float64, w.Horizon)
	for h := range sd {
		sd[h] = sigma * math.Sqrt(1+float64(h)*alpha*alpha)
	}
	adjusted := forecast.Forecast{}
	normalQuantiles(&adjusted, mean, sd, r.Levels)
	f.Levels = adjusted.Levels
	for i, v := range adjusted.Q {
		f.Q = append(f.Q, a.back(n+i%w.Horizon, v))
	}
	f.Paths = normalPaths(w, r, func(z, path []float64) {
		at := 0.
		for h := range path {
			e := sigma * z[h]
			path[h] = a.back(n+h, mean[h]+at+e)
			at += alpha * e
		}
	})
	return f, nil
}

// thetaTrend is ½ b (h + 1/α − (1−α)ⁿ/α) of the step h = 0, 1, … behind n.
func thetaTrend(slope, alpha float64, n, h int) float64 {
	return slope / 2 * (float64(h) + 1/alpha - math.Pow(1-alpha, float64(n))/alpha)
}

// lineSlope is that of the line of least squares over time.
func lineSlope(x []float64) float64 {
	n := float64(len(x))
	mid, sum, square := (n-1)/2, 0., 0.
	for t, v := range x {
		sum += (float64(t) - mid) * v
		square += (float64(t) - mid) * (float64(t) - mid)
	}
	if square == 0 {
		return 0
	}
	return sum / square
}

// smooth runs simple exponential smoothing from the first value: the level at the end, and Σ e².
func smooth(x []float64, alpha float64) (level, square float64) {
	level = x[0]
	for _, v := range x[1:] {
		e := v - level
		square += e * e
		level += alpha * e
	}
	return level, square
}

// fitAlpha is the α of least squares, by golden sections.
func fitAlpha(x []float64) float64 {
	const ratio = .6180339887498949
	lo, hi := 1e-4, 1.
	at := func(a float64) float64 { _, s := smooth(x, a); return s }
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := at(a), at(b)
	for hi-lo > 1e-6 {
		if fa <= fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = at(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = at(b)
		}
	}
	return (lo + hi) / 2
}
