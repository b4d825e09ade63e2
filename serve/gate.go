package serve

import (
	"context"
	"errors"
	"sync/atomic"
)

// errBusy says that as many requests wait as may.
var errBusy = errors.New("the queue is full")

// gate admits some requests at a time, in the order of their arrival, and lets some wait.
type gate struct {
	inside  chan struct{}
	outside atomic.Int64
	most    int64
}

func newGate(inside, outside int) *gate {
	return &gate{inside: make(chan struct{}, inside), most: int64(outside)}
}

// enter waits for a place, which leave gives back. Without a place to wait in it is errBusy.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-g.inside }
	select {
	case g.inside <- struct{}{}:
		return leave, nil
	default:
	}
	if g.outside.Add(1) > g.most {
		g.outside.Add(-1)
		return nil, errBusy
	}
	defer g.outside.Add(-1)
	select {
	case g.inside <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *gate) running() int   { return len(g.inside) }
func (g *gate) waiting() int64 { return g.outside.Load() }
