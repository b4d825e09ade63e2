package job

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
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
	var next atomic.Int64
	for range lanes {
		g.Go(func() error {
			for {
				k := int(next.Add(1)) - 1
				if k >= len(todo) {
					return nil
				}
				i, began := todo[k], time.Now()
				c, err := r.Compute(ctx, r.Work, i, workers/lanes, Myself(), func(done int64) { r.Progress(i, done) })
				if err != nil {
					return err
				}
				r.Committed(c, "", time.Since(began))
			}
		})
	}
	return g.Wait()
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
