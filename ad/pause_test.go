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
// vector code cannot be interrupted, so each call of it has to be short. The control runs plain Go in its place,
// which can be interrupted anywhere: what it shows is the machine's own.
func BenchmarkStopTheWorld(b *testing.B) {
	p := mlp(b, F32, 512)
	c := mlpCall(p, 4096)
	b.Run("step", func(b *testing.B) {
		benchmarkPauses(b, func() error { return p.Run(context.Background(), c) })
	})
	b.Run("control", func(b *testing.B) {
		x := 1.0
		benchmarkPauses(b, func() error {
			for range 1 << 16 {
				x = x*.5 + 1
			}
			return nil
		})
	})
}

func benchmarkPauses(b *testing.B, work func() error) {
	var stop atomic.Bool
	done := make(chan error)
	go func() {
		for !stop.Load() {
			if err := work(); err != nil {
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
