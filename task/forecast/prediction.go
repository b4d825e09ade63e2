package forecast

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
)

// PredictTo is [Predict] by a model that is there, for whoever has a place of their own: the bytes that OUT would have,
// in the format csv, parquet or json, go to w. Model, Out and Plot do not matter.
func PredictTo(ctx context.Context, c PredictConfig, m *Forecaster, w io.Writer, format string, env task.Env) (
	*PredictReport, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := m.reaches(c.Model, c.Horizon); err != nil {
		return nil, err
	}
	p, err := c.prepare(ctx, m, &env)
	if err != nil {
		return nil, err
	}
	defer p.close()
	return &p.report, p.write(ctx, w, format, &env)
}

// check refuses what no model can change.
func (c *PredictConfig) check() error {
	if err := spec.Check(c); err != nil {
		return err
	}
	return forecast.CheckLevels(c.Quantiles)
}

// prediction is a forecast that is ready to be made.
type prediction struct {
	c       PredictConfig
	fitted  forecast.Fitted
	panel   int // series that are drawn in one call, 0: any number
	windows []forecast.Window
	req     forecast.Request
	all     *summed // of the total; nil: there is none
	close   func()

	report PredictReport
	shown  []forecast.Forecast
}

// prepare reads the series, and calibrates where that is asked for.
func (c PredictConfig) prepare(ctx context.Context, m *Forecaster, env *task.Env) (*prediction, error) {
	if c.Horizon == 0 {
		c.Horizon = m.Header.Horizon
	}
	in, err := c.open(c.Data, c.Horizon, env)
	if err != nil {
		return nil, err
	}
	tell(in, env)
	d := in.Set
	if err := m.fits(d); err != nil {
		return nil, err
	}
	if err := withValues(d, env); err != nil {
		return nil, err
	}
	p := &prediction{c: c, fitted: m.Fitted, panel: len(forecast.PanelOf(m.Fitted)), report: PredictReport{
		Model: c.Model, Data: d.Name, Out: c.Out, Horizon: c.Horizon, Series: len(d.Series)},
		req: forecast.Request{Levels: c.Quantiles, Paths: c.Samples, Together: c.Total != "", Seed: c.Seed}}
	if (c.Sum || c.Total != "") && p.req.Paths == 0 {
		p.req.Paths = pathsOfSums
	}
	for _, s := range d.Series {
		p.windows = append(p.windows, forecast.NewWindow(s, s.Len(), c.Horizon))
	}
	if p.all, err = c.total(m.Fitted, p.windows, env); err != nil {
		return nil, err
	}
	if p.all != nil {
		p.report.Together = &p.all.together
	}
	p.req.Pool, p.close = pool(env, c.Workers)
	if c.Conformal > 0 {
		if p.fitted, err = forecast.Calibrate(ctx, p.fitted, p.windows, c.Conformal, p.req); err != nil {
			p.close()
			return nil, err
		}
	}
	return p, nil
}

// write forecasts all series and writes them.
func (p *prediction) write(ctx context.Context, w io.Writer, format string, env *task.Env) error {
	out := newWriter(w, format, p.c.Quantiles, p.c.Samples > 0)
	err := p.each(ctx, p.windows, func(f *forecast.Forecast) error {
		p.all.add(f)
		p.report.note(f)
		if len(p.shown) < mostShown {
			p.shown = append(p.shown, *f)
		}
		return out.write(f)
	}, func(done int) { env.Count("forecast", int64(done), int64(len(p.windows))) })
	if err != nil {
		return err
	}
	if p.report.Fallbacks > 0 {
		env.Tell(fmt.Sprintf("%d of %d series: %s", p.report.Fallbacks, p.report.Series, p.report.First))
	}
	return p.end(out)
}

// end writes the total, if there is one, and closes the output.
func (p *prediction) end(out writer) error {
	if p.all != nil {
		f := p.all.forecast(p.c.Total, p.c.Quantiles)
		if err := errors.Join(f.Check(), out.write(f)); err != nil {
			return err
		}
	}
	return out.close()
}

// each forecasts windows and hands the forecasts on in their order; so many are done when progress is called.
func (p *prediction) each(ctx context.Context, ws []forecast.Window, take func(*forecast.Forecast) error,
	progress func(done int)) error {
	at, size := 0, max(chunk(p.c.Horizon, p.req.Paths, len(p.req.Levels)), p.panel)
	for part := range slices.Chunk(ws, size) {
		fs, err := safely(ctx, p.fitted, part, p.req)
		if err != nil {
			return err
		}
		for i := range fs {
			if p.c.Sum {
				upTo(&fs[i], p.c.Quantiles)
			}
			if err := take(&fs[i]); err != nil {
				return err
			}
		}
		at += len(part)
		progress(at)
	}
	return nil
}
