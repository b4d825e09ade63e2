package forecast

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
)

// DetectConfig says what is taken for an anomaly.
type DetectConfig struct {
	Model   string  `arg:"" where:"local" help:"A model that ito forecast train wrote, or the word of a baseline: seasonal-errors"`
	Data    string  `arg:"" where:"local" help:"Series"`
	Horizon int     `min:"0" max:"100000" default:"0" placeholder:"H" help:"Steps of each forecast; 0: those that the model was trained for, and a season of a baseline"`
	Last    int     `min:"1" max:"10000000" default:"168" placeholder:"N" help:"Steps at the end of each series that are looked at"`
	Level   float64 `above:"0" below:"1" default:"0.99" help:"Part of the values that the interval is to hold"`
	Enter   int     `min:"1" max:"1000" default:"2" help:"Steps outside the interval, one after the other, that begin an anomaly"`
	Leave   int     `min:"1" max:"1000" default:"3" help:"Steps inside the interval of half the misses that end it"`
	Out     string  `where:"local" default:"-" placeholder:"FILE" help:"A CSV file of anomalies, or - for standard output"`
	Seed    uint64  `default:"1" help:"Seed of the model"`
	Workers int     `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`
	Reading
}

// Anomaly is an interval in which values were not as forecast. Excess is the largest distance from the interval over
// its width.
type Anomaly struct {
	Series     string
	Start, End time.Time // of its first and last step outside
	Steps      int
	Excess     float64
}

// DetectReport says what was found.
type DetectReport struct {
	Series    int       `json:"series"`
	Steps     int       `json:"steps"`   // values that were looked at
	Outside   int       `json:"outside"` // the interval; (1−level) of the steps are to be expected
	Anomalies []Anomaly `json:"anomalies"`
}

// Detect forecasts the last steps of series from origins a horizon apart, each from what came before, and reports
// where values leave the predictive interval: Enter steps one after the other begin an anomaly, and it ends before
// Leave steps inside the narrower interval of twice the misses. Missing values are neither. Values of an anomaly stay
// in what later forecasts are made from.
func Detect(ctx context.Context, c DetectConfig, env task.Env) (*DetectReport, error) {
	if err := spec.Check(&c); err != nil {
		return nil, err
	}
	if format, err := formatOf(c.Out); err != nil {
		return nil, err
	} else if format != "csv" {
		return nil, &ito.InputError{Where: "`out` " + c.Out, What: "anomalies are written as CSV", Do: "end it in .csv"}
	}
	horizon := c.Horizon
	p := PredictConfig{Model: c.Model, Horizon: max(horizon, 1)}
	m, err := p.load(ctx)
	if err != nil {
		return nil, err
	}
	in, err := c.open(c.Data, 0, &env)
	if err != nil {
		return nil, err
	}
	tell(in, &env)
	if err := m.fits(in.Set); err != nil {
		return nil, err
	}
	if err := withValues(in.Set, &env); err != nil {
		return nil, err
	}
	if horizon == 0 {
		if horizon = in.Set.Freq.Season(); m.file {
			horizon = m.header.Horizon
		}
	}
	workers, done := pool(&env, c.Workers)
	defer done()
	miss := (1 - c.Level) / 2
	req := forecast.Request{Levels: []float64{miss, 2 * miss, 1 - 2*miss, 1 - miss}, Seed: c.Seed, Pool: workers}
	if 2*miss >= .5 {
		return nil, &ito.InputError{Where: "`level`", What: fmt.Sprintf("%g holds no more than half of the values",
			c.Level), Do: "give more than .5"}
	}
	r := &DetectReport{Series: len(in.Set.Series)}
	for i, s := range in.Set.Series {
		var ws []forecast.Window
		for at := max(s.Len()-c.Last, 2*in.Set.Freq.Season(), leastContext); at < s.Len(); at += horizon {
			if w := forecast.NewWindow(s, at, min(horizon, s.Len()-at)); w.Observed() > 0 {
				ws = append(ws, w)
			}
		}
		fs, err := safely(ctx, m.fitted, ws, req)
		if err != nil {
			return nil, err
		}
		w := watch{c: &c, s: s, r: r}
		for k := range fs {
			for h := range fs[k].Mean {
				w.step(ws[k].Origin()+h, &fs[k], h)
			}
		}
		w.end()
		env.Count("detect", int64(i+1), int64(len(in.Set.Series)))
	}
	return r, into(c.Out, &env, func(out io.Writer) error {
		if _, err := io.WriteString(out, "series,start,end,steps,excess\n"); err != nil {
			return err
		}
		for _, a := range r.Anomalies {
			if _, err := fmt.Fprintf(out, "%s,%s,%s,%d,%s\n", cell(a.Series), a.Start.Format(time.RFC3339),
				a.End.Format(time.RFC3339), a.Steps, strconv.FormatFloat(a.Excess, 'g', 4, 64)); err != nil {
				return err
			}
		}
		return nil
	})
}

// watch follows one series.
type watch struct {
	c           *DetectConfig
	s           *forecast.Series
	r           *DetectReport
	open        bool
	first, last int // steps outside
	run, calm   int
	excess      float64
}

func (w *watch) step(t int, f *forecast.Forecast, h int) {
	y := w.s.Values[t]
	if math.IsNaN(y) {
		return
	}
	w.r.Steps++
	low, high := f.Quantile(0)[h], f.Quantile(3)[h]
	if y < low || y > high {
		w.r.Outside++
		if w.run == 0 && !w.open {
			w.first, w.excess = t, 0
		}
		w.run, w.calm, w.last = w.run+1, 0, t
		if width := high - low; width > 0 {
			w.excess = max(w.excess, max(low-y, y-high)/width)
		}
		w.open = w.open || w.run >= w.c.Enter
		return
	}
	w.run = 0
	if w.open && f.Quantile(1)[h] <= y && y <= f.Quantile(2)[h] {
		if w.calm++; w.calm >= w.c.Leave {
			w.end()
		}
	}
}

// end closes an anomaly that is open.
func (w *watch) end() {
	if w.open {
		w.r.Anomalies = append(w.r.Anomalies, Anomaly{Series: w.s.ID, Start: w.s.Time(w.first), End: w.s.Time(w.last),
			Steps: w.last - w.first + 1, Excess: w.excess})
	}
	w.open, w.run, w.calm = false, 0, 0
}
