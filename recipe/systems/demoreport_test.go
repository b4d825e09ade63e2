package systems

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/recipe"
)

// rows makes a report of rows with the given W2 at E6 and H50 and a spread of .1 over the draws.
func rows(w map[string][2]float64) *DemoReport {
	r := &DemoReport{Columns: []string{"E6", "H50"}, Floor: 1}
	for _, d := range demoTable {
		if v, ok := w[d.name]; ok {
			r.Rows = append(r.Rows, DemoRow{Name: d.name, Control: d.control, W2: v[:], W2SD: []float64{.1, .1}})
		}
	}
	return r
}

func TestVerdict(t *testing.T) {
	for name, c := range map[string]struct {
		w    map[string][2]float64
		want string
	}{
		"ito loses to VP": {map[string][2]float64{"VP-20": {4, 1.5}, "VSDM constant": {6, 3}, "VSDM logistic": {3, 2.5},
			"VP-10 standardised": {3, 2}},
			"On raw columns at H50 VSDM logistic loses to VP-20, W2 2.50 against 1.50, and at E6 VSDM logistic has " +
				"3.00 against 4.00 of VP-20; so VP-20 wins over all (floor 1.00)."},
		"ito loses to a control": {map[string][2]float64{"VP-20": {9, 3}, "VSDM constant": {7, 2},
			"VP-10 standardised": {1, 1.2}},
			"On raw columns at H50 VSDM constant beats VP-20, W2 2.00 against 3.00, and at E6 VSDM constant has 7.00 " +
				"against 9.00 of VP-20; but the control VP-10 standardised wins over all with 1.20: prefer it (floor " +
				"1.00)."},
		"ito wins": {map[string][2]float64{"VP-10": {12, 12}, "VP-20": {9, 3}, "VSDM constant": {7, 1.2},
			"VP-10 standardised": {2, 2}},
			"On raw columns at H50 VSDM constant beats VP-20, W2 1.20 against 3.00, and at E6 VSDM constant has 7.00 " +
				"against 9.00 of VP-20; no control does better at H50, so VSDM constant wins (floor 1.00)."},
		"level": {map[string][2]float64{"VP-20": {9, 1.25}, "VSDM constant": {7, 1.2}, "VP-10 standardised": {2, 1.15}},
			"On raw columns at H50 VSDM constant and VP-20 are level, W2 1.20 and 1.25, and at E6 VSDM constant has " +
				"7.00 against 9.00 of VP-20; VP-10 standardised is level with it at 1.15, so nobody wins (floor 1.00)."},
		"level with VP, which is ahead": {map[string][2]float64{"VP-20 stock": {9, 1.15}, "VSDM constant": {7, 1.2},
			"VP-10 standardised": {2, 1.5}},
			"On raw columns at H50 VSDM constant and VP-20 stock are level, W2 1.20 and 1.15, and at E6 VSDM constant has " +
				"7.00 against 9.00 of VP-20 stock; no control does better at H50, so nobody wins (floor 1.00)."},
		"nothing": {nil, "The report has no rows to compare."},
	} {
		if got := rows(c.w).verdict(); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// The whole demo with little training: every row, finite numbers, a table, the same report on more workers.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("trains six networks")
	}
	d := Demo{Seed: 3, Steps: 8, protocol: protocol{200, 2, 100}}
	names := map[string]bool{}
	r, err := d.Run(context.Background(), recipe.RunOptions{Workers: 1, Version: "test",
		Progress: func(e learn.TrainEvent) { names[e.Name] = true }})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Report.Rows) != len(demoTable) || len(r.Samples) != len(demoTable) || len(names) != len(contenders) {
		t.Fatalf("%d rows, %d samples, %d names", len(r.Report.Rows), len(r.Samples), len(names))
	}
	for i, row := range r.Report.Rows {
		if len(row.W2) != len(budgets) || r.Samples[i].FirstNonFinite() >= 0 || row.Smooth[0] <= 0 || row.W2[0] <= 0 {
			t.Errorf("%s: %+v", row.Name, row)
		}
		if (strings.HasPrefix(row.Name, "VSDM")) != (len(row.Modes) == 2) {
			t.Errorf("%s: modes %v", row.Name, row.Modes)
		}
	}
	if len(r.VP.Times) != 101 || r.VSDM.N != demoPaths {
		t.Errorf("trajectories of %d times and %d paths", len(r.VP.Times), r.VSDM.N)
	}
	again, err := d.Run(context.Background(), recipe.RunOptions{Workers: 3, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	r.Report.Seconds, again.Report.Seconds = 0, 0
	if !reflect.DeepEqual(r.Report, again.Report) {
		t.Errorf("on three workers the report is another")
	}
	var b bytes.Buffer
	if err := r.Report.Write(&b); err != nil || !strings.HasSuffix(b.String(), r.Report.Verdict+"\n") ||
		!strings.Contains(b.String(), "control: VP-10 + moment prior") {
		t.Errorf("%v\n%s", err, b.String())
	}
	if _, err := json.Marshal(r.Report); err != nil {
		t.Error(err)
	}
}

// A cut configuration still has its stages, and says what was cut.
func TestDemoBudget(t *testing.T) {
	for _, steps := range []int{1, 2, 30, 500, 5000, 30000} {
		c, err := Demo{Seed: 1}.train(steps).Resolve(2)
		if err != nil {
			t.Errorf("%d steps: %v", steps, err)
		}
		if c.Steps != steps || c.Stages*c.StageSteps >= steps && c.Stages > 0 || steps >= 5000 &&
			2*c.Stages*c.StageSteps > steps {
			t.Errorf("%d steps: %d stages of %d", steps, c.Stages, c.StageSteps)
		}
	}
}

func TestResult(t *testing.T) {
	r := &Result{Name: "toy", Seeds: []uint64{1, 2}, Columns: []string{"H50", "sd"}}
	for i := range 2 {
		r.add("ours", false, 2+float64(i), 5)
		r.add("theirs", true, 1, 5)
	}
	r.atMost(2, 2.5, "W2")
	r.atLeast(4, 5, "sd")
	r.finish()
	if f := r.row("ours"); f.Mean[0] != 2.5 || math.Abs(f.SD[0]-math.Sqrt(.5)) > 1e-12 || f.SD[1] != 0 {
		t.Errorf("%+v", f)
	}
	want := "toy misses 1 of 2 targets with 2 seeds: W2 is 2.5, not at most 2, but the control theirs does better at " +
		"H50, W2 1.00 against 2.50 of ours."
	if r.Verdict != want {
		t.Errorf("%s\nwant\n%s", r.Verdict, want)
	}
	r.Checks = r.Checks[1:]
	if got := r.verdict(); got != "toy reaches its one target with 2 seeds, but the control theirs does better at "+
		"H50, W2 1.00 against 2.50 of ours." {
		t.Error(got)
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil || !strings.Contains(b.String(), "control: theirs") ||
		!strings.Contains(b.String(), "ok ") {
		t.Errorf("%v\n%s", err, b.String())
	}
	if median([]float64{3, 1, 2}) != 2 || median([]float64{4, 1}) != 2.5 {
		t.Error("median")
	}
}
