package forecast

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/anomaly"
)

// Detectors that forecast nothing.
const (
	zScore      = "zscore"
	seasonalESD = "seasonal-esd"
)

// Of the seasonal test: its level, and the largest part of the values that it may call outliers.
const (
	esdLevel = .05
	esdMost  = .1
)

// detector looks at the last steps of a series.
type detector func(ctx context.Context, s *forecast.Series) (*anomaly.Watch, error)

// newDetector makes the detector of a word or file.
func newDetector(ctx context.Context, c *DetectConfig, d *forecast.Set, workers *ad.Pool) (detector, error) {
	miss := (1 - c.Level) / 2
	if 2*miss >= .5 {
		return nil, &ito.InputError{Where: "`level`", What: fmt.Sprintf("%g holds no more than half of the values",
			c.Level), Do: "give more than .5"}
	}
	season := d.Freq.Season()
	from := func(s *forecast.Series) int { return max(s.Len()-c.Last, 2*season, leastContext) }
	watch := func() *anomaly.Watch { return &anomaly.Watch{Enter: c.Enter, Leave: c.Leave} }
	switch c.Model {
	case zScore:
		z, inner := distuv.UnitNormal.Quantile(1-miss), distuv.UnitNormal.Quantile(1-2*miss)
		return func(_ context.Context, s *forecast.Series) (*anomaly.Watch, error) {
			w, at := watch(), from(s)
			if at < s.Len() {
				b := anomaly.ZScore(s.Values, at, z, inner)
				for t := at; t < s.Len(); t++ {
					w.Step(t, s.Values[t], b)
				}
			}
			w.End()
			return w, nil
		}, nil
	case seasonalESD:
		return func(_ context.Context, s *forecast.Series) (*anomaly.Watch, error) {
			w := watch()
			outlier := anomaly.SeasonalESD(s.Values, season, esdLevel, esdMost)
			for t := from(s); t < s.Len(); t++ {
				y := s.Values[t] // the test has no interval: one that the value is in, or just not
				b := anomaly.Band{Low: y, High: y, InnerLow: y, InnerHigh: y}
				if outlier[t] {
					b.Low, b.High = math.Inf(1), math.Inf(1)
				}
				w.Step(t, y, b)
			}
			w.End()
			return w, nil
		}, nil
	}
	horizon := c.Horizon
	p := PredictConfig{Model: c.Model, Horizon: max(horizon, 1)}
	m, err := p.load(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.fits(d); err != nil {
		return nil, err
	}
	if horizon == 0 {
		if horizon = season; m.file {
			horizon = m.Header.Horizon
		}
	}
	req := forecast.Request{Levels: []float64{miss, 2 * miss, 1 - 2*miss, 1 - miss}, Seed: c.Seed, Pool: workers}
	return func(ctx context.Context, s *forecast.Series) (*anomaly.Watch, error) {
		var ws []forecast.Window
		for at := from(s); at < s.Len(); at += horizon {
			if w := forecast.NewWindow(s, at, min(horizon, s.Len()-at)); w.Observed() > 0 {
				ws = append(ws, w)
			}
		}
		fs, err := safely(ctx, m.Fitted, ws, req)
		if err != nil {
			return nil, err
		}
		w := watch()
		for k := range fs {
			for h := range fs[k].Mean {
				t := ws[k].Origin() + h
				w.Step(t, s.Values[t], anomaly.Band{Low: fs[k].Quantile(0)[h], High: fs[k].Quantile(3)[h],
					InnerLow: fs[k].Quantile(1)[h], InnerHigh: fs[k].Quantile(2)[h]})
			}
		}
		w.End()
		return w, nil
	}, nil
}
