package recipe

import (
	"runtime"
	"time"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/store"
)

// RunOptions is what surrounds a training or a sampling and has no part in its result: none of it is hashed,
// stored or able to change a byte. The zero value is a silent run on one worker without checkpoints.
type RunOptions struct {
	Progress func(learn.TrainEvent) // called from one goroutine at a time; nil: none
	Pool     *ad.Pool               // workers of the network's programs in training; nil: the caller's goroutine
	Workers  int                    // parallel chunks in sampling, parallel trainings in a recipe; 0: GOMAXPROCS

	// Slots, where it is not nil, bounds the chunks that are drawn at a time by all samplings that share it: a chunk
	// is in it while it is drawn, and not while its rows wait for the sink.
	Slots chan struct{}

	Checkpoint store.Checkpoints // where checkpoints are kept; nil: nowhere
	Every      time.Duration     // shortest time between two checkpoints, beside those at the end of a stage; 0: 2 s
	Resume     bool              // continue from Checkpoint, if there is one
	Version    string            // of the program, for the provenance
	Now        func() time.Time  // clock for the provenance and speeds; nil: time.Now
}

// Clock is the time now, by Now where it is set.
func (r RunOptions) Clock() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func (r RunOptions) every() time.Duration {
	if r.Every > 0 {
		return r.Every
	}
	return 2 * time.Second
}

// WorkerCount is Workers, or one for each processor.
func (r RunOptions) WorkerCount() int {
	if r.Workers > 0 {
		return r.Workers
	}
	return runtime.GOMAXPROCS(0)
}
