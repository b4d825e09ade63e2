package serve

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/task/sample"
)

// Small requests that wait for a worker are drawn together, each with its own bytes; one whose client goes away takes
// nothing from the others; one that cannot be is refused alone; others of the same model are another batch.
func TestBatch(t *testing.T) {
	c := config(trained.dir)
	c.Workers = 1
	s, base := start(t, c)
	s.slots <- struct{}{} // the worker is busy
	const many = 40
	var wg sync.WaitGroup
	for k := range many {
		n, seed, first := 1+k%3, 1+k/2, k%5
		query, change := fmt.Sprintf("n=%d&seed=%d&first=%d&nfe=6&format=csv", n, seed, first), func(c *sample.Config) {
			c.N, c.Seed, c.First, c.NFE = n, uint64(seed), uint64(first), 6
		}
		if k%10 == 3 {
			query, change = query+"&solver=ddim:eta=0.5", func(f func(*sample.Config)) func(*sample.Config) {
				return func(c *sample.Config) { f(c); c.Solver = "ddim:eta=0.5" }
			}(change)
		}
		want := file(t, trained.moons, ".csv", change)
		wg.Go(func() {
			code, _, b := get(t, "GET", base+"/v1/models/moons/sample?"+query, "")
			if code != 200 || !bytes.Equal(b, want) {
				t.Errorf("%s: %d %s, want %s", query, code, b, want)
			}
		})
	}
	ctx, leave := context.WithCancel(context.Background())
	wg.Go(func() {
		r, _ := http.NewRequestWithContext(ctx, "GET", base+"/v1/models/moons/sample?n=2&nfe=6&seed=99", nil)
		if a, err := http.DefaultClient.Do(r); err == nil {
			a.Body.Close()
			t.Error("it was answered")
		}
	})
	wg.Go(func() {
		code, _, b := get(t, "GET", base+"/v1/models/moons/sample?n=1&nfe=6&first=9007199254740993", "")
		if code != 400 || !strings.Contains(string(b), "beyond 2⁵³") {
			t.Errorf("%d %s", code, b)
		}
	})
	waits := func(n int64) {
		for began := time.Now(); ; time.Sleep(time.Millisecond) {
			s.batcher.mu.Lock()
			left := 0
			for _, b := range s.batcher.open {
				left += b.left
			}
			s.batcher.mu.Unlock()
			if int64(left) == n {
				return
			}
			if time.Since(began) > 20*time.Second {
				t.Fatalf("%d wait, not %d", left, n)
			}
		}
	}
	waits(many + 1)
	leave()
	waits(many)
	<-s.slots
	wg.Wait()
	_, _, b := get(t, "GET", base+"/metrics", "")
	if !strings.Contains(string(b), "ito_batch_requests_count 2\n") || !strings.Contains(string(b),
		"ito_batch_requests_sum 41\n") {
		t.Errorf("%.3000s", b)
	}
	soon(t, "workers are busy", func() bool { return len(s.slots) == 0 })
	s.batcher.mu.Lock()
	defer s.batcher.mu.Unlock()
	if len(s.batcher.open) != 0 {
		t.Errorf("%d batches are open", len(s.batcher.open))
	}
}

// Rows of a table with types are drawn together too, each with its own bytes.
func TestBatchTables(t *testing.T) {
	c := config(trained.people)
	c.Workers = 1
	s, base := start(t, c)
	s.slots <- struct{}{} // the worker is busy
	var wg sync.WaitGroup
	const many = 24
	for k := range many {
		where := []string{"", "city=Rome", "age=20..40"}[k%3]
		want := file(t, trained.people, ".csv", func(c *sample.Config) {
			c.N, c.Seed, c.First, c.NFE, c.Where, c.WithID = 1+k%4, uint64(k/2), uint64(k%5), 4, where, true
		})
		query := fmt.Sprintf("n=%d&seed=%d&first=%d&nfe=4&with-id=true&format=csv&where=%s", 1+k%4, k/2, k%5,
			url.QueryEscape(where))
		wg.Go(func() {
			code, _, b := get(t, "GET", base+"/v1/models/people/sample?"+query, "")
			if code != 200 || !bytes.Equal(b, want) {
				t.Errorf("%s: %d %s, want %s", query, code, b, want)
			}
		})
	}
	soon(t, "they do not wait", func() bool {
		s.batcher.mu.Lock()
		defer s.batcher.mu.Unlock()
		n := 0
		for _, b := range s.batcher.open {
			n += b.left
		}
		return n == 2*many/3 // samples in a range are drawn until they are in it, each request alone
	})
	<-s.slots
	wg.Wait()
}
