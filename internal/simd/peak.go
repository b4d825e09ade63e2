package simd

import (
	"math"
	"time"
)

// Peak measures the float32 multiply-add peak of one core at the present level, in GFLOP/s, by a loop that touches
// registers only. It takes some milliseconds, and is 0 where there is no vector code.
func Peak() float64 {
	const loops = 1 << 15
	d, lanes := peakRun(loops)
	return 2 * 12 * float64(lanes) * loops / float64(d.Nanoseconds())
}

// best returns the shortest of many runs of f, each long enough to be timed: what the routine does when nobody else
// wants the core.
func best(f func()) time.Duration {
	reps := 1
	for {
		start := time.Now()
		for range reps {
			f()
		}
		if d := time.Since(start); d > 500*time.Microsecond {
			break
		}
		reps *= 2
	}
	shortest := time.Duration(math.MaxInt64)
	for range 40 {
		start := time.Now()
		for range reps {
			f()
		}
		shortest = min(shortest, time.Since(start)/time.Duration(reps))
	}
	return shortest
}
