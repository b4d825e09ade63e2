package forecast

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// PredictConfig says what is forecast.
type PredictConfig struct {
	Model     string    `arg:"" where:"local" help:"A model that ito forecast train wrote, or the word of a baseline: seasonal-errors"`
	Data      string    `arg:"" where:"local" help:"Series: CSV, Parquet or lines of JSON, Prometheus' answer to query_range, or -"`
	Horizon   int       `min:"0" max:"100000" default:"0" placeholder:"H" help:"Steps to forecast; 0: those that the model was trained for"`
	Quantiles []float64 `default:"0.05,0.25,0.5,0.75,0.95" placeholder:"Q,…" help:"Levels of the quantiles, increasing"`
	Samples   int       `min:"0" max:"100000" default:"0" placeholder:"N" help:"Write N joint sample paths instead: rows series,time,sample,value. JSON has both"`
	Conformal int       `min:"0" max:"1000" default:"0" placeholder:"N" help:"Correct the intervals, lead by lead, by errors from N earlier origins of all series; levels come in pairs. 0: not"`
	Sum       bool      `help:"Forecast totals: each step is the sum of the steps up to it, with an interval of its own from joint paths"`
	Total     string    `placeholder:"NAME" help:"Add a series of this name, the sum over all series, from joint paths"`
	Out       string    `where:"local" default:"-" placeholder:"FILE" help:"A .csv, .parquet or .json file (lines of JSON), or - for CSV on standard output"`
	Plot      string    `where:"local" placeholder:"FILE" help:"A picture, .png or .svg: history, quantiles and seasonal naive of the first six series"`
	Seed      uint64    `default:"1" help:"Seed of the sample paths"`
	Workers   int       `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`
	Reading
}

// PredictReport says what was forecast.
type PredictReport struct {
	Model     string   `json:"model"`
	Data      string   `json:"data"`
	Out       string   `json:"out"`
	Horizon   int      `json:"horizon"`
	Series    int      `json:"series"`
	Spread    []string `json:"spread"`             // how quantiles were made
	Together  *bool    `json:"together,omitempty"` // of a total: its paths add draws of the series together
	Fallbacks int      `json:"fallbacks"`          // series for which another method stands in
	First     string   `json:"first_fallback,omitempty"`
}

// pathsOfSums are drawn for totals where no number of samples is asked for.
const pathsOfSums = 1000

// Predict forecasts the steps behind the end of each series.
func Predict(ctx context.Context, c PredictConfig, env task.Env) (*PredictReport, error) {
	if err := spec.Check(&c); err != nil {
		return nil, err
	}
	if err := forecast.CheckLevels(c.Quantiles); err != nil {
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
	if c.Horizon == 0 {
		c.Horizon = m.header.Horizon
	}
	in, err := c.open(c.Data, c.Horizon, &env)
	if err != nil {
		return nil, err
	}
	tell(in, &env)
	d := in.Set
	if err := m.fits(d); err != nil {
		return nil, err
	}
	if err := withValues(d, &env); err != nil {
		return nil, err
	}
	workers, done := pool(&env, c.Workers)
	defer done()
	r := &PredictReport{Model: c.Model, Data: d.Name, Out: c.Out, Horizon: c.Horizon, Series: len(d.Series)}
	req := forecast.Request{Levels: c.Quantiles, Paths: c.Samples, Together: c.Total != "", Seed: c.Seed, Pool: workers}
	if (c.Sum || c.Total != "") && req.Paths == 0 {
		req.Paths = pathsOfSums
	}
	var shown []forecast.Forecast
	var ws []forecast.Window
	for _, s := range d.Series {
		ws = append(ws, forecast.NewWindow(s, s.Len(), c.Horizon))
	}
	all, err := c.total(m.fitted, ws, &env)
	if err != nil {
		return nil, err
	}
	if all != nil {
		r.Together = &all.together
	}
	if c.Conformal > 0 {
		if m.fitted, err = forecast.Calibrate(ctx, m.fitted, ws, c.Conformal, req); err != nil {
			return nil, err
		}
	}
	write := func(w io.Writer) error {
		out := newWriter(w, format, c.Quantiles, c.Samples > 0)
		at := 0
		size := max(chunk(c.Horizon, req.Paths, len(req.Levels)), len(forecast.PanelOf(m.fitted)))
		for part := range slices.Chunk(ws, size) {
			fs, err := safely(ctx, m.fitted, part, req)
			if err != nil {
				return err
			}
			for i := range fs {
				f := &fs[i]
				if c.Sum {
					upTo(f, c.Quantiles)
				}
				all.add(f)
				r.note(f)
				if err := out.write(f); err != nil {
					return err
				}
				if len(shown) < mostShown {
					shown = append(shown, *f)
				}
			}
			at += len(part)
			env.Count("forecast", int64(at), int64(len(ws)))
		}
		if all != nil {
			f := all.forecast(c.Total, c.Quantiles)
			if err := errors.Join(f.Check(), out.write(f)); err != nil {
				return err
			}
		}
		return out.close()
	}
	if err := into(c.Out, &env, write); err != nil {
		return nil, err
	}
	if r.Fallbacks > 0 {
		env.Tell(fmt.Sprintf("%d of %d series: %s", r.Fallbacks, r.Series, r.First))
	}
	if c.Plot != "" {
		fig, err := chart(c.Model, ws, shown, c.Sum)
		if err != nil {
			return nil, err
		}
		return r, fig.Save(c.Plot)
	}
	return r, nil
}

// into writes a file, whole or not at all, or standard output.
func into(out string, env *task.Env, write func(io.Writer) error) error {
	if out != "-" {
		return store.WriteFile(out, write)
	}
	if env.Stdout == nil {
		return &ito.InputError{Where: "`out`", What: "there is no standard output here", Do: "name a file"}
	}
	return write(env.Stdout)
}

// format is that of the output, checked before work is done.
func (c *PredictConfig) format() (string, error) {
	if c.Plot != "" {
		if _, err := plot.Format(c.Plot); err != nil {
			return "", err
		}
		if _, err := task.Place("plot", c.Plot); err != nil {
			return "", err
		}
	}
	return formatOf(c.Out)
}

// formatOf is how a name says that it is to be written.
func formatOf(out string) (string, error) {
	if out == "-" {
		return "csv", nil
	}
	if _, err := task.Place("out", out); err != nil {
		return "", err
	}
	switch e := strings.ToLower(filepath.Ext(out)); e {
	case ".csv", ".parquet", ".json":
		return e[1:], nil
	case ".jsonl", ".ndjson":
		return "json", nil
	}
	return "", &ito.InputError{Where: "`out` " + out, What: "its name does not say how to write",
		Do: "end it in .csv, .parquet or .json"}
}

// loaded is a model and what its file says.
type loaded struct {
	header forecast.Header
	fitted forecast.Fitted
	file   bool
}

func (m *loaded) fits(d *forecast.Set) error {
	if !m.file {
		return nil
	}
	return m.header.Fits(d)
}

// load takes a file, or fits a baseline, which learns nothing.
func (c *PredictConfig) load(ctx context.Context) (*loaded, error) {
	if isFile(c.Model) {
		h, f, err := forecast.Load(c.Model)
		if err == nil && c.Horizon > h.Horizon && !forecast.IsBaseline(h.Model.Kind) {
			err = &ito.InputError{Where: "`horizon`", What: fmt.Sprintf("%s was trained for %d steps",
				c.Model, h.Horizon),
				Do: "ask for no more, or train for more"}
		}
		return &loaded{h, f, true}, err
	}
	kind, _, _ := strings.Cut(c.Model, ":")
	if !slices.Contains(forecast.Kinds(), kind) {
		return nil, unknown(c.Model)
	}
	m, err := forecast.Parse(c.Model)
	if err != nil {
		return nil, err
	}
	if !forecast.IsBaseline(kind) {
		return nil, &ito.InputError{Where: c.Model, What: "it must be trained first",
			Do: "train it with `model=" + c.Model + "` and give the file"}
	}
	if c.Horizon == 0 {
		return nil, &ito.InputError{Where: "`horizon`", What: "a baseline does not know how many steps to forecast",
			Do: "give a number"}
	}
	f, err := m.Fit(ctx, nil, forecast.FitOptions{Horizon: c.Horizon})
	return &loaded{forecast.Header{Horizon: c.Horizon}, f, false}, err
}

func (r *PredictReport) note(f *forecast.Forecast) {
	if !slices.Contains(r.Spread, f.Spread) {
		r.Spread = append(r.Spread, f.Spread)
	}
	if f.Fallback != "" {
		if r.Fallbacks++; r.First == "" {
			r.First = f.Fallback
		}
	}
}
