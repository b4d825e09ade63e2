package forecast

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// PredictConfig sets what is forecast.
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

// PredictReport describes what was forecast.
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
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := task.Apart(c.Out, &c); err != nil {
		return nil, err
	}
	if c.Conformal > 0 && (c.Sum || c.Samples > 0 || c.Total != "") {
		return nil, &ito.InputError{Where: "`conformal`", What: "it corrects quantiles step by step and series by " +
			"series; paths, and the sums that are made of them, stay as the model drew them",
			Do: "leave it out, or leave out `samples`, `sum` and `total`"}
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
	defer p.close()
	if err := into(c.Out, &env, func(w io.Writer) error { return p.write(ctx, w, format, &env) }); err != nil {
		return nil, err
	}
	if c.Plot != "" {
		fig, err := chart(c.Model, p.windows, p.shown, c.Sum)
		if err != nil {
			return nil, err
		}
		return &p.report, fig.Save(c.Plot)
	}
	return &p.report, nil
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
