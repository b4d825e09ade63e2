package learn

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// wideRows are n rows of d normal columns.
func wideRows(n, d int) Data {
	x := ito.NewStates(n, d, 0)
	rng.NewKey(1, rng.PurposePath, 0, 0).Normals64(x.X, d, x.ID)
	return Data{X: x}
}

// A batch that is large enough to be shared is drawn to the same bytes by one worker and by several.
func TestWorkersDrawTheSameBatch(t *testing.T) {
	const d = 784
	rows := wideRows(300, d)
	for _, c := range []struct {
		p ito.Diagonal
		o Objective
	}{
		{path.VP{}, ScoreMatching{}}, {must(path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, D: d})),
			ScoreMatching{}},
		{path.Flow{}, FlowMatching{}}, {path.EDM{}, Denoising{}}, {path.PFGM{Aug: 128}, Denoising{}},
	} {
		cfg := short(1)
		cfg.Batch, cfg.Objective = 77, c.o
		net := must(nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(d, d, 0), 3))
		tr := must(NewTrainer(cfg, net, rows, Drawn{}))
		if err := tr.Bind(c.p); err != nil {
			t.Fatal(err)
		}
		var want []string
		for workers := range 4 {
			pool := ad.NewPool(workers)
			for _, in := range tr.bound.Inputs() {
				clear(in.F32)
			}
			err := tr.bound.Draw(t.Context(), 9, pool)
			pool.Close()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, in := range tr.bound.Inputs() {
				got = append(got, fmt.Sprintf("%x", in.F32))
			}
			if workers == 0 {
				want = got
			} else if !slices.Equal(got, want) {
				t.Errorf("%s: %d workers draw another batch", c.p.Name(), workers)
			}
		}
	}
}
