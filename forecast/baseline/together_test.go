package baseline

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/rng"
	"gonum.org/v1/gonum/stat"
)

// Paths of series that moved together: with Together their sums have the spread that the sum had, and each series keeps
// its own distribution; without, the sum is that of independent series.
func TestTogether(t *testing.T) {
	const n, paths, h = 600, 4000, 6
	noise := ito.NewStates(n, 1, 0)
	ito.Seed(3).Normal(noise, rng.PurposePrior, 0, 0)
	a, b := make([]float64, n), make([]float64, n)
	for k := range a {
		v := noise.X[k]
		season := 10 * math.Sin(float64(k)*math.Pi/12)
		a[k], b[k] = season+v, 2*(season+v) // b = 2a: the sum has three times a's spread
	}
	freq, err := forecast.ParseFreq("1h")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var ws []forecast.Window
	for _, s := range []*forecast.Series{{ID: "a", Values: a}, {ID: "b", Values: b}} {
		s.Start, s.Freq = start, freq
		ws = append(ws, forecast.NewWindow(s, n, h))
	}
	f, err := SeasonalErrors{By: byLead}.Fit(context.Background(), nil, forecast.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !forecast.IsTogether(f) {
		t.Fatal("not together")
	}
	for _, together := range []bool{false, true} {
		fs, err := f.Predict(context.Background(), ws, forecast.Request{Paths: paths, Together: together, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		one, two, sum := make([]float64, paths), make([]float64, paths), make([]float64, paths)
		for k := range paths {
			one[k], two[k] = fs[0].Path(k)[2], fs[1].Path(k)[2]
			sum[k] = one[k] + two[k]
		}
		s1, s2 := stat.StdDev(one, nil), stat.StdDev(two, nil)
		if r := max(s1, s2) / min(s1, s2); math.Abs(r-2) > .05 {
			t.Errorf("together %v: the spreads have the ratio %.3f, want 2", together, r)
		}
		want := math.Hypot(s1, s2)
		if together {
			want = s1 + s2
		}
		if got := stat.StdDev(sum, nil); math.Abs(got/want-1) > .03 {
			t.Errorf("together %v: the sum has the spread %.3f, want %.3f", together, got, want)
		}
	}
}
