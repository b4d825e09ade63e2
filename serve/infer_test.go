package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/infer"
)

// inferred is what "ito infer" writes: its files, for the settings that change makes.
func inferred(t *testing.T, model, data, end string, change func(*infer.Config)) []string {
	t.Helper()
	c := spec.New[infer.Config]()
	c.Model, c.Data, c.Out, c.Workers = model, data, filepath.Join(t.TempDir(), "d"+end), 1
	change(&c)
	r, err := infer.Run(context.Background(), c, infer.Env{Env: task.Env{Version: "v0.0.0-test"}})
	if err != nil {
		t.Fatal(err)
	}
	return r.Files
}

func bytesOf(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const schools = "../examples/models/eight_schools"

// Draws have the bytes of ito infer, in every format; the same request has the same tag; nothing stays on the disk.
func TestInfer(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	_, base := start(t, config(trained.dir, schools+".star"))
	const at = "/v1/models/eight_schools/infer?method=nuts&draws=40&warmup=60&chains=2&seed=5"
	data := string(bytesOf(t, schools+".json"))
	set := func(c *infer.Config) {
		c.Method, c.Draws, c.Warmup, c.Chains, c.Seed = "nuts", 40, 60, 2, 5
		c.Given = []string{"method", "draws", "warmup", "chains", "seed"}
	}
	for _, f := range []struct {
		query, end string
		file       int
	}{{"&format=npy", ".npy", 0}, {"&format=parquet", ".parquet", 0}, {"&format=csv&chain=2", ".csv", 1}} {
		want := bytesOf(t, inferred(t, schools+".star", schools+".json", f.end, set)[f.file])
		code, h, b := get(t, "POST", base+at+f.query, data)
		if code != 200 || !bytes.Equal(b, want) {
			t.Fatalf("%s: %d, %d bytes of %d: %.300s", f.query, code, len(b), len(want), b)
		}
		if h.Get("ETag") == "" || len(h.Get("Ito-Model-Digest")) != 64 {
			t.Errorf("%s: %v", f.query, h)
		}
		if code, _, _ := get(t, "POST", base+at+f.query, data, "If-None-Match", h.Get("ETag")); code != 304 {
			t.Errorf("%s: %d", f.query, code)
		}
		if code, _, _ := get(t, "POST", base+at+f.query, data+" ", "If-None-Match", h.Get("ETag")); code == 304 {
			t.Errorf("%s: other data have the same tag", f.query)
		}
	}
	code, h, b := get(t, "POST", base+at, data)
	var got struct {
		Model, Digest string
		File          string `json:"model_digest"`
		Columns       []string
		Report        infer.Report
		Draws         struct {
			Posterior map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(b, &got); err != nil || code != 200 {
		t.Fatalf("%d %v %.300s", code, err, b)
	}
	var mu [][]float64
	if err := json.Unmarshal(got.Draws.Posterior["mu"], &mu); err != nil || len(mu) != 2 || len(mu[0]) != 40 {
		t.Errorf("mu: %v %v", err, mu)
	}
	if got.Model != "eight_schools" || `"`+got.Digest+`"` != h.Get("ETag") || got.File != h.Get("Ito-Model-Digest") ||
		got.Columns[0] != "lp__" || got.Report.Method != "nuts" || got.Report.Summary.Advice == "" {
		t.Errorf("%.600s", b)
	}
	if _, _, again := get(t, "POST", base+at, data); !bytes.Equal(b, again) {
		t.Error("the same request has other bytes")
	}
	soon(t, "files are left behind", func() bool { left, _ := os.ReadDir(temp); return len(left) == 0 })
}

// What cannot be inferred here is said before the work, without a place of the disk.
func TestInferRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"broken": "x = param(", "free": `x = param("x"); x.prior(normal(0, 1))`,
		"wide": `x = param("x", shape = int(data["n"])); x.prior(normal(0, 1))`} {
		if err := os.WriteFile(filepath.Join(dir, name+".star"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, base := start(t, config(dir, trained.moons, schools+".star"))
	for _, c := range []struct {
		place, body string
		code        int
		says        string
	}{
		{"eight_schools/infer?format=csv", "{}", 400, "a CSV file holds one chain"},
		{"eight_schools/infer?format=csv&chains=1&chain=2&draws=2&warmup=2", `{"y":[1],"sigma":[1]}`, 400, "chain: 2"},
		{"eight_schools/infer", "", 400, "the model is given none; send them as the body"},
		{"eight_schools/infer", `{"y": [1, "a"]}`, 400, "body.json"},
		{"eight_schools/infer", `{"y": [1,2], "sigma": [1, 2, 3]}`, 400, "eight_schools.star:"},
		{"eight_schools/infer?out=/tmp/x.csv", "{}", 400, "out"},
		{"eight_schools/infer?data=x.json", "{}", 400, "data"},
		{"eight_schools/infer?workers=3", "{}", 400, "workers"},
		{"eight_schools/infer?method=nut", "{}", 400, "nuts"},
		{"eight_schools/infer?draws=-1", "{}", 400, "draws"},
		{"eight_schools/infer?method=nuts&temperatures=3", `{"y":[1],"sigma":[1]}`, 400, "temperatures"},
		{"eight_schools/infer?method=nuts&draws=90000000", `{"y":[1],"sigma":[1]}`, 400, "more than the 8388608"},
		{"eight_schools/infer?method=smc&draws=90000000", `{"y":[1],"sigma":[1]}`, 400, "do not fit into memory"},
		{"eight_schools/infer?method=smc&draws=9000000", `{"y":[1],"sigma":[1]}`, 400, "more than the 8388608"},
		{"eight_schools/infer?method=pis&width=60000", `{"y":[1],"sigma":[1]}`, 400, "width"},
		{"eight_schools/infer?method=pis&batch=16000000&steps=3", `{"y":[1],"sigma":[1]}`, 400, "batch"},
		{"eight_schools/infer?method=pt&temperatures=4096&chains=99999", `{"y":[1],"sigma":[1]}`, 400, "temperatures"},
		{"wide/infer", `{"n": 70000}`, 400, "70000 coordinates"},
		{"wide/infer?method=nuts&metric=dense", `{"n": 20000}`, 400, "metric"},
		{"wide/infer?method=laplace", `{"n": 20000}`, 400, "full covariances"},
		{"wide/infer?method=advi", `{"n": 20000}`, 400, "full covariances"},
		{"eight_schools/infer", "\x1f\x8b\x08", 400, "packed"},
		{"eight_schools/sample?n=1", "", 400, "ask POST /v1/models/eight_schools/infer"},
		{"eight_schools/evaluate", "x\n1\n", 400, "is a model file"},
		{"moons/infer", "", 400, "ask POST /v1/models/moons/sample"},
		{"free/infer?timeout=1ms&draws=8000&warmup=100000", "", 503, "the time is over"},
		{"broken/infer", "", 503, "broken.star:1:"},
	} {
		code, h, b := get(t, "POST", base+"/v1/models/"+c.place, c.body)
		var p problem
		if err := json.Unmarshal(b, &p); err != nil || code != c.code || !strings.Contains(p.Detail, c.says) ||
			h.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %.400s", c.place, code, b)
		}
		if strings.Contains(string(b), dir) || strings.Contains(string(b), os.TempDir()) || h.Get("ETag") != "" {
			t.Errorf("%s: %v %s", c.place, h, b)
		}
	}
	var list struct{ Models []listed }
	_, _, b := get(t, "GET", base+"/v1/models", "")
	if err := json.Unmarshal(b, &list); err != nil || len(list.Models) != 5 {
		t.Fatalf("%v %s", err, b)
	}
	for _, m := range list.Models {
		switch m.Name {
		case "broken":
			if m.Card != nil || !strings.Contains(m.Fault, "broken.star:1:") {
				t.Errorf("%+v", m)
			}
		case "free":
			if d := m.Card.Density; m.Card.Kind != density || d.Data || len(d.Quantities) != 1 || d.Quantities[0].Name != "x" {
				t.Errorf("%+v", m.Card)
			}
		case "wide", "eight_schools":
			if d := m.Card.Density; !d.Data {
				t.Errorf("%+v", m.Card)
			}
		}
	}
	// a client that goes away ends the work
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, "POST", base+"/v1/models/free/infer?method=nuts&warmup=0&draws=800000&chains=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() {
		a, err := http.DefaultClient.Do(r)
		if err == nil {
			a.Body.Close()
			err = fmt.Errorf("%s", a.Status)
		}
		gone <- err
	}()
	soon(t, "it does not run", func() bool { return len(s.inferring) == 1 })
	cancel()
	began := time.Now()
	<-gone
	soon(t, "it still runs", func() bool { return len(s.inferring) == 0 && s.gate.running() == 0 })
	t.Log("ended after", time.Since(began))
}

// JSON with the numbers of Python becomes JSON.
func TestNulls(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":[NaN,1,-Infinity,-2,Infinity]}`:      `{"a":[null,1,null,-2,null]}`,
		`{"NaN \"Infinity\\":NaN,"b":"-Infinity"}`: `{"NaN \"Infinity\\":null,"b":"-Infinity"}`,
	} {
		var out bytes.Buffer
		if err := nulls(&out, strings.NewReader(in)); err != nil || out.String() != want {
			t.Errorf("%v: %s", err, out.String())
		}
	}
}
