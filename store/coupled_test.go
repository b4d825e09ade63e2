package store

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// A network between coupled ends by columns comes back from a file with the same predictions, and so does one whose
// ends are not coupled, in the form of older files.
func TestCoupledPairsInAFile(t *testing.T) {
	const d = 300
	p := must(path.Interpolant{}.Resolve())
	pairs := ito.Gaussian{Mean: make([]float64, 2*d), Cov: make([]float64, 2*d)}
	cross := make([]float64, d)
	for k := range cross {
		pairs.Cov[k], pairs.Cov[d+k] = 1+float64(k%3), 2
		cross[k] = .5 - float64(k%2)
	}
	net := must(nn.New(nn.MLP{Width: 4, Depth: 1}, nn.Flat(d, d, 0), 1))
	x := ito.NewStates(2, d, 0)
	predict := func(f ito.Field) []float64 {
		y := ito.NewStates(2, d, 0)
		if err := f.Predict(context.Background(), y, x, ito.Times{.4}, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		return y.X
	}
	ito.Seed(1).Normal(x, 1, 0, 0)
	var rows [][]float64
	for _, c := range [][]float64{cross, nil} {
		w := must(wrap.NewCoupledPairs(p, pairs, c, path.TargetB))
		f := must(field.NewNet(w, net, ito.PredVelocity))
		m := &ito.Model{Path: p, Field: f}
		for k := range d {
			m.Columns = append(m.Columns, "x"+string(rune('a'+k%26))+string(rune('a'+k/26)))
		}
		file := filepath.Join(t.TempDir(), "m")
		if err := SaveModel(file, m); err != nil {
			t.Fatal(err)
		}
		got := must(LoadModel(file))
		rows = append(rows, predict(f))
		if !slices.Equal(predict(got.Field), predict(f)) {
			t.Errorf("covariances %v…: other predictions", c[:min(len(c), 2)])
		}
	}
	if slices.Equal(rows[0], rows[1]) {
		t.Error("the covariances do nothing")
	}
}
