package pathspace

import (
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/target"
)

// funnelOf is a traced density: Neal's funnel in d dimensions.
func funnelOf(tb testing.TB, d int) ito.Target {
	tb.Helper()
	f, err := target.Compile(d, nil, func(t *target.Trace) ad.Value {
		v := ad.At(t.X, 0, 0)
		rest := ad.Sum(ad.Square(ad.Slice(t.X, 0, 1, d)))
		narrow := ad.Add(ad.Mul(ad.Exp(ad.Neg(v)), rest), ad.Scale(v, float64(d-1)))
		return ad.Neg(ad.Add(ad.Scale(ad.Square(v), 1./18), ad.Scale(narrow, .5)))
	})
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// Benchmarks of a training step of every process by both losses: a mixture in two dimensions written in Go, traced
// funnels in 10 and 50; 256 paths, networks of the default size, one worker and two. They report steps of paths a
// second.
func BenchmarkTrainingStep(b *testing.B) {
	pool := ad.NewPool(2)
	defer pool.Close()
	targets := []struct {
		name string
		t    ito.Target
	}{{"mixture2", infertest.Asymmetric}, {"funnel10", funnelOf(b, 10)}, {"funnel50", funnelOf(b, 50)}}
	for _, name := range []string{"pis", "dds", "dis", "bridge", "bridge-euler"} {
		for _, o := range []PathLoss{LogVariance{}, KL{}} {
			for _, t := range targets {
				for workers, p := range map[string]*ad.Pool{"1": nil, "2": pool} {
					b.Run(name+"/"+o.Name()+"/"+t.name+"/"+workers, func(b *testing.B) {
						d := t.t.Dim()
						if name == "bridge-euler" && d > 10 {
							b.Skip("a divergence of 50 derivatives")
						}
						var pr Process
						var err error
						switch name {
						case "pis":
							pr = PIS{K: 100}
						case "dds":
							pr = DDS{K: 100}
						case "dis":
							pr = DIS{K: 100}
						default:
							pr, err = NewBridge(DIS{K: 100, Euler: name == "bridge-euler"}, false, d, NetworkShape{}, 2)
						}
						if err != nil {
							b.Fatal(err)
						}
						l, err := NewLearned(pr, d, NetworkShape{}, 1)
						if err != nil {
							b.Fatal(err)
						}
						c := &Training{Target: t.t, Control: l, PathLoss: o, Batch: 256, Pool: p}
						step := func() {
							if _, err := c.Step(b.Context()); err != nil {
								b.Fatal(err)
							}
						}
						step()
						for b.Loop() {
							step()
						}
						b.ReportMetric(float64(c.Batch*pr.Steps())*float64(b.N)/b.Elapsed().Seconds(), "steps/s")
					})
				}
			}
		}
	}
}
