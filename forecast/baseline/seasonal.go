package baseline

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/forecast"
)

// SeasonalNaive repeats the last season: ŷ_{T+h} = y_{T+h−m⌈h/m⌉}. A value of it that was not observed is taken from
// the season before, and where no season has it, it is the last value that was observed. It is a point: all quantiles
// are the same number.
type SeasonalNaive struct {
	// steps of a season; 0: the shortest natural one of the frequency, 24 of hours
	Season int `json:"season,omitempty" min:"0" help:"Steps of a season; 0: the shortest natural one, 24 of hours."`
}

func init() {
	forecast.RegisterBaseline("The last season again.", func() forecast.Model { return SeasonalNaive{} })
}

// Kind implements forecast.Model.
func (SeasonalNaive) Kind() string { return "seasonal-naive" }

// Fit implements forecast.Model.
func (m SeasonalNaive) Fit(context.Context, *forecast.Set, forecast.FitOptions) (forecast.Fitted, error) {
	return m.Restore(forecast.State{})
}

// Restore implements forecast.Model.
func (m SeasonalNaive) Restore(forecast.State) (forecast.Fitted, error) {
	return &fitted{one: m.one}, nil
}

func (m SeasonalNaive) one(w forecast.Window, r forecast.Request) (forecast.Forecast, error) {
	period := season(m.Season, w.Freq)
	mean, err := seasonalNaive(w, period)
	f := point(mean, r)
	if period > 1 {
		f.Fallback = unseen(w, period, 1)
	}
	return f, err
}

// unseen is what to say of a series that has fewer steps than so many seasons of m, "" of one that has them, and of a
// season that nobody asked for, 0.
func unseen(w forecast.Window, m, times int) string {
	if m == 0 || w.Len() >= times*m {
		return ""
	}
	return fmt.Sprintf("without a season: %d steps are fewer than %d of a season of %d", w.Len(), times*m, m)
}

// season is m, or the frequency's own where it is 0.
func season(m int, f forecast.Freq) int {
	if m > 0 {
		return m
	}
	return f.Season()
}

func seasonalNaive(w forecast.Window, m int) ([]float64, error) {
	last := lastSeen(w.Values, len(w.Values)-1, 1)
	if last != last {
		return nil, errNothing(w)
	}
	return repeat(w.Values, len(w.Values), m, w.Horizon, last), nil
}

// repeat is the last season of x[:end] again, for horizon steps; where no season has a place, it is otherwise.
func repeat(x []float64, end, m, horizon int, otherwise float64) []float64 {
	out := make([]float64, horizon)
	for h := range out {
		out[h] = otherwise
		if v := lastSeen(x, end-m+h%m, m); v == v {
			out[h] = v
		}
	}
	return out
}
