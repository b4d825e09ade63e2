package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/forecast"
)

// begin is when the series of tests begin.
var begin = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// load is the value of a series at an hour.
func loadAt(series, hour int) float64 {
	return float64(10*(series+1)) + 5*math.Sin(float64(hour)/24*2*math.Pi) + float64(hour*7%5)/10
}

// hours is a table of two series from an hour on.
func hours(from, to int) string {
	var b strings.Builder
	b.WriteString("time,api,web\n")
	for h := from; h < to; h++ {
		fmt.Fprintf(&b, "%s,%g,%g\n", begin.Add(time.Duration(h)*time.Hour).Format("2006-01-02 15:04"), loadAt(0, h),
			loadAt(1, h))
	}
	return b.String()
}

// forecasters are models of these series: a baseline and a network.
var forecasters = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(trained.dir, "forecasters")
	if err := os.Mkdir(dir, 0o777); err != nil {
		return "", err
	}
	table := filepath.Join(dir, "load.csv")
	if err := os.WriteFile(table, []byte(hours(0, 120)), 0o666); err != nil {
		return "", err
	}
	for name, word := range map[string]string{"base": "seasonal-errors", "net": "rnn:steps=3,width=2,batch=2"} {
		c := spec.New[forecast.TrainConfig]()
		c.Data, c.Horizon, c.Model, c.Out = table, 6, word, filepath.Join(dir, name+".safetensors")
		if _, err := forecast.Train(context.Background(), c, task.Env{}); err != nil {
			return "", err
		}
	}
	return dir, nil
})

func forecastersOf(t testing.TB) string {
	t.Helper()
	dir, err := forecasters()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// predicted is what "ito forecast predict" writes.
func predicted(t testing.TB, model, series, end string, change func(*forecast.PredictConfig)) []byte {
	t.Helper()
	c := spec.New[forecast.PredictConfig]()
	c.Model, c.Data, c.Out = model, "-", filepath.Join(t.TempDir(), "f"+end)
	change(&c)
	if _, err := forecast.Predict(context.Background(), c, task.Env{Stdin: strings.NewReader(series)}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// An answer has the bytes of ito forecast predict, in every format, and JSON the same lines.
func TestForecast(t *testing.T) {
	dir := forecastersOf(t)
	s, base := start(t, config(dir, trained.moons))
	series := hours(0, 100)
	change := func(c *forecast.PredictConfig) { c.Horizon, c.Quantiles, c.Conformal = 5, []float64{.1, .5, .9}, 2 }
	const q = "?horizon=5&quantiles=.1,.5,.9&conformal=2"
	for _, model := range []string{"base", "net"} {
		file := filepath.Join(dir, model+".safetensors")
		at := base + "/v1/models/" + model + "/forecast" + q
		for format, end := range map[string]string{"csv": ".csv", "ndjson": ".json", "parquet": ".parquet"} {
			want := predicted(t, file, series, end, change)
			code, h, b := get(t, "POST", at+"&format="+format, series)
			if code != 200 || !bytes.Equal(b, want) || len(h.Get("ETag")) != 34 {
				t.Errorf("%s %s: %d, %d bytes of %d: %.200s", model, format, code, len(b), len(want), b)
			}
			if code, _, b = get(t, "POST", at+"&format="+format, series, "If-None-Match", h.Get("ETag")); code != 304 {
				t.Errorf("%s: %d %s", format, code, b)
			}
		}
		_, _, b := get(t, "POST", at, series)
		var all struct {
			Model     string
			Forecasts []json.RawMessage
		}
		if err := json.Unmarshal(b, &all); err != nil || len(all.Forecasts) != 2 || all.Model != model {
			t.Fatalf("%v %s", err, b)
		}
		lines := bytes.Split(predicted(t, file, series, ".json", change), []byte("\n"))
		for i, f := range all.Forecasts {
			if !bytes.Equal(f, lines[i]) {
				t.Errorf("%s\n%s", f, lines[i])
			}
		}
	}
	for _, k := range []struct {
		place, body string
		status      int
		want        string
	}{
		{"/v1/models/base/forecast", "", 400, "there are no series"},
		{"/v1/models/base/forecast?horizon=-1", series, 400, "horizon"},
		{"/v1/models/net/forecast?horizon=7", series, 400, "was trained for 6 steps"},
		{"/v1/models/base/forecast?horizonn=7", series, 400, `did you mean "horizon"?`},
		{"/v1/models/base/forecast?out=/tmp/x.csv", series, 400, "out is not taken from a request"},
		{"/v1/models/base/forecast?append=/etc/passwd", series, 400, "append is not taken from a request"},
		{"/v1/models/base/forecast?events=/etc/passwd", series, 400, "events is not taken from a request"},
		{"/v1/models/base/forecast?workers=3", series, 400, "workers is not taken from a request"},
		{"/v1/models/base/forecast?quantiles=.9,.1", series, 400, "increasing levels"},
		{"/v1/models/base/forecast?samples=100000&horizon=100000", series, 400, "more than a server makes"},
		{"/v1/models/base/forecast?format=xls", series, 400, `unknown format "xls"; choose one of json, ndjson, csv, parquet`},
		{"/v1/models/base/forecast", "time,y\nyesterday,3\n", 400, "body:2: column time"},
		{"/v1/models/base/forecast?freq=1s", "time,y\n1971-01-01,3\n2026-01-01,4\n", 400, "more than 4194304 steps"},
		{"/v1/models/base/forecast", "\x1f\x8b\x08", 400, "packed"},
		{"/v1/models/base/forecast?freq=1D", "time,y\n2026-01-01,3\n2026-01-02,4\n", 400, "the model's 1h"},
		{"/v1/models/moons/forecast", series, 400, "it draws samples and makes no forecasts; ask POST /v1/models/moons/sample"},
		{"/v1/models/base/sample", `{"n":3}`, 400, "it forecasts series and draws no samples"},
		{"/v1/models/base/evaluate", "x,y\n1,2\n", 400, "it forecasts series and draws no samples"},
	} {
		code, h, b := get(t, "POST", base+k.place, k.body)
		var p problem
		if err := json.Unmarshal(b, &p); err != nil || code != k.status || p.Status != code ||
			h.Get("Content-Type") != "application/problem+json" || !strings.Contains(p.Detail, k.want) {
			t.Errorf("%s: %d %v %s\nwant %s", k.place, code, err, b, k.want)
		}
		if strings.Contains(string(b), trained.dir) || strings.Contains(string(b), "standard input") {
			t.Errorf("%s: %s", k.place, b)
		}
	}
	soon(t, "something still runs", func() bool { return s.gate.running() == 0 && len(s.slots) == 0 })
	var c Card
	_, _, b := get(t, "GET", base+"/v1/models/net", "")
	if err := json.Unmarshal(b, &c); err != nil || c.Kind != forecaster ||
		c.Forecasts.Horizon != 6 || c.Forecasts.Freq !=
		"1h" || !strings.HasPrefix(c.Forecasts.Method, "rnn") ||
		c.Forecasts.Series != 2 {
		t.Errorf("%v %s", err, b)
	}
}

// ask asks for one number.
func lead(t testing.TB, base, query string) (int, leadAnswer, string) {
	t.Helper()
	code, _, b := get(t, "GET", base+"/v1/forecast?"+query, "")
	var a leadAnswer
	json.Unmarshal(b, &a)
	return code, a, string(b)
}

// quantile is a cell of what "ito forecast predict" writes.
func quantileOf(t testing.TB, model, rows, series string, step int, q float64) float64 {
	t.Helper()
	b := predicted(t, model, rows, ".json", func(c *forecast.PredictConfig) { c.Quantiles = []float64{q} })
	for line := range strings.Lines(string(b)) {
		var f struct {
			Series    string
			Quantiles map[string][]float64
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		if f.Series == series {
			return f.Quantiles[strconv.FormatFloat(q, 'g', -1, 64)][step-1]
		}
	}
	t.Fatalf("no series %s", series)
	return 0
}

// A history that is pushed, in parts and out of order, is forecast as the whole is; an old one is refused.
func TestPushedHistory(t *testing.T) {
	dir := forecastersOf(t)
	c := config(dir)
	c.HistorySteps, c.HistorySeries, c.GaugeLeads, c.Gauges = 200, 3, []string{"1", "3h"}, 5
	s, base := start(t, c)
	now := begin.Add(99*time.Hour + 20*time.Minute)
	s.histories.now = func() time.Time { return now }
	at := base + "/v1/models/net/history"
	if code, _, b := lead(t, base, "model=net&series=api"); code != 404 || !strings.Contains(b, "nothing is known") {
		t.Errorf("%d %s", code, b)
	}
	for _, part := range []string{hours(40, 80), hours(0, 41), "time,api,web\n2026-03-05 08:00,999,999\n", hours(79, 100)} {
		if code, _, b := get(t, "POST", at, part); code != 200 {
			t.Fatalf("%d %s", code, b)
		}
	}
	file := filepath.Join(dir, "net.safetensors")
	for _, k := range []struct {
		query, series string
		step          int
		q             float64
	}{{"model=net&series=api", "api", 1, .5}, {"model=net&series=web&lead=6&q=0.9", "web", 6, .9},
		{"model=net&series=web&lead=2h&q=0.25", "web", 2, .25}, {"model=net&series=api&lead=0s", "api", 1, .5},
		{"model=net&series=api&lead=45m", "api", 1, .5}, {"model=net&series=api&lead=41m", "api", 1, .5}} {
		for range 2 { // the second is kept
			code, a, b := lead(t, base, k.query)
			want := quantileOf(t, file, hours(0, 100), k.series, k.step, k.q)
			if code != 200 || a.Value != want || a.Lead != k.step || a.Q != k.q ||
				!a.Time.Equal(begin.Add(time.Duration(
					99+k.step)*time.Hour)) ||
				!a.Observed.Equal(begin.Add(99*time.Hour)) {
				t.Errorf("%s: %d %s, want %v", k.query, code, b, want)
			}
		}
	}
	code, h, b := get(t, "GET", base+"/v1/forecast?model=net&series=api", "", "Accept", "text/plain")
	if v, err := strconv.ParseFloat(strings.TrimSpace(string(b)), 64); code != 200 || err != nil ||
		v != quantileOf(t, file,
			hours(0, 100), "api", 1, .5) ||
		!strings.HasPrefix(h.Get("Content-Type"), "text/plain") {
		t.Errorf("%d %s %v", code, b, err)
	}
	for query, want := range map[string]string{
		"model=net":                                "there are 2, and none is named; choose one of api, web",
		"series=api":                               "there are several, and none is named; choose one of base, net",
		"model=net&series=apy":                     `did you mean \"api\"?`,
		"model=nett":                               `did you mean \"net\"?`,
		"model=net&series=api&lead=7":              "the model forecasts 6",
		"model=net&series=api&lead=0":              "give steps from 1 to 6",
		"model=net&series=api&lead=7h":             "the model forecasts 6",
		"model=net&series=api&lead=-1h":            "no number of steps and no time",
		"model=net&series=api&lead=1e9":            "no number of steps",
		"model=net&series=api&lead=99999999999999": "the model forecasts 6",
		"model=net&series=api&q=1":                 "q: must be below 1",
		"model=net&series=api&q=NaN":               "q: it is",
		"model=net&series=api&qq=1":                "there is no such setting",
	} {
		if code, _, b := lead(t, base, query); code/100 != 4 || !strings.Contains(b, want) {
			t.Errorf("%s: %d %s\nwant %s", query, code, b, want)
		}
	}
	for body, want := range map[string]string{
		hours(200, 203): "lies ahead",
		"time,a,b\n2026-03-02,1,2\n2026-03-03,1,2\n": "there would be 4 series, more than 3",
		"":                              "there are no series",
		"time,api\n2026-03-04 00:00,\n": "no cell of it has a value",
		"time,api\n2026-03-02 00:00,1\n2026-03-02 00:30,1\n": "a second row in the step",
	} {
		if code, _, b := get(t, "POST", at, body); code != 400 || !strings.Contains(string(b), want) {
			t.Errorf("%d %s\nwant %s", code, b, want)
		}
	}
	text := func() string { _, _, b := get(t, "GET", base+"/metrics", ""); return string(b) }
	m := text()
	for _, want := range []string{`ito_forecast{lead="1",model="net",q="0.5",series="api"} `,
		`ito_forecast{lead="3h",model="net",q="0.9",series="api"} `,
		`ito_forecast_history_seconds{model="net",series="api"} 1200`, "ito_forecast_left_out 5"} {
		if !strings.Contains(m, "\n"+want) {
			t.Errorf("no %s in\n%s", want, m)
		}
	}
	if strings.Contains(m, `series="web"`) {
		t.Error("there are more gauges than may be")
	}
	now = now.Add(150 * time.Minute) // 3 steps of an hour are the most
	if code, h, b := get(t, "GET", base+"/v1/forecast?model=net&series=api", ""); code != 503 || h.Get("Retry-After") ==
		"" || !strings.Contains(string(b), "2h50m0s ago, and 3h0m0s is the most") {
		if code != 200 {
			t.Errorf("%d %s", code, b)
		}
	}
	now = now.Add(20 * time.Minute)
	if code, h, b := get(t, "GET", base+"/v1/forecast?model=net&series=api", ""); code != 503 || h.Get("Retry-After") ==
		"" || !strings.Contains(string(b), "3h10m0s ago, and 3h0m0s is the most") {
		t.Errorf("%d %s", code, b)
	}
	if m := text(); strings.Contains(m, "\nito_forecast{") || !strings.Contains(m, "ito_forecast_history_seconds{") {
		t.Error("a history that is too old has gauges of forecasts, or no age")
	}
	if _, _, b := get(t, "POST", base+"/v1/models/base/history", "time,api\n2026-03-02 00:00,\n2026-03-02 01:00,4\n"); !strings.Contains(
		string(b), `"taken":1,`) {
		t.Errorf("an empty cell was taken: %s", b)
	}
	// It holds the last steps alone.
	get(t, "POST", base+"/v1/models/base/history", hours(0, 90))
	s.c.HistorySteps = 200
	_, _, b = get(t, "GET", base+"/v1/models/base/history", "")
	if !strings.Contains(string(b), `"steps":90`) {
		t.Errorf("%s", b)
	}
}

// fakePrometheus answers query_range of two series from these tables.
func fakePrometheus(t *testing.T, until *atomic.Int64, fail *atomic.Bool) (*httptest.Server, *[]string) {
	var mu sync.Mutex
	asked := &[]string{}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		r.ParseForm()
		*asked = append(*asked, r.Form.Get("start")+" "+r.Form.Get("end"))
		w.Header().Set("Content-Type", "application/json")
		from, _ := strconv.ParseInt(r.Form.Get("start"), 10, 64)
		to, _ := strconv.ParseInt(r.Form.Get("end"), 10, 64)
		step, _ := strconv.ParseInt(r.Form.Get("step"), 10, 64)
		if fail.Load() || r.URL.Path != "/prom/api/v1/query_range" || r.Form.Get("query") != `sum by (service) (rate(x[5m]))` ||
			step != 3600 || r.Header.Get("Authorization") != "Bearer secret" ||
			(to-from)/step > 11000 {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"status":"error","errorType":"bad_data","error":"not today"}`)
			return
		}
		var out []string
		for k, name := range []string{"api", "web"} {
			var points []string
			for at := from; at <= to; at += step {
				if hour := (at - begin.Unix()) / 3600; hour >= 0 && hour < until.Load() {
					points = append(points, fmt.Sprintf(`[%d,"%g"]`, at, loadAt(k, int(hour))))
				}
			}
			if points != nil {
				out = append(
					out,
					fmt.Sprintf(`{"metric":{"service":%q},"values":[%s]}`, name, strings.Join(points, ",")),
				)
			}
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[%s]}}`, strings.Join(out, ","))
	}))
	t.Cleanup(h.Close)
	return h, asked
}

// A history is pulled, anew where time has gone by and only what is new, and stays where Prometheus gives none, until
// it
// is too old.
func TestPulledHistory(t *testing.T) {
	dir := forecastersOf(t)
	var until atomic.Int64
	var fail atomic.Bool
	until.Store(100)
	p, asked := fakePrometheus(t, &until, &fail)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := config(dir)
	c.Prometheus, c.PrometheusToken, c.HistorySteps = p.URL+"/prom", token, 12000
	c.Query = []string{"net=sum by (service) (rate(x[5m]))"}
	s, base := start(t, c)
	now := begin.Add(99*time.Hour + 20*time.Minute)
	s.histories.now = func() time.Time { return now }
	file := filepath.Join(dir, "net.safetensors")
	whole := func(n int) string {
		h, rest, _ := strings.Cut(hours(0, n), "\n")
		return `time,"{service=""api""}","{service=""web""}"` + "\n" + rest + h[:0]
	}
	const q = `model=net&series=%7Bservice%3D%22web%22%7D&lead=2&q=0.9`
	check := func(n int) {
		t.Helper()
		code, a, b := lead(t, base, q)
		if want := quantileOf(t, file, whole(n), `{service="web"}`, 2, .9); code != 200 || a.Value != want {
			t.Errorf("%d %s, want %v", code, b, want)
		}
	}
	check(100)
	if len(*asked) != 2 {
		t.Errorf("12000 steps in %d questions", len(*asked))
	}
	check(100)
	if len(*asked) != 2 {
		t.Error("asked at once again")
	}
	now, *asked = now.Add(time.Hour), nil
	until.Store(101)
	check(101)
	if from := strconv.FormatInt(begin.Add(95*time.Hour).Unix(), 10); len(*asked) != 1 ||
		!strings.HasPrefix((*asked)[0], from) {
		t.Errorf("asked %v, not from %s", *asked, from)
	}
	fail.Store(true)
	now = now.Add(time.Hour)
	check(101)
	_, _, b := get(t, "GET", base+"/v1/models/net/history", "")
	if !strings.Contains(string(b), "not today") || !strings.Contains(string(b), `"pulled":true`) {
		t.Errorf("%s", b)
	}
	now = now.Add(2 * time.Hour)
	if code, _, b := lead(t, base, q); code != 503 || !strings.Contains(b, "its history ends at") {
		t.Errorf("%d %s", code, b)
	}
	if code, _, b := get(t, "POST", base+"/v1/models/net/history", hours(0, 5)); code != 409 {
		t.Errorf("%d %s", code, b)
	}
	c.Query = []string{"nett=up"}
	var in *ito.InputError
	if _, err := New(c, Env{}); !errors.As(err, &in) || !strings.Contains(err.Error(), `did you mean "net"?`) {
		t.Error(err)
	}
	for _, bad := range []func(*Config){func(c *Config) { c.Query = nil }, func(c *Config) { c.Query = []string{"up"} },
		func(c *Config) { c.Prometheus = "" }, func(c *Config) { c.Prometheus = "prometheus:9090" },
		func(c *Config) { c.PrometheusToken = "none" }} {
		c := c
		c.Query = []string{"net=up"}
		bad(&c)
		if _, err := New(c, Env{}); !errors.As(err, &in) {
			t.Error(err)
		}
	}
}
