package forecast

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/anomaly"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/task"
)

// DetectBenchConfig sets what detectors are measured on.
type DetectBenchConfig struct {
	Data    string    `arg:"" where:"local" help:"Series without faults, as far as is known"`
	Models  []string  `default:"seasonal-errors" where:"local" placeholder:"WORD|FILE,…" help:"Detectors, besides zscore and seasonal-esd, which are always there"`
	Sizes   []float64 `default:"3,6,12" placeholder:"X,…" help:"Sizes of the faults, in spreads of the change from one season to the next over √2"`
	Kinds   []string  `default:"drop,surge,ramp,stuck,noise" placeholder:"KIND,…" help:"Kinds of faults: drop, surge, ramp, stuck, noise"`
	Repeats int       `min:"1" max:"1000" default:"3" help:"Faults a series gets, one at a time"`
	Last    int       `min:"1" max:"10000000" default:"168" placeholder:"N" help:"Steps at the end of each series that are looked at"`
	Length  int       `min:"0" max:"100000" default:"0" placeholder:"N" help:"Steps of a fault; 0: half a season"`
	Level   float64   `above:"0" below:"1" default:"0.99" help:"Part of the values that the interval is to hold"`
	Enter   int       `min:"1" max:"1000" default:"2" help:"Steps outside the interval, one after the other, that begin an anomaly"`
	Leave   int       `min:"1" max:"1000" default:"3" help:"Steps inside the interval of half the misses that end it"`
	Seed    uint64    `default:"1" help:"Seed of the faults and of the models"`
	Workers int       `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`
	Reading
}

// DetectBenchReport is the table.
type DetectBenchReport struct {
	Data   string       `json:"data"`
	Series int          `json:"series"`
	Length int          `json:"fault_steps"`
	Lines  []DetectLine `json:"lines"`
}

// DetectLine is a detector on faults of one size. Numbers that nothing was counted for are nil.
type DetectLine struct {
	Model       string              `json:"model"`
	Size        float64             `json:"size"`
	Faults      int                 `json:"faults"`
	Recall      *float64            `json:"recall"`
	RecallOf    map[string]*float64 `json:"recall_of"` // by kind
	Precision   *float64            `json:"precision"`
	Delay       *float64            `json:"mean_delay_steps"`
	FalseAlarms *float64            `json:"false_alarms_per_1000_steps"` // on the series as they are
}

// DetectBench puts faults into the last steps of series, one at a time, and counts what detectors find: recall, the
// part of the faults with an alarm before they ended; precision, the part of the alarms that are over a fault, or
// within a season behind it, where methods that repeat the past see it again; the mean delay of the alarm; and false
// alarms on the series as they are. A series without a spread, or too short, is left out.
func DetectBench(ctx context.Context, c DetectBenchConfig, env task.Env) (*DetectBenchReport, error) {
	if err := spec.Check(&c); err != nil {
		return nil, err
	}
	kinds, err := c.kinds()
	if err != nil {
		return nil, err
	}
	in, err := c.open(c.Data, 0, &env)
	if err != nil {
		return nil, err
	}
	tell(in, &env)
	d, season := in.Set, in.Set.Freq.Season()
	length := c.Length
	if length == 0 {
		length = max(2, season/2)
	}
	r := &DetectBenchReport{Data: d.Name, Length: length}
	spread := map[*forecast.Series]float64{}
	var keep []*forecast.Series
	for _, s := range d.Series {
		from := s.Len() - c.Last
		if from < max(2*season, leastContext) || c.Last <= length {
			continue
		}
		if v := anomaly.Spread(s.Values, season, from); v > 0 {
			spread[s] = v
			keep = append(keep, s)
		}
	}
	if len(keep) == 0 {
		return nil, &ito.InputError{Where: d.Name, What: fmt.Sprintf("no series has %d steps before the last %d and a "+
			"spread, and room in these for a fault of %d", max(2*season, leastContext), c.Last, length),
			Do: "give longer series or a smaller `last`"}
	}
	if n := len(d.Series) - len(keep); n > 0 {
		env.Tell(fmt.Sprintf("%d of %d series are too short or constant, and left out", n, len(d.Series)))
	}
	d.Series, r.Series = keep, len(keep)
	workers, done := pool(&env, c.Workers)
	defer done()
	models := words(c.Models)
	for _, w := range []string{zScore, seasonalESD} {
		if !slices.Contains(models, w) {
			models = append(models, w)
		}
	}
	all := len(models) * len(keep) * (1 + len(c.Sizes)*c.Repeats)
	at := 0
	for _, word := range models {
		look, err := newDetector(ctx, &DetectConfig{Model: word, Last: c.Last, Level: c.Level, Enter: c.Enter,
			Leave: c.Leave, Seed: c.Seed}, d, workers)
		if err != nil {
			return nil, err
		}
		count := func() { at++; env.Count("detect", int64(at), int64(all)) }
		var clean anomaly.Tally
		for _, s := range keep {
			w, err := look(ctx, s)
			if err != nil {
				return nil, err
			}
			clean.Add(w.Found, nil, 0, 0, w.Steps)
			count()
		}
		for _, size := range c.Sizes {
			var sum anomaly.Tally
			by := map[anomaly.Kind]*anomaly.Tally{}
			for _, k := range kinds {
				by[k] = &anomaly.Tally{}
			}
			for i, s := range keep {
				for n := range c.Repeats {
					kind := kinds[(i+n)%len(kinds)]
					bad := *s
					bad.Values = slices.Clone(s.Values)
					f, err := anomaly.Put(bad.Values, kind, s.Len()-c.Last, length, size*spread[s],
						rng.NewKey(c.Seed, rng.PurposeTarget, 0, uint32(n)), forecast.Address(s.ID, s.Start))
					if err != nil {
						return nil, &ito.InputError{Where: "series " + s.ID, What: err.Error(),
							Do: "give a smaller size"}
					}
					w, err := look(ctx, &bad)
					if err != nil {
						return nil, err
					}
					for _, t := range []*anomaly.Tally{&sum, by[kind]} {
						t.Add(w.Found, &f, 0, season, w.Steps)
					}
					count()
				}
			}
			line := DetectLine{Model: word, Size: size, Faults: sum.Faults, Recall: finite(sum.Recall()),
				RecallOf: map[string]*float64{}, Precision: finite(sum.Precision()), Delay: finite(sum.MeanDelay()),
				FalseAlarms: finite(1000 * float64(clean.Alarms) / float64(clean.Steps))}
			for k, t := range by {
				line.RecallOf[string(k)] = finite(t.Recall())
			}
			r.Lines = append(r.Lines, line)
		}
	}
	return r, nil
}

// kinds are those that were asked for; an unknown one, or sizes that are no sizes, are an *ito.InputError.
func (c *DetectBenchConfig) kinds() ([]anomaly.Kind, error) {
	var out []anomaly.Kind
	for _, k := range c.Kinds {
		if !slices.Contains(anomaly.Kinds(), anomaly.Kind(k)) {
			var known []string
			for _, k := range anomaly.Kinds() {
				known = append(known, string(k))
			}
			return nil, &ito.InputError{Where: "`kinds`", What: fmt.Sprintf("there is no fault %q", k),
				Do: suggest.Among(k, known)}
		}
		out = append(out, anomaly.Kind(k))
	}
	for _, s := range c.Sizes {
		if !(s > 0 && s < 1e100) {
			return nil, &ito.InputError{Where: "`sizes`", What: fmt.Sprintf("%g is no size of a fault", s),
				Do: "give positive numbers"}
		}
	}
	if len(out) == 0 || len(c.Sizes) == 0 {
		return nil, &ito.InputError{Where: "`sizes`", What: "there is nothing to put in", Do: "give a size and a kind"}
	}
	return out, nil
}
