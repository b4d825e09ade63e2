package systems

import (
	"context"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/recipe"
)

// Cells have every method on every operator, those that are posteriors are checked, and a small one is what a trial is.
func TestCellsOfPosteriors(t *testing.T) {
	for _, prior := range []string{"gaussian", "mixture"} {
		cells, err := cellsOf(prior, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, c := range cells {
			if seen[c.row] {
				t.Errorf("%s is there twice", c.row)
			}
			seen[c.row] = true
			if c.exact != strings.HasSuffix(c.row, "(posterior)") {
				t.Errorf("%s, exact %v", c.row, c.exact)
			}
		}
		for _, row := range []string{"d=2 mask mcg (posterior)", "d=800 fourier gibbs (posterior)",
			"d=20 blur reddiff (point estimate)", "d=800 random ddrm (approximate)"} {
			if !seen[row] {
				t.Errorf("%s has no cell %s", prior, row)
			}
		}
		if seen["d=20 mask moments (posterior)"] != (prior == "gaussian") {
			t.Errorf("%s: moments is exact for Gaussian data alone", prior)
		}
	}
	cfg := RunConfig{Seeds: []uint64{1}, Steps: 3}
	if _, err := inverseMixture.Run(context.Background(), cfg, recipe.RunOptions{}); err == nil {
		t.Error("steps of a recipe that trains nothing")
	}
	cells, err := cellsOf("gaussian", 1, 4)
	if err != nil {
		t.Fatal(err)
	}
	r := &Result{Columns: []string{"W2/floor", "in 50 %", "in 90 %", "RMSE/exact", "calls", "ms a draw"}}
	c := &cells[4] // moments in two dimensions
	if err := c.measure(context.Background(), recipe.RunOptions{}); err != nil || c.failed {
		t.Fatal(err)
	}
	r.add(c.row, false, c.found.Ratio(), 50, 90, 1, 1, c.ms)
	r.posterior(*c)
	if len(r.Checks) != 3 || !r.Checks[0].OK {
		t.Errorf("%s: %+v", c.row, r.Checks)
	}
}
