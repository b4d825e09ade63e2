package recipe

import (
	"testing"

	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/path"
)

// An A that is as far from its fixed point as the noise of the simulated paths is no warning, one further away is: with
// 64 columns and 1000 paths √(64·65/1000) = 2.04, and 2.17 with three deviations of one direction.
func TestWarningOfAIsAboveItsNoise(t *testing.T) {
	for _, c := range []struct {
		d     int
		paths int
		toGo  float64
		warns int
	}{
		{64, 1000, 1.6, 0}, {64, 1000, 2.1, 0}, {64, 1000, 2.3, 1}, {64, 100000, 1.6, 1},
		{2, 1000, .2, 0}, {2, 1000, .22, 1}, {2, 1e6, .09, 0}, {2, 1e6, .11, 1},
	} {
		p, err := path.NewVSDM(path.VSDMConfig{D: c.d})
		if err != nil {
			t.Fatal(err)
		}
		f := &fit{c: TrainConfig{StagePaths: c.paths, Zeta: 1}, path: learn.Alternation{Path: p},
			report: &TrainReport{}}
		f.path.History = []learn.Stage{
			{Stage: 1, Refitted: learn.Refitted{Distance: 9}},
			{Stage: 2, Refitted: learn.Refitted{Distance: c.toGo}},
		}
		if f.warn(); len(f.report.Warnings) != c.warns {
			t.Errorf("%d columns, %d paths, %v to go: %q", c.d, c.paths, c.toGo, f.report.Warnings)
		}
	}
}
