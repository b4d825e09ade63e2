package baseline

import (
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/forecast"
)

// A season that was asked for and that a series is too short to have is said, and one that the method never estimates
// is refused.
func TestUnseenSeasons(t *testing.T) {
	x := make([]float64, 60)
	for i := range x {
		x[i] = float64(i*i%17) + float64(i)/9
	}
	for word, want := range map[string]string{
		"mstl:seasons=5000":           "60 steps are fewer than 10000 of a season of 5000",
		"mstl:seasons=24,5000":        "10000 of a season of 5000",
		"mstl:seasons=24":             "",
		"mstl":                        "",
		"seasonal-naive:season=61":    "60 steps are fewer than 61 of a season of 61",
		"seasonal-naive:season=60":    "",
		"seasonal-naive:season=1":     "",
		"theta:season=31":             "60 steps are fewer than 62",
		"theta:season=30":             "",
		"naive2:season=31":            "60 steps are fewer than 62",
		"arima:season=16":             "60 steps are fewer than 64",
		"arima":                       "",
		"ets:season=12":               "",
		"seasonal-errors:season=4000": "leave no errors over a season of 4000",
	} {
		f, err := predict(t, word, hourly("a", x...), 3, forecast.Request{Levels: []float64{.1, .5}})
		if err != nil {
			t.Errorf("%s: %v", word, err)
		} else if want == "" && f.Fallback != "" || !strings.Contains(f.Fallback, want) {
			t.Errorf("%s says %q, want %q", word, f.Fallback, want)
		}
	}
	if f, err := predict(t, "ets:season=20", hourly("a", x[:39]...), 3, forecast.Request{}); err != nil ||
		!strings.Contains(f.Fallback, "39 steps are fewer than 40") {
		t.Errorf("ets: %q, %v", f.Fallback, err)
	}
	for _, word := range []string{"ets:season=25", "arima:season=168"} {
		if _, err := forecast.Parse(word); err == nil || !strings.Contains(err.Error(), "24") {
			t.Errorf("%s: %v", word, err)
		}
	}
}
