package forecast

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
)

// given are forecasts that another program wrote, from any origins, as a model that can be asked for these alone.
type given struct {
	file   string
	levels []float64
	rows   map[string]map[int64][]float64 // by series and time: mean and quantiles
}

// isGiven reports a word that names forecasts of another program.
func isGiven(word string) bool { return strings.EqualFold(filepath.Ext(word), ".csv") }

// readGiven reads forecasts as CSV, in any order: series,time,mean,q0.05,…. Two rows of a series with one time are an
// *ito.InputError.
func readGiven(name string) (*given, error) {
	g := &given{file: name, rows: map[string]map[int64][]float64{}}
	levels, err := eachForecastRow(name, func(line int, id string, at time.Time, row []float64) error {
		if g.rows[id] == nil {
			g.rows[id] = map[int64][]float64{}
		}
		if _, twice := g.rows[id][at.UnixNano()]; twice {
			return fmt.Errorf("%s has a forecast of %s already", id, at.Format(time.RFC3339))
		}
		g.rows[id][at.UnixNano()] = row
		return nil
	})
	if len(levels) == 0 {
		levels = []float64{.5}
		for _, at := range g.rows {
			for t, row := range at {
				at[t] = append(row, row[0])
			}
		}
	}
	g.levels = levels
	return g, err
}

// Predict implements forecast.Fitted: what is asked for must be there, step by step, and its levels among those asked.
func (g *given) Predict(_ context.Context, ws []forecast.Window, r forecast.Request) ([]forecast.Forecast, error) {
	if r.Paths > 0 {
		return nil, &ito.InputError{Where: g.file, What: "it has no sample paths", Do: "leave out `samples`"}
	}
	var places []int
	for _, q := range r.Levels {
		k := slices.IndexFunc(g.levels, func(l float64) bool { return l-q < 1e-9 && q-l < 1e-9 })
		if k < 0 {
			return nil, &ito.InputError{Where: g.file, What: fmt.Sprintf("it has no column q%g", q),
				Do: fmt.Sprintf("scores need the quantiles %v", r.Levels)}
		}
		places = append(places, k)
	}
	out := make([]forecast.Forecast, len(ws))
	for i, w := range ws {
		f := &out[i]
		*f = forecast.Forecast{ID: w.ID, Start: w.Begins(), Freq: w.Freq, Levels: slices.Clone(r.Levels),
			Mean: make([]float64, w.Horizon), Q: make([]float64, len(places)*w.Horizon), Spread: "of " + g.file}
		for h := range w.Horizon {
			at := w.Time(w.Origin() + h)
			row, ok := g.rows[w.ID][at.UnixNano()]
			if !ok {
				return nil, &ito.InputError{Where: g.file, What: fmt.Sprintf("it has no forecast of series %s at %s",
					w.ID, at.Format(time.RFC3339)), Do: "forecast every step of every origin"}
			}
			f.Mean[h] = row[0]
			for j, k := range places {
				f.Q[j*w.Horizon+h] = row[1+k]
			}
		}
		if err := f.Check(); err != nil {
			return nil, &ito.InputError{Where: g.file, What: err.Error(),
				Do: "give finite numbers, and quantiles in order"}
		}
	}
	return out, nil
}

// State implements forecast.Fitted.
func (g *given) State() (forecast.State, error) {
	return forecast.State{}, &ito.UnsupportedError{What: "forecasts of another program are no model"}
}

// eachForecastRow reads rows series,time,mean,q0.05,… and returns the levels.
func eachForecastRow(name string, take func(line int, id string, at time.Time, row []float64) error) ([]float64,
	error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, &ito.InputError{Where: name, What: err.Error(), Do: "give forecasts as CSV"}
	}
	defer f.Close()
	r := csv.NewReader(f)
	head, err := r.Read()
	bad := func(format string, args ...any) error {
		line, _ := r.FieldPos(0)
		return &ito.InputError{Where: fmt.Sprintf("%s:%d", name, line), What: fmt.Sprintf(format, args...),
			Do: "give rows series,time,mean,q0.05,…"}
	}
	if err != nil || len(head) < 3 || head[0] != "series" || head[1] != "time" || head[2] != "mean" {
		return nil, &ito.InputError{Where: name + ":1", What: "its columns are " + strings.Join(head, ","),
			Do: "give rows series,time,mean,q0.05,…"}
	}
	var levels []float64
	for _, h := range head[3:] {
		q, err := strconv.ParseFloat(strings.TrimPrefix(h, "q"), 64)
		if err != nil || !strings.HasPrefix(h, "q") {
			return nil, bad("column %q is no quantile", h)
		}
		levels = append(levels, q)
	}
	if err := forecast.CheckLevels(levels); err != nil {
		return nil, bad("quantiles %v", levels)
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return levels, nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return nil, &ito.InputError{Where: fmt.Sprintf("%s:%d", name, wrong.Line), What: wrong.Err.Error(),
				Do: "give rows series,time,mean,q0.05,…"}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		at, err := time.Parse(time.RFC3339, cells[1])
		if err != nil {
			return nil, bad("%q is no time", cells[1])
		}
		var row []float64
		for _, text := range cells[2:] {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return nil, bad("%q is no number", text)
			}
			row = append(row, v)
		}
		line, _ := r.FieldPos(0)
		if err := take(line, cells[0], at, row); err != nil {
			return nil, bad("%v", err)
		}
	}
}
