package forecast

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/task"
)

// upTo turns a forecast into that of the sums up to each step.
func upTo(f *forecast.Forecast, levels []float64) {
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

// summed is the sum over series, path by path.
type summed struct {
	f        forecast.Forecast
	together bool
	spread   []string
}

// total begins the sum that was asked for, nil: none was. Series of several ends have none.
func (c *PredictConfig) total(m forecast.Fitted, ws []forecast.Window, env *task.Env) (*summed, error) {
	if c.Total == "" {
		return nil, nil
	}
	for _, w := range ws {
		switch first := ws[0]; {
		case w.ID == c.Total:
			return nil, &ito.InputError{Where: "`total`", What: "a series of the data has the name " + c.Total,
				Do: "give another name"}
		case !w.Begins().Equal(first.Begins()):
			const layout = "2006-01-02 15:04:05"
			return nil, &ito.InputError{Where: "`total`", What: fmt.Sprintf("series %s ends before %s and %s before "+
				"%s: there is no step to add up", first.ID, first.Begins().Format(layout), w.ID,
				w.Begins().Format(layout)),
				Do: "give series of one end"}
		}
	}
	s := &summed{together: forecast.IsTogether(m)}
	if !s.together && len(ws) > 1 {
		env.Tell("total: this model draws each series by itself, so that the interval of the sum is too narrow where " +
			"series move together; seasonal-errors, rnn and models with joint=true draw them together")
	}
	return s, nil
}

// add adds a forecast, of which it keeps nothing.
func (s *summed) add(f *forecast.Forecast) {
	if s == nil {
		return
	}
	if s.f.Mean == nil {
		s.f = forecast.Forecast{Start: f.Start, Freq: f.Freq, Mean: make([]float64, len(f.Mean)),
			Paths: make([]float64, len(f.Paths))}
	}
	for i, v := range f.Mean {
		s.f.Mean[i] += v
	}
	for i, v := range f.Paths {
		s.f.Paths[i] += v
	}
	if f.Fallback != "" && s.f.Fallback == "" {
		s.f.Fallback = "of series " + f.ID + ": " + f.Fallback
	}
	for part := range strings.SplitSeq(f.Spread, ", ") {
		if !slices.Contains(s.spread, part) {
			s.spread = append(s.spread, part)
		}
	}
}

// forecast is that of the sum.
func (s *summed) forecast(name string, levels []float64) *forecast.Forecast {
	f, mean := &s.f, slices.Clone(s.f.Mean)
	f.ID = name
	f.Fill(len(mean), levels)
	f.Mean = mean
	how := "each by itself"
	if s.together {
		how = "drawn together"
	}
	f.Spread = "sums of paths of " + strings.Join(s.spread, " and ") + ", " + how
	return f
}
