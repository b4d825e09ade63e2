package forecast

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Parts forecasts the series of a configuration in parts, some series each, and joins them to the file that one run
// writes. What comes before, the reading and a conformal calibration, is done for each part anew.
type Parts struct {
	p      *prediction
	format string
	most   int
}

// OpenParts reads model and series, and refuses what [Predict] would.
func OpenParts(ctx context.Context, c PredictConfig, env task.Env) (*Parts, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	format, err := c.format()
	if err != nil {
		return nil, err
	}
	m, err := c.load(ctx)
	if err != nil {
		return nil, err
	}
	p, err := c.prepare(ctx, m, &env)
	if err != nil {
		return nil, err
	}
	parts := &Parts{p, format, len(p.windows)}
	if m.Panel() != nil {
		parts.most = 1
	}
	return parts, nil
}

// Close ends what OpenParts began.
func (p *Parts) Close() { p.p.close() }

// N is the number of series.
func (p *Parts) N() int { return len(p.p.windows) }

// Most is the number of parts that there can be: one series each, or 1 where the model draws all together.
func (p *Parts) Most() int { return p.most }

// forecasted is a forecast as it stands in a part, a line of JSON: what the series itself does not say. Numbers are the
// shortest that read back equal.
type forecasted struct {
	Mean     []float64 `json:"mean"`
	Levels   []float64 `json:"levels"`
	Q        []float64 `json:"q"`
	Paths    []float64 `json:"paths,omitempty"`
	Spread   string    `json:"spread"`
	Fallback string    `json:"fallback,omitempty"`
}

// Predict writes the forecasts of the series from number first on, n of them, to w. They do not depend on the workers,
// which are those of OpenParts.
func (p *Parts) Predict(ctx context.Context, first, n int, w io.Writer, progress func(done int64)) error {
	b := bufio.NewWriterSize(w, 1<<16)
	e := json.NewEncoder(b)
	err := p.p.each(ctx, p.p.windows[first:first+n], func(f *forecast.Forecast) error {
		out := forecasted{f.Mean, f.Levels, f.Q, f.Paths, f.Spread, f.Fallback}
		if p.p.c.Samples == 0 && p.p.c.Total == "" {
			out.Paths = nil // they were not asked for
		}
		return e.Encode(out)
	}, func(done int) { progress(int64(done)) })
	return errors.Join(err, b.Flush())
}

// Join writes the file from its parts in their order, so many series each.
func (p *Parts) Join(rows []int64, open func(i int) (io.ReadCloser, error)) error {
	return store.WriteFile(p.p.c.Out, func(w io.Writer) error {
		out := newWriter(w, p.format, p.p.c.Quantiles, p.p.c.Samples > 0)
		at := 0
		for i, n := range rows {
			r, err := open(i)
			if err != nil {
				return err
			}
			err = p.copy(out, r, at, int(n))
			if err = errors.Join(err, r.Close()); err != nil {
				return err
			}
			at += int(n)
		}
		return p.p.end(out)
	})
}

// copy writes the forecasts of a part, n series from number first on.
func (p *Parts) copy(out writer, r io.Reader, first, n int) error {
	d := json.NewDecoder(r)
	for i := range n {
		var v forecasted
		if err := d.Decode(&v); err != nil {
			return fmt.Errorf("series %d of a part: %w", i, err)
		}
		w := p.p.windows[first+i]
		f := &forecast.Forecast{ID: w.ID, Start: w.Begins(), Freq: w.Freq, Mean: v.Mean, Levels: v.Levels, Q: v.Q,
			Paths: v.Paths, Spread: v.Spread, Fallback: v.Fallback}
		if err := f.Check(); err != nil {
			return err
		}
		p.p.all.add(f)
		if err := out.write(f); err != nil {
			return err
		}
	}
	_, err := io.Copy(io.Discard, io.MultiReader(d.Buffered(), r)) // the digest of a part is compared at its end
	return err
}
