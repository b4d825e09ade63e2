package recipe

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// defaultChunk is the number of rows that one worker carries at a time, fewer where they have more than chunkValues
// values.
const defaultChunk, chunkValues = 2048, 1 << 21

// finished is a chunk of rows in the user's columns.
type finished struct {
	rows ito.States
	nfe  int
}

// chunks draws the samples chunk by chunk on several workers and gives them to sink in order. No more than
// twice as many chunks as workers exist at a time.
func (s *sampler) chunks(ctx context.Context, run RunOptions, sink Sink) error {
	workers := run.WorkerCount()
	size := cmp.Or(s.cfg.Chunk, min(defaultChunk, max(chunkValues/s.d, 1)))
	if even := (s.cfg.N + workers - 1) / workers; even < size {
		size = even // few rows: a chunk for each worker
	}
	g, ctx := errgroup.WithContext(ctx)
	order, nfe, broken := make(chan chan finished, workers), 0, slices.Clone(s.report.Broken)
	g.Go(func() error {
		defer close(order)
		limit := make(chan struct{}, workers)
		for from := 0; from < s.cfg.N; from += size {
			n, done := min(size, s.cfg.N-from), make(chan finished, 1)
			for _, send := range []func() bool{
				func() bool { return offer(ctx, limit, struct{}{}) },
				func() bool { return offer(ctx, order, done) },
			} {
				if !send() {
					return ctx.Err()
				}
			}
			first := s.cfg.First + uint64(from)
			g.Go(func() error {
				defer func() { <-limit }()
				if run.Slots != nil {
					if !offer(ctx, run.Slots, struct{}{}) {
						return ctx.Err()
					}
					defer func() { <-run.Slots }()
				}
				f, err := s.chunk(ctx, n, first, from)
				if err != nil {
					return err
				}
				done <- f
				return nil
			})
		}
		return nil
	})
	g.Go(func() error {
		for done := range order {
			select {
			case f := <-done:
				nfe = max(nfe, f.nfe)
				if err := s.checked(&broken, f.rows); err != nil {
					return err
				}
				if err := sink(f.rows); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return ctx.Err()
	})
	err := g.Wait()
	s.report.NFE, s.report.Broken = max(s.report.NFE, nfe), broken // here, since chunks copy the sampler
	return err
}

// offer sends v unless ctx ends first.
func offer[T any](ctx context.Context, c chan<- T, v T) bool {
	select {
	case c <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *sampler) chunk(ctx context.Context, n int, first uint64, from int) (finished, error) {
	if s.bySize != nil {
		return s.graphs(ctx, n, first)
	}
	x := ito.NewStates(n, s.d, first)
	if s.ids != nil {
		copy(x.ID, s.ids[from:from+n])
	}
	if s.typed != nil && s.typed.Tested() {
		return s.within(ctx, x)
	}
	info, err := s.draw(ctx, x, solve.RunOptions{})
	if err != nil {
		return finished{}, err
	}
	rows, err := s.rows(x)
	return finished{rows, slices.Max(info.Evals)}, err
}
