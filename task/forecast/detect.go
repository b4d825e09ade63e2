package forecast

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
)

// DetectConfig sets what is taken for an anomaly.
type DetectConfig struct {
	Model   string  `arg:"" where:"local" help:"A model that ito forecast train wrote, the word of a baseline, seasonal-errors, or zscore or seasonal-esd, which forecast nothing"`
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

// DetectReport describes what was found.
type DetectReport struct {
	Series    int       `json:"series"`
	Steps     int       `json:"steps"`   // values that were looked at
	Outside   int       `json:"outside"` // the interval; (1−level) of the steps are to be expected
	Anomalies []Anomaly `json:"anomalies"`
}

// Detect forecasts the last steps of series from origins a horizon apart, each from what came before, and reports
// where values leave the predictive interval: Enter steps one after the other begin an anomaly, and it ends before
// Leave steps inside the narrower interval of twice the misses. Missing values are neither. Values of an anomaly stay
// in what later forecasts are made from. See package anomaly for the words that forecast nothing.
func Detect(ctx context.Context, c DetectConfig, env task.Env) (*DetectReport, error) {
	if err := spec.Check(&c); err != nil {
		return nil, err
	}
	if err := task.Apart(c.Out, &c); err != nil {
		return nil, err
	}
	if format, err := formatOf(c.Out); err != nil {
		return nil, err
	} else if format != "csv" {
		return nil, &ito.InputError{Where: "`out` " + c.Out, What: "anomalies are written as CSV", Do: "end it in .csv"}
	}
	in, err := c.open(c.Data, 0, &env)
	if err != nil {
		return nil, err
	}
	tell(in, &env)
	if err := withValues(in.Set, &env); err != nil {
		return nil, err
	}
	workers, done := pool(&env, c.Workers)
	defer done()
	r := &DetectReport{Series: len(in.Set.Series)}
	look, err := newDetector(ctx, &c, in.Set, workers)
	if err != nil {
		return nil, err
	}
	for i, s := range in.Set.Series {
		w, err := look(ctx, s)
		if err != nil {
			return nil, err
		}
		r.Steps, r.Outside = r.Steps+w.Steps, r.Outside+w.Outside
		for _, f := range w.Found {
			r.Anomalies = append(r.Anomalies, Anomaly{Series: s.ID, Start: s.Time(f.First), End: s.Time(f.Last),
				Steps: f.Last - f.First + 1, Excess: f.Excess})
		}
		env.Count("detect", int64(i+1), int64(len(in.Set.Series)))
	}
	if r.Steps == 0 {
		return nil, &ito.InputError{Where: in.Set.Name, What: "no value could be looked at: two seasons must come " +
			"before it", Do: "give longer series"}
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
