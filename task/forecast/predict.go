package forecast

import (
	"context"
	"fmt"
	"io"
	"math"
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
	Spread    []string `json:"spread"`    // how quantiles were made
	Fallbacks int      `json:"fallbacks"` // series for which another method stands in
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
	req := forecast.Request{Levels: c.Quantiles, Paths: c.Samples, Seed: c.Seed, Pool: workers}
	if c.Sum && req.Paths == 0 {
		req.Paths = pathsOfSums
	}
	var shown []forecast.Forecast
	var ws []forecast.Window
	for _, s := range d.Series {
		ws = append(ws, forecast.NewWindow(s, s.Len(), c.Horizon))
	}
	if c.Conformal > 0 {
		if m.fitted, err = forecast.Calibrate(ctx, m.fitted, ws, c.Conformal, req); err != nil {
			return nil, err
		}
	}
	write := func(w io.Writer) error {
		out := newWriter(w, format, c.Quantiles, c.Samples > 0)
		at := 0
		size := chunk(c.Horizon, req.Paths, len(req.Levels))
		for part := range slices.Chunk(ws, size) {
			fs, err := safely(ctx, m.fitted, part, req)
			if err != nil {
				return err
			}
			for i := range fs {
				f := &fs[i]
				if c.Sum {
					total(f, c.Quantiles)
				}
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

// total turns a forecast into that of the sums up to each step.
func total(f *forecast.Forecast, levels []float64) {
	h := f.Horizon()
	for k := range f.NumPaths() {
		p := f.Path(k)
		for t := 1; t < h; t++ {
			p[t] += p[t-1]
		}
	}
	mean := slices.Clone(f.Mean)
	for t := 1; t < h; t++ {
		mean[t] += mean[t-1]
	}
	f.Fill(h, levels)
	f.Mean = mean // that of the method, which paths estimate
}

// mostShown series are drawn.
const mostShown = 6

// chart draws the first forecasts behind their history.
func chart(model string, ws []forecast.Window, fs []forecast.Forecast, sum bool) (plot.Figure, error) {
	fig := plot.Figure{Title: "forecasts by " + model}
	naive, err := forecast.Parse("seasonal-naive")
	if err != nil {
		return fig, err
	}
	base, err := naive.Fit(context.Background(), nil, forecast.FitOptions{})
	if err != nil {
		return fig, err
	}
	for i := range fs {
		f, w := &fs[i], ws[i]
		h := f.Horizon()
		p := plot.Panel{Title: f.ID, X: "steps from " + f.Start.Format("2006-01-02 15:04 MST")}
		var ahead []float64
		for t := range h {
			ahead = append(ahead, float64(t))
		}
		n := len(f.Levels)
		for k := range n / 2 {
			name := fmt.Sprintf("%g–%g %%", 100*f.Levels[k], 100*f.Levels[n-1-k])
			p.Layers = append(p.Layers, plot.Fan{Name: name, X: ahead, Lo: f.Quantile(k), Hi: f.Quantile(n - 1 - k),
				Alpha: .18 + .3*float64(k)/float64(max(n/2, 1))})
		}
		middle := f.Mean
		if n%2 == 1 {
			middle = f.Quantile(n / 2)
		}
		p.Layers = append(p.Layers, plot.Curve{Name: map[bool]string{true: "median", false: "mean"}[n%2 == 1], X: ahead,
			Y: middle})
		if !sum {
			b, err := base.Predict(context.Background(), []forecast.Window{w}, forecast.Request{})
			if err != nil {
				return fig, err
			}
			p.Layers = append(p.Layers, plot.Curve{Name: "seasonal naive", X: ahead, Y: b[0].Mean, Dash: true,
				Color: plot.Palette[1], Width: .9})
			p.Layers = append(p.Layers, history(w, 3*h)...)
		}
		fig.Panels = append(fig.Panels, p)
	}
	return fig, nil
}

// history draws the last n values, with gaps where they are missing.
func history(w forecast.Window, n int) []plot.Layer {
	var out []plot.Layer
	var c plot.Curve
	flush := func() {
		if len(c.X) > 0 {
			if len(out) == 0 {
				c.Name = "history"
			}
			c.Color = plot.Grey
			out = append(out, c)
		}
		c = plot.Curve{}
	}
	for k := max(0, w.Origin()-max(n, 2*w.Freq.Season())); k < w.Origin(); k++ {
		if v := w.Values[k]; math.IsNaN(v) {
			flush()
		} else {
			c.X, c.Y = append(c.X, float64(k-w.Origin())), append(c.Y, v)
		}
	}
	flush()
	return out
}
