package systems

import (
	"context"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/recipe"
)

// A report in which VSMD loses to one CLD from one start says so of both VSMD, and only that: the better CLD is the
// rival.
func TestMomentumChecks(t *testing.T) {
	r := &Result{Name: "vsmd-spiral", Columns: toyColumns(), Seeds: []uint64{1}}
	row := func(w float64) []float64 {
		v := make([]float64, len(r.Columns))
		for i := range v {
			v[i] = w
		}
		return v
	}
	for _, t := range momentumSpiral.rows {
		w := 2.0
		if t.name == "CLD, VSMD's clock + moment prior" {
			w = 1.9
		}
		r.add(t.name, t.control, row(w)...)
	}
	r.row("VSDM constant").Values[0] = row(3)
	checkMomentum(r)
	r.finish()
	missed := 0
	for _, c := range r.Checks {
		if !c.OK {
			missed++
		}
	}
	if len(r.Checks) != 18 || missed != 6 || !strings.Contains(r.Verdict, "misses 6 of 18") ||
		!strings.Contains(r.Verdict,
			"VSMD + moment prior over that of CLD, VSMD's clock + moment prior at H50 is 1.05") {
		t.Errorf("%d checks, %d missed: %s", len(r.Checks), missed, r.Verdict)
	}
}

func TestMomentumRecipeRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("trains seven networks")
	}
	r, err := must(Find("vsmd-spiral")).Run(context.Background(), RunConfig{Seeds: []uint64{1}, Steps: 4,
		protocol: protocol{200, 2, 100}}, recipe.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 15 || len(r.Checks) != 18 || r.Verdict == "" {
		t.Errorf("%+v", r)
	}
}
