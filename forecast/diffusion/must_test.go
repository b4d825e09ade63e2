package diffusion

import (
	"math"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/rng"
)

// waves is a set of n daily series of seasons of seven with noise, of length l: what a model can learn in a moment.
func waves(n, l int) *forecast.Set {
	d := &forecast.Set{Name: "waves", Freq: forecast.Freq{N: 1, Unit: forecast.Day}}
	z := ito.NewStates(n, l+1, 0)
	ito.Seed(5).Normal(z, rng.PurposeTarget, 0, 0)
	for i := range n {
		s := &forecast.Series{ID: string(rune('a' + i)), Start: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC),
			Freq: d.Freq}
		level, size := 100*math.Exp(z.Row(i)[l]), 10*math.Exp(z.Row(i)[l])
		ar := 0.
		for t := range l {
			ar = .5*ar + .3*z.Row(i)[t]
			s.Values = append(s.Values, level+size*(math.Sin(2*math.Pi*float64(t+i)/7)+ar))
		}
		d.Series = append(d.Series, s)
	}
	return d
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// fitted fits a model by its word.
func fitted(t *testing.T, word string, d *forecast.Set, o forecast.FitOptions) forecast.Fitted {
	t.Helper()
	m := must[forecast.Model](t)(forecast.Parse(word))
	return must[forecast.Fitted](t)(m.Fit(t.Context(), d, o))
}

// ends are the windows at the ends of the series, before the last horizon steps.
func ends(d *forecast.Set, horizon int) []forecast.Window {
	var ws []forecast.Window
	for _, s := range d.Series {
		ws = append(ws, forecast.NewWindow(s, s.Len()-horizon, horizon))
	}
	return ws
}
