package baseline

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/forecast"
)

// ETS is exponential smoothing with additive errors (Hyndman, Koehler, Ord and Snyder 2008): level, trend (none,
// linear, damped) and season (none, additive),
//
//	y_t = l + φb + s + e,  l ← l + φb + αe,  b ← φb + βe,  s ← s + γe,
//
// the form of least AIC, or the one that is named. The initial states are those of least squares for each α, β, γ, φ,
// exactly, since errors are linear in them. A season of more than 24 steps is not estimated. A missing value moves no
// state.
type ETS struct {
	// steps of a season; 0: the shortest natural one of the frequency, 24 of hours
	Season int    `json:"season,omitempty" min:"0" max:"24" help:"Steps of a season, of which longer ones are for mstl; 0: the shortest natural one, 24 of hours."`
	Form   string `json:"form,omitempty" default:"auto" enum:"auto,ANN,AAN,AAdN,ANA,AAA,AAdA" help:"Error, trend and season: ${enum}; auto: of least AIC."`
}

func init() {
	forecast.RegisterBaseline("Exponential smoothing, its form by AIC.", func() forecast.Model { return ETS{} })
}

// Kind implements forecast.Model.
func (ETS) Kind() string { return "ets" }

// Resolve fills what is left open.
func (m ETS) Resolve() (forecast.Model, error) {
	if m.Form == "" {
		m.Form = "auto"
	}
	return m, nil
}

// Fit implements forecast.Model.
func (m ETS) Fit(context.Context, *forecast.Set, forecast.FitOptions) (forecast.Fitted, error) {
	return m.Restore(forecast.State{})
}

// Restore implements forecast.Model.
func (m ETS) Restore(forecast.State) (forecast.Fitted, error) { return &fitted{one: m.one}, nil }

// mostSeason is the longest season that ETS and ARIMA estimate.
const mostSeason = 24

func (m ETS) one(w forecast.Window, r forecast.Request) (forecast.Forecast, error) {
	if w.Observed() == 0 {
		return forecast.Forecast{}, errNothing(w)
	}
	period := season(m.Season, w.Freq)
	var best *etsFit
	for _, form := range []string{"ANN", "AAN", "AAdN", "ANA", "AAA", "AAdA"} {
		if m.Form != "auto" && form != m.Form {
			continue
		}
		f := newETS(form, period)
		if f.season && (period < 2 || period > mostSeason || w.Observed() < 2*period+5) || !f.fit(w.Values) {
			continue
		}
		if best == nil || f.aic < best.aic {
			best = f
		}
	}
	if best == nil {
		s, err := seasonal(w, period, byLead)
		if err != nil {
			return forecast.Forecast{}, err
		}
		f := s.Forecast(w, r)
		f.Fallback = fmt.Sprintf("seasonal-errors stands in: %d values are too few for ETS", w.Observed())
		return f, nil
	}
	f := best.forecast(w, r)
	f.Fallback = unseen(w, m.Season, 2)
	return f, nil
}

// forecast is that of the fitted form behind a window's end.
func (f *etsFit) forecast(w forecast.Window, r forecast.Request) forecast.Forecast {
	out := forecast.Forecast{Spread: forecast.FromNormal}
	mean, sd := make([]float64, w.Horizon), make([]float64, w.Horizon)
	sigma := math.Sqrt(f.sse / float64(f.n-f.params+1))
	effect := make([]float64, w.Horizon) // of an error on the j-th step after it
	damp, power, variance := 0., 1., 1.
	for h := range mean {
		power *= f.phi
		damp += power
		mean[h] = f.l + damp*f.b + f.s[(w.Origin()+h)%f.m]
		sd[h] = sigma * math.Sqrt(variance)
		effect[h] = f.alpha + f.beta*damp
		if f.season && (h+1)%f.m == 0 {
			effect[h] += f.gamma
		}
		variance += effect[h] * effect[h]
	}
	normalQuantiles(&out, mean, sd, r.Levels)
	out.Paths = normalPaths(w, r, func(z, path []float64) {
		for h := range path {
			path[h] = mean[h] + sigma*z[h]
			for j := range h {
				path[h] += effect[h-1-j] * sigma * z[j]
			}
		}
	})
	return out
}
