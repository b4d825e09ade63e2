package serve

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task/sample"
	"github.com/seed9a7962a8/ito/task/train"
)

// trained are the files of small models.
var trained struct{ dir, moons, digits, people, text string }

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ito-serve-")
	if err != nil {
		panic(err)
	}
	trained.dir = dir
	trained.moons, trained.digits = filepath.Join(dir, "moons.safetensors"), filepath.Join(dir, "digits.safetensors")
	more := filepath.Join(dir, "more")
	if err := os.Mkdir(more, 0o777); err != nil {
		panic(err)
	}
	people, text := filepath.Join(more, "people.csv"), filepath.Join(more, "text.txt")
	trained.people, trained.text = people[:len(people)-4]+".safetensors", text[:len(text)-4]+".safetensors"
	table := "who,age,city,paid,since\n"
	for i := range 300 {
		city := []string{"Rome", "Oslo, N", ""}[i%7%3]
		table += fmt.Sprintf("a%04d,%d,%q,%t,2024-%02d-%02d\n", i, 20+i*i%50, city, i%3 == 0, 1+i%12, 1+i%28)
	}
	for name, content := range map[string]string{people: table, text: strings.Repeat("to be or not to be. ", 50)} {
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			panic(err)
		}
	}
	for _, c := range []struct{ out, data, path, condition string }{{trained.moons, "moons", "vp", ""},
		{trained.digits, "../examples/digits.csv", "vp", "label"}, {trained.people, people, "auto", ""},
		{trained.text, text, "auto", ""}} {
		t := spec.New[train.Config]()
		t.Data, t.Out, t.Path, t.Steps, t.Batch, t.Width, t.Depth, t.Seed = c.data, c.out, c.path, 60, 32, 16, 1, 3
		var env train.Env
		if c.condition != "" {
			t.Condition = []string{c.condition}
			env.Open = data.Open // as plain numbers
		}
		if _, err := train.Run(context.Background(), t, env); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

func config(places ...string) Config {
	c := spec.New[Config]()
	c.Models = places
	return c
}

// start serves models on loopback.
func start(t testing.TB, c Config) (*Server, string) {
	t.Helper()
	s, err := New(c, Env{Version: "v0.0.0-test"})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h.URL
}

// get asks and returns status, header and body.
func get(t testing.TB, method, url, body string, header ...string) (int, http.Header, []byte) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, a.Header, b
}

// file is what "ito sample" writes.
func file(t testing.TB, model, end string, change func(*sample.Config)) []byte {
	t.Helper()
	c := spec.New[sample.Config]()
	c.Model, c.Out = model, filepath.Join(t.TempDir(), "s"+end)
	change(&c)
	if _, err := sample.Run(context.Background(), c, sample.Env{}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// An answer has the bytes of ito sample: by body and by query, with conditions and guidance, from two servers, many at
// a time, and in parts.
func TestSameBytes(t *testing.T) {
	type ask struct {
		model, body, query string
		change             func(*sample.Config)
	}
	asks := []ask{
		{"moons", `{"n": 3000, "seed": 7, "nfe": 6}`, "n=3000&seed=7&nfe=6", func(c *sample.Config) {
			c.N, c.Seed, c.NFE = 3000, 7, 6
		}},
		{"moons", `{"n": 5, "first": 1000, "with-id": true, "solver": "ddim:eta=0.5", "nfe": 7}`,
			"n=5&first=1000&with-id=true&solver=ddim%3Aeta%3D0.5&nfe=7", func(c *sample.Config) {
				c.N, c.First, c.WithID, c.Solver, c.NFE = 5, 1000, true, "ddim:eta=0.5", 7
			}},
		{"digits", `{"n": 40, "where": "label=3", "guidance": 2, "nfe": 8}`, "n=40&where=label%3D3&guidance=2&nfe=8",
			func(c *sample.Config) { c.N, c.Where, c.Guidance, c.NFE = 40, "label=3", 2, 8 }},
	}
	c := config(trained.dir)
	c.Workers = 3
	_, one := start(t, c)
	c.Workers, c.Requests = 1, 2
	_, two := start(t, c)
	done := make(chan error)
	count := 0
	for _, a := range asks {
		path := map[string]string{"moons": trained.moons, "digits": trained.digits}[a.model]
		for _, f := range formats {
			if f.json || f.name == "text" {
				continue
			}
			want := file(t, path, f.end, a.change)
			for _, base := range []string{one, two} {
				for _, body := range []bool{true, false} {
					count++
					go func() {
						at := base + "/v1/models/" + a.model + "/sample"
						var r *http.Request
						if body {
							r, _ = http.NewRequest("POST", at, strings.NewReader(a.body))
							r.Header.Set("Accept", f.media)
						} else {
							r, _ = http.NewRequest("GET", at+"?"+a.query+"&format="+f.name, nil)
						}
						resp, err := http.DefaultClient.Do(r)
						if err != nil {
							done <- err
							return
						}
						defer resp.Body.Close()
						got, err := io.ReadAll(resp.Body)
						if err == nil && (resp.StatusCode != 200 || !bytes.Equal(got, want)) {
							err = fmt.Errorf("%s %s: %d, %d bytes of %d", a.body, f.name, resp.StatusCode, len(got),
								len(want))
						}
						done <- err
					}()
				}
			}
		}
	}
	for range count {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	whole := file(t, trained.moons, ".csv", func(c *sample.Config) { c.N, c.NFE = 30, 4 })
	var parts []byte
	for first := 0; first < 30; first += 10 {
		_, _, b := get(t, "GET", fmt.Sprintf("%s/v1/models/moons/sample?n=10&first=%d&nfe=4&format=csv", one, first), "")
		if first > 0 {
			_, b, _ = bytes.Cut(b, []byte("\n"))
		}
		parts = append(parts, b...)
	}
	if !bytes.Equal(parts, whole) {
		t.Error("three parts are not the whole")
	}
}

// JSON and lines of JSON have the numbers of a sink, and ids.
func TestJSON(t *testing.T) {
	_, base := start(t, config(trained.dir))
	var want ito.States
	c := spec.New[sample.Config]()
	c.Model, c.N, c.First, c.NFE = trained.moons, 4, 12, 6
	if _, err := sample.Run(context.Background(), c, sample.Env{Sink: func(x ito.States) error {
		want.X, want.ID = append(want.X, x.X...), append(want.ID, x.ID...)
		return nil
	}}); err != nil {
		t.Fatal(err)
	}
	at := base + "/v1/models/moons/sample"
	_, h, b := get(t, "POST", at, `{"n":4,"first":12,"nfe":6}`)
	var got struct {
		jsonHead
		Rows   [][]float64
		Solver string
		Steps  int
		NFE    int
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	if h.Get("Content-Type") != "application/json" || got.Model != "moons" || got.First != 12 || got.N != 4 || len(
		got.Columns) != 2 || got.Solver != "heun" || got.NFE != 6 || got.File != h.Get("Ito-Model-Digest") ||
		`"`+got.Digest+`"` != h.Get("ETag") ||
		!slices.Equal(slices.Concat(got.Rows...), want.X) {
		t.Errorf("%s", b)
	}
	_, h, b = get(t, "POST", at, `{"n":4,"first":12,"nfe":6}`, "Accept", "text/html, application/x-ndjson;q=0.9")
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if h.Get("Content-Type") != "application/x-ndjson" || len(lines) != 4 {
		t.Fatalf("%s", b)
	}
	for i, l := range lines {
		var row map[string]float64
		if err := json.Unmarshal([]byte(l), &row); err != nil || len(row) != 3 || row["id"] != float64(want.ID[i]) ||
			row[got.Columns[0]] != want.X[2*i] || row[got.Columns[1]] != want.X[2*i+1] {
			t.Errorf("%s, %v", l, err)
		}
	}
	_, _, b = get(t, "GET", base+"/v1/models/digits/sample?n=1&nfe=2", "")
	if !bytes.Contains(b, []byte(`"notes":["no where: label of every sample is drawn by its share in the data`)) {
		t.Errorf("no note: %.300s", b)
	}
}

// A table with types has words, dates and gaps in every format, and the bytes of ito sample; text is text.
func TestTypes(t *testing.T) {
	_, base := start(t, config(trained.people, trained.text))
	change := func(c *sample.Config) { c.N, c.NFE, c.Where = 20, 6, "paid=true" }
	const q = "/v1/models/people/sample?n=20&nfe=6&where=paid%3Dtrue"
	for _, format := range []string{"csv", "parquet"} {
		code, _, b := get(t, "GET", base+q+"&format="+format, "")
		if code != 200 || !bytes.Equal(b, file(t, trained.people, "."+format, change)) {
			t.Errorf("%s: %d %.300s", format, code, b)
		}
	}
	if code, _, b := get(t, "GET", base+q+"&format=npy", ""); code != 400 || !strings.Contains(string(b),
		"an npy file holds numbers") {
		t.Errorf("npy: %d %s", code, b)
	}
	rows, err := csv.NewReader(bytes.NewReader(file(t, trained.people, ".csv", change))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	_, _, b := get(t, "GET", base+q, "", "Accept", "application/x-ndjson")
	gaps := 0
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil || len(got) != 6 {
			t.Fatalf("%s: %v", line, err)
		}
		for k, name := range rows[0] {
			want := rows[i+1][k]
			switch v := got[name].(type) {
			case nil:
				gaps++
				if want != "" {
					t.Errorf("row %d %s: null, not %s", i, name, want)
				}
			case float64:
				if name != "age" || fmt.Sprint(v) != want {
					t.Errorf("row %d %s: %v, not %s", i, name, v, want)
				}
			case string:
				if v != want || name == "paid" && v != "true" {
					t.Errorf("row %d %s: %q, not %q", i, name, v, want)
				}
			}
		}
	}
	if gaps == 0 {
		t.Error("no city is missing")
	}
	var c Card
	_, _, b = get(t, "GET", base+"/v1/models/people", "")
	if err := json.Unmarshal(b, &c); err != nil || len(c.Columns) != 5 || c.Columns[2].Type != "category" || len(
		c.Columns[2].Levels) != 2 || *c.Columns[1].Low != 20 || c.Example == "" || len(c.Conditions) < 4 {
		t.Errorf("%v %s", err, b)
	}
	code, h, b := get(t, "GET", base+"/v1/models/text/sample?n=3&nfe=4&format=text", "")
	few := func(c *sample.Config) { c.N, c.NFE = 3, 4 }
	if code != 200 || !strings.HasPrefix(h.Get("Content-Type"), "text/plain") || !bytes.Equal(b, file(t, trained.text,
		".txt", few)) {
		t.Errorf("text: %d %s", code, b)
	}
}

// A tag names the bytes: it changes with whatever changes them, and a client that has them gets nothing.
func TestTags(t *testing.T) {
	s, base := start(t, config(trained.dir))
	at := base + "/v1/models/moons/sample?nfe=2"
	tags := map[string]string{}
	for _, q := range []string{"&n=3", "&n=4", "&n=3&seed=2", "&n=3&first=1", "&n=3&solver=euler", "&n=3&format=csv",
		"&n=3&format=npy"} {
		code, h, _ := get(t, "GET", at+q, "")
		if code != 200 || len(h.Get("ETag")) != 34 || tags[h.Get("ETag")] != "" {
			t.Errorf("%s: %d, %s like %s", q, code, h.Get("ETag"), tags[h.Get("ETag")])
		}
		tags[h.Get("ETag")] = q
	}
	code, h, _ := get(t, "POST", base+"/v1/models/moons/sample", `{"nfe":2,"n":3,"guidance":1.0}`)
	if code != 200 || tags[h.Get("ETag")] != "&n=3" {
		t.Errorf("the same request by its body: %s", h.Get("ETag"))
	}
	tag := h.Get("ETag")
	for header, want := range map[string]int{tag: 304, `"x", W/` + tag: 304, "*": 304, `"x"`: 200} {
		code, h, b := get(t, "GET", at+"&n=3", "", "If-None-Match", header)
		if code != want || h.Get("ETag") != tag || (len(b) == 0) != (want == 304) {
			t.Errorf("%s: %d, %d bytes", header, code, len(b))
		}
	}
	m, err := s.models.get("moons")
	if err != nil {
		t.Fatal(err)
	}
	a := &asked{model: m, c: spec.New[sample.Config](), format: formats[0]}
	again := &asked{model: m, c: spec.New[sample.Config](), format: formats[0]}
	if a.digest("v1.0.0") == a.digest("v1.0.1") || a.digest("devel") != again.digest("devel") {
		t.Error("two versions have one tag, or one has two")
	}
	code, h, b := get(t, "HEAD", at+"&n=3&format=npy", "")
	if _, g, all := get(t, "GET", at+"&n=3&format=npy", ""); code != 200 || len(b) != 0 || h.Get("ETag") != g.Get(
		"ETag") || h.Get("Content-Length") != fmt.Sprint(len(all)) || !strings.Contains(g.Get("Content-Disposition"),
		"moons-seed1-0-2.npy") {
		t.Errorf("HEAD: %d %v, %v", code, h, g)
	}
}

// small is a change to a few samples.
func small(n int, seed uint64, nfe int) func(*sample.Config) {
	return func(c *sample.Config) { c.N, c.Seed, c.NFE = n, seed, nfe }
}
