package forecast

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	_ "github.com/seed9a7962a8/ito/forecast/diffusion" // its models have words
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// ImputeConfig sets which gaps are filled.
type ImputeConfig struct {
	Model     string    `arg:"" where:"local" help:"A model that ito forecast train wrote: a csdi or tsdiff"`
	Data      string    `arg:"" where:"local" help:"Series with gaps: CSV, Parquet or lines of JSON, or -"`
	Quantiles []float64 `default:"0.05,0.25,0.5,0.75,0.95" placeholder:"Q,…" help:"Levels of the quantiles, increasing"`
	Samples   int       `min:"0" max:"100000" default:"0" placeholder:"N" help:"Write N joint samples of the gaps instead: rows series,time,sample,value. JSON has both"`
	Out       string    `where:"local" default:"-" placeholder:"FILE" help:"A .csv, .parquet or .json file (lines of JSON), or - for CSV on standard output"`
	Seed      uint64    `default:"1" help:"Seed of the samples"`
	Workers   int       `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`
	Reading
}

// ImputeReport describes what was filled.
type ImputeReport struct {
	Model  string `json:"model"`
	Data   string `json:"data"`
	Series int    `json:"series"`
	Gaps   int    `json:"gaps"` // values that were not observed
}

// Impute draws the values of series that were not observed given all that were, and writes them as forecasts are.
func Impute(ctx context.Context, c ImputeConfig, env task.Env) (*ImputeReport, error) {
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
	model, ok := f.(forecast.Imputer)
	if !ok {
		return nil, cannot(c.Model, h, "fill gaps", "csdi or tsdiff")
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
	if err := withValues(d, &env); err != nil {
		return nil, err
	}
	workers, done := pool(&env, c.Workers)
	defer done()
	gaps, err := model.Impute(ctx, d.Series, forecast.Request{Levels: c.Quantiles, Paths: c.Samples, Seed: c.Seed,
		Pool: workers})
	if err != nil {
		return nil, err
	}
	r := &ImputeReport{Model: c.Model, Data: d.Name, Series: len(d.Series)}
	return r, emit(c.Out, &env, func(w io.Writer) error {
		out := newWriter(w, format, c.Quantiles, c.Samples > 0)
		for i, s := range d.Series {
			r.Gaps += len(gaps[i].At)
			for _, run := range stretches(s, gaps[i]) {
				if err := out.write(&run); err != nil {
					return err
				}
			}
		}
		return out.close()
	})
}

// stretches are the gaps of a series as forecasts, of neighbouring steps each.
func stretches(s *forecast.Series, g forecast.Gaps) []forecast.Forecast {
	var out []forecast.Forecast
	n := len(g.At)
	for from := 0; from < n; {
		to := from + 1
		for to < n && g.At[to] == g.At[to-1]+1 {
			to++
		}
		f := forecast.Forecast{ID: g.ID, Start: s.Time(g.At[from]), Freq: g.Freq, Mean: g.Mean[from:to],
			Levels: g.Levels,
			Spread: g.Spread}
		for k := range g.Levels {
			f.Q = append(f.Q, g.Q[k*n+from:k*n+to]...)
		}
		for k := range g.NumPaths() {
			f.Paths = append(f.Paths, g.Path(k)[from:to]...)
		}
		out = append(out, f)
		from = to
	}
	return out
}

// cannot is the error of a model that does not do what is asked of it.
func cannot(file string, h forecast.Header, what, who string) error {
	return &ito.UnsupportedError{What: "to " + what + " by " + file, Why: "it is a " + h.Model.Kind,
		Nearest: "a model " + who}
}

// outFormat is the format of a file of forecasts by its name, checked before work is done.
func outFormat(out string, env *task.Env) (string, error) {
	if out == "-" {
		if env.Stdout == nil {
			return "", &ito.InputError{Where: "`out`", What: "there is no standard output here", Do: "name a file"}
		}
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

// emit writes to a file, or to standard output.
func emit(out string, env *task.Env, write func(w io.Writer) error) error {
	if out == "-" {
		return write(env.Stdout)
	}
	return store.WriteFile(out, write)
}

// SynthConfig sets how many series are invented.
type SynthConfig struct {
	Model   string `arg:"" where:"local" help:"A model that ito forecast train wrote: a tsdiff"`
	N       int    `short:"n" default:"100" min:"1" max:"10000000" help:"Series"`
	Out     string `where:"local" default:"-" placeholder:"FILE" help:"A .csv file with rows series,step,value, or - for standard output"`
	Seed    uint64 `default:"1" help:"Seed of the series"`
	Workers int    `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`
}

// SynthReport describes what was invented.
type SynthReport struct {
	Model  string `json:"model"`
	Series int    `json:"series"`
	Steps  int    `json:"steps"` // of each
}

// Synth invents series of its own by a model, on the scale of 1 that it learnt windows on.
func Synth(ctx context.Context, c SynthConfig, env task.Env) (*SynthReport, error) {
	if err := spec.Check(&c); err != nil {
		return nil, err
	}
	if format, err := outFormat(c.Out, &env); err != nil || format != "csv" {
		if err == nil {
			err = &ito.InputError{Where: "`out` " + c.Out, What: "invented series are written as CSV",
				Do: "end it in .csv"}
		}
		return nil, err
	}
	h, f, err := forecast.Load(c.Model)
	if err != nil {
		return nil, err
	}
	model, ok := f.(forecast.Synthesiser)
	if !ok {
		return nil, cannot(c.Model, h, "invent series", "tsdiff")
	}
	workers, done := pool(&env, c.Workers)
	defer done()
	r := &SynthReport{Model: c.Model, Series: c.N}
	series, err := model.Synthesise(ctx, c.N, forecast.Request{Seed: c.Seed, Pool: workers})
	if err != nil {
		return nil, err
	}
	r.Steps = len(series[0])
	return r, emit(c.Out, &env, func(w io.Writer) error {
		if _, err := fmt.Fprintln(w, "series,step,value"); err != nil {
			return err
		}
		for i, s := range series {
			for t, v := range s {
				if _, err := fmt.Fprintf(w, "%d,%d,%v\n", i, t, v); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
