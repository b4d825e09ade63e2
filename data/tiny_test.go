package data

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// A column whose variance has lost digits is refused; one that is hardly larger is standardised to all of them.
func TestTinyVariance(t *testing.T) {
	table := func(scale float64) *Table {
		x := &Table{Name: "t", Columns: []string{"a"}, Rows: 100, Cols: 1}
		for i := range 100 {
			x.X = append(x.X, scale*math.Sin(float64(i)))
		}
		return x
	}
	for _, scale := range []float64{1e-155, 1e-160, 1e-170, 1e-200} {
		if _, err := FitTransform("standardise", table(scale)); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%g: %v", scale, err)
		}
	}
	tr, err := FitTransform("standardise", table(1e-150))
	if err != nil {
		t.Fatal(err)
	}
	x, err := Apply(tr, table(1e-150))
	if err != nil {
		t.Fatal(err)
	}
	square := 0.
	for _, v := range x.X {
		square += v * v / 100
	}
	if math.Abs(square-1) > 1e-9 {
		t.Errorf("standardised the variance is %g", square)
	}
}
