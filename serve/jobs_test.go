package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/task/sample"
)

// jobServer is a server with jobs that run until stop.
func jobServer(t *testing.T, c Config) (s *Server, base string, stop func()) {
	t.Helper()
	s, err := New(c, Env{Version: "v0.0.0-test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.jobs.run(ctx) }()
	h := httptest.NewServer(s)
	stop = func() { cancel(); <-done; h.Close() }
	t.Cleanup(stop)
	return s, h.URL, stop
}

func jobOf(t *testing.T, b []byte) (j Job) {
	t.Helper()
	if err := json.Unmarshal(b, &j); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return j
}

// ended waits for the end of a job.
func ended(t *testing.T, base, id string) (j Job) {
	t.Helper()
	soon(t, "the job does not end", func() bool {
		_, _, b := get(t, "GET", base+"/v1/jobs/"+id, "")
		j = jobOf(t, b)
		return j.Ended != nil
	})
	return j
}

// A job has the bytes of ito sample, whole and in parts; the same request is the same job; it can be watched,
// cancelled and removed.
func TestJobs(t *testing.T) {
	c := config(trained.dir)
	c.Jobs = filepath.Join(t.TempDir(), "jobs")
	_, base, _ := jobServer(t, c)
	ask := func(query, body string, header ...string) (int, Job) {
		code, _, b := get(t, "POST", base+"/v1/jobs?"+query, body, header...)
		if code != 202 {
			return code, Job{Error: string(b)}
		}
		return code, jobOf(t, b)
	}
	for _, format := range []string{"csv", "npy", "parquet"} {
		code, j := ask("model=moons&format="+format, `{"n": 2500, "seed": 7, "nfe": 4}`)
		if code != 202 || j.Total != 2500 || j.Format != format {
			t.Fatalf("%s: %d %+v", format, code, j)
		}
		if j = ended(t, base, j.ID); j.State != jobDone || j.Done != 2500 || j.Result == "" || j.Expires == nil {
			t.Fatalf("%+v", j)
		}
		want := file(t, trained.moons, "."+format, small(2500, 7, 4))
		code, h, b := get(t, "GET", base+j.Result, "")
		if code != 200 || !bytes.Equal(b, want) || j.Bytes != int64(len(want)) || h.Get("ETag") != `"`+j.ID+`"` {
			t.Errorf("%s: %d, %d bytes of %d", format, code, len(b), len(want))
		}
		if code, _, b := get(t, "GET", base+j.Result, "", "Range", "bytes=1000-", "If-Range", `"`+j.ID+`"`); code != 206 ||
			!bytes.Equal(b, want[1000:]) {
			t.Errorf("%s: the rest: %d, %d bytes", format, code, len(b))
		}
		if code, _, _ := get(t, "GET", base+j.Result, "", "If-None-Match", `"`+j.ID+`"`); code != 304 {
			t.Errorf("%s: %d", format, code)
		}
		_, again := ask("model=moons&format="+format, `{"nfe": 4, "seed": 7, "n": 2500}`)
		_, h, _ = get(t, "GET", base+"/v1/models/moons/sample?n=2500&seed=7&nfe=4&format="+format, "")
		if again.ID != j.ID || again.State != jobDone || h.Get("ETag") != `"`+j.ID+`"` {
			t.Errorf("%s: another job: %+v", format, again)
		}
	}
	_, j := ask("model=digits&format=npy", `{"n": 900000, "nfe": 500}`, "Idempotency-Key", "k")
	if code, other := ask("model=digits&format=npy", `{"n": 3, "nfe": 4}`, "Idempotency-Key", "k"); code != 409 {
		t.Errorf("a key for two requests: %d %+v", code, other)
	}
	_, next := ask("model=moons", `{"n": 5, "nfe": 4}`)
	soon(t, "it does not run", func() bool {
		_, _, b := get(t, "GET", base+"/v1/jobs/"+j.ID, "")
		return jobOf(t, b).State == jobRunning
	})
	if _, _, b := get(t, "GET", base+"/v1/jobs/"+next.ID, ""); jobOf(t, b).Position != 1 {
		t.Errorf("%s", b)
	}
	if code, h, _ := get(t, "GET", base+"/v1/jobs/"+j.ID+"/result", ""); code != 409 || h.Get("Retry-After") == "" {
		t.Errorf("a result before its end: %d", code)
	}
	if code, _, b := get(t, "DELETE", base+"/v1/jobs/"+j.ID, ""); code != 200 || jobOf(t, b).State != jobCancelled {
		t.Errorf("%d %s", code, b)
	}
	if next = ended(t, base, next.ID); next.State != jobDone {
		t.Errorf("%+v", next)
	}
	events, err := http.Get(base + "/v1/jobs/" + next.ID + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	text, _ := bufio.NewReader(events.Body).ReadString('{')
	if events.Header.Get("Content-Type") != "text/event-stream" || text != "event: job\ndata: {" {
		t.Errorf("%q", text)
	}
	for id := range map[string]bool{j.ID: true, next.ID: true} {
		if code, _, b := get(t, "DELETE", base+"/v1/jobs/"+id, ""); code != 200 {
			t.Errorf("%d %s", code, b)
		}
		if code, _, _ := get(t, "GET", base+"/v1/jobs/"+id, ""); code != 404 {
			t.Errorf("after it is removed: %d", code)
		}
	}
	if left, _ := os.ReadDir(c.Jobs); len(left) != 6 { // three jobs and their results
		t.Errorf("%v", left)
	}
	for query, want := range map[string]string{"model=mons": "moons", "model=moons&format=json": "format",
		"model=moons&x=1": "there is no such setting", "": "there is no model"} {
		if code, j := ask(query, `{}`); code/100 != 4 || !strings.Contains(j.Error, want) {
			t.Errorf("%s: %d %s", query, code, j.Error)
		}
	}
	if code, j := ask("model=moons", `{"solver": "huen"}`); code != 400 || !strings.Contains(j.Error, "heun") {
		t.Errorf("%d %s", code, j.Error)
	}
}

// A job that was interrupted goes on when the server starts again, to the same bytes; one whose model has changed is
// not done by another.
func TestJobsGoOn(t *testing.T) {
	dir := t.TempDir()
	b, err := os.ReadFile(trained.moons)
	if err != nil {
		t.Fatal(err)
	}
	m := filepath.Join(dir, "m.safetensors")
	replace(t, m, b)
	c := config(dir)
	c.Jobs, c.Workers, c.JobExpiry = filepath.Join(dir, "jobs"), 1, time.Minute
	s, base, stop := jobServer(t, c)
	_, _, b = get(t, "POST", base+"/v1/jobs?model=m&format=npy", `{"n": 40000, "nfe": 20, "seed": 3}`)
	j := jobOf(t, b)
	_, _, b = get(t, "POST", base+"/v1/jobs?model=m&format=npy", `{"n": 10, "nfe": 20, "seed": 4}`)
	second := jobOf(t, b)
	soon(t, "nothing is written", func() bool {
		got, _, _ := s.jobs.get(j.ID)
		return got.Done > 0
	})
	stop()
	if now, _, _ := s.jobs.get(j.ID); now.State == jobDone {
		t.Skip("this machine is too fast")
	}
	if _, err := os.Stat(filepath.Join(c.Jobs, sample.Partial(j.ID+".npy"))); err != nil {
		t.Error(err)
	}
	_, base, stop = jobServer(t, c)
	if j = ended(t, base, j.ID); j.State != jobDone {
		t.Fatalf("%+v", j)
	}
	_, _, got := get(t, "GET", base+j.Result, "")
	if want := file(t, trained.moons, ".npy", small(40000, 3, 20)); !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d", len(got), len(want))
	}
	if second = ended(t, base, second.ID); second.State != jobDone {
		t.Errorf("%+v", second)
	}
	stop()
	// a job of a model that is another by now
	s, err = New(c, Env{Version: "v0.0.0-test"})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	defer h.Close()
	_, _, b = get(t, "POST", h.URL+"/v1/jobs?model=m", `{"n": 10, "nfe": 4}`)
	third := jobOf(t, b)
	digits, err := os.ReadFile(trained.digits)
	if err != nil {
		t.Fatal(err)
	}
	replace(t, m, digits)
	c.JobExpiry = time.Millisecond
	s, _, _ = jobServer(t, c)
	soon(t, "it is not done", func() bool {
		j, _, err := s.jobs.get(third.ID)
		if err == nil && j.State == jobFailed && !strings.Contains(j.Error, "has changed") {
			t.Errorf("%+v", j)
		}
		return err != nil // it has ended, and expired
	})
	if _, err := os.Stat(filepath.Join(c.Jobs, third.ID+".json")); err == nil {
		t.Error("an expired job has a file")
	}
}

// A job that fails says why without a place of the disk, and asking again begins it anew.
func TestJobFails(t *testing.T) {
	c := config(trained.moons)
	c.Jobs = filepath.Join(t.TempDir(), "jobs")
	s, err := New(c, Env{Version: "v0.0.0-test"})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	defer h.Close()
	_, _, b := get(t, "POST", h.URL+"/v1/jobs?model=moons&format=csv", `{"n": 10, "nfe": 4}`)
	j := jobOf(t, b)
	name := filepath.Join(c.Jobs, j.ID+".csv")
	if err := os.WriteFile(name, []byte("x,y\n1,2\n"), 0o666); err != nil { // another's
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.jobs.run(ctx) }()
	if j = ended(t, h.URL, j.ID); j.State != jobFailed || j.Error == "" || strings.Contains(j.Error, c.Jobs) {
		t.Errorf("%+v", j)
	}
	os.Remove(name)
	_, _, b = get(t, "POST", h.URL+"/v1/jobs?model=moons&format=csv", `{"n": 10, "nfe": 4}`)
	if j = ended(t, h.URL, jobOf(t, b).ID); j.State != jobDone {
		t.Errorf("%+v", j)
	}
	cancel()
	<-done
}

// A full disk is told in words, and what was drawn before stays, for the same request.
func TestJobDiskFull(t *testing.T) {
	c := config(trained.moons)
	c.Jobs = filepath.Join(t.TempDir(), "jobs")
	s, err := New(c, Env{Version: "v0.0.0-test"})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	defer h.Close()
	const body = `{"n": 40000, "seed": 7, "nfe": 4}`
	_, _, b := get(t, "POST", h.URL+"/v1/jobs?model=moons&format=csv", body)
	id := jobOf(t, b).ID
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); s.jobs.run(ctx) }()
	s.jobs.mu.Lock()
	j := s.jobs.all[id]
	s.jobs.mu.Unlock()
	partial := sample.Partial(s.jobs.file(j))
	soon(t, "nothing is written", func() bool { info, err := os.Stat(partial); return err == nil && info.Size() > 0 })
	cancel()
	<-done
	s.jobs.mu.Lock()
	s.jobs.waiting = nil
	s.jobs.fail(j, &fs.PathError{Op: "write", Path: partial, Err: syscall.ENOSPC})
	s.jobs.mu.Unlock()
	_, _, b = get(t, "GET", h.URL+"/v1/jobs/"+id, "")
	if k := jobOf(t, b); k.State != jobFailed || !strings.Contains(k.Error, "the disk of the server is full; send it again") {
		t.Errorf("%+v", k)
	}
	if _, err := os.Stat(partial); err != nil {
		t.Error(err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	done = make(chan struct{})
	go func() { defer close(done); s.jobs.run(ctx) }()
	get(t, "POST", h.URL+"/v1/jobs?model=moons&format=csv", body)
	if k := ended(t, h.URL, id); k.State != jobDone {
		t.Errorf("%+v", k)
	}
	_, _, got := get(t, "GET", h.URL+"/v1/jobs/"+id+"/result", "")
	if _, _, want := get(t, "POST", h.URL+"/v1/models/moons/sample?format=csv", body); !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %d", len(got), len(want))
	}
	cancel()
	<-done
}
