package speed

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/ad"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// begin makes a step and takes the first.
func begin(t testing.TB, s size, pool *ad.Pool) *step {
	t.Helper()
	out, err := newStep(s, pool)
	must(t, err)
	must(t, out.run(t.Context()))
	return out
}

func TestGradientBitsAreTheSameForAnyWorkers(t *testing.T) {
	pool := ad.NewPool(3)
	defer pool.Close()
	a, b := begin(t, size{700, 64}, nil), begin(t, size{700, 64}, pool)
	for range 4 {
		must(t, a.run(t.Context()))
		must(t, b.run(t.Context()))
	}
	for i := range a.net.Params {
		if math.Float32bits(a.net.Params[i]) != math.Float32bits(b.net.Params[i]) {
			t.Fatalf("parameter %d: %g with one worker, %g with three", i, a.net.Params[i], b.net.Params[i])
		}
	}
}

func TestStepLearnsNoiseScale(t *testing.T) {
	s := begin(t, size{256, 32}, nil)
	first := s.loss[0]
	for range 300 {
		must(t, s.run(t.Context()))
	}
	if s.loss[0] > .8*first {
		t.Fatalf("loss %g after 300 steps, %g at first", s.loss[0], first)
	}
}

// BenchmarkTrainStep reports steps/s and GFLOP/s for one and two workers.
func BenchmarkTrainStep(b *testing.B) {
	for _, size := range sizes {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("batch=%d/width=%d/workers=%d", size.Batch, size.Width, workers), func(b *testing.B) {
				pool := ad.NewPool(workers)
				defer pool.Close()
				s := begin(b, size, pool)
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					must(b, s.run(b.Context()))
				}
				sec := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(1/sec, "steps/s")
				b.ReportMetric(size.flop()/sec/1e9, "GFLOP/s")
			})
		}
	}
}

// BenchmarkSecondWorker reports the time of a step on two workers over that on one, by medians of steps that take
// turns, so that a busy machine slows both.
func BenchmarkSecondWorker(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprintf("batch=%d/width=%d", size.Batch, size.Width), func(b *testing.B) {
			var steps [2]*step
			var took [2][]float64
			for w := range steps {
				pool := ad.NewPool(w + 1)
				defer pool.Close()
				steps[w] = begin(b, size, pool)
			}
			const turn = 4 // steps in a row, so that each finds its own weights in cache
			b.ResetTimer()
			for range b.N {
				for w, s := range steps {
					for range turn {
						start := time.Now()
						must(b, s.run(b.Context()))
						took[w] = append(took[w], time.Since(start).Seconds())
					}
				}
			}
			var median [2]float64
			for w := range took {
				slices.Sort(took[w])
				median[w] = took[w][len(took[w])/2]
			}
			b.ReportMetric(median[0]*1e3, "one-ms")
			b.ReportMetric(median[1]*1e3, "two-ms")
			b.ReportMetric(median[1]/median[0], "two/one")
		})
	}
}
