package nn

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// trainStep is the step by which engines are compared: a network 4 → W → W → W → 2 with SiLU learns the noise
// of x_t = α x_0 + σ ε from (x_t, α, σ). The noise is drawn in the step, and Adam moves the parameters.
type trainStep struct {
	net  *Weights
	prog *ad.Program
	call ad.Call
	grad []float32
	loss []float32
	mom  *Moments
}

func newTrainStep(t testing.TB, batch, width int, pool *ad.Pool) *trainStep {
	t.Helper()
	net, err := New(MLP{Width: width, Depth: 3, Time: TimeNone}, Flat(4, 2, 0), 1)
	if err != nil {
		t.Fatal(err)
	}
	s := &trainStep{net: net, grad: make([]float32, len(net.Params)), loss: make([]float32, 1), mom: NewMoments(len(net.Params))}
	s.prog, err = ad.Compile(func(g *ad.Graph) {
		x0, c := g.Input("x0", ad.F32, 2), g.Input("schedule", ad.F32, 2)
		params := net.Declare(g, ad.F32)
		ε := g.Normal(ad.F32, 2)
		xt := ad.Add(ad.Mul(ad.Slice(c, 0, 0, 1), x0), ad.Mul(ad.Slice(c, 0, 1, 2), ε))
		out := net.Apply(g, params, ad.Concat(0, xt, c), ad.Value{}, ad.Value{})
		loss := ad.BatchMean(ad.Mean(ad.Square(ad.Sub(out, ε))))
		g.Output("loss", loss)
		for i, d := range ad.Grad(loss, params...) {
			g.Output(net.Layout()[i].Name, d)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	data := make([]float32, 4*batch)
	rng.NewKey(1, rng.PurposeUser, 0, 0).Uniforms32(data, len(data), []uint64{0})
	s.call = ad.Call{N: batch, Seed: 1, Purpose: rng.PurposeProgram, Pool: pool,
		In:  append([]ad.Array{ad.F32s(data[:2*batch]), ad.F32s(data[2*batch:])}, net.Arrays(net.Params)...),
		Out: append([]ad.Array{ad.F32s(s.loss)}, net.Arrays(s.grad)...),
	}
	return s
}

func (s *trainStep) run(t testing.TB) {
	s.call.Step++
	if err := s.prog.Run(context.Background(), s.call); err != nil {
		t.Fatal(err)
	}
	DefaultAdam().StepOn(s.call.Pool, s.mom, s.net.Params, s.grad, 1e-3, 1)
}

// stepFLOP counts the multiplications and additions of the products of one step: forward, gradient of the
// weights, and gradient of the inputs of every layer but the first.
func stepFLOP(batch, width int) float64 {
	b, w := float64(batch), float64(width)
	return 2 * b * (2*4*w + 3*2*w*w + 3*w*2)
}

var stepSizes = []struct{ batch, width int }{{64, 64}, {512, 128}, {256, 512}, {4096, 256}}

// BenchmarkTrainStep reports steps/s and GFLOP/s for one and two workers.
func BenchmarkTrainStep(b *testing.B) {
	for _, size := range stepSizes {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("batch=%d/width=%d/workers=%d", size.batch, size.width, workers), func(b *testing.B) {
				pool := ad.NewPool(workers)
				defer pool.Close()
				s := newTrainStep(b, size.batch, size.width, pool)
				s.run(b)
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					s.run(b)
				}
				sec := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(1/sec, "steps/s")
				b.ReportMetric(stepFLOP(size.batch, size.width)/sec/1e9, "GFLOP/s")
			})
		}
	}
}

// BenchmarkSecondWorker reports the time of a step on two workers over that on one, by medians of steps that take
// turns, so that a busy machine slows both.
func BenchmarkSecondWorker(b *testing.B) {
	for _, size := range stepSizes {
		b.Run(fmt.Sprintf("batch=%d/width=%d", size.batch, size.width), func(b *testing.B) {
			var steps [2]*trainStep
			var took [2][]float64
			for w := range steps {
				pool := ad.NewPool(w + 1)
				defer pool.Close()
				steps[w] = newTrainStep(b, size.batch, size.width, pool)
				steps[w].run(b)
			}
			const turn = 4 // steps in a row, so that each finds its own weights in cache
			b.ResetTimer()
			for range b.N {
				for w, s := range steps {
					for range turn {
						start := time.Now()
						s.run(b)
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
