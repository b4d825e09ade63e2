package systems

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
)

// The law of what follows is that of many runs of the autoregression, and samples of it score 1.
func TestVectorSeriesLaw(t *testing.T) {
	v := newVectorSeries(3)
	const n, h = 4000, 3
	start := []float64{1, -2, 5}
	mean, sd := v.law(start, h)
	e := ito.NewStates(n, 3*h, 0)
	ito.Seed(9).Normal(e, rng.PurposeTarget, 0, 0)
	last := make([][]float64, 3)
	for k := range n {
		x := start
		for s := range h {
			next := apply(v.phi, x)
			for i, y := range apply(v.mix, e.Row(k)[3*s:3*s+3]) {
				next[i] += y
			}
			x = next
		}
		for i := range last {
			last[i] = append(last[i], x[i])
		}
	}
	for i, x := range last {
		m, s := mean[3*(h-1)+i], sd[3*(h-1)+i]
		sum, square := 0., 0.
		for _, y := range x {
			sum += y / n
			square += (y - m) * (y - m) / n
		}
		if math.Abs(sum-m) > 4.5*s/math.Sqrt(n) || math.Abs(square/s/s-1) > 4.5*math.Sqrt(2./n) {
			t.Errorf("series %d: mean %g and variance %g, by the law %g and %g", i, sum, square, m, s*s)
		}
		if got := expectedCRPS(x[:1000], m, s); math.Abs(got-1) > .02 {
			t.Errorf("series %d: samples of the law score %g", i, got)
		}
	}
}

// Hardly trained the recipe runs, and the last value again is worse than the law.
func TestSeriesRecipeRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("trains five networks")
	}
	r, err := seriesRecipe.Run(context.Background(), RunConfig{Seeds: []uint64{1}, Steps: 20}, recipe.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Baseline.Value < 1.1 || len(r.Rows) != len(seriesRivals) || r.Rows[0].Mean[1] < 1 {
		t.Errorf("%+v", r)
	}
}
