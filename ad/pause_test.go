package ad

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkStopTheWorld reports how long the runtime waits for a goroutine that runs the largest training step:
// vector code cannot be interrupted, so each call of it has to be short.
func BenchmarkStopTheWorld(b *testing.B) {
	p := mlp(b, F32, 512)
	c := mlpCall(p, 4096)
	var stop atomic.Bool
	done := make(chan error)
	go func() {
		for !stop.Load() {
			if err := p.Run(context.Background(), c); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	var took []time.Duration
	var m runtime.MemStats
	for b.Loop() {
		start := time.Now()
		runtime.ReadMemStats(&m) // stops the world
		took = append(took, time.Since(start))
		time.Sleep(200 * time.Microsecond)
	}
	stop.Store(true)
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "worst-µs")
}
