package model_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/model"
)

// familyCase is a row of testdata/families.json, which testdata/families.py makes of scipy's values.
type familyCase struct {
	Expr   string
	Params []any
	Y      any
	Shape  []int
	Want   []any // null: −∞
}

// Every family with numbers, vectors and rows of parameters at numbers and vectors of data has scipy's values, as
// data and as traced values, and the gradient of what it says; what has another shape than the data is refused by
// observe.
func TestFamilies(t *testing.T) {
	b, err := os.ReadFile("testdata/families.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []familyCase
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		for _, kind := range []string{"data", "traced"} {
			c.check(t, kind)
		}
	}
}

func (c familyCase) check(t *testing.T, kind string) {
	t.Helper()
	what := fmt.Sprintf("%s of %s, p = %v, at %v", c.Expr, kind, c.Params, c.Y)
	data := model.Data{"y": c.Y}
	src := "z = param('z', prior = normal(0, 1)); y = data['y']\n"
	for i, p := range c.Params {
		data[fmt.Sprint("p", i)] = p
		trials := i == 0 && strings.HasPrefix(c.Expr, "binomial")
		if src += fmt.Sprintf("p%d = data['p%d']", i, i); kind == "traced" && !trials {
			src += " * (1 + .01 * z)"
		}
		src += "\n"
	}
	want, sum := make([]float64, len(c.Want)), 0.
	for i, v := range c.Want {
		f, ok := v.(float64)
		if !ok {
			f = math.Inf(-1)
		}
		want[i] = f
		sum += f
	}
	observed := src + "observe(" + c.Expr + ", y)"
	m, err := model.Compile("m.star", src+"generated('g', "+c.Expr+".log(y))", data, model.CompileOptions{})
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	g := m.Quantities()[1]
	if !slices.Equal(g.Shape, c.Shape) {
		t.Errorf("%s has shape %v, want %v", what, g.Shape, c.Shape)
		return
	}
	x, draw := ito.NewStates(1, 1, 0), ito.NewStates(1, m.Width(), 0)
	if err := m.Draw(t.Context(), draw, x, 0, 0); err != nil {
		t.Fatal(err)
	}
	for i, got := range rowMajor(draw.X[1:], c.Shape) {
		if got != want[i] && !(math.Abs(got-want[i]) <= 1e-12*max(1, math.Abs(want[i]))) {
			t.Errorf("%s: element %d is %.15g, want %.15g", what, i, got, want[i])
		}
	}
	axes := 0
	if strings.HasPrefix(c.Expr, "dirichlet") || strings.HasPrefix(c.Expr, "multi_normal") {
		axes = 1
	}
	fits := slices.Equal(c.Shape, shapeOf(c.Y)[:len(shapeOf(c.Y))-axes])
	m, err = model.Compile("m.star", observed, data, model.CompileOptions{})
	switch {
	case !fits || math.IsInf(sum, -1):
		if err == nil && !fits {
			t.Errorf("%s was observed, though the data have shape %v and the family %v", what, shapeOf(c.Y), c.Shape)
		}
		return
	case err != nil:
		t.Errorf("%s: %v", what, err)
		return
	}
	lp := make([]float64, 1)
	if err := m.LogDensity(t.Context(), lp, x); err != nil {
		t.Fatal(err)
	}
	if sum -= .5 * math.Log(2*math.Pi); math.Abs(lp[0]-sum) > 1e-12*max(1, math.Abs(sum)) {
		t.Errorf("%s: observed %.15g, want %.15g", what, lp[0], sum)
	}
	x.X[0] = .3
	if err := target.CheckGradient(t.Context(), m, x, 0); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func shapeOf(v any) []int {
	var shape []int
	for {
		l, ok := v.([]any)
		if !ok {
			return shape
		}
		shape, v = append(shape, len(l)), l[0]
	}
}

// rowMajor reorders what draws list with the first index fastest.
func rowMajor(x []float64, shape []int) []float64 {
	if len(shape) < 2 {
		return x
	}
	out := make([]float64, 0, len(x))
	for i := range shape[0] {
		for j := range shape[1] {
			out = append(out, x[j*shape[0]+i])
		}
	}
	return out
}

// The whole use: a categorical with a row for each observation gives the posterior that it should, by Bayes' rule
// on a grid.
func TestCategoricalRows(t *testing.T) {
	src := `
th = param("th", simplex(3), prior = dirichlet([2, 1, 1]))
P = stack([th, array([th[1], th[0], th[2]]), array([th[2], th[1], th[0]])])
observe(categorical(P), [0, 1, 2])
`
	m, err := model.Compile("m.star", src, nil, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x, lp := ito.NewStates(1, 2, 0), make([]float64, 1)
	x.X[0], x.X[1] = .4, -1.1
	if err := m.LogDensity(t.Context(), lp, x); err != nil {
		t.Fatal(err)
	}
	draw := ito.NewStates(1, m.Width(), 0)
	if err := m.Draw(t.Context(), draw, x, 0, 0); err != nil {
		t.Fatal(err)
	}
	th := draw.X[:3] // Γ(4) θ₀ · θ₀³, and the Jacobian z₀(1−z₀)·z₁(1−z₁)·(1−z₀)
	z0 := th[0]
	z1 := th[1] / (1 - z0)
	want := math.Log(6) + 4*math.Log(th[0]) + math.Log(z0*(1-z0)*z1*(1-z1)*(1-z0))
	if math.Abs(lp[0]-want) > 1e-12 {
		t.Errorf("log density %v, want %v", lp[0], want)
	}
}
