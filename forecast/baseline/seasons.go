package baseline

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
)

// SeasonsMean is the mean, quantile by quantile, of [SeasonalErrors] over two seasons: of hours a day and a week.
type SeasonsMean struct {
	// steps of the seasons; 0: the natural ones of the frequency, 24 and 168 of hours
	Short int    `json:"short,omitempty" min:"0" help:"Steps of the shorter season; 0: a natural one, 24 of hours."`
	Long  int    `json:"long,omitempty" min:"0" help:"Steps of the longer season; 0: a natural one, 168 of hours."`
	By    string `json:"by,omitempty" default:"lead" enum:"lead,slot" help:"Errors of which steps: ${enum}."`
}

func init() {
	forecast.RegisterBaseline("The mean of a day's and a week's last season, with past errors.",
		func() forecast.Model { return SeasonsMean{} })
}

// Kind implements forecast.Model.
func (SeasonsMean) Kind() string { return "seasons-mean" }

// Resolve fills what is left open.
func (m SeasonsMean) Resolve() (forecast.Model, error) {
	if m.By == "" {
		m.By = byLead
	}
	return m, nil
}

// Fit implements forecast.Model.
func (m SeasonsMean) Fit(context.Context, *forecast.Set, forecast.FitOptions) (forecast.Fitted, error) {
	return m.Restore(forecast.State{})
}

// Restore implements forecast.Model.
func (m SeasonsMean) Restore(forecast.State) (forecast.Fitted, error) {
	return &fitted{one: m.one, together: true}, nil
}

func (m SeasonsMean) one(w forecast.Window, r forecast.Request) (forecast.Forecast, error) {
	short, long := season(m.Short, w.Freq), m.Long
	if natural := w.Freq.Seasons(); long == 0 && len(natural) > 1 {
		long = natural[1]
	}
	if long == 0 {
		return forecast.Forecast{}, &ito.InputError{Where: "forecaster seasons-mean", What: "a frequency of " +
			w.Freq.String() + " has one natural season or none", Do: "give long, or use seasonal-errors"}
	}
	a, err := seasonal(w, short, m.By)
	if err != nil {
		return forecast.Forecast{}, err
	}
	b, err := seasonal(w, long, m.By)
	if err != nil {
		return forecast.Forecast{}, err
	}
	both := Marginals{Spread: forecast.FromErrors, Errors: a.Errors, Quantile: func(h int, q float64) float64 {
		return (a.Quantile(h, q) + b.Quantile(h, q)) / 2
	}}
	f := both.Forecast(w, r)
	if f.Fallback = a.fallback; f.Fallback == "" {
		f.Fallback = b.fallback
	}
	return f, nil
}
