package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task/sample"
)

// What cannot be is refused before any work, in the words of the command line, as a problem, without a place of the
// disk.
func TestProblems(t *testing.T) {
	c := config(trained.dir)
	c.MaxRows, c.MaxBody = 1000, 300
	s, base := start(t, c)
	const at = "/v1/models/moons/sample"
	for _, k := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", at, `{"n": 0}`, 400, "n: 0 samples; give 1 or more"},
		{"POST", at, `{"n": 1001}`, 400, "n: 1001 samples are more than 1000"},
		{"POST", at, `{"n": 1.5}`, 400, "n is an integer, not 1.5"},
		{"POST", at, `{"n": 1e400}`, 400, "n is an integer"},
		{"POST", at, `{"first": 18446744073709551615}`, 400, "ids beyond 2⁵³"},
		{"POST", at, `{"seeed": 2}`, 400, `unknown key "seeed"; did you mean "seed"?`},
		{"POST", at, `{"n": 2, "n": 3}`, 400, `the key "n" twice`},
		{"POST", at, `{"n": 2} x`, 400, "body:1:"},
		{"POST", at, `[1]`, 400, "not an object"},
		{"POST", at, "\x00\xff", 400, "body:1:"},
		{"POST", at, `{"solver": "huen"}`, 400, `unknown solver "huen"; did you mean "heun"?`},
		{"POST", at, `{"solver": "dopri5", "nfe": 5}`, 400, "nfe: dopri5 chooses its own steps"},
		{"POST", at, `{"nfe": 1}`, 400, "network calls"},
		{"POST", at, `{"where": "label=3"}`, 400, "the model was trained without conditions"},
		{"POST", at, `{"grid": "/etc/passwd"}`, 400, "unknown grid"},
		{"POST", at, `{"prior": "moment"}`, 400, `did you mean "moments"?`},
		{"POST", "/v1/models/digits/sample", `{"where": "lable=3"}`, 400, `did you mean "label"?`},
		{"POST", "/v1/models/digits/sample", `{"where": "label=11"}`, 400, "\"11\" is not one of its levels"},
		{"POST", at, `{"guidance": 3}`, 400, "guidance: there is no condition to guide by"},
		{"POST", at, `{"where": "` + strings.Repeat("x", 400) + `"}`, 413, "the body is larger than 300 bytes; send less"},
		{"GET", at + "?n=two", "", 400, "n: it is an integer, not text"},
		{"GET", at + "?n=1&n=2", "", 400, "n: it is given 2 times"},
		{"GET", at + "?format=xml", "", 400, `unknown format "xml"; choose one of json`},
		{"GET", at + "?format=text", "", 400, "format: the model was not trained on text"},
		{"GET", at + "?timeout=0", "", 400, "timeout"},
		{"GET", at + "?%zz", "", 400, "escape it"},
		{"GET", "/v1/models/mons/sample", "", 404, `there is no model "mons"; did you mean "moons"?`},
		{"GET", "/v1/models/..%2F..%2Fetc%2Fpasswd", "", 404, "there is no model"},
		{"GET", "/v1/models/digit", "", 404, `did you mean "digits"?`},
		{"GET", "/v1/modles", "", 404, "there is nothing at"},
		{"PUT", at, "", 405, "use GET or POST"},
		{"DELETE", "/v1/models", "", 405, "use GET"},
	} {
		code, h, b := get(t, k.method, base+k.path, k.body)
		var p problem
		if err := json.Unmarshal(b, &p); err != nil || code != k.status || p.Status != code || p.Title !=
			http.StatusText(code) || h.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %v %s", k.path, k.body, code, err, b)
			continue
		}
		if !strings.Contains(p.Detail, k.want) {
			t.Errorf("%s %s: %s\nwant %s", k.path, k.body, p.Detail, k.want)
		}
		for _, never := range []string{trained.dir, os.TempDir(), "`", "--", ".go:"} {
			if strings.Contains(string(b), never) {
				t.Errorf("%s %s: %q in %s", k.path, k.body, never, b)
			}
		}
	}
	if code, _, b := get(t, "POST", base+at, `{}`, "Accept", "image/png"); code != 406 || !strings.Contains(string(b),
		"text/csv") {
		t.Errorf("%d %s", code, b)
	}
	if code, _, b := get(t, "POST", base+at, `{}`, "Origin", "https://elsewhere.example", "Sec-Fetch-Site",
		"cross-site"); code != 403 {
		t.Errorf("from another site: %d %s", code, b)
	}
	if n := s.gate.running(); n != 0 {
		t.Errorf("%d are running", n)
	}
}

// No request sets what is local, by its body or its query.
func TestLocalFields(t *testing.T) {
	_, base := start(t, config(trained.dir))
	names := spec.LocalNames(sample.Config{})
	if len(names) < 7 {
		t.Fatalf("%q", names)
	}
	for _, name := range names {
		for _, url := range []string{base + "/v1/models/moons/sample", base + "/v1/models/moons/sample?" +
			url.QueryEscape(name) + "=1"} {
			body := fmt.Sprintf(`{%q: null}`, name)
			if strings.Contains(url, "?") {
				body = ""
			}
			if code, _, b := get(t, "POST", url, body); code != 400 || !strings.Contains(string(b),
				name+" is not taken from a request") {
				t.Errorf("%s: %d %s", name, code, b)
			}
		}
	}
	_, _, b := get(t, "GET", base+"/openapi.json", "")
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]any
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatalf("%v %s", err, doc.OpenAPI)
	}
	have := doc.Components.Schemas["SampleRequest"].Properties
	for _, p := range spec.Properties(sample.Config{}) {
		if have[p.Key] == nil {
			t.Errorf("%s is not in the document", p.Key)
		}
		delete(have, p.Key)
	}
	if len(have) > 0 || len(doc.Paths) != 8 {
		t.Errorf("in the document: %v, %d paths", have, len(doc.Paths))
	}
}
