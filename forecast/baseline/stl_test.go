package baseline

import (
	"encoding/json"
	"math"
	"os"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/forecast"
)

func alike(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > tol*max(1, math.Abs(want[i])) {
			t.Fatalf("%s: value %d is %.12g, want %.12g", what, i, got[i], want[i])
		}
	}
}

// TestSTL: seasons and trends are those of statsmodels, and MSTL's seasons and forecasts those of statsforecast
// (testdata/make_stl.py).
func TestSTL(t *testing.T) {
	var want struct {
		STL []struct {
			Name                   string
			Period, Window, Degree int
			Season, Trend          []float64
		}
		MSTL []struct {
			Y, Trend, Mean []float64
			Periods        []int
			Seasons        [][]float64
		}
	}
	b, err := os.ReadFile("testdata/stl.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	ys := map[string][]float64{}
	for _, s := range references(t) {
		ys[s.Name] = s.Y
	}
	for _, s := range want.STL {
		season, trend := stl(ys[s.Name], s.Period, s.Window, s.Degree)
		alike(t, s.Name+": season", season, s.Season, 1e-9)
		alike(t, s.Name+": trend", trend, s.Trend, 1e-9)
	}
	for _, s := range want.MSTL {
		seasons, rest := mstl(s.Y, s.Periods)
		for i := range seasons {
			alike(t, "mstl", seasons[i], s.Seasons[i], 1e-9)
		}
		for i := range rest {
			rest[i] += seasons[0][i] + seasons[1][i]
		}
		alike(t, "sum", rest, s.Y, 1e-9)
		w := hoursOf(t, s.Y, len(s.Mean))
		f, err := MSTL{}.one(w, forecast.Request{Levels: []float64{.5}})
		if err != nil {
			t.Fatal(err)
		}
		// what is put back on the forecast of the rest, beside theirs, whose form of smoothing is a level alone
		last := *w.Series
		if _, last.Values = mstl(s.Y, s.Periods); len(last.Values) != len(s.Y) {
			t.Fatal("the rest is short")
		}
		alone, err := ETS{Season: 1, Form: "auto"}.one(forecast.Window{Series: &last, Horizon: w.Horizon},
			forecast.Request{Levels: []float64{.5}})
		if err != nil {
			t.Fatal(err)
		}
		for h := range s.Mean {
			d := f.Mean[h] - alone.Mean[h] - s.Mean[h]
			if d -= f.Mean[0] - alone.Mean[0] - s.Mean[0]; math.Abs(d) > 1e-9 {
				t.Fatalf("the seasons of step %d differ by %g", h, d)
			}
		}
		if d := f.Mean[0] - s.Mean[0]; math.Abs(d) > .1 || f.Fallback != "" {
			t.Errorf("the first step is %g off, of a noise of 1; %s", d, f.Fallback)
		}
	}
}

// A missing value has no weight: a season of 24 steps is found with a tenth of the cells gone, and the cells are NaN
// in the rest.
func TestSTLWithGaps(t *testing.T) {
	const n = 24 * 20
	y := make([]float64, n)
	for k := range y {
		y[k] = 10 + 3*math.Sin(2*math.Pi*float64(k)/24) + .01*float64(k)
		if k%10 == 3 {
			y[k] = math.NaN()
		}
	}
	seasons, rest := mstl(y, []int{24})
	for k := range y {
		if d := seasons[0][k] - 3*math.Sin(2*math.Pi*float64(k)/24); math.Abs(d) > .15 {
			t.Fatalf("the season at %d is %.3f off", k, d)
		}
		if math.IsNaN(rest[k]) != math.IsNaN(y[k]) {
			t.Fatalf("the rest at %d is %g", k, rest[k])
		}
	}
	f, err := MSTL{}.one(hoursOf(t, y, 48), forecast.Request{Levels: []float64{.1, .9}, Paths: 3})
	if err != nil {
		t.Fatal(err)
	}
	for h := range 48 {
		if d := f.Mean[h] - 10 - 3*math.Sin(2*math.Pi*float64(n+h)/24) - .01*float64(n+h); math.Abs(d) > .6 {
			t.Errorf("step %d is %.3f off", h, d)
		}
	}
	for _, short := range [][]float64{{4}, {1, 2, 3}, y[:30]} {
		if f, err := (MSTL{}).one(hoursOf(t, short, 5), forecast.Request{Levels: []float64{.5}}); err != nil ||
			f.Check() != nil {
			t.Errorf("%d values: %v, %v", len(short), err, f.Check())
		}
	}
}

func hoursOf(t *testing.T, y []float64, horizon int) forecast.Window {
	t.Helper()
	freq, err := forecast.ParseFreq("1h")
	if err != nil {
		t.Fatal(err)
	}
	return forecast.NewWindow(&forecast.Series{ID: "s", Freq: freq, Values: y,
		Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, len(y), horizon)
}
