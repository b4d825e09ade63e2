package baseline

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/forecast"
)

// How errors of the past are gathered.
const (
	byLead = "lead" // all errors over the same lag: of one lead, or one season ahead and so on
	bySlot = "slot" // and only those of steps at the same place of the season
)

// SeasonalErrors is the seasonal naive forecast with its own past errors: the quantile q of step h is ŷ_h plus the
// quantile q, interpolated, of x_t − x_{t−m⌈h/m⌉} over the past, of all t (lead) or of those at the same place of the
// season as the step (slot). It learns nothing and is hard to beat.
type SeasonalErrors struct {
	// steps of a season; 0: the shortest natural one of the frequency, 24 of hours
	Season int    `json:"season,omitempty" min:"0" help:"Steps of a season; 0: the shortest natural one, 24 of hours."`
	By     string `json:"by,omitempty" default:"lead" enum:"lead,slot" help:"Errors of which steps: ${enum}."`
}

func init() {
	forecast.RegisterBaseline("The last season, with its past errors by lead.",
		func() forecast.Model { return SeasonalErrors{} })
}

// Kind implements forecast.Model.
func (SeasonalErrors) Kind() string { return "seasonal-errors" }

// Resolve fills what is left open.
func (m SeasonalErrors) Resolve() (forecast.Model, error) {
	if m.By == "" {
		m.By = byLead
	}
	return m, nil
}

// Fit implements forecast.Model.
func (m SeasonalErrors) Fit(context.Context, *forecast.Set, forecast.FitOptions) (forecast.Fitted, error) {
	return m.Restore(forecast.State{})
}

// Restore implements forecast.Model.
func (m SeasonalErrors) Restore(forecast.State) (forecast.Fitted, error) {
	return &fitted{one: m.one, together: true}, nil
}

func (m SeasonalErrors) one(w forecast.Window, r forecast.Request) (forecast.Forecast, error) {
	s, err := seasonal(w, season(m.Season, w.Freq), m.By)
	if err != nil {
		return forecast.Forecast{}, err
	}
	f := s.Forecast(w, r)
	f.Fallback = s.fallback
	return f, nil
}

// seasonalMarginals are those of one season.
type seasonalMarginals struct {
	Marginals
	fallback string
}

// seasonal makes them. A series that is too short for errors over a season gets those of the last value; one without
// any gets a point.
func seasonal(w forecast.Window, m int, by string) (*seasonalMarginals, error) {
	p, err := seasonalNaive(w, m)
	if err != nil {
		return nil, err
	}
	s := &seasonalMarginals{}
	n := w.Origin()
	sorted := make([][]float64, w.Horizon)
	cache := map[[2]int][]float64{}
	for h := range sorted {
		lag, slot := m*(h/m+1), -1
		if by == bySlot {
			slot = (n + h) % m
		}
		key := [2]int{lag, slot}
		if _, ok := cache[key]; !ok {
			cache[key] = pastErrors(w.Values, lag, func(t int) bool { return slot < 0 || t%m == slot })
		}
		sorted[h] = cache[key]
		for lag > m && len(sorted[h]) < 2 { // errors of a shorter lead are better than none
			lag -= m
			sorted[h] = pastErrors(w.Values, lag, func(t int) bool { return slot < 0 || t%m == slot })
		}
		if len(sorted[h]) < 2 {
			if m > 1 {
				last, err := seasonal(w, 1, byLead)
				if err != nil {
					return nil, err
				}
				if last.fallback == "" {
					last.fallback = fmt.Sprintf("the last value stands in: %d steps leave no errors over a "+
						"season of %d", n, m)
				}
				return last, nil
			}
			sorted[h] = []float64{0}
			s.fallback = fmt.Sprintf("the last value stands in, without a spread: %d steps leave no past errors", n)
		}
	}
	s.Marginals = Marginals{Spread: forecast.FromErrors, Errors: Trajectories(w.Values, m, w.Horizon),
		Quantile: func(h int, q float64) float64 { return p[h] + interpolated(sorted[h], q) }}
	return s, nil
}
