package baseline

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
)

// fitted is a method that has nothing to keep: each forecast looks at its own series alone.
type fitted struct {
	one      func(w forecast.Window, r forecast.Request) (forecast.Forecast, error)
	together bool
}

// Panel implements forecast.Together: each series can be asked for alone.
func (*fitted) Panel() []string { return nil }

// Together implements forecast.Together.
func (f *fitted) Together() bool { return f.together }

// Predict implements forecast.Fitted, a worker a window.
func (f *fitted) Predict(ctx context.Context, ws []forecast.Window, r forecast.Request) ([]forecast.Forecast, error) {
	if err := forecast.CheckLevels(r.Levels); err != nil {
		return nil, err
	}
	out := make([]forecast.Forecast, len(ws))
	var g errgroup.Group
	g.SetLimit(max(r.Pool.Workers(), 1))
	for i, w := range ws {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if w.Horizon < 1 {
				return &ito.InputError{Where: "`horizon`", What: fmt.Sprintf("%d steps", w.Horizon),
					Do: "give at least 1"}
			}
			got, err := f.one(w, r)
			if err != nil {
				return err
			}
			got.ID, got.Start, got.Freq = w.ID, w.Begins(), w.Freq
			out[i] = got
			return out[i].Check()
		})
	}
	return out, g.Wait()
}

// State implements forecast.Fitted.
func (f *fitted) State() (forecast.State, error) {
	return forecast.State{Config: json.RawMessage("{}")}, nil
}

// point is a forecast whose quantiles and paths are all its mean.
func point(mean []float64, r forecast.Request) forecast.Forecast {
	f := forecast.Forecast{Mean: mean, Levels: r.Levels, Spread: forecast.FromNone}
	for range r.Levels {
		f.Q = append(f.Q, mean...)
	}
	for range r.Paths {
		f.Paths = append(f.Paths, mean...)
	}
	if len(f.Q)+len(f.Paths) == 0 {
		f.Levels, f.Q = []float64{.5}, mean
	}
	return f
}

// errNothing is the error of a series without any observed value.
func errNothing(w forecast.Window) error {
	return &ito.InputError{Where: "series " + w.ID, What: "no value of it was observed", Do: "leave it out"}
}

// lastSeen is the last observed value of steps last, last−m, last−2m, …; NaN where there is none.
func lastSeen(x []float64, last, m int) float64 {
	for k := last; k >= 0; k -= m {
		if v := x[k]; !math.IsNaN(v) {
			return v
		}
	}
	return math.NaN()
}
