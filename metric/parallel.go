package metric

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls f on blocks [lo,hi) of 0 … n−1 of a fixed size, on all processors, and returns when
// all are done, or with the error of ctx after the blocks that were begun when it ended. What f computes for a block
// must depend on the block alone.
func parallel(ctx context.Context, n, block int, f func(lo, hi int)) error {
	blocks := (n + block - 1) / block
	workers := min(runtime.GOMAXPROCS(0), blocks)
	if workers <= 1 {
		for b := range blocks {
			if err := ctx.Err(); err != nil {
				return err
			}
			f(b*block, min(n, (b+1)*block))
		}
		return nil
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				b := int(next.Add(1)) - 1
				if b >= blocks || ctx.Err() != nil {
					return
				}
				f(b*block, min(n, (b+1)*block))
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// blockwise is parallel of what takes no time worth interrupting.
func blockwise(n, block int, f func(lo, hi int)) {
	if err := parallel(context.Background(), n, block, f); err != nil {
		panic(err) // it has no end
	}
}

// sum adds f over blocks of 0 … n−1 in parallel and the blocks in order.
func sum(ctx context.Context, n, block int, f func(lo, hi int) float64) (float64, error) {
	part := make([]float64, (n+block-1)/block)
	err := parallel(ctx, n, block, func(lo, hi int) { part[lo/block] = f(lo, hi) })
	var s float64
	for _, p := range part {
		s += p
	}
	return s, err
}
