package learn

import (
	"context"
	"fmt"
	"testing"

	"github.com/seed9a7962a8/ito"
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
					err = tr.bound.Draw(context.Background(), uint32(k), nil)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
		})
	}
}

// BenchmarkWideStep is a training step on rows of 784 columns, and the drawing of its batch alone: what stands
// between data and network.
func BenchmarkWideStep(b *testing.B) {
	const d = 784
	rows := wideRows(1000, d)
	later := make([]float64, d)
	for k := range later {
		later[k] = -.3 * float64(k) / d
	}
	for _, width := range []int{64, 256} {
		for name, p := range map[string]ito.Diagonal{"vp": path.VP{},
			"first": must(path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, D: d})),
			"later": must(path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, D: d, A: later}))} {
			for _, what := range []string{"step", "draw"} {
				b.Run(fmt.Sprintf("%s/%d/%s", name, width, what), func(b *testing.B) {
					net := must(nn.New(nn.MLP{Width: width, Depth: 2}, nn.Flat(d, d, 0), 1))
					tr := must(NewTrainer(DefaultConfig(), net, rows, Drawn{}))
					if err := tr.Bind(p); err != nil {
						b.Fatal(err)
					}
					for k := 0; b.Loop(); k++ {
						var err error
						if what == "step" {
							err = tr.step(b.Context(), nil)
						} else {
							err = tr.bound.Draw(b.Context(), uint32(k), nil)
						}
						if err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
				})
			}
		}
	}
}
