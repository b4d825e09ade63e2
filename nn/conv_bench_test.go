//go:build unix

package nn

import (
	"context"
	"math"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/simd"
)

// BenchmarkConvNets times a step of training on one core, forward, backward and Adam, of the networks of convolutions:
// the processor time of the best step, its rate in counted operations, the share of the core's peak, and the memory of
// the process.
func BenchmarkConvNets(b *testing.B) {
	for _, c := range []struct {
		name  string
		net   Network
		shape []int
		n     int
	}{
		{"unet2d 28x28x1 base 32 B 64", UNet2D{UNet{Base: 32}}, []int{28, 28, 1}, 64},
		{"unet2d 32x32x3 base 64 B 16", UNet2D{UNet{Base: 64}}, []int{32, 32, 3}, 16},
		{"unet2d 64x64x3 base 32 B 4", UNet2D{UNet{Base: 32}}, []int{64, 64, 3}, 4},
		{"unet1d 128x8 base 64 B 64", UNet1D{UNet{Base: 64}}, []int{128, 8}, 64},
		{"tcn 6x64 L 360 B 64", TCN{}, []int{360, 1}, 64},
	} {
		b.Run(c.name, func(b *testing.B) {
			w, err := New(c.net, between(c.shape, c.shape), 1)
			if err != nil {
				b.Fatal(err)
			}
			size := w.Ports.Reads()
			start := time.Now()
			p, err := ad.Compile(func(g *ad.Graph) {
				x, feat := g.Input("x", ad.F32, size), g.Input("t", ad.F32, 1)
				y := g.Input("y", ad.F32, size)
				params := w.Declare(g, ad.F32)
				loss := ad.BatchMean(ad.Mean(ad.Square(ad.Sub(w.ApplyTraining(g, params, x, feat, ad.Value{}), y))))
				g.Output("loss", loss)
				for _, v := range ad.Grad(loss, params...) {
					g.Output("grad", v)
				}
			})
			if err != nil {
				b.Fatal(err)
			}
			compiled := time.Since(start)
			x, feat, y := make([]float32, c.n*size), make([]float32, c.n), make([]float32, c.n*size)
			for i := range x {
				x[i], y[i] = float32(math.Sin(float64(i))), float32(math.Cos(float64(i)))
			}
			loss, grad := make([]float32, 1), make([]float32, len(w.Params))
			in := []ad.Array{ad.F32s(x), ad.F32s(feat), ad.F32s(y)}
			call := ad.Call{N: c.n, In: append(in, w.Arrays(w.Params)...),
				Out: append([]ad.Array{ad.F32s(loss)}, w.Arrays(grad)...)}
			adam, moments := DefaultAdam(), NewMoments(len(w.Params))
			best, peak := math.Inf(1), 0.
			for b.Loop() {
				from := cpuTime(b)
				if err := p.Run(context.Background(), call); err != nil {
					b.Fatal(err)
				}
				adam.Step(moments, w.Params, grad, 1e-4, 1)
				best = min(best, (cpuTime(b) - from).Seconds())
				peak = max(peak, simd.Peak())
			}
			var memory runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&memory)
			b.ReportMetric(float64(memory.HeapAlloc)/(1<<20), "MiB")
			flop := p.Operations() * float64(c.n) / 1e9
			b.ReportMetric(best*1e3, "ms/step")
			b.ReportMetric(flop, "GFLOP")
			b.ReportMetric(flop/best, "GFLOP/s")
			b.ReportMetric(flop/best/peak, "of-peak")
			b.ReportMetric(compiled.Seconds()*1e3, "ms-to-compile")
			b.ReportMetric(float64(len(w.Params)), "params")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cpuTime is what the process has had of the processors: others may have had the rest.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
