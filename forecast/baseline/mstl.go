package baseline

import (
	"cmp"
	"context"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
)

// MSTL takes the seasons out by loess, forecasts the rest by exponential smoothing without a season, its form by AIC,
// and puts the last cycle of each season back (Bandara, Hyndman and Bergmeir 2021, arXiv:2107.13462). Its quantiles are
// those of the rest: the seasons count as known, which makes them too narrow.
type MSTL struct {
	// steps of the seasons; none: the natural ones of the frequency, 24 and 168 of hours
	Seasons []int `json:"seasons,omitempty" min:"2" help:"Steps of the seasons, such as 24,168; none: the natural ones, 24 and 168 of hours."`
}

func init() {
	forecast.RegisterBaseline("Seasons by loess, the rest by exponential smoothing.",
		func() forecast.Model { return MSTL{} })
}

// Kind implements forecast.Model.
func (MSTL) Kind() string { return "mstl" }

// Fit implements forecast.Model.
func (m MSTL) Fit(context.Context, *forecast.Set, forecast.FitOptions) (forecast.Fitted, error) {
	return m.Restore(forecast.State{})
}

// Restore implements forecast.Model.
func (m MSTL) Restore(forecast.State) (forecast.Fitted, error) { return &fitted{one: m.one}, nil }

// one takes the seasons of which the series has two or more.
func (m MSTL) one(w forecast.Window, r forecast.Request) (forecast.Forecast, error) {
	if w.Observed() == 0 {
		return forecast.Forecast{}, errNothing(w)
	}
	periods := slices.Clone(m.Seasons)
	if len(periods) == 0 {
		periods = slices.Clone(w.Freq.Seasons())
	}
	slices.Sort(periods)
	periods = slices.DeleteFunc(slices.Compact(periods), func(p int) bool { return p < 2 || w.Len() < 2*p })
	seasons, rest := mstl(w.Values, periods)
	smooth := *w.Series
	smooth.Values = rest
	smoothed := w
	smoothed.Series = &smooth
	f, err := ETS{Season: 1, Form: "auto"}.one(smoothed, r)
	if err != nil {
		return f, err
	}
	for i, s := range seasons {
		for h := range w.Horizon {
			v := s[w.Origin()-periods[i]+h%periods[i]]
			f.Mean[h] += v
			for k := range f.Levels {
				f.Q[k*w.Horizon+h] += v
			}
			for k := range f.NumPaths() {
				f.Paths[k*w.Horizon+h] += v
			}
		}
	}
	for _, v := range f.Mean {
		if v-v != 0 {
			return f, &ito.NonFiniteError{What: "the seasons of series " + w.ID}
		}
	}
	for _, m := range m.Seasons {
		f.Fallback = cmp.Or(f.Fallback, unseen(w, m, 2))
	}
	if want := len(w.Freq.Seasons()); len(m.Seasons) == 0 && len(periods) == 0 && want > 0 {
		f.Fallback = cmp.Or(f.Fallback, unseen(w, w.Freq.Season(), 2))
	}
	return f, nil
}
