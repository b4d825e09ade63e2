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

// wordCase is an expression over p0, p1, … and its values by another program.
type wordCase struct {
	Expr   string
	Params []any
	Shape  []int
	Want   []float64
	Flat   bool
	Tol    float64
}

// wordCases reads testdata/NAME.json.
func wordCases(t *testing.T, name string) []wordCase {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []wordCase
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// check compares a word of data and of traced values with its values, and its gradient with differences.
func (c wordCase) check(t *testing.T) {
	t.Helper()
	for _, kind := range []string{"data", "traced"} {
		what := fmt.Sprintf("%s of %s, p = %v", c.Expr, kind, c.Params)
		data := model.Data{}
		src := "z = param('z', prior = normal(0, 1))\n"
		for i, p := range c.Params {
			data[fmt.Sprint("p", i)] = p
			if src += fmt.Sprintf("p%d = data['p%d']", i, i); kind == "traced" && !trials(c.Expr, i) {
				src += fmt.Sprintf(" * (1 + %g * z)", .01*(1+.3*float64(i)))
			}
			src += "\n"
		}
		src += "v = " + c.Expr + "\ngenerated('g', v)\n"
		if !c.Flat {
			src += "target(sum(v * cos(reshape(arange(1 if type(v) != 'array' else sum(ones(v.shape))), " +
				"(1,) if type(v) != 'array' else v.shape))))\n"
		}
		m, err := model.Compile("m.star", src, data, model.CompileOptions{})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		g := m.Quantities()[1]
		if !slices.Equal(g.Shape, c.Shape) && !(len(g.Shape) == 0 && len(c.Shape) == 0) {
			t.Errorf("%s has shape %v, want %v", what, g.Shape, c.Shape)
			continue
		}
		x, draw := ito.NewStates(1, 1, 0), ito.NewStates(1, m.Width(), 0)
		if err := m.Draw(t.Context(), draw, x, 0, 0); err != nil {
			t.Fatal(err)
		}
		for i, got := range rowMajor(draw.X[1:], c.Shape) {
			if !(math.Abs(got-c.Want[i]) <= c.Tol*max(1, math.Abs(c.Want[i]))) {
				t.Errorf("%s: element %d is %.15g, want %.15g", what, i, got, c.Want[i])
			}
		}
		if x.X[0] = .3; kind == "data" || c.Flat {
			continue
		}
		if err := target.CheckGradient(t.Context(), m, x, 0); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Densities, distribution functions, quantiles and truncation have scipy's values (testdata/limits.py).
func TestLimits(t *testing.T) {
	cases := wordCases(t, "limits")
	if len(cases) < 200 {
		t.Errorf("only %d cases", len(cases))
	}
	for i, c := range cases {
		if testing.Short() && i%5 > 0 {
			continue
		}
		c.check(t)
	}
}

// trials reports whether a parameter is a number of trials, which is data.
func trials(expr string, i int) bool {
	if i > 0 {
		return false
	}
	for _, f := range []string{"binomial(", "binomial_logit(", "beta_binomial("} {
		if len(expr) > len(f) && expr[:len(f)] == f {
			return true
		}
	}
	return false
}

// Draws of every family, whole and truncated, have the family's own distribution function: values of it at draws are
// uniform (continuous), or have its mass at the cells (counts).
func TestDrawsFollowTheirFunction(t *testing.T) {
	const n = 4000
	for _, e := range []string{"weibull(1.9, .7)", "pareto(.7, 1.9)", "gumbel(.4, 1.9)", "frechet(3.4, 1.2)",
		"rayleigh(1.3)",
		"chi_square(3.4)", "inv_chi_square(1.9)", "skew_normal(.4, 1.2, -3)", "von_mises(2.5, 3.4)",
		"normal(0, 1, lower = 5)", "gamma(2, 1, lower = .5, upper = 3)", "student_t(3, 0, 1, upper = -1)",
		"beta(2, 3, lower = .3)", "exponential(2, lower = 100)"} {
		m, err := model.Compile("m.star", "z = param('z', prior = normal(0, 1)); d = "+e+
			"\ny = generated('y', d)\ngenerated('u', d.cdf(y)) if False else None", nil, model.CompileOptions{})
		if err != nil {
			t.Errorf("%s: %v", e, err)
			continue
		}
		x, draws := ito.NewStates(n, 1, 0), ito.NewStates(n, m.Width(), 0)
		if err := m.Draw(t.Context(), draws, x, 7, 0); err != nil {
			t.Fatal(err)
		}
		y := make([]any, n)
		for i := range y {
			y[i] = draws.X[2*i+1]
		}
		c, err := model.Compile("c.star", "z = param('z', prior = normal(0, 1)); generated('u', "+e+".cdf(data['y']))",
			model.Data{"y": y}, model.CompileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		one := ito.NewStates(1, c.Width(), 0)
		if err := c.Draw(t.Context(), one, ito.NewStates(1, 1, 0), 0, 0); err != nil {
			t.Fatal(err)
		}
		u := slices.Clone(one.X[1:])
		slices.Sort(u)
		worst := 0.
		for i, v := range u {
			worst = max(worst, math.Abs(v-(float64(i)+.5)/n))
		}
		if !(worst < 1.95/math.Sqrt(n)) { // exceeded once in a thousand
			t.Errorf("%s: the distribution function at draws is %.4f from uniform", e, worst)
		}
	}
}

// Censored numbers count by their tails, and what lies in an interval by its mass.
func TestCensoring(t *testing.T) {
	phi := func(z float64) float64 { return .5 * math.Erfc(-z/math.Sqrt2) }
	prior := -.5 * math.Log(2*math.Pi)
	pdf := func(x float64) float64 { return -.5*x*x - .5*math.Log(2*math.Pi) }
	for src, want := range map[string]float64{
		"observe(normal(z, 1), [.5, 2.], censored = 'right')":     math.Log(phi(-.5)) + math.Log(phi(-2)),
		"observe(normal(z, 1), [.5, 2.], censored = 'left')":      math.Log(phi(.5)) + math.Log(phi(2)),
		"observe(normal(z, 1), [.5, 2., 1], censored = [-1,0,1])": math.Log(phi(.5)) + pdf(2) + math.Log(phi(-1)),
		"observe(normal(z, 1), [.5, -1.], upto = [.7, inf])":      math.Log(phi(.7)-phi(.5)) + math.Log(phi(1)),
		"observe(poisson(exp(z)), [2, 0], upto = [4, 1])": math.Log(math.Exp(-1)*(1./6+1./24)) +
			math.Log(math.Exp(-1)),
	} {
		m, err := model.Compile("m.star", "z = param('z', prior = normal(0, 1))\n"+src, nil, model.CompileOptions{})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		x, lp := ito.NewStates(1, 1, 0), make([]float64, 1)
		if err := m.LogDensity(t.Context(), lp, x); err != nil {
			t.Fatal(err)
		}
		if math.Abs(lp[0]-prior-want) > 1e-12 {
			t.Errorf("%s: %.15g, want %.15g", src, lp[0]-prior, want)
		}
		if x.X[0] = .3; target.CheckGradient(t.Context(), m, x, 0) != nil {
			t.Errorf("%s: %v", src, target.CheckGradient(t.Context(), m, x, 0))
		}
	}
	for src, want := range map[string]string{
		"observe(normal(z, 1), [.5], censored = 'up')":          "censored is",
		"observe(normal(z, 1), [.5], censored = [2])":           "not one of −1, 0 and 1",
		"observe(normal(z, 1), [.5, 1], upto = [.7, 1])":        "upto[1] is 1",
		"observe(normal(z, 1, lower = 1), [.5])":                "is 0.5",
		"observe(normal(z, 1, lower = 2, upper = 1), [.5])":     "nothing is from lower",
		"observe(multinomial(3, [.5, .5]), [1, 1])":             "counts 2, not n = 3",
		"observe(dirichlet([1, 1]), [.5, .5], censored='left')": "no distribution function",
		"observe(zero_inflated(.3, normal(0, 1)), [.5])":        "numbers from 0 on",
		"observe(ordered_logistic(z, [1, 0]), 1)":               "not above the one before",
		"param('S', real, prior = wishart(4, scale = eye(2)))":  "declare param(\"S\", cov_matrix(k))",
		"wishart(1, scale = eye(3))":                            "must be more than 2",
	} {
		_, err := model.Compile("m.star", "z = param('z', prior = normal(0, 1))\n"+src, nil, model.CompileOptions{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "m.star:2:") {
			t.Errorf("%s: %v, want %q at line 2", src, err, want)
		}
	}
}
