package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/read"
	"github.com/seed9a7962a8/ito/forecast/score"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/task"
)

// BacktestConfig says which methods are tried on which past origins.
type BacktestConfig struct {
	Data      string   `arg:"" where:"local" help:"Series: CSV, Parquet or lines of JSON, Prometheus' answer to query_range, or -"`
	Horizon   int      `required:"" min:"1" max:"100000" placeholder:"H" help:"Steps of each forecast"`
	Windows   int      `default:"5" min:"1" max:"10000" placeholder:"N" help:"Origins; the last is H steps before the end of a series"`
	Step      int      `min:"0" max:"100000" default:"0" placeholder:"S" help:"Steps between origins; 0: the horizon"`
	Models    []string `default:"baselines" placeholder:"WORD,…" help:"Methods, with settings, and files that ito forecast train wrote; baselines and all are words for many. A method that is trained is trained once, on what was before the first origin"`
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

// BacktestReport says which methods were good.
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

// models are the words that are tried, the yardstick among them.
func (c *BacktestConfig) models() ([]string, error) {
	var out []string
	add := func(w string) {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	add(yardstick)
	for _, w := range words(c.Models) {
		switch {
		case w == "baselines":
			for _, k := range forecast.Baselines() {
				add(k)
			}
		case w == "all":
			for _, k := range forecast.Kinds() {
				add(k)
			}
		case isFile(w):
			add(w)
		default:
			kind, _, _ := strings.Cut(w, ":")
			if !slices.Contains(forecast.Kinds(), kind) {
				return nil, unknown(w)
			}
			m, err := forecast.Parse(w)
			if err != nil {
				return nil, err
			}
			word, err := forecast.Word(m)
			if err != nil {
				return nil, err
			}
			add(word)
		}
	}
	return out, nil
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

// try fits or loads a method, forecasts all items, and scores them.
func (c *BacktestConfig) try(ctx context.Context, name string, d *forecast.Set, items []tested, o forecast.FitOptions,
	env *task.Env) (*ModelScores, error) {
	s := &ModelScores{Model: name}
	f, err := c.fitted(ctx, name, d, s, o, env)
	if err != nil {
		return s, refuse(s, err)
	}
	req := forecast.Request{Levels: score.Levels(), Paths: c.Samples, Seed: c.Seed, Pool: o.Pool}
	if c.Conformal > 0 {
		var first []forecast.Window
		for _, it := range items {
			if it.panel == items[0].panel {
				first = append(first, it.Window)
			}
		}
		if f, err = forecast.Calibrate(ctx, f, first, c.Conformal, req); err != nil {
			return s, refuse(s, err)
		}
	}
	inside, seen := make([]float64, c.Horizon), make([]float64, c.Horizon)
	var all score.Scores
	var sum score.Sum
	began := env.Time()
	size := chunk(c.Horizon, c.Samples, len(req.Levels))
	for at := 0; at < len(items); {
		// one origin at a time: its windows are a panel
		end := at
		for end < len(items) && items[end].panel == items[at].panel && (end-at < size || c.Samples > 0) {
			end++
		}
		part := items[at:end]
		ws := make([]forecast.Window, len(part))
		for i := range part {
			ws[i] = part[i].Window
		}
		fs, err := safely(ctx, f, ws, req)
		if err != nil {
			return s, refuse(s, err)
		}
		for i := range fs {
			if fs[i].Fallback != "" {
				s.Fallbacks++
			}
			if !slices.Contains(s.Spread, fs[i].Spread) {
				s.Spread = append(s.Spread, fs[i].Spread)
			}
			it := score.Item{Forecast: &fs[i], Truth: part[i].truth, Past: ws[i].Values, Season: c.Season}
			if err := all.Add(it); err != nil {
				return nil, err
			}
			var own score.Scores
			if err := own.Add(it); err != nil {
				return nil, err
			}
			s.loss = append(s.loss, score.Get(own.Values(), "wql_19"))
			lead(&fs[i], part[i].truth, inside, seen)
		}
		if c.Samples > 0 {
			var truth [][]float64
			for i := range part {
				truth = append(truth, part[i].truth)
			}
			if err := sum.Add(fs, truth); err != nil {
				return nil, err
			}
		}
		at = end
		env.Count(name, int64(at), int64(len(items)))
	}
	s.Seconds = env.Time().Sub(began).Seconds()
	s.Scores = all.Values()
	if c.Samples > 0 {
		s.Scores = append(s.Scores, sum.Value())
	}
	for h := range inside {
		s.Coverage90 = append(s.Coverage90, finite(inside[h]/seen[h]))
	}
	return s, nil
}

// refuse notes why a method cannot serve these data; other errors stay errors.
func refuse(s *ModelScores, err error) error {
	var bad *ito.InputError
	var not *ito.UnsupportedError
	if asInput(err, &bad, &not) {
		s.Refused = err.Error()
		return nil
	}
	return err
}

// lead counts the steps inside the interval of 90 %, by lead.
func lead(f *forecast.Forecast, truth, inside, seen []float64) {
	var low, high []float64
	for k, q := range f.Levels {
		switch {
		case math.Abs(q-.05) < 1e-9:
			low = f.Quantile(k)
		case math.Abs(q-.95) < 1e-9:
			high = f.Quantile(k)
		}
	}
	for h, y := range truth {
		if !math.IsNaN(y) {
			if seen[h]++; low[h] <= y && y <= high[h] {
				inside[h]++
			}
		}
	}
}

// fitted loads a file, or trains on what was before the first origin.
func (c *BacktestConfig) fitted(ctx context.Context, name string, d *forecast.Set, s *ModelScores,
	o forecast.FitOptions, env *task.Env) (forecast.Fitted, error) {
	back := c.Horizon + (c.Windows-1)*c.Step
	if isFile(name) {
		h, f, err := forecast.Load(name)
		if err != nil {
			return nil, err
		}
		s.Baseline = forecast.IsBaseline(h.Model.Kind)
		if err := h.Fits(d); err != nil {
			return nil, err
		}
		if c.Horizon > h.Horizon && !s.Baseline {
			return nil, &ito.InputError{Where: "`horizon`", What: fmt.Sprintf("%s was trained for %d steps", name,
				h.Horizon), Do: "ask for no more, or train for more"}
		}
		before := d.Until(back, c.Horizon)
		known := s.Baseline || before.Digest() == h.Digest // trained on just what was before the first origin
		for _, x := range d.Series {
			if !known && x.Len() > back && h.Until.After(x.Time(x.Len()-back-1)) {
				env.Tell(fmt.Sprintf("%s was trained on values up to %s, which are after the first origin: its scores "+
					"are too good; train it with `hold-out=%d`", name, h.Until.Format("2006-01-02 15:04"), back))
				break
			}
		}
		return f, nil
	}
	m, err := forecast.Parse(name)
	if err != nil {
		return nil, err
	}
	s.Baseline = forecast.IsBaseline(m.Kind())
	if s.Baseline {
		return m.Fit(ctx, nil, o)
	}
	before := d.Until(back, c.Horizon)
	before.Series = slices.DeleteFunc(before.Series, func(s *forecast.Series) bool { return s.Observed() == 0 })
	if len(before.Series) == 0 {
		return nil, &ito.InputError{Where: d.Name, What: "nothing stands before the first origin",
			Do: "use fewer windows"}
	}
	began := env.Time()
	f, err := m.Fit(ctx, before, o)
	s.TrainingS = env.Time().Sub(began).Seconds()
	return f, err
}
