package tabular

import (
	"math"
	"testing"
)

// A number that is the sum of two columns and noise of a fifth of the variance: R² near .8 from real rows, none from
// columns mixed independently. The level of a sign: AUC near that of the noise.
func TestEfficient(t *testing.T) {
	make := func(seed uint64) Table {
		x := gauss(4000, 3, 0, 0, seed)
		y := Column{X: make([]float64, x.Rows)}
		sign := Column{X: make([]float64, x.Rows), Levels: 2}
		for i := range y.X {
			y.X[i] = x.Columns[0].X[i] + x.Columns[1].X[i] + x.Columns[2].X[i]*math.Sqrt(.5)
			if y.X[i] > 0 {
				sign.X[i] = 1
			}
		}
		return Table{Rows: x.Rows, Columns: []Column{x.Columns[0], x.Columns[1], y, sign}}
	}
	train, test := make(1), make(2)
	test.Columns[2].X[5] = math.NaN() // left out
	drop := func(t Table, j int) Table {
		return Table{Rows: t.Rows, Columns: append(append([]Column{}, t.Columns[:j]...), t.Columns[j+1:]...)}
	}
	got, err := Efficient(t.Context(), drop(train, 3), drop(test, 3), 2)
	if err != nil || got.Score != "R2" {
		t.Fatal(got, err)
	}
	near(t, "R²", got.Value, .8, .05)
	if got, err = Efficient(t.Context(), Marginals(drop(train, 3), 4000, 1), drop(test, 3), 2); err != nil {
		t.Fatal(err)
	}
	if got.Value > .05 {
		t.Errorf("mixed columns: R² %g", got.Value)
	}
	if got, err = Efficient(t.Context(), drop(train, 2), drop(test, 2), 2); err != nil || got.Score != "AUC" {
		t.Fatal(got, err)
	}
	// the sign of s + noise, s of variance 2 and noise ½: AUC ≈ .93
	near(t, "AUC", got.Value, .93, .03)
}
