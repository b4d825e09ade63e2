package model_test

import (
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/model"
)

// Matrix words, kernels, hidden Markov models, scans and equations have numpy's and scipy's values (testdata/words.py).
func TestWords(t *testing.T) {
	cases := wordCases(t, "words")
	if len(cases) < 30 {
		t.Errorf("only %d cases", len(cases))
	}
	for _, c := range cases {
		c.check(t)
	}
}

// A loop of many steps compiles to one body: a GARCH model and a hidden Markov model, with gradients.
func TestLongLoops(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n = 3000
	}
	y := make([]float64, n)
	for i := range y {
		y[i] = math.Sin(1.3*float64(i)) * (1 + .5*math.Sin(.001*float64(i)))
	}
	for name, src := range map[string]string{
		"garch": `
y = data["y"]
w = param("w", positive, prior = half_normal(1)); a = param("a", unit); b = param("b", interval(0, 1 - a))
s2 = scan(lambda s, v: (w + a * v * v + b * s, s), 1.0, y)[1]
observe(normal(0, sqrt(s2)), y)
`, "hmm": `
y = data["y"]
P = param("P", stochastic_matrix(2, 2)); m = param("m", ordered(2), prior = normal(0, 1))
lo = normal(m[None, :], .5).log(y[:, None])
target(hmm_forward(lo, P, [.5, .5]))
`} {
		m, err := model.Compile("m.star", src, model.Data{"y": y}, model.CompileOptions{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		x := ito.NewStates(1, m.Dim(), 0)
		for i := range x.X {
			x.X[i] = .1 * float64(i+1)
		}
		if err := target.CheckGradient(t.Context(), m, x, 1e-3); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Mistakes within functions of loops are at their own lines.
func TestMistakesInLoops(t *testing.T) {
	for src, want := range map[string]string{
		"def f(c, x):\n    return c + nothing(x), c\nscan(f, z, [1, 2])":                  "m.star:3:16: undefined",
		"def f(c, x):\n    return c + stack([1, 2, 3])[x], c\nscan(f, z, [1, 2])":         "m.star:3:32: an index depends",
		"def f(c, x):\n    observe(normal(c, 1), 2)\n    return c, c\nscan(f, z, [1, 2])": "m.star:3:12: observe within a function of scan",
		"scan(lambda c, x: c, z, [1, 2])":                                                 "m.star:2:5: scan: the function returns array, not (carry, output)",
		"scan(lambda c, x: (stack([c, c]), c), z, [1, 2])":                                "the carry has shape [] at first and [2] after a step",
		"scan(lambda c, x: (c, c), z)":                                                    "without xs it needs a length",
		"ode(lambda t, y: y, z, [1, 2])":                                                  "y0 is parameter \"z\", not a vector",
		"ode(lambda t, y: y[0], [z], [1, 2])":                                             "has shape [] for a state of shape [1]",
		"ode(lambda t, y: y, [z], [2, 1])":                                                "times[1] is 1, not after 2",
		"ode(lambda t, y: y, [z], [1], method = 'euler')":                                 "method is",
		"hmm_forward([[1, 2]], [[.5, .4], [0, 1]], [1, 0])":                               "sum to 0.9, not 1",
		"gp_exp_quad([1, 2], z, 1)":                                                       "may be negative: declare it positive",
		"solve([[1, 2]], [1])":                                                            "square",
	} {
		_, err := model.Compile("m.star", "z = param('z', prior = normal(0, 1))\n"+src, nil, model.CompileOptions{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "m.star:") {
			t.Errorf("%s: %v, want %q", src, err, want)
		}
	}
}
