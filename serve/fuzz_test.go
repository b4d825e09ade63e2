package serve

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fuzzed is a server for fuzzing, with limits that keep an answer short.
var fuzzed = sync.OnceValues(func() (*Server, error) {
	dir, err := forecasters()
	if err != nil {
		return nil, err
	}
	models := filepath.Join(trained.dir, "densities")
	if err := os.Mkdir(models, 0o777); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{
		"line": "a = param(\"a\"); s = param(\"s\", positive); a.prior(normal(0, 1)); s.prior(half_normal(1))\n" +
			"observe(normal(a * data[\"x\"], s), data[\"y\"])",
		"free": `x = param("x", shape = 2); x.prior(normal(0, 1))`, "bad": "x = "} {
		if err := os.WriteFile(filepath.Join(models, name+".star"), []byte(text), 0o666); err != nil {
			return nil, err
		}
	}
	c := config(trained.dir, trained.people, trained.text, dir, models)
	if c.Jobs, err = os.MkdirTemp(trained.dir, "jobs"); err != nil {
		return nil, err
	}
	c.MaxRows, c.MaxBody, c.Workers, c.Deadline = 50, 4096, 1, 300e6
	return New(c, Env{Version: "v0.0.0-fuzz"})
})

// sane fails on an answer that no request should get: a status that is no problem's, or a problem that is not one.
func sane(t *testing.T, s *Server, r *http.Request) {
	t.Helper()
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if e := recover(); e != nil && e != http.ErrAbortHandler {
				t.Fatalf("panic: %v", e)
			}
		}()
		s.ServeHTTP(w, r)
	}()
	switch w.Code {
	case 200, 202, 206, 304, 409, 416, 429, 401, 403, 404, 405, 406, 413, 422, 503, 400, 301, 307, 308:
	default:
		t.Fatalf("%s %s: %d %s", r.Method, r.URL, w.Code, w.Body)
	}
	var p problem
	if w.Code >= 400 && (json.Unmarshal(w.Body.Bytes(), &p) != nil || p.Status != w.Code || p.Detail == "") {
		t.Fatalf("%s %s: %d %s", r.Method, r.URL, w.Code, w.Body)
	}
	if w.Code >= 400 && strings.Contains(w.Body.String(), trained.dir) {
		t.Fatalf("a place of the disk: %s", w.Body)
	}
	// a batch gives its place back behind its answers
	soon(t, "something still runs", func() bool { return s.gate.running() == 0 && len(s.slots) == 0 })
}

// No body of a request does more than draw or be refused.
func FuzzBody(f *testing.F) {
	for _, b := range []string{``, `{}`, `{"n":2,"nfe":2}`, `{"n":1e9}`, `{"n":-1}`, `{"n":2,"nfe":2,"seed":18446744073709551615}`,
		`{"where":"label=3","guidance":1e308,"n":1,"nfe":4}`, `{"solver":"ddim:eta=0.5","nfe":3,"n":1}`,
		`{"grid":"80,24,0","n":1}`, `{"grid":"times:1,0.5,0","n":1}`, `{"solver":{"kind":"ddim","config":{"eta":1}},"n":1,"nfe":2}`,
		`{"prior":"moments","n":1,"nfe":2}`, `{"final":"denoise","n":1,"nfe":3}`, `{"epsilon":0,"n":1}`, `{"tol":1e-300,"solver":"dopri5","n":1}`,
		`{"where":"city=Rome,age=30..40","n":2,"nfe":2}`, `{"given":"0=3","n":1,"nfe":2}`, `{"n":null}`, `{"with-id":true,"n":1,"nfe":2}`,
		`{"n":1,"n":1}`, `[`, "\x00", `{"out":"/tmp/x"}`, `{"workers":99999}`, `{"nfe":2147483647,"n":1}`} {
		f.Add(b, "moons", "")
		f.Add(b, "people", "text/csv")
	}
	f.Add(`{"n":1,"nfe":2}`, "digits", "application/x-npy;q=0.5, */*;q=nan")
	f.Add(`{"n":1,"nfe":2}`, "../digits", "application/vnd.apache.parquet")
	f.Add(`{"n":1,"nfe":2}`, "text", "text/plain")
	f.Fuzz(func(t *testing.T, body, model, accept string) {
		s, err := fuzzed()
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "/v1/models/x/sample", strings.NewReader(body))
		r.URL.Path, r.URL.RawPath = "/v1/models/"+model+"/sample", "/v1/models/"+url.PathEscape(model)+"/sample"
		r.Header.Set("Accept", accept)
		sane(t, s, r)
	})
}

// No place, query or header does either.
func FuzzPlace(f *testing.F) {
	for _, place := range []string{"/", "/v1/models", "/v1/models/", "/v1/models/moons", "/v1/models/moons/sample?n=1&nfe=2",
		"/v1/models/moons/sample?n=1&nfe=2&format=npy", "/v1/models/moons/sample?timeout=1ns&n=40", "/openapi.json", "/metrics",
		"/healthz", "/readyz", "/page/page.js", "/page/../../etc/passwd", "//", "/v1/models/%2e%2e/sample",
		"/v1/models/people/sample?n=1&nfe=2&where=age%3D1..2%7Ccity", "/v1/models/moons/sample?n=1&n=2", "/v1/models/moons/sample?%ff=%00",
		"/v1/models/moons/sample?first=9007199254740991&n=1&nfe=2", "/v1/forecast", "/v1/forecast?model=base&series=api&lead=1e9&q=.5",
		"/v1/forecast?model=net&lead=9223372036854775807h", "/v1/models/base/history", "/v1/models/moons/history", "/v1/jobs",
		"/v1/jobs/0123456789abcdef", "/v1/jobs/../x/result", "/v1/jobs/x/events", "/v1/models/base"} {
		f.Add("GET", place, "If-None-Match", "*")
		f.Add("HEAD", place, "Authorization", "Bearer x")
	}
	f.Add("POST", "/v1/models/moons/sample", "Content-Length", "-1")
	f.Add("PATCH", "/v1/models/moons/sample", "Transfer-Encoding", "chunked, identity")
	f.Add("OPTIONS", "*", "Origin", "null")
	f.Add("GET", "/v1/models/moons/sample?n=1&nfe=2", "X-Request-Id", "a\tb")
	f.Fuzz(func(t *testing.T, method, place, header, value string) {
		s, err := fuzzed()
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.ParseRequestURI(place)
		if err != nil {
			return // net/http refuses it itself
		}
		for _, c := range method {
			if c < 'A' || c > 'Z' {
				return
			}
		}
		r := httptest.NewRequest("GET", "/", nil)
		if method != "" {
			r.Method = method
		}
		r.URL, r.RequestURI = u, place
		r.Header[http.CanonicalHeaderKey(header)] = []string{value}
		if method == "CONNECT" || u.Path == "" || place == "*" {
			return // net/http's own
		}
		if method == "HEAD" { // has no body to look at
			r.Method = "GET"
		}
		sane(t, s, r)
	})
}

// No rows that a model is compared with do either.
func FuzzRows(f *testing.F) {
	for _, rows := range []string{"x,y\n1,2\n3,4\n5,6\n", "", "x\n", "x,y\n1,\n,2\n", "x,y\nNaN,inf\n1e999,2\n", "\xff\xfe\x00x", "{\"x\":1}\n",
		"x,x\n1,2\n", "\"x\n", "x;y\n1;2\n3;4\n", "PAR1", "\x93NUMPY\x01\x00", "PK\x03\x04", "\x1f\x8b\x08", "age,city\n30,Rome\n40,\n",
		strings.Repeat("1,2\n", 40)} {
		f.Add(rows, "moons", "draws=1&rows=10&n=20&nfe=2")
		f.Add(rows, "people", "draws=1&rows=10&n=20&nfe=2&as=table")
	}
	f.Add("to be\nor not\n", "text", "draws=1&rows=10&n=20&nfe=2")
	f.Fuzz(func(t *testing.T, rows, model, query string) {
		s, err := fuzzed()
		if err != nil {
			t.Fatal(err)
		}
		if q, err := url.ParseQuery(query); err != nil || len(q.Get("n")) > 2 || len(q.Get("draws")) > 1 || q.Get("n") == "" ||
			q.Get("draws") == "" || q.Get("rows") == "" || len(q.Get("rows")) > 2 || q.Get("nfe") == "" || len(q.Get("nfe")) > 2 {
			return // it would take long, and be right
		}
		r := httptest.NewRequest("POST", "/v1/models/x/evaluate", strings.NewReader(rows))
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = "/v1/models/"+model+"/evaluate", "/v1/models/"+url.PathEscape(model)+
			"/evaluate", query
		sane(t, s, r)
	})
}

// No series that a model forecasts, or learns of, do either.
func FuzzSeries(f *testing.F) {
	prom := `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1772409600,"1"],[1772413200,"NaN"],[1772416800,"2e308"]]}]}}`
	for _, series := range []string{hours(0, 30), prom, strings.Replace(prom, "1772409600", "-1e300", 1), `{"status":"error","error":"x"}`, `[{}]`,
		`{"start":"2026-03-02","target":[1,2,null,"NaN"]}`, "time,y\n2026-03-02 00:00,1e300\n", "time,y\n9999-12-31 23:00,1\n0001-01-01 00:00,2\n",
		"time,y\n,\n", "ds,unique_id,y\n2026-03-02,\"a\n\",1\n", "\xff", "time,y\n2026-03-02 00:00,1\n2026-03-02 00:00,2\n",
		"time,y\n1,2\n3,4\n", "\x1f\x8b\x08", "PAR1", strings.Repeat("a,", 2000)} {
		f.Add(series, "base", "forecast", "horizon=3")
		f.Add(series, "net", "forecast", "quantiles=.5&zone=Europe/Berlin&holidays=DE")
		f.Add(series, "base", "history", "")
	}
	f.Add(hours(0, 30), "base", "forecast", "samples=5&sum=true&conformal=1&quantiles=.1,.9&total=x")
	f.Add(hours(0, 30), "net", "forecast", "horizon=99999&samples=99999")
	f.Fuzz(func(t *testing.T, series, model, place, query string) {
		s, err := fuzzed()
		if err != nil {
			t.Fatal(err)
		}
		if place != "forecast" && place != "history" {
			return
		}
		r := httptest.NewRequest("POST", "/v1/models/x/"+place, strings.NewReader(series))
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = "/v1/models/"+model+"/"+place, "/v1/models/"+url.PathEscape(model)+"/"+place,
			query
		sane(t, s, r)
	})
}

// No job does either.
func FuzzJob(f *testing.F) {
	for _, b := range []string{``, `{"n":2,"nfe":2}`, `{"n":1e9}`, `{"out":"/tmp/x"}`, `[`, "\x00", `{"n":2,"nfe":2,"seed":-1}`} {
		f.Add(b, "POST", "?model=moons&format=npy", "k")
		f.Add(b, "POST", "?model=base", "")
		f.Add(b, "POST", "?model=free&kind=infer&draws=2&warmup=2", "")
		f.Add(b, "POST", "?model=moons&kind=evaluate&rows=9&n=9", "")
		f.Add(b, "GET", "/0123456789abcdef0123456789abcdef/result?from=1&to=2", "")
		f.Add(b, "DELETE", "/0123456789abcdef0123456789abcdef", "\xff")
	}
	f.Fuzz(func(t *testing.T, body, method, place, key string) {
		s, err := fuzzed()
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.ParseRequestURI("/v1/jobs" + place)
		if err != nil || method != "POST" && method != "DELETE" && method != "GET" || strings.Contains(place, "/events") {
			return
		}
		r := httptest.NewRequest(method, "/v1/jobs", strings.NewReader(body))
		r.URL, r.RequestURI = u, u.RequestURI()
		r.Header["Idempotency-Key"] = []string{key}
		sane(t, s, r)
	})
}

// No data of which draws are inferred do either, and no settings.
func FuzzData(f *testing.F) {
	for _, data := range []string{"", `{"x":[1,2,3],"y":[1,2,4]}`, `{"x":1,"y":[[1]]}`, `{"x":[1e308,-1e308],"y":[1e308,1]}`, "x,y\n1,2\n2,3\n",
		`{"x":[],"y":[]}`, `{"x":[null,NaN],"y":[1,Infinity]}`, `{"x":"a","y":{}}`, "{", "\xff", "\x1f\x8b\x08", `{"x":[1],"x":[2]}`,
		"x,y\na,b\n", "x;y\n1,5;2\n", `{"x":[1,2],"y":[1,2,3]}`, strings.Repeat("[", 3000)} {
		f.Add(data, "line", "seed=1&method=nuts")
		f.Add(data, "line", "format=npy")
	}
	for _, q := range []string{"method=smc&format=parquet", "method=pt&temperatures=3", "method=hmc&leapfrogs=2&format=csv&chain=1",
		"method=pis&iterations=2&width=2&batch=2&steps=2", "method=stretch&walkers=6", "method=ula&step-size=1e300", "method=mala&radius=1e308",
		"method=dilation&steps=3&finish=1", "method=ess", "metric=dense&max-depth=1", "chain=0", "chains=-1", "steps=9999999&method=ais",
		"scale=NaN&method=smc", "accept=2", "method=pcn&beta=1", "method=dds&loss=kl&iterations=1&batch=2&width=2&steps=2", "whiten=meanfield&method=smc",
		"method=pdds&potential=learned&rounds=1&iterations=2&width=2&batch=2&refresh=1&refresh-draws=3"} {
		f.Add("", "free", q)
	}
	f.Add("", "bad", "")
	f.Fuzz(func(t *testing.T, data, model, query string) {
		s, err := fuzzed()
		if err != nil {
			t.Fatal(err)
		}
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for _, k := range []string{"draws", "warmup", "chains"} { // a few: it would take long, and be right
			if v := q.Get(k); v == "" || len(v) > 1 {
				q.Set(k, "4")
			}
		}
		if m := q.Get("method"); m == "smc" || m == "ais" || m == "pdds" || m == "pis" || m == "dds" || m == "stretch" || m == "dilation" || m == "ess" || m == "pcn" {
			q.Del("warmup")
		}
		r := httptest.NewRequest("POST", "/v1/models/x/infer", strings.NewReader(data))
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = "/v1/models/"+model+"/infer", "/v1/models/"+url.PathEscape(model)+"/infer", q.Encode()
		sane(t, s, r)
	})
}
