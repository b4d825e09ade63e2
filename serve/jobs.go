package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// jobs are the jobs of a directory. Each has a file ID.json that describes what it is, and its result beside it, which
// is continued where it was when the server starts again.
type jobs struct {
	s       *Server
	dir     string
	queue   int
	ttl     time.Duration
	mu      sync.Mutex
	all     map[string]*job
	waiting []*job
	more    chan struct{}
}

// newJobs reads the jobs of a directory; nil where there is none.
func newJobs(s *Server, dir string, queue int, ttl time.Duration) (*jobs, error) {
	if dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, &ito.InputError{Where: "`jobs` " + dir, What: pathless(err), Do: "give a directory"}
	}
	if _, err := task.Place("jobs", filepath.Join(dir, "x")); err != nil {
		return nil, err
	}
	q := &jobs{s: s, dir: dir, queue: queue, ttl: ttl, all: map[string]*job{}, more: make(chan struct{}, 1)}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		j := &job{changed: make(chan struct{})}
		if err == nil {
			err = json.Unmarshal(b, j)
		}
		if j.Kind == "" {
			j.Kind = jobSample // of an older program
		}
		if err != nil || j.ID+".json" != filepath.Base(f) || !slices.Contains(namesOf(formatsOf(j.Kind)), j.Format) {
			s.log.Warn("a job's file cannot be read", "file", f, "error", err)
			continue
		}
		if j.State == jobRunning {
			j.State = jobQueued
		}
		q.all[j.ID] = j
		if j.State == jobQueued {
			q.waiting = append(q.waiting, j)
		}
	}
	slices.SortFunc(q.waiting, func(a, b *job) int { return a.Created.Compare(b.Created) })
	q.wake()
	return q, nil
}

func (q *jobs) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// save writes what a job is; q.mu is held.
func (q *jobs) save(j *job) error {
	b, err := json.Marshal(struct {
		Job
		Key   string `json:",omitempty"`
		Query string `json:",omitempty"`
	}{j.Job, j.Key, j.Query})
	if err != nil {
		return err
	}
	return store.WriteFile(q.place(j, ".json"), func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// note tells who watches; q.mu is held.
func (j *job) note() {
	close(j.changed)
	j.changed = make(chan struct{})
}

// view is a job as it is told, with a channel that closes when it changes; q.mu is held.
func (q *jobs) view(j *job) Job {
	v := j.Job
	if v.State == jobQueued {
		v.Position = 1 + slices.Index(q.waiting, j)
	}
	if v.State == jobDone {
		v.Result = "/v1/jobs/" + v.ID + "/result"
	}
	return v
}

// add queues a request, or finds the job that it is already.
func (q *jobs) add(a *jobRequest, key string) (Job, error) {
	id := strings.Trim(a.etag, `"`)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.expire()
	if key != "" {
		for _, j := range q.all {
			if j.Key == key && j.ID != id {
				return Job{}, newProblem(http.StatusConflict, "Idempotency-Key", "it was sent with another request",
					"send another key")
			}
		}
	}
	if j := q.all[id]; j != nil && j.State != jobFailed && j.State != jobCancelled {
		return q.view(j), nil
	}
	if len(q.waiting) >= q.queue {
		return Job{}, newProblem(http.StatusTooManyRequests, "", "as many jobs wait as may", "come back later").after(
			time.Minute)
	}
	settings, err := spec.EncodeRemote(a.settings)
	if err != nil {
		return Job{}, err
	}
	j := &job{Job: Job{ID: id, Kind: a.kind, Model: a.model.name, Digest: a.model.digest, Format: a.format.name,
		Settings: settings, State: jobQueued, Total: a.total, Created: time.Now().UTC()}, Key: key, Query: a.query,
		changed: make(chan struct{})}
	if a.body != nil {
		if err := store.WriteFile(q.place(j, ".body"), func(w io.Writer) error {
			_, err := w.Write(a.body)
			return err
		}); err != nil {
			return Job{}, err
		}
	}
	if err := q.save(j); err != nil {
		return Job{}, err
	}
	q.all[id] = j
	q.waiting = append(q.waiting, j)
	q.wake()
	return q.view(j), nil
}

// get returns a job and a channel that closes when it changes.
func (q *jobs) get(id string) (Job, <-chan struct{}, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.expire()
	j := q.all[id]
	if j == nil {
		return Job{}, nil, newProblem(http.StatusNotFound, "", fmt.Sprintf("there is no job %q", clip(id)),
			"GET /v1/jobs lists those that there are")
	}
	return q.view(j), j.changed, nil
}

// list returns the jobs, the latest first.
func (q *jobs) list() []Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.expire()
	out := []Job{}
	for _, j := range q.all {
		out = append(out, q.view(j))
	}
	slices.SortFunc(out, func(a, b Job) int { return b.Created.Compare(a.Created) })
	return out
}

// run runs the jobs, one after the other, until ctx ends. What runs then goes on when the server starts again.
func (q *jobs) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.more:
		}
		for ctx.Err() == nil {
			q.mu.Lock()
			if len(q.waiting) == 0 {
				q.mu.Unlock()
				break
			}
			j := q.waiting[0]
			q.waiting = q.waiting[1:]
			work, cancel := context.WithCancel(ctx)
			j.State, j.cancel = jobRunning, cancel
			j.note()
			q.mu.Unlock()
			err := q.work(work, j)
			cancel()
			q.mu.Lock()
			switch {
			case j.State == jobCancelled:
				q.tidy(j)
			case err == nil:
				if info, e := os.Stat(q.file(j)); e == nil {
					j.Bytes = info.Size()
				}
				j.Done = j.Total
				q.end(j, jobDone, "")
			case ctx.Err() != nil:
				j.State = jobQueued // as its file says
			default:
				q.fail(j, err)
			}
			q.mu.Unlock()
		}
	}
}
