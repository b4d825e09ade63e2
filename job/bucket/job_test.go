package bucket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/seed9a7962a8/ito/job"
	"github.com/seed9a7962a8/ito/job/bucket"
	"github.com/seed9a7962a8/ito/store"
)

// linesConfig is a kind of job whose result is known: the numbers from 0 on, a line each.
type linesConfig struct {
	N   int    `default:"300"`
	Out string `where:"local"`
}

func init() {
	job.Register(job.Kind[linesConfig]{Name: "lines", Out: func(c *linesConfig) *string { return &c.Out },
		Inputs: func(*linesConfig) []job.Reference { return nil },
		Open:   func(_ context.Context, c *linesConfig, _ job.Env) (job.Work, error) { return lines(*c), nil }})
}

type lines linesConfig

func (c lines) Total() int64 { return int64(c.N) }
func (c lines) Most() int    { return c.N }
func (c lines) Close()       {}

func (c lines) Shard(_ context.Context, i, n, _ int, w io.Writer, _ func(int64)) (int64, error) {
	from, to := i*c.N/n, (i+1)*c.N/n
	for k := from; k < to; k++ {
		if _, err := fmt.Fprintln(w, k); err != nil {
			return 0, err
		}
	}
	return int64(to - from), nil
}

func (c lines) Join(_ context.Context, parts []job.Part) ([]string, error) {
	return []string{c.Out}, store.WriteFile(c.Out, func(w io.Writer) error {
		for _, p := range parts {
			r, err := p.Open()
			if err != nil {
				return err
			}
			_, err = io.Copy(w, r)
			if err = errors.Join(err, r.Close()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Two processes that compute all shards of a job at once, over a server that loses replies and is busy, one object
// damaged between, make the result and remove the shards.
func TestJob(t *testing.T) {
	o := &objects{all: map[string][]byte{}, drop: 5, refuse: 3}
	server := httptest.NewServer(o)
	defer server.Close()
	out := filepath.Join(t.TempDir(), "out")
	manifest, err := job.Parse("m.toml", fmt.Sprintf("kind = \"lines\"\nshards = 12\nout = %q\n", out))
	if err != nil {
		t.Fatal(err)
	}
	open := func() *job.Job {
		s, err := bucket.Open(t.Context(), "s3+"+server.URL+"/bucket/job")
		if err != nil {
			t.Fatal(err)
		}
		j, err := job.Open(t.Context(), manifest, s, job.Env{})
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	both := []*job.Job{open(), open()}
	var wg sync.WaitGroup
	for _, j := range both {
		wg.Go(func() {
			if _, err := j.Run(t.Context(), job.Indexed{Index: 0, Of: 1, Local: job.Local{Workers: 2}}, true,
				nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	o.mu.Lock()
	if o.taken == 0 || o.drop+o.refuse > 0 {
		t.Errorf("%d writes came second, %d faults are left", o.taken, o.drop+o.refuse)
	}
	o.all["/job/shard-000003"][2] ^= 1
	o.all["/job/shard-000004"] = o.all["/job/shard-000004"][:5]
	o.mu.Unlock()
	s, err := both[0].Run(t.Context(), job.Local{Workers: 1}, false, nil)
	if err != nil || s.Result == nil {
		t.Fatalf("%+v, %v", s, err)
	}
	var want strings.Builder
	for k := range 300 {
		fmt.Fprintln(&want, k)
	}
	got, err := os.ReadFile(out)
	if err != nil || string(got) != want.String() {
		t.Errorf("the result is %q, %v", got, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.all) != 2 { // the plan and the receipts
		t.Errorf("%d objects are left", len(o.all))
	}
}
