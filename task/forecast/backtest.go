package forecast

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/read"
	"github.com/seed9a7962a8/ito/forecast/score"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/task"
)

// BacktestConfig sets which methods are tried on which past origins.
type BacktestConfig struct {
	Data      string   `arg:"" where:"local" help:"Series: CSV, Parquet or lines of JSON, Prometheus' answer to query_range, or -"`
	Horizon   int      `required:"" min:"1" max:"100000" placeholder:"H" help:"Steps of each forecast"`
	Windows   int      `default:"5" min:"1" max:"10000" placeholder:"N" help:"Origins; the last is H steps before the end of a series"`
	Step      int      `min:"0" max:"100000" default:"0" placeholder:"S" help:"Steps between origins; 0: the horizon"`
	Models    []string `default:"baselines" placeholder:"WORD,…" help:"Methods, with settings, files that ito forecast train wrote, and .csv files of another program's forecasts, as ito forecast predict writes them, with the quantiles that the scores need; baselines and all are words for many. A method that is trained is trained once, on what was before the first origin"`
	Samples   int      `min:"0" max:"10000" default:"0" placeholder:"N" help:"Joint sample paths of each forecast, for crps_sum19 of all series together; 0: none"`
	Conformal int      `min:"0" max:"1000" default:"0" placeholder:"N" help:"Correct the intervals of all methods, lead by lead, by errors from N origins before the first. 0: not"`
	Season    int      `min:"0" max:"100000" default:"0" placeholder:"M" help:"Season of the scaled scores; 0: that of gluonts, 24 of hours and 1 of days"`
	Seed      uint64   `default:"1" help:"Seed of trainings and sample paths"`
	Workers   int      `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`
	Reading
}

// ModelScores is how good one method was.
type ModelScores struct {
	Model    string        `json:"model"`
	Baseline bool          `json:"baseline"`
	Scores   []score.Value `json:"scores"`
	// Ratio is the geometric mean over forecasts of wql_19 / that of the seasonal naive; nil: none can be formed
	Ratio *float64 `json:"ratio_seasonal_naive"`
	Of    int      `json:"ratio_of"` // forecasts in it
	// Coverage90 is the part inside the 90 % interval by lead
	Coverage90 []*float64 `json:"coverage90_by_lead"`
	Spread     []string   `json:"spread"` // how the quantiles were made
	Fallbacks  int        `json:"fallbacks"`
	Seconds    float64    `json:"seconds"` // of wall clock, forecasts alone
	TrainingS  float64    `json:"training_seconds,omitempty"`
	Refused    string     `json:"refused,omitempty"` // why it could not be tried

	loss []float64 // of each forecast, NaN where it has none
}

// BacktestReport describes which methods were good.
type BacktestReport struct {
	Data     string         `json:"data"`
	Format   string         `json:"format"`
	Freq     forecast.Freq  `json:"freq"`
	Horizon  int            `json:"horizon"`
	Windows  int            `json:"windows"`
	Step     int            `json:"step"`
	Series   int            `json:"series"`
	Items    int            `json:"forecasts"` // series × origins
	Short    int            `json:"short"`     // forecasts left out, of series that were not long enough
	Models   []ModelScores  `json:"models"`
	Best     string         `json:"best"`
	Verdict  string         `json:"verdict"`
	Against  bool           `json:"against"` // the verdict is against the models that were trained
	Findings []read.Finding `json:"findings"`
	Seed     uint64         `json:"seed"`
}

// yardstick is the method whose loss others are divided by.
const yardstick = "seasonal-naive"

// tested is a forecast that is tried: a window and what came.
type tested struct {
	forecast.Window
	truth []float64
	panel int // origins count from 0
}

// Backtest forecasts from past origins by every method and scores what came. Nothing after an origin is in a forecast
// from it: a window holds none, and trainings end before the first.
func Backtest(ctx context.Context, c BacktestConfig, env task.Env) (*BacktestReport, error) {
	if err := spec.Check(&c); err != nil {
		return nil, err
	}
	if c.Step == 0 {
		c.Step = c.Horizon
	}
	names, err := c.models()
	if err != nil {
		return nil, err
	}
	in, err := c.open(c.Data, c.Horizon, &env)
	if err != nil {
		return nil, err
	}
	tell(in, &env)
	d := in.Set
	if err := withValues(d, &env); err != nil {
		return nil, err
	}
	r := &BacktestReport{Data: d.Name, Format: in.Format, Freq: d.Freq, Horizon: c.Horizon, Windows: c.Windows,
		Step: c.Step, Series: len(d.Series), Findings: in.Findings, Seed: c.Seed}
	items := c.items(d, r)
	if len(items) == 0 {
		longest := 0
		for _, s := range d.Series {
			longest = max(longest, s.Len())
		}
		return nil, &ito.InputError{Where: d.Name, What: fmt.Sprintf("no series is long enough for %d steps and %d "+
			"before them; the longest has %d", c.Horizon, leastContext, longest),
			Do: "give longer series or a shorter `horizon`"}
	}
	if r.Items = len(items); r.Short > 0 {
		env.Tell(fmt.Sprintf("%d forecasts are left out: their series are not long enough", r.Short))
	}
	workers, done := pool(&env, c.Workers)
	defer done()
	for _, name := range names {
		o := forecast.FitOptions{Horizon: c.Horizon, Seed: c.Seed, Pool: workers, Progress: func(e learn.TrainEvent) {
			e.Name = name
			env.Train(e)
		}}
		s, err := c.try(ctx, name, d, items, o, &env)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.Models = append(r.Models, *s)
	}
	r.compare()
	return r, nil
}

// leastContext values must stand before an origin.
const leastContext = 2

// items are the windows of all origins, and their truth.
func (c *BacktestConfig) items(d *forecast.Set, r *BacktestReport) []tested {
	var out []tested
	for p := range c.Windows {
		for _, s := range d.Series {
			origin := s.Len() - c.Horizon - (c.Windows-1-p)*c.Step
			if origin < leastContext {
				r.Short++
				continue
			}
			w := forecast.NewWindow(s, origin, c.Horizon)
			if w.Observed() == 0 {
				r.Short++
				continue
			}
			out = append(out, tested{w, s.Values[origin : origin+c.Horizon], p})
		}
	}
	return out
}
