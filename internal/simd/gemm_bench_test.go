package simd

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

// The shapes of the products in the training steps that ito is tuned for, and cubes.
var shapes = []shape{
	{64, 64, 64}, {128, 128, 128}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024},
	{512, 128, 128}, {128, 256, 256}, {4096, 256, 256}, {256, 512, 512}, {64, 16, 256}, {64, 256, 4},
}

// BenchmarkPeak measures the multiply-add limit of one core with a loop that touches registers only.
func BenchmarkPeak(b *testing.B) {
	atLevelsB(b, func(b *testing.B) {
		var p float64
		for b.Loop() {
			p = max(p, Peak())
		}
		b.ReportMetric(p, "GFLOP/s")
	})
}

type shape struct{ m, n, k int }

func benchProducts[T real](b *testing.B, ps []product[T], shapes []shape, gap int, scale float64, draw func() T) {
	atLevelsB(b, func(b *testing.B) {
		for _, p := range ps {
			for _, s := range shapes {
				b.Run(fmt.Sprintf("%s/%dx%dx%d", p.name, s.m, s.n, s.k), func(b *testing.B) {
					m, k := s.m, s.k
					if p.transA {
						m, k = k, m // the gradient of the weight of the same layer
					}
					q := newProblem(p, m, s.n, k, gap, p.transA, draw)
					flop := 2 * float64(s.m) * float64(s.n) * float64(s.k)
					var rate, peak float64
					for b.Loop() {
						peak = max(peak, scale*Peak())
						d := best(func() { p.run(q.c, q.ldc, q.a, q.lda, q.b, q.ldb, q.m, q.n, q.k, q.acc) })
						rate = max(rate, flop/float64(d.Nanoseconds()))
					}
					b.ReportMetric(rate, "GFLOP/s")
					b.ReportMetric(rate/peak, "of-peak")
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	})
}

// BenchmarkProducts32 gives the best rate of every form, and its share of the peak of the level.
func BenchmarkProducts32(b *testing.B) { benchProducts(b, timed32(), shapes, 16, 1, normal32(1)) }

// BenchmarkProducts64 is the same in float64, whose peak is half that of float32.
func BenchmarkProducts64(b *testing.B) { benchProducts(b, timed64(), shapes, 16, 0.5, normal64(1)) }

// BenchmarkCrowded32 is BenchmarkProducts32 with the rows of every matrix a power of two apart, as those of a
// network are: cubes, and the products of a block of rows with hidden layers.
func BenchmarkCrowded32(b *testing.B) {
	benchProducts(b, timed32(), []shape{
		{128, 128, 128}, {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {256, 256, 128}, {512, 512, 128},
	}, 0, 1, normal32(1))
}

// BenchmarkTransposed32 gives the rate of AᵀB where it is hardest: large, long and flat, of odd sizes, with rows
// that are a few elements longer than a power of two and with rows that are not.
func BenchmarkTransposed32(b *testing.B) {
	shapes := []shape{
		{256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048},
		{4096, 256, 256}, {256, 4096, 256}, {256, 256, 4096}, {1000, 1000, 1000}, {300, 700, 900},
	}
	ps := slices.DeleteFunc(timed32(), func(p product[float32]) bool { return !p.transA })
	for _, gap := range []int{16, 0} {
		b.Run(fmt.Sprintf("gap=%d", gap), func(b *testing.B) { benchProducts(b, ps, shapes, gap, 1, normal32(1)) })
	}
}

// timed32 is products32 with B packed beforehand where it is packed at all.
func timed32() []product[float32] {
	ps := products32()
	var packed []float32
	pack := func(b []float32, ldb, n, k int) {
		if want := PackedLen32(k, n); len(packed) != want {
			packed = make([]float32, want)
			Pack32(packed, b, k, n, ldb, false)
		}
	}
	ps[0].run = func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int, acc bool) {
		pack(b, ldb, n, k)
		Gemm32(c, ldc, a, lda, packed, m, n, k, acc)
	}
	return slices.Delete(ps, 1, 2)
}

// timed64 is the same of products64.
func timed64() []product[float64] {
	ps := products64()
	var packed []float64
	pack := func(b []float64, ldb, n, k int) {
		if want := PackedLen64(k, n); len(packed) != want {
			packed = make([]float64, want)
			Pack64(packed, b, k, n, ldb, false)
		}
	}
	ps[0].run = func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, m, n, k int, acc bool) {
		pack(b, ldb, n, k)
		Gemm64(c, ldc, a, lda, packed, m, n, k, acc)
	}
	return slices.Delete(ps, 1, 2)
}

func atLevelsB(b *testing.B, f func(b *testing.B)) {
	before := level
	defer func() { level = before }()
	for l := avx2; l <= detect(); l++ {
		level = l
		b.Run(l.String(), f)
	}
}

// BenchmarkTiny times products of single samples, where the call is most of the cost.
func BenchmarkTiny(b *testing.B) {
	for _, n := range []int{4, 8, 16, 32} {
		for _, p := range products32()[2:] {
			b.Run(fmt.Sprintf("%s/%d", p.name, n), func(b *testing.B) {
				q := newProblem(p, n, n, n, 0, false, normal32(1))
				for b.Loop() {
					p.run(q.c, q.ldc, q.a, q.lda, q.b, q.ldb, n, n, n, false)
				}
			})
		}
	}
}

// BenchmarkPortable gives the rate of the portable products.
func BenchmarkPortable(b *testing.B) {
	before := level
	defer func() { level = before }()
	level = portable
	for _, p := range timed32() {
		b.Run(p.name, func(b *testing.B) {
			const n = 128
			q := newProblem(p, n, n, n, 16, false, normal32(1))
			var rate float64
			for b.Loop() {
				d := best(func() { p.run(q.c, q.ldc, q.a, q.lda, q.b, q.ldb, n, n, n, false) })
				rate = max(rate, 2*n*n*n/float64(d.Nanoseconds()))
			}
			b.ReportMetric(rate, "GFLOP/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkStopTheWorld reports how long the world takes to stop while another core does nothing but products. It says
// something only on a machine with two idle cores.
func BenchmarkStopTheWorld(b *testing.B) {
	p := products32()[3]
	q := newProblem(p, 1024, 1024, 1024, 16, false, normal32(1))
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				p.run(q.c, q.ldc, q.a, q.lda, q.b, q.ldb, q.m, q.n, q.k, false)
			}
		}
	}()
	var waits []float64
	var stats runtime.MemStats
	for b.Loop() {
		start := time.Now()
		runtime.ReadMemStats(&stats) // stops the world
		waits = append(waits, float64(time.Since(start).Nanoseconds())/1e3)
		time.Sleep(100 * time.Microsecond)
	}
	close(stop)
	<-done
	slices.Sort(waits)
	b.ReportMetric(waits[len(waits)/2], "median-µs")
	b.ReportMetric(waits[len(waits)-1], "worst-µs")
	b.ReportMetric(0, "ns/op")
}
