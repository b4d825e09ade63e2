package model_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/target/model"
)

// Every mistake has its line and says what is wrong.
func TestMistakes(t *testing.T) {
	data := model.Data{"y": []float64{1, 2, 3}, "miss": []any{1., nil, 3.}, "n": 3, "m": [][]float64{{1, 2}, {3, 4}},
		"neg": []float64{1, -1}}
	for _, p := range []struct {
		src  string
		line int
		want string
	}{
		{"mu = param('mu')\nmu.prior(normal(0, 1))\nif mu > 0:\n  x = 1", 3, "where(gt(a, b)"},
		{"mu = param('mu', prior = normal(0, 1))\nx = 1 if mu == 0 else 2", 2, "where(eq(a, b)"},
		{"mu = param('mu', prior = normal(0, 1))\nif mu:\n  x = 1", 2, "cannot branch"},
		{"mu = param('mu', prior = normal(0, 1))\nx = not mu", 2, "cannot branch"},
		{"mu = param('mu', prior = normal(0, 1))\nx = [k for k in range(3) if mu]", 2, "cannot branch"},
		{"mu = param('mu', prior = normal(0, 1))\nx = mu in [0, 1]", 2, "member"},
		{"mu = param('mu', prior = normal(0, 1))\nd = {mu: 1}", 2, "cannot be a key"},
		{"mu = param('mu', prior = normal(0, 1))\nx = data['y'] + [1, 2]", 2, "[3] and [2]"},
		{"mu = param('mu', shape = 2)\nobserve(normal(mu, 1), data['y'])", 2, "[2]"},
		{"mu = param('mu')\nobserve(normal(mu, 1), 2)\nobserve(normal(0, 1), data['nothing'])", 3,
			"there is m, miss, n, neg, y"},
		{"x = param('x', shape = 3)\nx.prior(normal(zeros(2), 1))", 2, "[3] and [2]"},
		{"mu = param('mu')\nmu.prior(normal(zeros(3), 1))", 2, `parameter "mu" has shape [], but normal has shape [3]`},
		{"t = param('t')\n\nt.prior(half_cauchy(1))", 3, "declare its support as positive"},
		{"t = param('t', positive)\nt.prior(beta(1, 1))", 2, "interval(0, 1)"},
		{"t = param('t', shape = 2)\nt.prior(dirichlet([1, 1]))", 2, "simplex(k)"},
		{"mu = param('mu')\nmu.prior(poisson(2))", 2, "continuous"},
		{"mu = param('mu')\nmu.prior(normal(0, 1))\nmu.prior(normal(0, 1))", 3, "has a prior already"},
		{"mu = param('mu')\nobserve(normal(mu, 1), data['miss'])", 2, "known(y)"},
		{"mu = param('mu')\nobserve(normal(mu, 0), data['y'])", 2, "sigma must be positive"},
		{"mu = param('mu')\ns = param('s')\nobserve(normal(mu, s), data['y'])", 3, "declare it positive"},
		{"r = param('r', positive)\nobserve(poisson(r), [1, 2.5])", 2, "data[1] is 2.5; poisson takes integers"},
		{"r = param('r', positive)\nobserve(exponential(r), data['neg'])", 2, "data[1] is -1"},
		{"p = param('p', unit)\nobserve(binomial(3, p), 4)", 2, "data[0] is 4"},
		{"p = param('p', simplex(3))\nobserve(categorical(p), [0, 3])", 2, "[0, 2]"},
		{"p = param('p', unit)\nobserve(mixture([p, 1 - p], [normal(0, 1)]), 1)", 2, "weights of shape [2] for 1"},
		{"mu = param('mu')\nobserve(normal(mu, 1), data['y'][3])", 2, "outside data [3]"},
		{"mu = param('mu')\nmu = mu +", 2, "got"},
		{"mu = param('mu')\nfor x in mu:\n  pass", 2, "no axis"},
		{"mu = param('mu')\nx = mu[1:]", 2, "no axis"},
		{"mu = param('mu')\nx = mu[0]", 2, "axes"},
		{"mu = param('mu')\nmu.prior(nrmal(0, 1))", 2, "undefined: nrmal"},
		{"mu = param('mu')\nwhile True:\n  pass", 2, "while"},
		{"mu = param('mu')\nfor i in range(10000000):\n  for j in range(10000000):\n    pass", 3, "endless loop"},
		{"def f(n):\n  return f(n)\nf(1)", 2, "recursively"},
		{"mu = param('mu')\nx = list(range(100000000000))", 2, "more than"},
		{"mu = param('mu')\nx = [0] * 1000000000000", 2, "too long"},
		{"mu = param('mu')\nx = 'a'\nx *= 1000000000000", 3, "too long"},
		{"mu = param('mu')\nx = zeros((100000, 100000))", 2, "too many elements"},
		{"mu = param('mu')\nx = zeros(100000)\ny = reshape(x, (100000, 1)) + x", 3, "elements"},
		{"load('x', 'y')", 1, "load"},
		{"mu = param('mu')\nx = mu ** 2", 2, "write pow(a, b)"},
		{"mu = param('mu')\nx = mu @ mu", 2, "write matmul(a, b)"},
		{"mu = param('mu')\nwhile True: pass", 2, "for i in range(n)"},
		{"mu = parm('mu')", 1, "did you mean param?"},
		{"x = open('/etc/passwd')", 1, "undefined: open"},
		{"mu = param('mu')\nmu = param('mu')", 2, "is taken"},
		{"mu = param('a.b')", 1, "is not a name"},
		{"mu = param('mu')\ny = where(mu, 1, 2)", 2, "the condition is not a comparison"},
		{"mu = param('mu')\ny = matmul(data['m'], data['y'])", 2, "[2,2]"},
		{"mu = param('mu')\ny = cholesky([[1, 2], [2, 1]])", 2, "not positive definite"},
		{"mu = param('mu', ordered(2), prior = normal(0, 1))\ngenerated('g', lkj_corr_cholesky(1))", 2, "no draws"},
		{"mu = param('mu', prior = normal(0, 1))\ntarget(mu / 0 * data['miss'])\nx = data['y'] and 1", 3, "ambiguous"},
		{"mu = param('mu')\nx = sum(data['y'], axis = 2)", 2, "axis 2"},
	} {
		_, err := model.Compile("m.star", p.src, data, model.CompileOptions{Steps: 100_000})
		var me *model.Error
		if !errors.As(err, &me) {
			t.Errorf("%q gave %v", p.src, err)
			continue
		}
		if me.File != "m.star" || me.Line != p.line || me.Col < 1 || !strings.Contains(me.Msg, p.want) {
			t.Errorf("%q gave %v; want line %d and %q", p.src, err, p.line, p.want)
		}
	}
}

func TestMistakesWithoutALine(t *testing.T) {
	for src, want := range map[string]string{
		"x = 1":            "no parameter",
		"mu = param('mu')": `"mu" has no prior`,
		"mu = param('mu', prior = normal(0, 1))\nt = param('t', positive)": `"t" has no prior`,
	} {
		if _, err := model.Compile("m.star", src, nil, model.CompileOptions{}); err == nil ||
			!strings.Contains(err.Error(),
				want) {
			t.Errorf("%q gave %v", src, err)
		}
	}
	var de *model.DataError
	for _, bad := range []any{[][]float64{{1, 2}, {3}}, []any{1., []any{2.}}, []any{[]any{1.}, 2.}, map[string]int{},
		model.Array{Shape: []int{2}, X: []float64{1}}} {
		_, err := model.Compile("m.star", "mu = param('mu', prior = normal(0, 1))", model.Data{"bad": bad},
			model.CompileOptions{})
		if !errors.As(err, &de) || de.Name != "bad" {
			t.Errorf("data %v gave %v", bad, err)
		}
	}
	// A bounded parameter needs no prior: its density is uniform.
	m, err := model.Compile("m.star", "p = param('p', simplex(3)); L = param('L', corr_cholesky(3))", nil,
		model.CompileOptions{})
	if err != nil || m.Dim() != 5 {
		t.Errorf("flat on bounded supports: %v", err)
	}
}

// No file makes the reader panic or run for ever.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{"mu = param('mu', prior = normal(0, 1))", "x = [i * 2 for i in range(3)]",
		"observe(normal(0, 1), data['y'])",
		"mu = param('mu', shape = (2, 3)); target(-sum(mu.T[1:] * mu.T[1:]))",
		"p = param('p', simplex(3), prior = dirichlet([1, 1, 1]))"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		m, err := model.Compile("f.star", src, model.Data{"y": []float64{1, 2}}, model.CompileOptions{Steps: 10_000})
		if (m == nil) == (err == nil) {
			t.Errorf("%v and %v", m, err)
		}
	})
}
