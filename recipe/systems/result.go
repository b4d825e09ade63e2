package systems

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
)

// Result is what a recipe found: figures for each seed, with floor, trivial baseline and controls, checks
// against the recipe's targets, and a last sentence.
type Result struct {
	Name     string   `json:"name"`
	Summary  string   `json:"summary"`
	Seeds    []uint64 `json:"seeds"`
	Budget   string   `json:"budget"`
	Columns  []string `json:"columns"`
	Rows     []Figure `json:"rows"`
	Floor    *Level   `json:"floor,omitempty"`    // of the first columns: true against true
	Baseline *Level   `json:"baseline,omitempty"` // what knowing nothing but moments gives
	Checks   []Check  `json:"checks"`
	Notes    []string `json:"notes,omitempty"`
	Verdict  string   `json:"verdict"`
	Seconds  float64  `json:"seconds"`
}

// Figure is one row of the table: mean and standard deviation over the seeds of each column. A row that has no
// figure for the last columns is shorter.
type Figure struct {
	Name    string      `json:"name"`
	Control bool        `json:"control,omitempty"`
	Mean    []float64   `json:"mean"`
	SD      []float64   `json:"sd"`     // n−1; 0 for one seed
	Values  [][]float64 `json:"values"` // [seed][column]
}

// Level is a number to hold the figures against.
type Level struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	SD    float64 `json:"sd"`

	values []float64 // by seed
}

// add takes the figure of one more seed into mean and deviation.
func (l *Level) add(v float64) {
	l.values = append(l.values, v)
	l.Value, l.SD = spread(l.values)
}

// Check is a target and what was measured.
type Check struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Limit float64 `json:"limit"` // not to be exceeded, or with AtLeast to be reached
	Least bool    `json:"at_least,omitempty"`
	OK    bool    `json:"ok"`
}

// row is the figure of a name, made when it is first asked for.
func (r *Result) row(name string) *Figure {
	for i := range r.Rows {
		if r.Rows[i].Name == name {
			return &r.Rows[i]
		}
	}
	r.Rows = append(r.Rows, Figure{Name: name})
	return &r.Rows[len(r.Rows)-1]
}

// add appends the values of one seed.
func (r *Result) add(name string, control bool, values ...float64) {
	f := r.row(name)
	f.Control, f.Values = control, append(f.Values, values)
}

// addLevels takes the floor and the baseline of W2 of one seed.
func (r *Result) addLevels(ctx context.Context, truth ito.States, pr protocol, seed uint64) error {
	floor, err := metric.W2Halves(ctx, truth, pr.draws, pr.rows, seed)
	if err != nil {
		return err
	}
	trivial, err := gaussianBaseline(ctx, truth, pr, seed)
	if err != nil {
		return err
	}
	if r.Floor == nil {
		r.Floor, r.Baseline = &Level{What: "floor of W2, true against true"},
			&Level{What: "baseline of W2, normal variates with the moments of the data"}
	}
	r.Floor.add(floor.Value)
	r.Baseline.add(trivial)
	return nil
}

// column is the values of a row in a named column, by seed.
func (r *Result) column(row, column string) []float64 {
	at := slices.Index(r.Columns, column)
	var out []float64
	for _, v := range r.row(row).Values {
		out = append(out, v[at])
	}
	return out
}

// atMost and atLeast add checks.
func (r *Result) atMost(limit, value float64, format string, args ...any) {
	r.Checks = append(r.Checks, Check{What: fmt.Sprintf(format, args...), Value: value, Limit: limit,
		OK: value <= limit})
}

func (r *Result) atLeast(limit, value float64, format string, args ...any) {
	r.Checks = append(r.Checks, Check{What: fmt.Sprintf(format, args...), Value: value, Limit: limit, Least: true,
		OK: value >= limit})
}

// finish fills means, deviations and the verdict.
func (r *Result) finish() {
	for i := range r.Rows {
		f := &r.Rows[i]
		for k := range len(f.Values[0]) {
			var v []float64
			for _, values := range f.Values {
				v = append(v, values[k])
			}
			m, sd := spread(v)
			f.Mean, f.SD = append(f.Mean, m), append(f.SD, sd)
		}
	}
	r.Verdict = r.verdict()
}

// verdict says which checks were met and what the best control has to say. It is a function of the numbers.
func (r *Result) verdict() string {
	var missed []string
	for _, c := range r.Checks {
		if !c.OK {
			missed = append(missed, fmt.Sprintf("%s is %.3g, not %s %.3g", c.What, c.Value,
				map[bool]string{false: "at most", true: "at least"}[c.Least], c.Limit))
		}
	}
	seeds := fmt.Sprintf("%d seeds", len(r.Seeds))
	if len(r.Seeds) == 1 {
		seeds = "one seed"
	}
	targets := fmt.Sprintf("all of its %d targets", len(r.Checks))
	if len(r.Checks) == 1 {
		targets = "its one target"
	}
	switch {
	case len(r.Checks) == 0:
		return fmt.Sprintf("%s has no target: the table is the result, of %s.", r.Name, seeds)
	case len(missed) == 0:
		return fmt.Sprintf("%s reaches %s with %s%s.", r.Name, targets, seeds, r.control())
	}
	return fmt.Sprintf("%s misses %d of %d targets with %s: %s%s.", r.Name, len(missed), len(r.Checks), seeds,
		strings.Join(missed, "; "), r.control())
}

// control tells where the best control beats the best rival, in the last column that is a distance.
func (r *Result) control() string {
	at := slices.Index(r.Columns, "H50")
	var best, control *Figure
	for i := range r.Rows {
		f := &r.Rows[i]
		if at < 0 || at >= len(f.Mean) {
			continue
		}
		to := &best
		if f.Control {
			to = &control
		}
		if *to == nil || f.Mean[at] < (*to).Mean[at] {
			*to = f
		}
	}
	if best == nil || control == nil || control.Mean[at] >= best.Mean[at] {
		return ""
	}
	return fmt.Sprintf(", but the control %s does better at H50, W2 %.2f against %.2f of %s", control.Name,
		control.Mean[at], best.Mean[at], best.Name)
}

// Write writes the result as text for people.
func (r *Result) Write(w io.Writer) error {
	fmt.Fprintf(w, "%s: %s\n%s; seeds %v; %.0f s\n\n", r.Name, r.Summary, r.Budget, r.Seeds, r.Seconds)
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\t%s\t\n", strings.Join(r.Columns, "\t"))
	for _, f := range r.Rows {
		name := f.Name
		if f.Control {
			name = "control: " + name
		}
		fmt.Fprintf(t, "%s\t", name)
		for k, m := range f.Mean {
			if len(r.Seeds) > 1 {
				fmt.Fprintf(t, "%.3g ± %.2g\t", m, f.SD[k])
			} else {
				fmt.Fprintf(t, "%.3g\t", m)
			}
		}
		fmt.Fprintln(t, strings.Repeat("–\t", len(r.Columns)-len(f.Mean)))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, l := range []*Level{r.Floor, r.Baseline} {
		if l != nil {
			fmt.Fprintf(w, "%s: %.3g ± %.2g\n", l.What, l.Value, l.SD)
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	for _, c := range r.Checks {
		mark, than := "ok    ", "≤"
		if !c.OK {
			mark = "MISSED"
		}
		if c.Least {
			than = "≥"
		}
		fmt.Fprintf(w, "%s  %s: %.4g (%s %.4g)\n", mark, c.What, c.Value, than, c.Limit)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Verdict)
	return err
}

// spread is the mean and the standard deviation (n−1) of v.
func spread(v []float64) (mean, sd float64) {
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v)) // after the sum: equal values have no deviation
	if len(v) < 2 {
		return mean, 0
	}
	for _, x := range v {
		sd += (x - mean) * (x - mean) / float64(len(v)-1)
	}
	return mean, math.Sqrt(sd)
}

// median is the middle of v, or the mean of the two in the middle.
func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}
