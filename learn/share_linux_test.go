package learn

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// BenchmarkWrapShare is what stands between data and network in a training step of 256 rows of 784 columns and a
// network of 107,000 parameters: the wrapping (%wrap), and all of it with rows, times and noise (%draw), in percent of
// the processor time of the step. Medians of slices that take turns: the wrapping is what a draw with it takes longer.
func BenchmarkWrapShare(b *testing.B) {
	const d = 784
	rows := wideRows(1000, d)
	later := make([]float64, d)
	for k := range later {
		later[k] = -.3 * float64(k) / d
	}
	vsdm := func(variant string, a []float64) ito.Diagonal {
		return must(path.NewVSDM(path.VSDMConfig{Variant: variant, D: d, A: a}))
	}
	for _, c := range []struct {
		name      string
		path      ito.Diagonal
		objective Objective
	}{
		{"vp", path.VP{}, ScoreMatching{}},
		{"first", vsdm(path.DiagonalOnly, nil), ScoreMatching{}},
		{"later", vsdm(path.DiagonalOnly, later), ScoreMatching{}},
		{"later velocity", vsdm(path.DiagonalOnly, later), FlowMatching{}},
		{"logistic", vsdm(path.Logistic, later), ScoreMatching{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			cfg := DefaultConfig()
			cfg.Objective = c.objective
			net := must(nn.New(nn.MLP{Width: 64, Depth: 2}, nn.Flat(d, d, 0), 1))
			tr := must(NewTrainer(cfg, net, rows, Drawn{}))
			if err := tr.Bind(c.path); err != nil {
				b.Fatal(err)
			}
			r := tr.bound.(*regression)
			var times [3][]float64
			for k := 0; b.Loop(); k++ {
				for i, f := range []func() error{
					func() error { return tr.step(b.Context(), nil) },
					func() error { return r.Draw(b.Context(), uint32(k), nil) },
					func() error {
						w := r.wrap
						defer func() { r.wrap = w }()
						r.wrap = idle{w}
						return r.Draw(b.Context(), uint32(k), nil)
					},
				} {
					from := processorTime(b)
					if err := f(); err != nil {
						b.Fatal(err)
					}
					times[i] = append(times[i], (processorTime(b) - from).Seconds())
				}
			}
			for i := range times {
				slices.Sort(times[i])
			}
			at := func(i int) float64 { return times[i][len(times[i])/2] }
			b.ReportMetric(at(0)*1e3, "ms/step")
			b.ReportMetric(at(1)*1e3, "ms/draw")
			b.ReportMetric((at(1)-at(2))*1e3, "ms/wrap")
			b.ReportMetric(100*at(1)/at(0), "%draw")
			b.ReportMetric(100*(at(1)-at(2))/at(0), "%wrap")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// idle prepares nothing.
type idle struct{ wrap.Trainable }

func (idle) Prepare(*wrap.Batch, ito.States, ito.States, ito.Times, ito.Prediction) error { return nil }

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
