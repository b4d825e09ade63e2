package metric

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls f on blocks [lo,hi) of 0 … n−1 of a fixed size, on all processors, and returns when
// all are done. What f computes for a block must depend on the block alone.
func parallel(n, block int, f func(lo, hi int)) {
	blocks := (n + block - 1) / block
	workers := min(runtime.GOMAXPROCS(0), blocks)
	if workers <= 1 {
		for b := range blocks {
			f(b*block, min(n, (b+1)*block))
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				b := int(next.Add(1)) - 1
				if b >= blocks {
					return
				}
				f(b*block, min(n, (b+1)*block))
			}
		})
	}
	wg.Wait()
}

// sum adds f over blocks of 0 … n−1 in parallel and the blocks in order.
func sum(n, block int, f func(lo, hi int) float64) float64 {
	part := make([]float64, (n+block-1)/block)
	parallel(n, block, func(lo, hi int) { part[lo/block] = f(lo, hi) })
	var s float64
	for _, p := range part {
		s += p
	}
	return s
}
