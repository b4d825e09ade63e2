package model_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/model"
)

// Missing cells become parameters, words become numbers, and what a file printed before it failed is kept.
func TestMissingCellsAndWords(t *testing.T) {
	nan := math.NaN()
	data := model.Data{"y": []float64{1, nan, 3, nan}, "g": []string{"b", "a", "b", "c"}, "full": []float64{1, 2}}
	src := `
mu = param("mu", prior = normal(0, 1))
y = impute("y_mis", data["y"])
observe(normal(mu, 1), y)
g, names = levels(data["g"])
generated("g", g)
generated("n", len(names) + len(impute("none", data["full"])))
`
	m, err := model.Compile("m.star", src, data, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Columns(); !slices.Equal(got, []string{"mu", "y_mis.1", "y_mis.2", "g.1", "g.2", "g.3", "g.4", "n"}) {
		t.Errorf("columns %v", got)
	}
	x, lp, draw := ito.NewStates(1, 3, 0), make([]float64, 1), ito.NewStates(1, m.Width(), 0)
	copy(x.X, []float64{.5, 2, -1})
	if err := m.LogDensity(t.Context(), lp, x); err != nil {
		t.Fatal(err)
	}
	want := -.5*.25 - .5*(.25+2.25+6.25+2.25) - 2.5*math.Log(2*math.Pi)
	if math.Abs(lp[0]-want) > 1e-13 {
		t.Errorf("log density %v, want %v", lp[0], want)
	}
	if err := m.Draw(t.Context(), draw, x, 0, 0); err != nil {
		t.Fatal(err)
	}
	if got := draw.X[3:]; !slices.Equal(got, []float64{1, 0, 1, 2, 5}) {
		t.Errorf("levels %v", got)
	}
	_, err = model.Compile("m.star", "print('here', 3)\nz = param('z')\nobserve(normal(z, -1), 2)", nil,
		model.CompileOptions{})
	var e *model.Error
	if !errors.As(err, &e) || !slices.Equal(e.Printed, []string{"here 3"}) || e.Line != 3 {
		t.Errorf("%v, printed %v", err, e)
	}
}
