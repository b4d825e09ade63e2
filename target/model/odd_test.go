package model_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/model"
)

// Odd uses end in an *Error or in a model, never in a panic.
func TestOddUses(t *testing.T) {
	data := model.Data{"y": []float64{1, 2, 3}, "none": []float64{}, "text": "abc", "names": []string{"a", "b"}, "i": 2}
	for _, expr := range []string{
		"reshape(y, (2, 2))", "reshape(y, -5)", "reshape(z, 1)", "concat([y], axis = 3)", "concat([z, y])",
		"concat([])", "stack([])",
		"sum([])", "sum(data['none'])", "max(data['none'])", "min([])", "max(data['none'] * z)", "mean(data['none'])",
		"sd(z)", "sd([1])",
		"softmax(z)", "cumsum(z)", "sort(z)", "standardize(z)", "where(lt(z, 0), y, 0)",
		"where(lt(y, z), 1, [1, 2, 3])", "where(lt(y, 2), z, z)",
		"where(True, z, y)", "diag_matrix(z)", "diag(y)", "matmul(z, z)", "matmul(y, y)", "dot(z, z)", "eye(0)",
		"zeros(0)", "zeros(())", "zeros(-1)",
		"all([z])", "any([y])", "sorted([z, 1])", "int(z)", "float(z)", "str(z)", "bool(z)", "list(z)", "dict(a = z)",
		"hash(z)", "len(z)",
		"z[0]", "y[5]", "y[1.5]", "y['a']", "y[0, 0]", "y[z]", "y[[0, 9]]", "y[[]]", "y[2:1]", "y[::-2]", "y[:0] * z",
		"data['none'][0]", "z.prior(normal(0, 1))",
		"y.prior(normal(0, 1))", "z.nothing", "z.T", "-normal(0, 1)", "normal(0, 1) + 1", "normal(0)",
		"normal(mu = 0, sigma = 1, tau = 3)", "normal('a', 1)",
		"normal(0, 1).log('a')", "normal(0, [1, -1])", "gamma(0, 1)", "uniform(1, 0)", "uniform(z, 1)", "beta(inf, 1)",
		"dirichlet(z)", "dirichlet([1, 0])",
		"categorical(z)", "categorical([1, 2]).log([0, 1, 1])", "categorical(y * z).log([7])",
		"categorical_logit(z * eye(3)).log([0, 1])", "multi_normal(0, cov = 1)",
		"multi_normal(y, cov = eye(2))", "multi_normal(y, cov = eye(3)).log(z)",
		"multi_normal(y, cov = z * eye(3)).log(y[:2])", "multi_normal(y)",
		"multi_normal(0, cov = eye(3)).log(y)", "lkj_corr_cholesky(z).log(eye(2))", "lkj_corr_cholesky(1).log(y)",
		"mixture([.5, .5], [normal(0, 1), dirichlet([1, 1])])",
		"mixture([.5, .5], [normal(0, 1), poisson(1)])", "mixture([1], [dirichlet([1, 1, 1])]).log(y)",
		"mixture(z, [normal(0, 1)])", "mixture([2, 2], [normal(0, 1), normal(0, 1)])",
		"mixture([.5, .5], [normal(y, 1), normal(0, 1)]).log(z)",
		"observe(mixture([.3, .7], [exponential(1), normal(z, 1)]), -1)", "observe(y, y)",
		"observe(normal(0, 1), 'a')",
		"observe(categorical([.2, .8]), [0, 1])", "observe(categorical([.2, .8]), [.5])",
		"observe(normal(z, 1), data['none'])", "target('a')", "target(1 / 0)", "target(log(y - 1))",
		"derived('d', 'a')", "derived('', z)", "derived('z', z)", "derived('lp__', z)",
		"generated('g', dirichlet([1, 1]))", "generated('g', mixture([1], [normal(0, 1)]))",
		"generated('g', uniform(0, 1))", "generated('g', normal(y, z))", "generated('g', normal(0, 1))",
		"param('p', 3)", "param('p', simplex(1))", "param('p', simplex(z))", "param('p', shape = 0)",
		"param('p', shape = 'a')",
		"param('p', interval(z, 1))", "param('p', interval(0, inf))", "param('p', corr_cholesky(2), shape = 2)",
		"param('p', prior = 3)", "data['text'] + z", "data['names'][0]",
		"data[0]", "data.y", "y and z", "not y", "z or 1", "1 if y else 2", "[v for v in z]", "y == None", "z == None",
		"z != 'a'", "y < z", "z in y", "1 in y", "z << 1", "y | y", "~y", "z ** 2",
		"10 * 'a'", "[1] * z", "y * [1, 2]", "y * 'a'", "10000000000000000000000 * z", "(1 << 500) * (1 << 500) * z",
		"pow(z, 'a')", "pow(-1, .5)", "log(-1)", "cholesky(y)", "solve_lower(y, y)", "log_det(z)",
		"sq_dist(z, z)", "sq_dist(y, eye(2))", "known(z)", "known(eye(2))", "bincount([9], 3)", "bincount(y, 0)",
		"arange(0)", "range(3)[5]", "range('a')", "array('a')", "array([[1], 2])",
		"print(z, y, normal(0, 1), positive, data)",
	} {
		for _, head := range []string{"z = param('z', prior = normal(0, 1)); y = data['y']\n",
			"z = param('z', prior = normal(0, 1)); y = data['y'] * z\n"} {
			odd(t, head+"r = "+expr, data)
		}
	}
}

func odd(t *testing.T, src string, data model.Data) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s: panic: %v", src, p)
		}
	}()
	m, err := model.Compile("odd.star", src, data, model.CompileOptions{Steps: 10000})
	var me *model.Error
	if err != nil {
		if !errors.As(err, &me) || me.Msg == "" {
			t.Errorf("%s gave %v", src, err)
		}
		return
	}
	x, lp := ito.NewStates(2, m.Dim(), 0), make([]float64, 2)
	if err := m.Gradient(context.Background(), lp, x.Clone(), x); err != nil {
		t.Errorf("%s: %v", src, err)
	}
	if err := m.Draw(context.Background(), x.Like(m.Width()), x, 0, 0); err != nil {
		t.Errorf("%s: %v", src, err)
	}
}

// A density may be −∞ or NaN at a state; that is its value, beside rows that are finite.
func TestNonFinite(t *testing.T) {
	m, err := model.Compile("n.star", "z = param('z'); target(log(z) - z)", nil, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x, lp := ito.NewStates(3, 1, 0), make([]float64, 3)
	x.X[0], x.X[2] = -1, 2
	if err := m.LogDensity(context.Background(), lp, x); err != nil {
		t.Fatal(err)
	}
	if !math.IsNaN(lp[0]) || !math.IsInf(lp[1], -1) || math.Abs(lp[2]-(math.Ln2-2)) > 1e-15 {
		t.Errorf("log densities %v", lp)
	}
	if err := target.CheckGradient(context.Background(), m, x, 0); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := m.LogDensity(ctx, lp, x); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
