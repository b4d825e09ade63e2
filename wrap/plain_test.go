package wrap

import (
	"errors"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// A labelled network reads the label of its path, and no other path has one.
func TestLabelled(t *testing.T) {
	p, err := path.NewDiscrete(path.DiscreteConfig{N: 50})
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewLabelled(p, 2, ito.PredEps)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := NewPlain(p, 2, ito.PredEps, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !w.Labelled() || plain.Labelled() {
		t.Errorf("labelled %v, plain %v", w.Labelled(), plain.Labelled())
	}
	x := ito.States{N: 2, D: 2, X: []float64{1, 2, 3, 4}, ID: []uint64{0, 1}}
	times := ito.Times{p.Time(0), p.Time(25)}
	in, feature := make([]float64, 4), make([]float64, 2)
	if err := w.Rows(ito.PredEps).Enter(in, feature, x, times, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0, 25} {
		if d := feature[i] - want; d > 1e-12 || d < -1e-12 {
			t.Errorf("row %d reads the label %g, not %g", i, feature[i], want)
		}
	}
	if err := plain.Rows(ito.PredEps).Enter(in, feature, x, times, ito.Cond{}); err != nil || feature[1] != p.Time(25) {
		t.Errorf("a plain network reads %v, %v", feature, err)
	}
	var unsupported *ito.UnsupportedError
	if _, err := NewLabelled(path.VP{}, 2, ito.PredEps); !errors.As(err, &unsupported) {
		t.Errorf("a path without labels: %v", err)
	}
}
