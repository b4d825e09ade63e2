package job

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito/task"
)

// Local computes shards on the processors of this machine: as many at a time as there are workers, each on one of
// them; fewer shards than workers share them.
type Local struct {
	Workers int // 0: all
}

// Joins implements Executor.
func (Local) Joins() bool { return true }

// Run implements Executor.
func (l Local) Run(ctx context.Context, r *Running, todo []int) error {
	workers := task.Workers(l.Workers)
	lanes := min(workers, len(todo))
	g, ctx := errgroup.WithContext(ctx)
	q := &line{todo: todo}
	for range lanes {
		g.Go(func() error {
			for i, ok := q.next(); ok; i, ok = q.next() {
				began := time.Now()
				c, err := r.there(ctx, i)
				twice := c != nil
				if err == nil && c == nil {
					c, twice, err = r.computeOnce(ctx, r.Work, i, workers/lanes, Myself(), func(done int64) {
						r.Progress(i, done)
					})
				}
				if err != nil {
					return err
				}
				if twice && q.turn() {
					r.Tell("another process works on this job too: this one goes on from its end")
				}
				r.Committed(c, "", time.Since(began))
			}
			return nil
		})
	}
	return g.Wait()
}

// line are shards that wait. Where another process works on the same ones they are taken from the end, until the two
// meet.
type line struct {
	mu   sync.Mutex
	todo []int
	back bool
}

func (q *line) next() (i int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(q.todo)
	switch {
	case n == 0:
		return 0, false
	case q.back:
		i, q.todo = q.todo[n-1], q.todo[:n-1]
	default:
		i, q.todo = q.todo[0], q.todo[1:]
	}
	return i, true
}

// turn takes the shards from the end; it reports that they were not before.
func (q *line) turn() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	was := q.back
	q.back = true
	return !was
}

// Indexed computes the shards of one of several processes that are told apart by a number, as the pods of an indexed
// job of Kubernetes or the tasks of an array of SLURM: those whose number leaves Index when divided by Of.
type Indexed struct {
	Index, Of int
	Local
}

// Joins implements Executor: whoever ends last does not know it.
func (Indexed) Joins() bool { return false }

// Run implements Executor.
func (x Indexed) Run(ctx context.Context, r *Running, todo []int) error {
	var mine []int
	for _, i := range todo {
		if i%x.Of == x.Index {
			mine = append(mine, i)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	return x.Local.Run(ctx, r, mine)
}

// Myself names this process.
func Myself() string {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}
