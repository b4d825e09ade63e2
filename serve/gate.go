package serve

import (
	"context"
	"errors"
	"sync/atomic"
)

// errBusy reports that as many requests wait as may.
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

func (g *gate) leave() { <-g.inside }

// try takes a place that is free, which leave gives back.
func (g *gate) try() (leave func(), ok bool) {
	select {
	case g.inside <- struct{}{}:
		return g.leave, true
	default:
		return nil, false
	}
}

// enter waits for a place, which leave gives back. Without a place to wait in it is errBusy.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	if leave, ok := g.try(); ok {
		return leave, nil
	}
	if g.outside.Add(1) > g.most {
		g.outside.Add(-1)
		return nil, errBusy
	}
	defer g.outside.Add(-1)
	select {
	case g.inside <- struct{}{}:
		return g.leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *gate) running() int   { return len(g.inside) }
func (g *gate) waiting() int64 { return g.outside.Load() }
