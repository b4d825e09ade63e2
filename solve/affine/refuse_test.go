package affine_test

import (
	"errors"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// What a solver of one's own may ask for wrongly is an error, when it plans and not when it runs.
func TestPlannerRefuses(t *testing.T) {
	pl, err := affine.New(path.VP{}, ito.PredEps)
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range []int{0, affine.MaxOrder + 1} {
		_, err := pl.Multistep(ito.Grid{1, .5, .1}, ito.PredEps, order, false, false, affine.WeighFirst)
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("order %d: %v", order, err)
		}
	}
	one := []float64{1}
	many := make([][]float64, 40)
	marks := ""
	for i := range many {
		many[i] = one
		marks += "n"
	}
	for name, c := range map[string]struct {
		marks string
		coef  [][]float64
	}{"nothing": {"", nil}, "too few marks": {"x", [][]float64{one, one}}, "too many": {marks, many}} {
		if _, err := pl.Update(.5, c.marks, c.coef...); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := affine.New(path.VP{}, ito.PredVelocity+1); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}
