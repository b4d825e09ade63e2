package forecast

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/forecast/score"
	"github.com/seed9a7962a8/ito/task"
)

// Forecasts that were written to a file have the scores of the method that made them, and what is missing from the file
// is said.
func TestGivenForecasts(t *testing.T) {
	const n, h = 24 * 12, 24
	table := func(steps int) string {
		var b strings.Builder
		b.WriteString("time,a,b\n")
		for k := range steps {
			fmt.Fprintf(&b, "%d,%.4f,%.4f\n", 1767225600+3600*k, 9+math.Sin(float64(k))+float64(k%24)/7,
				50+20*math.Cos(float64(k*k)/9))
		}
		return b.String()
	}
	whole := file(t, "whole.csv", table(n))
	out := filepath.Join(t.TempDir(), "given.csv")
	reading := Reading{Format: "auto"}
	_, err := Predict(t.Context(), PredictConfig{Model: "seasonal-errors", Data: file(t, "cut.csv", table(n-h)), Horizon: h,
		Quantiles: score.Levels(), Out: out, Reading: reading}, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	c := BacktestConfig{Data: whole, Horizon: h, Windows: 1, Models: []string{"seasonal-errors", out}, Reading: reading}
	r, err := Backtest(t.Context(), c, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	own, given := r.Models[1], r.Models[2]
	if given.Refused != "" || !reflect.DeepEqual(own.Scores, given.Scores) || *own.Ratio != *given.Ratio {
		t.Errorf("the file has %v (%s), the method %v", given.Scores, given.Refused, own.Scores)
	}
	if given.Baseline {
		t.Error("it counts as a baseline")
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(b), "\n")
	for name, bad := range map[string]struct{ text, want string }{
		"short": {strings.Join(lines[:len(lines)-2], ""), "no forecast of series b at"},
		"twice": {string(b) + lines[1], "has a forecast of 2026-"},
		"level": {strings.Replace(string(b), "q0.25", "q0.26", 1), "no column q0.25"},
		"cross": {strings.Replace(string(b), lines[1], strings.Replace(lines[1], ",", ",", 1)[:40]+"e9\n", 1), ""},
	} {
		path := file(t, name+".csv", bad.text)
		c.Models = []string{path}
		r, err := Backtest(t.Context(), c, task.Env{})
		got := fmt.Sprint(err)
		if err == nil {
			got = r.Models[1].Refused
		}
		if got == "" || !strings.Contains(got, bad.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
