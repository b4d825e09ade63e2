// Package forecast is what a person asks of series: what is in a file, a model of it, its forecast, and how good
// forecasts of it have been.
package forecast

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/forecast"
	_ "github.com/seed9a7962a8/ito/forecast/baseline" // methods have words
	_ "github.com/seed9a7962a8/ito/forecast/diffusion"
	"github.com/seed9a7962a8/ito/forecast/read"
	_ "github.com/seed9a7962a8/ito/forecast/rnn"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/task"
)

// Reading sets how series are read.
type Reading struct {
	Format   string   `where:"local" default:"auto" enum:"auto,long,wide,m4,gluonts,prometheus" help:"How DATA is laid out: ${enum}"`
	Freq     string   `placeholder:"1h" help:"Step of the series: a number of s, min, h, D, B, W, M, ME or Y. Without it it is inferred from the times"`
	Zone     string   `placeholder:"NAME" help:"Time zone of times without an offset, and of the calendar: Europe/Berlin. Without it UTC"`
	ID       string   `name:"id" placeholder:"COL" help:"Column of the names of series"`
	Time     string   `placeholder:"COL" help:"Column of the times"`
	Value    string   `placeholder:"COL" help:"Column of the values"`
	Known    []string `placeholder:"COL,…" help:"Covariates that are known ahead, such as prices and promotions"`
	Past     []string `placeholder:"COL,…" help:"Covariates that are known up to the present"`
	Append   string   `where:"local" placeholder:"FILE" help:"Rows that follow those of DATA: later values, or covariates that are known ahead"`
	Holidays string   `placeholder:"COUNTRY" help:"A covariate that is 1 on the holidays of a country: DE, US, GB, …"`
	Events   string   `where:"local" placeholder:"FILE" help:"A CSV file name,start,end,profile of events, which become covariates that are known ahead"`

	// MostSteps bounds the steps of all series together, gaps included; 0: the reader's own bound of each.
	MostSteps int `kong:"-"`
}

// open reads series; ahead is how far covariates of the calendar must reach.
func (c *Reading) open(name string, ahead int, env *task.Env) (*read.Result, error) {
	return read.Open(name, read.SeriesOptions{Stdin: env.Stdin, Format: c.Format, ID: c.ID, Time: c.Time,
		Value: c.Value, Known: slices.Clone(c.Known), Past: slices.Clone(c.Past), Freq: c.Freq, Zone: c.Zone,
		Append:   c.Append,
		Calendar: read.Calendar{Holidays: c.Holidays, Events: c.Events}, Ahead: ahead, MostSteps: c.MostSteps})
}

// tell notes what was found.
func tell(r *read.Result, env *task.Env) {
	if r.Inferred {
		env.Tell(fmt.Sprintf("%s: frequency %s, inferred from the times", r.Set.Name, r.Set.Freq))
	}
	for _, f := range r.Findings {
		env.Tell(r.Set.Name + ": " + f.Text)
	}
}

// withValues leaves out series without any value. None left is an *ito.InputError.
func withValues(d *forecast.Set, env *task.Env) error {
	var keep []*forecast.Series
	for _, s := range d.Series {
		if s.Observed() > 0 {
			keep = append(keep, s)
		}
	}
	if len(keep) == 0 {
		return &ito.InputError{Where: d.Name, What: "no series has any value", Do: "give values"}
	}
	if n := len(d.Series) - len(keep); n > 0 {
		env.Tell(fmt.Sprintf("%s: %d of %d series have no value and are left out", d.Name, n, len(d.Series)))
	}
	d.Series = keep
	return nil
}

// words splits a list of words at its commas, but not at those between the settings of a word.
func words(list []string) []string {
	var out []string
	for _, text := range list {
		for _, part := range strings.Split(text, ",") {
			name, _, setting := strings.Cut(part, "=")
			if _, err := strconv.Atoi(part); err == nil && len(out) > 0 && strings.Contains(out[len(out)-1], "=") {
				out[len(out)-1] += "," + part // one more number of a list
			} else if setting && !strings.Contains(name, ":") && len(out) > 0 {
				out[len(out)-1] += "," + part
			} else if part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// isFile reports a word that names a file of a model.
func isFile(word string) bool {
	if strings.HasSuffix(word, ".safetensors") {
		return true
	}
	kind, _, _ := strings.Cut(word, ":")
	if slices.Contains(forecast.Kinds(), kind) {
		return false
	}
	_, err := os.Stat(word)
	return err == nil
}

// unknown is an error for what is neither a file nor a method.
func unknown(word string) error {
	kind, _, _ := strings.Cut(word, ":")
	return &ito.InputError{What: fmt.Sprintf("%q is neither a file nor a method of forecasting", word),
		Do: suggest.Among(kind, forecast.Kinds())}
}

// fallback is the word of the method that stands in for a model that cannot forecast a series.
const fallback = "seasonal-errors"

// safely forecasts windows, never empty: where the model fails on numbers, the fallback stands in, labelled.
func safely(ctx context.Context, f forecast.Fitted, ws []forecast.Window, r forecast.Request) ([]forecast.Forecast,
	error) {
	out, err := f.Predict(ctx, ws, r)
	if err == nil {
		return out, check(out)
	}
	var bad *ito.NonFiniteError
	if ctx.Err() != nil || !errors.As(err, &bad) {
		return nil, err
	}
	if len(ws) > 1 {
		out = nil
		for i := range ws {
			one, err := safely(ctx, f, ws[i:i+1], r)
			if err != nil {
				return nil, err
			}
			out = append(out, one...)
		}
		return out, nil
	}
	m, e := forecast.Parse(fallback)
	if e != nil {
		return nil, e
	}
	naive, e := m.Fit(ctx, nil, forecast.FitOptions{Horizon: ws[0].Horizon})
	if e != nil {
		return nil, e
	}
	out, e = naive.Predict(ctx, ws, r)
	for i := range out {
		out[i].Fallback = strings.TrimSuffix(fallback+" stands in, because "+err.Error()+"; "+out[i].Fallback, "; ")
	}
	return out, e
}

func check(fs []forecast.Forecast) error {
	for i := range fs {
		if err := fs[i].Check(); err != nil {
			return err
		}
	}
	return nil
}

// chunk windows are forecast at a time: so many as leave memory for their paths.
func chunk(horizon, paths, levels int) int {
	return max(1, min(4096, (64<<20)/(8*max(horizon, 1)*max(paths+levels, 1))))
}

// finite is v, or nil where JSON has no word for it.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// pool is that of the environment, or a new one.
func pool(env *task.Env, workers int) (*ad.Pool, func()) { return env.PoolOf(workers) }

// Windows forecasts windows, never empty: where the model fails on numbers, another method stands in, labelled.
func (m *Forecaster) Windows(ctx context.Context, ws []forecast.Window, r forecast.Request) ([]forecast.Forecast,
	error) {
	return safely(ctx, m.Fitted, ws, r)
}
