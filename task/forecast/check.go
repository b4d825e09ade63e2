package forecast

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/read"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
)

// CheckConfig sets what is looked at.
type CheckConfig struct {
	Data    string `arg:"" where:"local" help:"Series: CSV, Parquet or lines of JSON, Prometheus' answer to query_range, or -"`
	Horizon int    `min:"0" max:"100000" default:"0" placeholder:"H" help:"Steps that will be forecast: says which series are too short"`
	Reading
}

// CheckReport describes what a file holds.
type CheckReport struct {
	Data     string         `json:"data"`
	Format   string         `json:"format"`
	Freq     forecast.Freq  `json:"freq"`
	Inferred bool           `json:"inferred"` // the frequency was not given
	Zone     string         `json:"zone"`
	Seasons  []int          `json:"seasons"` // natural ones, in steps
	Series   int            `json:"series"`
	Steps    int            `json:"steps"` // of all series
	Shortest int            `json:"shortest"`
	Longest  int            `json:"longest"`
	First    time.Time      `json:"first"`
	Last     time.Time      `json:"last"`
	Known    []string       `json:"known,omitempty"`
	Past     []string       `json:"past,omitempty"`
	Whole    bool           `json:"whole"`   // all values are whole numbers
	Low      *float64       `json:"low"`     // least value
	High     *float64       `json:"high"`    // largest
	Missing  float64        `json:"missing"` // part of the values
	Findings []read.Finding `json:"findings"`
	Verdict  string         `json:"verdict" says:"settings"`
}

// Check reads series and describes what is in them and what will be done about it.
func Check(_ context.Context, c CheckConfig, env task.Env) (*CheckReport, error) {
	if err := spec.Check(&c); err != nil {
		return nil, err
	}
	in, err := c.open(c.Data, c.Horizon, &env)
	if err != nil {
		return nil, err
	}
	d := in.Set
	r := &CheckReport{Data: d.Name, Format: in.Format, Freq: d.Freq, Inferred: in.Inferred, Series: len(d.Series),
		Seasons: d.Freq.Seasons(), Findings: in.Findings, Whole: true, Shortest: math.MaxInt,
		Zone: d.Series[0].Start.Location().String()}
	r.Known, r.Past = d.Names()
	short, missing, seasonless := 0, 0, 0
	low, high := math.Inf(1), math.Inf(-1)
	for i, s := range d.Series {
		n := s.Len()
		r.Steps, r.Shortest, r.Longest = r.Steps+n, min(r.Shortest, n), max(r.Longest, n)
		if first := s.Start; i == 0 || first.Before(r.First) {
			r.First = first
		}
		if last := s.Time(n - 1); i == 0 || last.After(r.Last) {
			r.Last = last
		}
		for _, v := range s.Values {
			if math.IsNaN(v) {
				missing++
				continue
			}
			low, high = min(low, v), max(high, v)
			r.Whole = r.Whole && v == math.Trunc(v)
		}
		if c.Horizon > 0 && n < 2*d.Freq.Season()+c.Horizon {
			short++
		}
		if n < 2*d.Freq.Season() {
			seasonless++
		}
	}
	r.Low, r.High, r.Missing = finite(low), finite(high), float64(missing)/float64(max(r.Steps, 1))
	if short > 0 {
		r.Findings = append(r.Findings, read.Finding{What: "short", Count: short, Text: fmt.Sprintf(
			"%d series shorter than two seasons and the horizon: a backtest leaves them out", short)})
	}
	switch {
	case r.Steps == missing:
		r.Verdict = "there is no value to learn from"
	case seasonless == len(d.Series):
		r.Verdict = "no series is two seasons long: forecasts can only go on from the last values"
	case r.Missing > .5:
		r.Verdict = "more than half of the values are missing: look at the times and at `freq` first"
	default:
		r.Verdict = "ready for a backtest: what is missing is masked, and no score counts it"
	}
	return r, nil
}
