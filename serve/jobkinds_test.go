package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/task/infer"
	"github.com/seed9a7962a8/ito/task/sample"
)

// Jobs of every kind have the bytes of the same request without a job, and its tag as their id; they go on, or begin
// again, when the server starts again.
func TestJobKinds(t *testing.T) {
	c := config(trained.moons, schools+".star", forecastersOf(t))
	c.Jobs = filepath.Join(t.TempDir(), "jobs")
	s, base, stop := jobServer(t, c)
	rows := string(file(t, trained.moons, ".csv", func(c *sample.Config) { c.N, c.Seed, c.NFE = 100, 9, 6 }))
	schoolsData := string(bytesOf(t, schools+".json"))
	var done []Job
	for _, k := range []struct{ model, kind, query, body string }{
		{"moons", jobEvaluate, "rows=50&draws=1&n=60&nfe=6", rows},
		{"base", "", "format=csv&horizon=3", hours(0, 80)},
		{"base", jobForecast, "format=json&quantiles=.1,.9", hours(0, 80)},
		{"base", jobForecast, "format=ndjson", hours(0, 80)},
		{"eight_schools", "", "seed=3&draws=30&warmup=40&chains=2&format=parquet", schoolsData},
		{"eight_schools", jobInfer, "seed=3&draws=30&warmup=40&chains=2&format=json", schoolsData},
		{"eight_schools", jobInfer, "method=nuts&seed=3&draws=30&warmup=40&chains=2&format=csv&chain=2", schoolsData},
	} {
		at := fmt.Sprintf("%s/v1/jobs?model=%s&kind=%s&%s", base, k.model, k.kind, k.query)
		code, _, b := get(t, "POST", at, k.body)
		if code != 202 {
			t.Fatalf("%s: %d %s", at, code, b)
		}
		j := ended(t, base, jobOf(t, b).ID)
		if j.State != jobDone || j.Done != j.Total || j.Kind == "" {
			t.Fatalf("%s: %+v", at, j)
		}
		place := map[string]string{"moons": "evaluate", "base": "forecast", "eight_schools": "infer"}[k.model]
		_, h, want := get(t, "POST", fmt.Sprintf("%s/v1/models/%s/%s?%s", base, k.model, place, k.query), k.body)
		_, g, got := get(t, "GET", base+j.Result, "")
		if !bytes.Equal(got, want) || len(got) == 0 || h.Get("ETag") != `"`+j.ID+`"` || g.Get("ETag") != h.Get("ETag") ||
			g.Get("Content-Type") != h.Get("Content-Type") {
			t.Errorf("%s: %d bytes of %d, %v of %v", at, len(got), len(want), g, h)
		}
		if code, _, b := get(t, "GET", base+j.Result, "", "Range", "bytes=50-", "If-Range", g.Get("ETag")); code != 206 ||
			!bytes.Equal(b, want[50:]) {
			t.Errorf("%s: the rest: %d", at, code)
		}
		if code, _, b := get(t, "GET", base+j.Result, "", "Range", "bytes=50-", "If-Range", `"other"`); code != 200 ||
			!bytes.Equal(b, want) {
			t.Errorf("%s: the rest of another: %d", at, code)
		}
		if code, _, b := get(t, "GET", base+j.Result+"?from=1", ""); j.Kind != jobForecast && (code != 400 ||
			!strings.Contains(string(b), "is not cut by rows; ask for all of it")) {
			t.Errorf("%s: some rows: %d %s", at, code, b)
		}
		done = append(done, j)
	}
	for _, k := range []struct{ query, body, says string }{
		{"model=moons&kind=sampel", "", "sample"}, {"model=moons&kind=forecast", "x", "ask POST /v1/models/moons/sample"},
		{"model=base&kind=sample", "{}", "ask POST /v1/models/base/forecast"}, {"model=base&format=npy", "x", "csv, ndjson"},
		{"model=eight_schools&format=csv", "{}", "a CSV file holds one chain"}, {"model=eight_schools&seed=x", "{}", "seed"},
		{"model=moons&kind=evaluate&format=csv", rows, "json"}, {"model=moons&kind=evaluate&workers=2", rows, "workers"},
	} {
		if code, _, b := get(t, "POST", base+"/v1/jobs?"+k.query, k.body); code != 400 || !strings.Contains(string(b), k.says) {
			t.Errorf("%s: %d %s", k.query, code, b)
		}
	}
	left, _ := filepath.Glob(filepath.Join(c.Jobs, "*"))
	if len(left) != 2*len(done) {
		t.Errorf("%d files of %d jobs: %v", len(left), len(done), left)
	}
	// what waits, or runs, when the server ends is done when it starts again
	query := "seed=3&method=nuts&draws=2000&warmup=40&chains=2&format=npy"
	_, _, b := get(t, "POST", base+"/v1/jobs?model=eight_schools&"+query, schoolsData)
	j := jobOf(t, b)
	soon(t, "it does not run", func() bool { now, _, _ := s.jobs.get(j.ID); return now.Done > 0 })
	stop()
	s, err := New(c, Env{Version: "v0.0.0-test"})
	if err != nil {
		t.Fatal(err)
	}
	if now, _, _ := s.jobs.get(j.ID); now.State != jobQueued {
		t.Skipf("this machine is too fast: %+v", now)
	}
	_, base, _ = jobServer(t, c)
	late := time.Now().Add(time.Minute)
	for j.Ended == nil && time.Now().Before(late) {
		time.Sleep(20 * time.Millisecond)
		_, _, b := get(t, "GET", base+"/v1/jobs/"+j.ID, "")
		j = jobOf(t, b)
	}
	want := bytesOf(t, inferred(t, schools+".star", schools+".json", ".npy", func(c *infer.Config) {
		c.Method, c.Draws, c.Warmup, c.Chains, c.Seed = "nuts", 2000, 40, 2, 3
		c.Given = []string{"method", "draws", "warmup", "chains", "seed"}
	})[0])
	if _, _, got := get(t, "GET", base+j.Result, ""); !bytes.Equal(got, want) {
		t.Errorf("%+v: %d bytes of %d", j, len(got), len(want))
	}
	if list, _ := filepath.Glob(filepath.Join(c.Jobs, j.ID+"*")); len(list) != 2 {
		t.Errorf("%v", list)
	}
}

// Some rows of a result have the bytes of the same request for these rows alone.
func TestJobParts(t *testing.T) {
	c := config(trained.dir, trained.people)
	c.Jobs = filepath.Join(t.TempDir(), "jobs")
	_, base, _ := jobServer(t, c)
	for _, k := range []struct{ model, format, body string }{{"moons", "npy", ""}, {"moons", "csv", ""},
		{"digits", "npy", `,"with-id":true`}, {"people", "csv", `,"with-id":true`}, {"people", "csv", ""}} {
		body := func(first, n int) string {
			return fmt.Sprintf(`{"first":%d,"n":%d,"seed":7,"nfe":4%s}`, first, n, k.body)
		}
		_, _, b := get(t, "POST", base+"/v1/jobs?model="+k.model+"&format="+k.format, body(50, 120))
		j := ended(t, base, jobOf(t, b).ID)
		if j.State != jobDone {
			t.Fatalf("%s: %+v", k.model, j)
		}
		for _, part := range [][2]int{{0, 1}, {0, 120}, {119, 120}, {17, 99}, {40, -1}} {
			at, to := base+j.Result+"?from="+fmt.Sprint(part[0]), part[1]
			if to < 0 {
				to = 120
			} else {
				at += fmt.Sprint("&to=", to)
			}
			code, h, got := get(t, "GET", at, "")
			_, _, want := get(t, "POST", base+"/v1/models/"+k.model+"/sample?format="+k.format, body(50+part[0], to-part[0]))
			if code != 200 || !bytes.Equal(got, want) {
				t.Errorf("%s %s %v: %d, %d bytes of %d", k.model, k.format, part, code, len(got), len(want))
			}
			if code, _, _ := get(t, "GET", at, "", "If-None-Match", h.Get("ETag")); code != 304 {
				t.Errorf("%s: %d", at, code)
			}
		}
		for query, want := range map[string]int{"from=3&to=3": 416, "from=9&to=2": 416, "to=0": 416, "from=100&to=121": 416,
			"from=-1": 400, "from=x": 400, "to=1e3": 400, "from=" + url.QueryEscape("9999999999999999999"): 400} {
			code, h, b := get(t, "GET", base+j.Result+"?"+query, "")
			var p problem
			if json.Unmarshal(b, &p) != nil || code != want || p.Detail == "" || h.Get("ETag") != "" {
				t.Errorf("%s %s: %d, not %d: %s", k.model, query, code, want, b)
			}
		}
	}
	_, _, b := get(t, "POST", base+"/v1/jobs?model=moons&format=parquet", `{"n":5,"nfe":4}`)
	j := ended(t, base, jobOf(t, b).ID)
	if code, _, b := get(t, "GET", base+j.Result+"?from=1", ""); code != 400 || !strings.Contains(string(b), "Range") {
		t.Errorf("%d %s", code, b)
	}
	os.Remove(filepath.Join(c.Jobs, j.ID+".parquet"))
	if code, _, b := get(t, "GET", base+j.Result, ""); code != 404 {
		t.Errorf("%d %s", code, b)
	}
}
