package serve

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/evaluate"
	"github.com/seed9a7962a8/ito/task/sample"
)

// The report on posted rows is that of ito eval on a file of them.
func TestEvaluate(t *testing.T) {
	c := config(trained.dir, trained.people)
	c.Workers = 1
	s, base := start(t, c)
	rows := file(t, trained.moons, ".csv", func(c *sample.Config) { c.N, c.Seed, c.NFE = 400, 9, 6 })
	name := filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(name, rows, 0o666); err != nil {
		t.Fatal(err)
	}
	e := spec.New[evaluate.Config]()
	e.Samples, e.Against, e.Rows, e.Draws, e.Of.N, e.Of.NFE = trained.moons, name, 200, 2, 500, 6
	want, err := evaluate.Run(context.Background(), e, evaluate.Env{Env: task.Env{}})
	if err != nil {
		t.Fatal(err)
	}
	const q = "/v1/models/moons/evaluate?rows=200&draws=2&n=500&nfe=6"
	code, h, b := get(t, "POST", base+q, string(rows), "Content-Type", "text/csv")
	var got evaluate.Report
	if err := json.Unmarshal(b, &got); err != nil || code != 200 || h.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v %s", code, err, b)
	}
	if got.W2 != want.W2 || got.Sliced != want.Sliced || got.Energy != want.Energy || got.Verdict == "" || bytes.Contains(b,
		[]byte(trained.dir)) || got.DataRows != 400 {
		t.Errorf("%s\n%+v", b, want)
	}
	people, err := os.ReadFile(filepath.Join(trained.dir, "more", "people.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if code, _, b := get(t, "POST", base+"/v1/models/people/evaluate?as=table&rows=100&draws=1&n=200&nfe=4",
		string(people)); code != 200 || !json.Valid(b) || !bytes.Contains(b, []byte(`"verdict"`)) || !bytes.Contains(b, []byte(`"city"`)) {
		t.Errorf("a table with types: %d %s", code, b)
	}
	for query, k := range map[string][2]string{
		"?rows=100000":        {"x,y\n1,2\n", "it is more than a server compares"},
		"?all=true":           {"x,y\n1,2\n", "it is more than a server compares"},
		"?against=/etc/group": {"x,y\n1,2\n", "against is not taken from a request"},
		"?report=/tmp":        {"x,y\n1,2\n", "report is not taken from a request"},
		"?holdout=x":          {"x,y\n1,2\n", "holdout is not taken from a request"},
		"?row=5":              {"x,y\n1,2\n", "did you mean"},
		"?draws=1":            {"", "body"},
		"?draws=2":            {"a,b,c\n1,2,3\n4,5,6\n", ""},
		"?draws=3":            {"\x00\x01\xff", ""},
	} {
		code, _, b := get(t, "POST", base+"/v1/models/moons/evaluate"+query, k[0])
		if code != 400 || !strings.Contains(string(b), k[1]) || strings.Contains(string(b), trained.dir) {
			t.Errorf("%s: %d %s", query, code, b)
		}
	}
	soon(t, "a place or a worker is still taken", func() bool { return s.gate.running() == 0 && len(s.slots) == 0 })
}

// A packed body is bounded by what it holds.
func TestEvaluateUnpacks(t *testing.T) {
	c := config(trained.moons)
	c.MaxData = 1 << 16
	_, base := start(t, c)
	pack := func(b []byte) string {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		w.Write(b)
		w.Close()
		return out.String()
	}
	rows := file(t, trained.moons, ".csv", func(c *sample.Config) { c.N, c.Seed, c.NFE = 100, 9, 6 })
	const at = "/v1/models/moons/evaluate?rows=50&draws=1&n=60&nfe=6"
	code, h, want := get(t, "POST", base+at, string(rows))
	if code != 200 || h.Get("ETag") == "" {
		t.Fatalf("%d %s", code, want)
	}
	if code, g, b := get(t, "POST", base+at, pack(rows)); code != 200 || !bytes.Equal(b, want) || g.Get("ETag") !=
		h.Get("ETag") {
		t.Errorf("%d %s", code, b)
	}
	if code, _, _ := get(t, "POST", base+at, string(rows), "If-None-Match", h.Get("ETag")); code != 304 {
		t.Error(code)
	}
	for body, want := range map[string]int{pack(make([]byte, 40<<20)): 413, pack(rows)[:60]: 400, pack([]byte(pack(
		rows))): 400, "PK\x03\x04": 400, "PAR1": 400} {
		if code, _, b := get(t, "POST", base+at, body); code != want || !strings.Contains(string(b), `"where":"body"`) {
			t.Errorf("%d, not %d: %s", code, want, b)
		}
	}
}
