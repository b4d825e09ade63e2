package systems

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
)

// The exact spiral has the moments of the built-in one, within four standard errors of its 20000 rows.
func TestSpiralMixture(t *testing.T) {
	got := spiralMixture().Moments()
	want := must(metric.Moments(must(scaled("spiral", spiralScale, 1))))
	for i := range 2 {
		sd := math.Sqrt(want.Cov[3*i])
		if e := math.Abs(got.Mean[i] - want.Mean[i]); e > 4*sd/math.Sqrt(demoRows) {
			t.Errorf("mean %d: %g, want %g", i, got.Mean[i], want.Mean[i])
		}
		if e := math.Abs(math.Sqrt(got.Cov[3*i])/sd - 1); e > 4/math.Sqrt(2*demoRows) {
			t.Errorf("sd %d: %g, want %g", i, math.Sqrt(got.Cov[3*i]), sd)
		}
	}
}

// The note names the least mean, not the least value of a seed.
func TestFastest(t *testing.T) {
	r := &Result{Columns: []string{"4 calls"}}
	for i, s := range fastSolvers {
		r.add(fastRow("p", s.solver, s.grid), false, float64(10+i))
		r.add(fastRow("p", s.solver, s.grid), false, float64(30-3*i))
	}
	want := "4 calls deis-3 on logsnr 13 (Euler or Heun 19)"
	if got := r.fastest("p"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, s := range fastSolvers {
		r.add(fastRow("q", s.solver, s.grid), false, 20)
	}
	want = "4 calls p: deis-3 on logsnr 13 (Euler or Heun 19)"
	if got := r.fastest("p", "q"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// The recipe runs from end to end with hardly any training.
func TestFastRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("192 cells")
	}
	r, err := fastRecipe.Run(context.Background(), RunConfig{Seeds: []uint64{1}, Steps: 4, protocol: protocol{100, 2,
		50}}, recipe.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(fastPaths) * len(fastSolvers); len(r.Rows) != want {
		t.Errorf("%d rows, want %d", len(r.Rows), want)
	}
	for _, row := range r.Rows {
		for k, w := range row.Mean {
			if len(row.Mean) != len(fastCalls) || !(w > 0) || math.IsInf(w, 0) {
				t.Errorf("%s: %g at %s", row.Name, w, r.Columns[k])
			}
		}
	}
	if len(r.Checks) != 0 || !strings.Contains(r.Verdict, "no target") {
		t.Error(r.Verdict)
	}
}
