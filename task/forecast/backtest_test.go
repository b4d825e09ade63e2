package forecast

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/task"
)

// load is n hours of two services with a day's season and a gap, as a long table.
func load(n int, value func(k int) float64) string {
	var b strings.Builder
	b.WriteString("service,time,requests\n")
	for _, s := range []string{"api", "web"} {
		for k := range n {
			cell := fmt.Sprintf("%.3f", value(k)*float64(len(s)))
			if k == 50 {
				cell = ""
			}
			fmt.Fprintf(&b, "%s,2026-03-%02d %02d:00,%s\n", s, 1+k/24, k%24, cell)
		}
	}
	return b.String()
}

func daily(k int) float64 {
	return 10 + 5*math.Sin(2*math.Pi*float64(k)/24) + math.Mod(float64(k*k)*.37, 1)
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	f := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(f, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBacktest(t *testing.T) {
	data := file(t, "load.csv", load(24*14, daily))
	r, err := Backtest(t.Context(), BacktestConfig{Data: data, Horizon: 24, Windows: 3, Models: []string{
		"naive,seasonal-errors:season=24,by=slot"}, Reading: Reading{Format: "auto"}}, task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range r.Models {
		names = append(names, m.Model)
	}
	if !slices.Equal(names, []string{"seasonal-naive", "naive", "seasonal-errors:season=24,by=slot"}) {
		t.Fatalf("methods %v", names)
	}
	if r.Items != 6 || r.Step != 24 || r.Freq.String() != "1h" || *r.Models[0].Ratio != 1 {
		t.Errorf("%+v", r)
	}
	if q := *r.Models[1].Ratio; q < 2 {
		t.Errorf("the last value has %g times the loss of the last season", q)
	}
	if r.Best != "seasonal-errors:season=24,by=slot" || r.Against {
		t.Errorf("best %s: %s", r.Best, r.Verdict)
	}
	if len(r.Models[0].Coverage90) != 24 {
		t.Errorf("coverage of %d leads", len(r.Models[0].Coverage90))
	}
	for _, c := range []struct {
		c    BacktestConfig
		want string
	}{
		{BacktestConfig{Horizon: 1000, Windows: 1}, "no series is long enough for 1000 steps"},
		{BacktestConfig{Horizon: 0, Windows: 1}, "horizon"},
		{BacktestConfig{Horizon: 3, Windows: 1, Models: []string{"thetta"}}, "neither a file nor a method"},
	} {
		c.c.Data, c.c.Format = data, "auto"
		if _, err := Backtest(t.Context(), c.c, task.Env{}); !errors.Is(err, ito.ErrInput) || !strings.Contains(
			err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// TestNoForecastKnowsWhatCame corrupts everything after the origin: no byte of a forecast changes, of any baseline.
func TestNoForecastKnowsWhatCame(t *testing.T) {
	const horizon, n = 24, 24 * 14
	for _, word := range forecast.Baselines() {
		var before []forecast.Forecast
		for _, corrupt := range []bool{false, true} {
			data := file(t, "load.csv", load(n, func(k int) float64 {
				if corrupt && k >= n-horizon {
					return 1e9 * float64(k%7)
				}
				return daily(k)
			}))
			c := BacktestConfig{Data: data, Horizon: horizon, Windows: 1, Reading: Reading{Format: "auto"}}
			in, err := c.open(data, horizon, &task.Env{})
			if err != nil {
				t.Fatal(err)
			}
			items := c.items(in.Set, &BacktestReport{})
			m, err := forecast.Parse(word)
			if err != nil {
				t.Fatal(err)
			}
			f, err := m.Fit(t.Context(), nil, forecast.FitOptions{Horizon: horizon})
			if err != nil {
				t.Fatal(err)
			}
			var ws []forecast.Window
			for _, it := range items {
				ws = append(ws, it.Window)
			}
			fs, err := f.Predict(t.Context(), ws, forecast.Request{Levels: []float64{.1, .5, .9}, Paths: 5, Seed: 3})
			if err != nil {
				t.Fatalf("%s: %v", word, err)
			}
			if before == nil {
				before = fs
				// and none depends on its neighbours in a call
				alone, err := f.Predict(t.Context(), ws[1:2], forecast.Request{Levels: []float64{.1, .5, .9}, Paths: 5,
					Seed: 3})
				if err != nil || !slices.Equal(alone[0].Q, fs[1].Q) || !slices.Equal(alone[0].Paths, fs[1].Paths) {
					t.Errorf("%s: alone it is another forecast, %v", word, err)
				}
				continue
			}
			for i := range fs {
				if !slices.Equal(fs[i].Q, before[i].Q) || !slices.Equal(fs[i].Paths, before[i].Paths) ||
					!slices.Equal(fs[i].Mean, before[i].Mean) {
					t.Errorf("%s: the forecast of %s knows what came", word, fs[i].ID)
				}
			}
		}
	}
}

// TestVerdicts are sentences about numbers, of a report in which the model loses, ties and wins.
func TestVerdicts(t *testing.T) {
	one := 1.
	for _, c := range []struct {
		model   []float64
		want    string
		against bool
	}{
		{[]float64{2, 2.1, 1.9, 2}, "use naive: m loses to it, with 2 times its loss", true},
		{[]float64{.9, 1.1, 1.05, .95}, "use naive: m is no better", true},
		{[]float64{.5, .51, .49, .5}, "m beats naive, the best baseline: its loss is 0.5 times", false},
	} {
		models := []ModelScores{{Model: "naive", Baseline: true, Ratio: &one, loss: []float64{1, 1, 1, 1}},
			{Model: "m", Ratio: &one, loss: c.model}}
		text, against, _ := verdict(models)
		if !strings.HasPrefix(text, c.want) || against != c.against {
			t.Errorf("%q, %v; want %s", text, against, c.want)
		}
	}
	if text, against, best := verdict([]ModelScores{{Model: "naive", Baseline: true, Ratio: &one}}); against || best !=
		"naive" || !strings.Contains(text, "best baseline") {
		t.Error(text)
	}
}

// TestPredict writes one forecast in every format, by any number of workers alike.
func TestPredict(t *testing.T) {
	data := file(t, "load.csv", load(24*14, daily))
	base := PredictConfig{Model: "seasonal-errors", Data: data, Horizon: 5, Quantiles: []float64{.05, .5, .95},
		Out: "-", Seed: 1, Reading: Reading{Format: "auto"}}
	run := func(c PredictConfig) string {
		t.Helper()
		var out bytes.Buffer
		if _, err := Predict(t.Context(), c, task.Env{Stdout: &out}); err != nil {
			t.Fatal(err)
		}
		if c.Out != "-" {
			text, err := os.ReadFile(c.Out)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		return out.String()
	}
	first := run(base)
	rows := strings.Split(strings.TrimSpace(first), "\n")
	if rows[0] != "series,time,mean,q0.05,q0.5,q0.95" || len(rows) != 11 || !strings.HasPrefix(rows[1],
		"api,2026-03-15T00:00:00Z,") {
		t.Errorf("rows\n%s", first)
	}
	more := base
	more.Workers = 3
	if run(more) != first {
		t.Error("three workers make other bytes")
	}
	paths := base
	paths.Samples = 3
	if rows := strings.Split(strings.TrimSpace(run(paths)), "\n"); rows[0] != "series,time,sample,value" ||
		len(rows) != 1+2*5*3 {
		t.Errorf("paths %v", rows[:2])
	}
	json := paths
	json.Out = filepath.Join(t.TempDir(), "f.json")
	if text := run(json); strings.Count(text, "\n") != 2 || !strings.Contains(text, `"samples":[[`) ||
		!strings.Contains(text, `"spread":"past errors by lead"`) {
		t.Errorf("lines\n%s", text)
	}
	sum := base
	sum.Sum = true
	if last := strings.Split(strings.TrimSpace(run(sum)), "\n"); !strings.HasPrefix(last[5], "api,2026-03-15T04") {
		t.Errorf("totals %v", last)
	}
	parquet := base
	parquet.Out, parquet.Plot = filepath.Join(t.TempDir(), "f.parquet"), filepath.Join(t.TempDir(), "f.svg")
	if text := run(parquet); !strings.HasPrefix(text, "PAR1") {
		t.Error("no Parquet file")
	}
	if svg, err := os.ReadFile(parquet.Plot); err != nil || !strings.Contains(string(svg), "seasonal naive") {
		t.Errorf("no picture: %v", err)
	}
	for _, c := range []struct {
		change func(*PredictConfig)
		want   string
	}{
		{func(c *PredictConfig) { c.Quantiles = []float64{.5, .1} }, "increasing levels"},
		{func(c *PredictConfig) { c.Horizon = 0 }, "does not know how many steps"},
		{func(c *PredictConfig) { c.Model = "sesonal" }, "neither a file nor a method"},
		{func(c *PredictConfig) { c.Out = "f.xls" }, "end it in .csv"},
		{func(c *PredictConfig) { c.Known = []string{"price"} }, "no column is named"},
		{func(c *PredictConfig) { c.Data = file(t, "n.csv", "time,y\n2026-01-01,\n2026-01-02,\n2026-01-03,\n") },
			"no series has any value"},
	} {
		bad := base
		c.change(&bad)
		if _, err := Predict(t.Context(), bad, task.Env{}); !errors.Is(err, ito.ErrInput) || !strings.Contains(
			err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// TestAModelIsAskedAboutItsOwnData trains, and refuses data of another frequency, other covariates and a longer
// horizon.
func TestAModelIsAskedAboutItsOwnData(t *testing.T) {
	data := file(t, "load.csv", load(24*14, daily))
	out := filepath.Join(t.TempDir(), "m.safetensors")
	r, err := Train(t.Context(), TrainConfig{Data: data, Horizon: 4, Model: "rnn:steps=3,width=4,batch=2", Out: out,
		HoldOut: 8, Seed: 1, Reading: Reading{Format: "auto"}}, task.Env{})
	if err != nil || r.Series != 2 || r.Steps != 2*(24*14-8) {
		t.Fatalf("%+v, %v", r, err)
	}
	base := PredictConfig{Model: out, Data: data, Quantiles: []float64{.1, .5, .9}, Out: "-",
		Reading: Reading{Format: "auto"}}
	var first bytes.Buffer
	if _, err := Predict(t.Context(), base, task.Env{Stdout: &first}); err != nil {
		t.Fatal(err)
	}
	if strings.Count(first.String(), "\n") != 9 {
		t.Errorf("rows\n%s", first.String())
	}
	days := "time,y\n"
	for k := range 40 {
		days += fmt.Sprintf("2026-%02d-%02d,%d\n", 1+k/28, 1+k%28, k)
	}
	for _, c := range []struct {
		change func(*PredictConfig)
		want   string
	}{
		{func(c *PredictConfig) { c.Horizon = 5 }, "was trained for 4 steps"},
		{func(c *PredictConfig) { c.Freq, c.Data = "1D", file(t, "d.csv", days) }, "its frequency is 1D, the " +
			"model's 1h"},
		{func(c *PredictConfig) { c.Holidays = "DE" }, "its known covariates are [holiday], the model's []"},
	} {
		bad := base
		c.change(&bad)
		if _, err := Predict(t.Context(), bad, task.Env{Stdout: &first}); !errors.Is(err, ito.ErrInput) ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	var notes []string
	env := task.Env{Note: func(s string) { notes = append(notes, s) }}
	b, err := Backtest(t.Context(), BacktestConfig{Data: data, Horizon: 4, Windows: 2, Models: []string{out},
		Conformal: 2,
		Reading:   Reading{Format: "auto"}}, env)
	if err != nil || len(b.Models) != 2 || b.Models[1].Refused != "" || b.Models[1].Baseline {
		t.Fatalf("%+v, %v", b, err)
	}
	if !slices.Contains(b.Models[1].Spread, forecast.FromNetwork+", "+forecast.FromConformal) {
		t.Errorf("spread %v", b.Models[1].Spread)
	}
	for _, n := range notes {
		if strings.Contains(n, "too good") {
			t.Errorf("trained before the first origin: %s", n)
		}
	}
	if _, err = Backtest(t.Context(), BacktestConfig{Data: data, Horizon: 4, Windows: 3, Models: []string{out},
		Reading: Reading{Format: "auto"}}, env); err != nil || !strings.Contains(strings.Join(notes, "\n"),
		"too good") {
		t.Errorf("a model that knows a window is not told: %v, %v", notes, err)
	}
}
