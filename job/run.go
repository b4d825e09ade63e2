package job

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Executor has shards computed.
type Executor interface {
	// Run returns when all of todo are committed, or with an error. It tells r of what happens.
	Run(ctx context.Context, r *Running, todo []int) error
	// Joins reports whether the shards are all this executor's, and their result is written when it is done.
	Joins() bool
}

// RunEvent is something that happened to a job.
type RunEvent struct {
	Event   string  `json:"event"` // planned, shard, damaged, joined, finished
	Job     string  `json:"job"`
	Shards  int     `json:"shards"`
	Done    int     `json:"done"`
	Shard   *int    `json:"shard,omitempty"`
	Rows    int64   `json:"rows"`  // of the shards that are done
	Total   int64   `json:"total"` // rows of the whole
	Digest  string  `json:"sha256,omitempty"`
	By      string  `json:"by,omitempty"`
	Seconds float64 `json:"seconds,omitempty"` // of the shard, or of this run
	ETA     float64 `json:"eta_seconds,omitempty"`
	Files   []File  `json:"files,omitempty"`
}

// Running is a job that is being computed, for its executor.
type Running struct {
	*Job
	Work Work

	mu     sync.Mutex
	state  *State
	part   map[int]int64 // rows done of shards that are not
	began  time.Time
	before int64 // rows that were there
	event  func(RunEvent)
}

// Run computes what is missing and, where the executor joins, writes the result. event takes what happens, from one
// goroutine at a time; nil: nobody. A finished job is left as it is, unless its result is gone.
func (j *Job) Run(ctx context.Context, x Executor, keep bool, event func(RunEvent)) (*State, error) {
	if event == nil {
		event = func(RunEvent) {}
	}
	s, err := j.State(ctx)
	if err != nil {
		return s, err
	}
	r := &Running{Job: j, state: s, part: map[int]int64{}, began: time.Now(), event: event}
	if s.Result != nil {
		gone := j.missing(s.Result)
		if gone == "" || !x.Joins() {
			r.tell(RunEvent{Event: "finished", Files: s.Result.Files})
			return s, j.clean(ctx)
		}
		j.env.Tell(gone + " is gone or has another length: the job is done again")
		if err := j.Store.Remove(ctx, receiptsName); err != nil {
			return s, err
		}
	}
	if r.Work, err = j.Work(ctx); err != nil {
		return s, err
	}
	defer r.Work.Close()
	const rounds = 5 // each loses a shard to a disk that flips bits
	for round := 0; ; round++ {
		if err := r.complete(ctx, x); err != nil || !x.Joins() {
			return r.state, err
		}
		res, err := j.Join(ctx, r.Work, r.state, keep)
		if errors.Is(err, errDamaged) && round < rounds {
			j.env.Tell(err.Error() + "; it is computed again")
			r.tell(RunEvent{Event: "damaged"})
			continue
		}
		if err != nil {
			return r.state, err
		}
		r.state.Result = res
		r.tell(RunEvent{Event: "joined", Files: res.Files, Seconds: time.Since(r.began).Seconds()})
		return r.state, nil
	}
}

// complete has the missing shards computed.
func (r *Running) complete(ctx context.Context, x Executor) error {
	s, err := r.State(ctx)
	if err != nil {
		return err
	}
	for _, i := range s.Damaged {
		r.env.Tell(fmt.Sprintf("%s is damaged; it is computed again", shardName(i)))
		if err := r.Store.Remove(ctx, shardName(i)); err != nil {
			return err
		}
	}
	r.mu.Lock()
	r.state, r.before = s, s.Rows
	r.mu.Unlock()
	r.tell(RunEvent{Event: "planned"})
	todo := s.Todo()
	if len(todo) == 0 {
		return nil
	}
	if err := x.Run(ctx, r, todo); err != nil || !x.Joins() {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return Incomplete(r.state)
}

// tell fills what every event has.
func (r *Running) tell(e RunEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fill(e)
}

// fill is tell; r.mu is held.
func (r *Running) fill(e RunEvent) {
	e.Job, e.Shards, e.Done, e.Rows = r.ID, r.state.Shards, r.state.Done, r.state.Rows
	if r.Work != nil {
		e.Total = r.Work.Total()
	}
	if fresh := e.Rows - r.before; fresh > 0 && e.Total > e.Rows {
		e.ETA = time.Since(r.began).Seconds() * float64(e.Total-e.Rows) / float64(fresh)
	}
	r.event(e)
}

// Progress tells that so many rows of a shard are done.
func (r *Running) Progress(i int, done int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.part[i] = done
	r.count()
}

// count reports the rows so far; r.mu is held.
func (r *Running) count() {
	sum := r.state.Rows
	for _, n := range r.part {
		sum += n
	}
	r.env.Count("job", sum, r.Work.Total())
}

// Committed tells that a shard is there.
func (r *Running) Committed(c *Receipt, by string, took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.part, c.Shard)
	if r.state.Committed[c.Shard].Digest != "" {
		return
	}
	r.state.Committed[c.Shard] = *c
	r.state.Done++
	r.state.Rows += c.Rows
	r.count()
	r.fill(RunEvent{Event: "shard", Shard: &c.Shard, Digest: c.Digest, By: by, Seconds: took.Seconds()})
}
