package systems

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
)

// gapResult is a result with the given gap and price at every weight.
func gapResult(gap, price []float64) *Result {
	r := &Result{Name: "fp-gap", Seeds: []uint64{1}, Columns: []string{"gap", "SDE–data"}}
	for i, w := range gapWeights {
		r.add(gapRow(w), false, gap[i], price[i])
	}
	r.checkGap()
	r.finish()
	return r
}

// The checks and the notes follow the numbers, whichever way they came out.
func TestGapVerdict(t *testing.T) {
	won := gapResult([]float64{.4, .3, .2, .1}, []float64{1, 1.1, .9, 1})
	if !strings.Contains(won.Verdict, "reaches all of its 3 targets") || !strings.Contains(won.Notes[0],
		"25 % smaller than weight 0, 0.3 against 0.4, at the price of 0.1 in") ||
		!strings.Contains(won.Notes[1], "50 % smaller") || !strings.Contains(won.Notes[1], "and is 0.1 better") ||
		!strings.Contains(won.Notes[2], "for nothing") {
		t.Errorf("%s\n%s", won.Verdict, strings.Join(won.Notes, "\n"))
	}
	lost := gapResult([]float64{.2, .3, .2, .4}, []float64{1, 1, 1, 1})
	if !strings.Contains(lost.Verdict, "misses 2 of 3 targets") || !strings.Contains(lost.Notes[0], "50 % larger") {
		t.Errorf("%s\n%s", lost.Verdict, strings.Join(lost.Notes, "\n"))
	}
}

// The exact spiral in the states of a model has the moments of the standardised rows.
func TestCurveMixture(t *testing.T) {
	rows := must(data.Builtin(gapData, demoRows, 1))
	tr := must(data.FitTransform("standardise", rows))
	got := curveMixture(tr).Moments()
	want := must(metric.Moments(must(data.Apply(tr, rows))))
	for i := range 2 {
		if math.Abs(got.Mean[i]) > 4/math.Sqrt(demoRows) || math.Abs(got.Cov[3*i]-1) > 8/math.Sqrt(2*demoRows) {
			t.Errorf("axis %d: mean %g, variance %g, of rows %g and %g", i, got.Mean[i], got.Cov[3*i], want.Mean[i],
				want.Cov[3*i])
		}
	}
}

// Both recipes run from end to end with hardly any training.
func TestGapAndCrossingRun(t *testing.T) {
	if testing.Short() {
		t.Skip("fifteen networks")
	}
	for name, rows := range map[string]int{"fp-gap": len(gapWeights) + 2, "interpolant-spiral": len(fromNoise) +
		len(fromRows) + 1} {
		r, err := must(Find(name)).Run(context.Background(), RunConfig{Seeds: []uint64{1}, Steps: 4,
			protocol: protocol{100, 2, 50}}, recipe.RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Rows) != rows || r.Floor == nil || r.Verdict == "" {
			t.Errorf("%s: %d rows, want %d; %s", name, len(r.Rows), rows, r.Verdict)
		}
		for _, row := range r.Rows {
			for k, v := range row.Mean {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s, %s, %s: %g", name, row.Name, r.Columns[k], v)
				}
			}
		}
	}
}

// The note names the best of a list and its first, and leaves out rows without a figure.
func TestBesides(t *testing.T) {
	r := &Result{Columns: []string{"H20", "SDE"}}
	list := []contender{{name: "flow"}, {name: "a"}, {name: "b"}}
	r.add("flow", false, .3)
	r.add("a", false, .4, .2)
	r.add("b", false, .2, .5)
	if got, want := r.besides(list), "best at H20 b 0.2 (flow 0.3); SDE a 0.2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
