package methods

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/model"
)

// linearModel declares a correlated and an independent normal prior, and sees the first coordinate of each.
const linearModel = `
f = param("f", shape = 2, prior = multi_normal([1, 0], cov = [[1, 0.8], [0.8, 2]]))
g = param("g", shape = (2, 2), prior = normal([[3, 0], [0, 0]], 2))
observe(normal(f[0], 0.5), 2.5)
observe(normal(g[0, 0] + g[1, 1], 1), 1)
`

// A model file tells its normal prior, and ess and pcn move under it: the posterior means are those of the linear
// model, f_0 = 1 + 1.5·1/1.25, f_1 = .8·1.5/1.25, and with g_00 + g_11 seen as 1 where 3 ± √8 is expected both
// change by 4·(1−3)/(8+1).
func TestModelPriors(t *testing.T) {
	m, err := model.Compile("linear.star", linearModel, nil, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ess", "pcn"} {
		method, err := infer.FindMethod(name)
		if err != nil {
			t.Fatal(err)
		}
		s := infer.DefaultSettings()
		s.Beta = .7
		p, err := method.Plan(m, s)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := infertest.Sample(t, m, p.Kernel, 8, 2000, 1)
		for j, want := range []float64{2.2, .96, 3 - 8./9, 0, 0, -8. / 9} {
			got.Expect(t, name, infertest.Coordinate(j), want)
		}
	}
}

// A model with another prior is refused by the name of the parameter, whatever the other prior is; so are
// distributions that are none.
func TestModelsWithoutNormalPriors(t *testing.T) {
	for _, c := range []struct{ src, word string }{
		{`a = param("a", prior = normal(0, 1)); tau = param("tau", positive, prior = half_cauchy(5))`,
			`parameter "tau"`},
		{`a = param("a", prior = normal(0, 1)); b = param("b", prior = normal(a, 1))`, `parameter "b"`},
		{`a = param("a", lower(0), prior = normal(0, 1))`, `parameter "a"`},
		{`a = param("a"); observe(normal(a, 1), 0)`, `parameter "a"`},
		{`a = param("a", prior = student_t(3, 0, 1))`, `parameter "a"`},
	} {
		m, err := model.Compile("m.star", c.src, nil, model.CompileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		method, _ := infer.FindMethod("ess")
		if _, err := method.Plan(m, infer.DefaultSettings()); !errors.Is(err, ito.ErrInput) ||
			!strings.Contains(err.Error(),
				c.word) {
			t.Errorf("%s: %v", c.src, err)
		}
		s := infer.DefaultSettings()
		s.Scale = 2
		if _, err := method.Plan(m, s); err != nil {
			t.Errorf("%s with a scale: %v", c.src, err)
		}
	}
	for what, n := range map[string]target.Normal{
		"no sd":   {Mean: []float64{0, 0}, SD: []float64{1}},
		"zero sd": {Mean: []float64{0}, SD: []float64{0}},
		"outside": {Mean: []float64{0}, SD: []float64{1}, Blocks: []target.NormalBlock{
			{From: 0, K: 2, Lower: []float64{1, 0, 0, 1}}}},
		"twice": {Mean: []float64{0}, SD: []float64{1}, Blocks: []target.NormalBlock{{K: 1, Lower: []float64{1}},
			{K: 1, Lower: []float64{1}}}},
	} {
		if _, err := mcmc.NewBlockPrior(n); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
