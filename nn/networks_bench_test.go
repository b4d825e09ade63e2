//go:build unix

package nn

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

// BenchmarkSequenceNets times a step of training on one core, forward, backward and Adam, of the networks of sequences
// and graphs: the processor time of the best step, and its rate in counted operations.
func BenchmarkSequenceNets(b *testing.B) {
	cells := shapePorts(35, 48)
	cells.Cond = []Port{{Name: "cond", Shape: []int{2 * 35 * 48}}}
	for _, c := range []struct {
		name  string
		net   Network
		ports Ports
		n     int
	}{
		{"dit 64 patches width 128 layers 4 B 32", DiT{Patch: 4}, shapePorts(32, 32, 3), 32},
		{"lstm 2x40 L 168 B 64", RNN{Cell: CellLSTM, Width: 40, Layers: 2}, shapePorts(168, 1), 64},
		{"gru 64 L 48 B 64", RNN{}, shapePorts(48, 8), 64},
		{"csdi 35x48 layers 4 B 16", CSDI{Impute: true}, cells, 16},
		{"s4 width 64 layers 4 L 168 B 16", S4{}, shapePorts(168, 1), 16},
		{"gnn 20 nodes B 128", GNN{}, graphPorts(20, 4, true, false), 128},
		{"egnn 5 nodes 4x64 B 256", EGNN{}, graphPorts(5, 3, false, false), 256},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkStep(b, c.net, c.ports, c.n, ad.Full) })
	}
}

// BenchmarkPrecision times steps with products of float32 and of bfloat16, one behind the other.
func BenchmarkPrecision(b *testing.B) {
	for _, c := range []struct {
		name  string
		net   Network
		ports Ports
		n     int
	}{
		{"mlp 1024 B 256", MLP{Width: 1024, Depth: 4}, Flat(64, 64, 0), 256},
		{"mlp 256 B 512", MLP{Width: 256, Depth: 3}, Flat(2, 2, 0), 512},
		{"unet2d base 64 at 32x32 B 16", UNet2D{UNet{Base: 64}}, shapePorts(32, 32, 3), 16},
		{"unet2d base 32 at 32x32 B 16", UNet2D{UNet{Base: 32}}, shapePorts(32, 32, 3), 16},
		{"dit width 384 layers 6 B 16", DiT{Patch: 4, Width: 384, Layers: 6}, shapePorts(32, 32, 3), 16},
		{"tcn B 64", TCN{Width: 128}, shapePorts(168, 8), 64},
	} {
		for _, p := range []ad.Precision{ad.Full, ad.BF16} {
			b.Run(c.name+"/"+p.String(), func(b *testing.B) { benchmarkStep(b, c.net, c.ports, c.n, p) })
		}
	}
}

func benchmarkStep(b *testing.B, net Network, ports Ports, rows int, precision ad.Precision) {
	w, err := New(net, ports, 1)
	if err != nil {
		b.Fatal(err)
	}
	w.Precision = precision
	p, err := ad.Compile(func(g *ad.Graph) {
		x, time := g.Input("x", ad.F32, ports.Reads()), g.Input("t", ad.F32, 1)
		y, cond := g.Input("y", ad.F32, ports.Writes()), w.condition(g, ad.F32)
		params := w.Declare(g, ad.F32)
		loss := ad.BatchMean(ad.Mean(ad.Square(ad.Sub(w.Apply(g, params, x, time, cond), y))))
		g.Output("loss", loss)
		for _, v := range ad.Grad(loss, params...) {
			g.Output("grad", v)
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	wave := func(n int) ad.Array {
		v := make([]float32, rows*n)
		for i := range v {
			v[i] = float32(math.Sin(float64(i)))
		}
		return ad.F32s(v)
	}
	call := ad.Call{N: rows, In: []ad.Array{wave(ports.Reads()), wave(1), wave(ports.Writes())}}
	if n := ports.CondWidth(); n > 0 {
		call.In = append(call.In, wave(n))
	}
	call.In = append(call.In, w.Arrays(w.Params)...)
	grad := make([]float32, len(w.Params))
	call.Out = append([]ad.Array{ad.F32s(make([]float32, 1))}, w.Arrays(grad)...)
	adam, moments := DefaultAdam(), NewMoments(len(w.Params))
	best := math.Inf(1)
	for b.Loop() {
		from := cpuTime(b)
		if err := p.Run(context.Background(), call); err != nil {
			b.Fatal(err)
		}
		adam.Step(moments, w.Params, grad, 1e-4, 1)
		best = min(best, (cpuTime(b) - from).Seconds())
	}
	flop := p.Operations() * float64(rows) / 1e9
	b.ReportMetric(best*1e3, "ms/step")
	b.ReportMetric(flop, "GFLOP")
	b.ReportMetric(flop/best, "GFLOP/s")
	b.ReportMetric(float64(len(w.Params)), "params")
	b.ReportMetric(0, "ns/op")
}
