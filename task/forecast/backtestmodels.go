package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/score"
	"github.com/seed9a7962a8/ito/task"
)

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
		case isFile(w), isGiven(w):
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

// try fits or loads a method, forecasts all items, and scores them.
func (c *BacktestConfig) try(ctx context.Context, name string, d *forecast.Set, items []tested, o forecast.FitOptions,
	env *task.Env) (*ModelScores, error) {
	s := &ModelScores{Model: name}
	f, err := c.fitted(ctx, name, d, s, o, env)
	if err != nil {
		return s, refuse(s, name, err)
	}
	req := forecast.Request{Levels: score.Levels(), Paths: c.Samples, Together: c.Samples > 0, Seed: c.Seed,
		Pool: o.Pool}
	if c.Conformal > 0 {
		var first []forecast.Window
		for _, it := range items {
			if it.panel == items[0].panel {
				first = append(first, it.Window)
			}
		}
		if f, err = forecast.Calibrate(ctx, f, first, c.Conformal, req); err != nil {
			return s, refuse(s, name, err)
		}
	}
	inside, seen := make([]float64, c.Horizon), make([]float64, c.Horizon)
	var all score.Scores
	var sum score.Sum
	began := env.Time()
	size := max(chunk(c.Horizon, c.Samples, len(req.Levels)), len(forecast.PanelOf(f)))
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
			return s, refuse(s, name, err)
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

// refuse notes why a method cannot serve these data; other errors, and those of files that were named, stay errors.
func refuse(s *ModelScores, name string, err error) error {
	if isFile(name) || isGiven(name) {
		return err
	}
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
	if isGiven(name) {
		return readGiven(name)
	}
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
