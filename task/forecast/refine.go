package forecast

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
)

// RefineConfig sets which forecasts are improved.
type RefineConfig struct {
	Model     string    `arg:"" where:"local" help:"A model that ito forecast train wrote: a tsdiff"`
	Data      string    `arg:"" where:"local" help:"Series up to the forecasts: CSV, Parquet or lines of JSON"`
	Base      string    `arg:"" where:"local" help:"Forecasts of another program for the steps behind the end of each series, as ito forecast predict writes them: series,time,mean,q0.05,…"`
	Quantiles []float64 `default:"0.05,0.25,0.5,0.75,0.95" placeholder:"Q,…" help:"Levels of the quantiles, increasing"`
	Samples   int       `min:"0" max:"100000" default:"0" placeholder:"N" help:"Write N joint sample paths instead. JSON has both"`
	Out       string    `where:"local" default:"-" placeholder:"FILE" help:"A .csv, .parquet or .json file (lines of JSON), or - for CSV on standard output"`
	Seed      uint64    `default:"1" help:"Seed of the noise"`
	Workers   int       `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`
	Reading
}

// Refine improves forecasts by what a model knows of series.
func Refine(ctx context.Context, c RefineConfig, env task.Env) (*PredictReport, error) {
	if err := spec.Check(&c); err != nil {
		return nil, err
	}
	if err := forecast.CheckLevels(c.Quantiles); err != nil {
		return nil, err
	}
	if err := task.Apart(c.Out, &c); err != nil {
		return nil, err
	}
	format, err := outFormat(c.Out, &env)
	if err != nil {
		return nil, err
	}
	h, f, err := forecast.Load(c.Model)
	if err != nil {
		return nil, err
	}
	model, ok := f.(forecast.Refiner)
	if !ok {
		return nil, cannot(c.Model, h, "refine forecasts", "tsdiff")
	}
	bases, err := readForecasts(c.Base)
	if err != nil {
		return nil, err
	}
	in, err := c.open(c.Data, h.Horizon, &env)
	if err != nil {
		return nil, err
	}
	tell(in, &env)
	d := in.Set
	if err := h.Fits(d); err != nil {
		return nil, err
	}
	var ws []forecast.Window
	var base []forecast.Forecast
	for _, s := range d.Series {
		b, ok := bases[s.ID]
		switch {
		case !ok:
			continue
		case !b.Start.Equal(s.Time(s.Len())):
			return nil, &ito.InputError{Where: c.Base,
				What: fmt.Sprintf("the forecast of %s begins at %s, and its series ends "+
					"before %s", s.ID, b.Start.Format(time.RFC3339), s.Time(s.Len()).Format(time.RFC3339)),
				Do: "give the series up to the forecasts"}
		}
		b.Freq = d.Freq
		ws, base = append(ws, forecast.NewWindow(s, s.Len(), b.Horizon())), append(base, *b)
	}
	if len(ws) == 0 {
		return nil, &ito.InputError{Where: c.Base, What: "it has a forecast of none of the series of " + d.Name}
	}
	workers, done := pool(&env, c.Workers)
	defer done()
	fs, err := model.Refine(ctx, ws, base, forecast.Request{Levels: c.Quantiles, Paths: c.Samples, Seed: c.Seed,
		Pool: workers})
	if err != nil {
		return nil, err
	}
	r := &PredictReport{Model: c.Model, Data: d.Name, Out: c.Out, Horizon: ws[0].Horizon, Series: len(ws)}
	return r, emit(c.Out, &env, func(w io.Writer) error {
		out := newWriter(w, format, c.Quantiles, c.Samples > 0)
		for i := range fs {
			r.note(&fs[i])
			if err := out.write(&fs[i]); err != nil {
				return err
			}
		}
		return out.close()
	})
}

// readForecasts reads forecasts as CSV, the steps of a series behind each other: series,time,mean,q0.05,….
func readForecasts(name string) (map[string]*forecast.Forecast, error) {
	out := map[string]*forecast.Forecast{}
	steps := map[string][][]float64{}
	levels, err := eachForecastRow(name, func(_ int, id string, at time.Time, row []float64) error {
		if out[id] == nil {
			out[id] = &forecast.Forecast{ID: id, Start: at, Spread: "of " + name}
		}
		steps[id] = append(steps[id], row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for id, f := range out {
		f.Levels = levels
		for _, row := range steps[id] {
			f.Mean = append(f.Mean, row[0])
		}
		for k := range levels {
			for _, row := range steps[id] {
				f.Q = append(f.Q, row[1+k])
			}
		}
		if len(levels) == 0 {
			f.Levels, f.Q = []float64{.5}, f.Mean
		}
		if err := f.Check(); err != nil {
			return nil, &ito.InputError{Where: name, What: err.Error(),
				Do: "give finite numbers, and quantiles in order"}
		}
	}
	return out, nil
}
