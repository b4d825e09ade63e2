package learn

import (
	"context"
	"testing"

	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// BenchmarkStep is a training step of the recipes' network in the plane, with everything around the program;
// prepare is the drawing and scaling of its rows alone.
func BenchmarkStep(b *testing.B) {
	d := Data{X: must(data.Builtin("spiral", 20000, 1)).States()}
	p := must(path.NewVSDM(path.VSDMConfig{A: []float64{-.3, .1, .1, 0}}))
	for _, what := range []string{"step", "prepare"} {
		b.Run(what, func(b *testing.B) {
			tr := must(NewTrainer(DefaultConfig(), must(nn.New(nn.MLP{}, nn.Flat(2, 2, 0), 1)), d, Drawn{}))
			if err := tr.Bind(p); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for k := 0; b.Loop(); k++ {
				var err error
				if what == "step" {
					err = tr.step(context.Background(), nil)
				} else {
					err = tr.bound.Draw(context.Background(), uint32(k))
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
		})
	}
}
