package ad

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

func benchmarkStep(b *testing.B, n, width, workers int) {
	p := mlp(b, F32, width)
	c := mlpCall(p, n)
	if workers > 1 {
		c.Pool = NewPool(workers)
		defer c.Pool.Close()
	}
	ctx := context.Background()
	var took []time.Duration
	b.ResetTimer()
	for b.Loop() {
		start := time.Now()
		if err := p.Run(ctx, c); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(took[0].Seconds()*1e3, "best-ms")
	b.ReportMetric(took[len(took)/2].Seconds()*1e3, "median-ms")
	flops := 6 * float64(n) * float64(4*width+2*width*width+2*width)
	b.ReportMetric(flops*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "gradients/s")
}

func BenchmarkGradient(b *testing.B) {
	for _, s := range [][2]int{{64, 64}, {512, 128}, {256, 512}, {4096, 256}} {
		for _, w := range []int{1, 2} {
			b.Run(fmt.Sprintf("batch=%d/width=%d/workers=%d", s[0], s[1], w),
				func(b *testing.B) { benchmarkStep(b, s[0], s[1], w) })
		}
	}
}
