package recipe_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/recipe"
)

// normals is a table of n normal rows of one column.
func normals(t *testing.T, n int, seed uint64) *data.Table {
	t.Helper()
	x := ito.NewStates(n, 1, 0)
	ito.Seed(seed).Normal(x, 0, 0, 0)
	return &data.Table{Name: "normals", Rows: n, Cols: 1, Columns: []string{"x"}, X: x.X}
}

// Ends of the family sb are coupled: the bridge of √κ W between two unit normals has the covariance ½(√(4+κ²) − κ)
// between its ends, which the moments of a model's pairs show; other families have none.
func TestSchroedingerEndsAreCoupled(t *testing.T) {
	for family, want := range map[string]float64{"sb": (math.Sqrt(4+.25) - .5) / 2, "linear": 0} {
		cfg := recipe.DefaultTrain()
		cfg.Path, cfg.Family, cfg.Kappa, cfg.Transform = "interpolant", family, .5, "none"
		cfg.Steps, cfg.Width, cfg.Batch = 1, 4, 8
		m, _, err := recipe.FitBetween(t.Context(), normals(t, 1500, 1), normals(t, 1500, 2), cfg, recipe.RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		// 1500 pairs: a standard error of .036 for independent ends, less for coupled ones
		if got := m.Field.(*field.Net).Moments().Covariance(0, 1); math.Abs(got-want) > .12 {
			t.Errorf("%s: the ends have a covariance of %.3f, want %.3f", family, got, want)
		}
	}
}

// A plan of more pairs than fit is refused with what does.
func TestSchroedingerOfManyRowsIsRefused(t *testing.T) {
	cfg := recipe.DefaultTrain()
	cfg.Path, cfg.Family, cfg.Steps = "interpolant", "sb", 1
	_, _, err := recipe.FitBetween(t.Context(), normals(t, 5000, 1), normals(t, 10, 2), cfg, recipe.RunOptions{})
	var u *ito.UnsupportedError
	if !errors.As(err, &u) {
		t.Error(err)
	}
}
