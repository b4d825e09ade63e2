package model_test

import (
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mathext"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/model"
)

// fault compiles one of the small inputs on which the product was wrong.
func fault(t *testing.T, name string) (*model.Model, error) {
	t.Helper()
	src, err := os.ReadFile("testdata/faults/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return model.Compile(name, string(src), nil, model.CompileOptions{})
}

// logs evaluates a model of one coordinate.
func logs(t *testing.T, m *model.Model, u ...float64) []float64 {
	t.Helper()
	x, lp := ito.NewStates(len(u), 1, 0), make([]float64, len(u))
	copy(x.X, u)
	if err := m.LogDensity(t.Context(), lp, x); err != nil {
		t.Fatal(err)
	}
	return lp
}

// Posteriors with exponents below 1 are their closed forms on the unconstrained line, far beyond where the
// parameter rounds to its bound.
func TestExponentsBelowOne(t *testing.T) {
	m, err := fault(t, "jeffreys_zero_events.star")
	if err != nil {
		t.Fatal(err)
	}
	u := []float64{-1e6, -800, -40, -1, 0, 2, 38, 800, 1e6}
	for i, lp := range logs(t, m, u...) { // beta(½, 20½) of the logit, times its evidence B(½, 20½)/B(½, ½)
		soft := func(u float64) float64 { return max(u, 0) + math.Log1p(math.Exp(-math.Abs(u))) }
		want := -.5*soft(-u[i]) - 20.5*soft(u[i]) - mathext.Lbeta(.5, .5)
		if !(math.Abs(lp-want) <= 1e-13*math.Abs(want)+1e-13) {
			t.Errorf("beta(½, ½) and 0 of 20 at logit %v: %v, want %v", u[i], lp, want)
		}
	}
	m, err = fault(t, "gamma_vague_zero_counts.star")
	if err != nil {
		t.Fatal(err)
	}
	u = []float64{-1e6, -800, -40, -1, 0, 2, 5}
	for i, lp := range logs(t, m, u...) {
		l, _ := math.Lgamma(.5)
		want := .5*u[i] - 3.1*math.Exp(u[i]) + .5*math.Log(.1) - l
		if !(math.Abs(lp-want) <= 1e-13*math.Abs(want)+1e-13) {
			t.Errorf("gamma(½, .1) and three zeros at %v: %v, want %v", u[i], lp, want)
		}
	}
}

// A density with an exponent below 1 falls along every unconstrained direction, on every support, and its gradient
// is finite where the parameter has rounded to its bound.
func TestExponentsBelowOneOnEverySupport(t *testing.T) {
	for _, src := range []string{
		"p = param('p', unit, prior = beta(.5, .5))", "p = param('p', unit, shape = 3, prior = beta(.1, 30))",
		"p = param('p', simplex(4), prior = dirichlet([.5, .5, .1, 2]))",
		"p = param('p', positive, prior = gamma(.5, 2))", "p = param('p', interval(0, .5)); target(beta(.5, " +
			".5).log(2 * p))", "p = param('p', interval(.5, 1)); target(beta(.5, .5).log(2 * p - 1))",
		"p = param('p', lower(3)); target(gamma(.5, 1).log(p - 3))",
		"p = param('p', upper(3)); target(gamma(.5, 1).log(3 - p))",
		"p = param('p', interval(-1, 3)); target(beta(.5, .5).log((p + 1) / 4))",
		"p = param('p', corr_cholesky(3), prior = lkj_corr_cholesky(.3))",
		"p = param('p', unit); target(-.5 * log(p) - .5 * log(1 - p))",
		"p = param('p', unit); target(-.5 * log(p) - .5 * log1m(p))",
		"p = param('p', unit, prior = beta(.5, .5)); observe(bernoulli(p), [0, 0, 1]); observe(binomial([3, 4], p), " +
			"[3, 4])",
		"p = param('p', simplex(3), prior = dirichlet([.5, .5, .5])); observe(categorical(p), [0, 0, 2]); " +
			"observe(mixture(p, [normal(0, 1), normal(1, 1), normal(2, 1)]), [0, 3])",
		"p = param('p', positive, prior = gamma(.5, 1)); observe(poisson(p * array([1., 0., 2.])), [3, 0, 1]); " +
			"observe(neg_binomial_2(p, 2), [0, 3])",
		"p = param('p', positive, prior = gamma(.5, 1)); observe(neg_binomial(p, 2), [0, 3]); " +
			"observe(neg_binomial_2(2, p), [0, 3]); observe(student_t(p, 0, 1), .5)",
		"p = param('p', positive, prior = half_cauchy(1))", "p = param('p', positive, prior = inverse_gamma(.5, 1))",
		"p = param('p', positive, prior = lognormal(0, 1))",
		"p = param('p', positive, prior = gamma(.5, 1)); observe(gamma(p, p), [.1, 2]); observe(beta(p, p), [.1, .7])",
	} {
		m, err := model.Compile("m.star", src, nil, model.CompileOptions{})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		d := m.Dim()
		steps := []float64{-1e9, -1e6, -2e3, -400, -40, 40, 400, 2e3, 1e6, 1e9}
		x := ito.NewStates(len(steps)*d, d, 0)
		for i := range x.N {
			x.Row(i)[i/len(steps)] = steps[i%len(steps)]
		}
		lp, g := make([]float64, x.N), x.Like(d)
		if err := m.Gradient(t.Context(), lp, g, x); err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		for i := range x.N {
			u, k := steps[i%len(steps)], i/len(steps)
			if math.IsNaN(lp[i]) || math.IsInf(lp[i], 1) {
				t.Errorf("%s: log density %v at u[%d] = %v", src, lp[i], k, u)
			}
			if at := i % len(steps); at > 0 && at < len(steps)/2 && !(lp[i] > lp[i-1] || math.IsInf(lp[i-1], -1)) ||
				at > len(steps)/2 && !(lp[i] < lp[i-1] || math.IsInf(lp[i], -1)) {
				t.Errorf("%s: log density %v beside %v at u[%d] = %v: it does not fall", src, lp[i-1], lp[i], k, u)
			}
			if s := g.Row(i)[k]; !math.IsInf(lp[i], -1) && !(s*math.Copysign(1, u) < 0) {
				t.Errorf("%s: slope %v at u[%d] = %v", src, s, k, u)
			}
		}
		if err := target.CheckGradient(t.Context(), m, ito.NewStates(1, d, 0), 0); err != nil {
			t.Errorf("%s: %v", src, err)
		}
	}
}

// What is left of a simplex beside one of its elements is exact to where the others vanish altogether.
func TestRestOfASimplex(t *testing.T) {
	m, err := model.Compile("m.star", "p = param('p', simplex(2)); target(beta(.5, .5).log(p[0]))", nil,
		model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, lp := range logs(t, m, -700, -40, 40, 700) {
		if want := -.5*math.Abs([]float64{-700, -40, 40, 700}[i]) - math.Log(math.Pi); math.Abs(
			lp-want) > 1e-12*math.Abs(want) {
			t.Errorf("beta(½, ½) of an element: %v, want %v", lp, want)
		}
	}
}

// The edges of supports have their limits.
func TestEdges(t *testing.T) {
	inf := math.Inf(1)
	for expr, want := range map[string]float64{
		"lognormal(0, 1).log(0)": -inf, "gamma(1, 2).log(0)": math.Ln2, "gamma(2, 2).log(0)": -inf,
		"gamma(.5, 2).log(0)": inf, "inverse_gamma(2, 1).log(0)": -inf,
		"beta(1, 3).log(0)": math.Log(3), "beta(2, 1).log(1)": math.Ln2, "beta(1, 1).log(0)": 0, "beta(1, 1).log(1)": 0,
		"beta(.5, 1).log(0)": inf, "beta(2, 3).log(1)": -inf,
		"dirichlet([1., 1.]).log([0., 1.])": 0, "dirichlet([1., 1., 2.]).log([0., .5, .5])": math.Log(3),
		"dirichlet([.5, 1.]).log([0., 1.])": inf, "dirichlet([2., 1.]).log([0., 1.])": -inf,
		"exponential(2).log(0)": math.Ln2, "half_normal(1).log(0)": math.Log(2 / math.Sqrt(2*math.Pi)),
		"half_cauchy(1).log(0)": math.Log(2 / math.Pi), "uniform(0, 1).log(1)": 0,
		"bernoulli(0).log(0)": 0, "bernoulli(1).log(1)": 0, "bernoulli(0).log(1)": -inf, "binomial(3, 0).log(0)": 0,
		"binomial(3, 1).log(3)": 0, "binomial(3, 0).log(1)": -inf, "binomial(0, .3).log(0)": 0,
		"poisson(2).log(0)": -2, "poisson_log(-1e9).log(0)": 0, "neg_binomial(2, 3).log(0)": 2 * math.Log(.75),
		"neg_binomial_2(6, 2).log(0)": 2 * math.Log(.25),
		"gamma(1, 2).log(-1)":         -inf, "beta(1, 1).log(1.5)": -inf, "poisson(2).log(-1)": -inf,
		"poisson(2).log(1.5)": -inf, "binomial(3, .5).log(4)": -inf, "bernoulli_logit(0).log(.5)": -inf,
		"binomial([3, 5], .5).log([4, 6])[1]": -inf, "mixture([.5, .5], [exponential(1), gamma(2, 1)]).log(-1)": -inf,
		"mixture([.5, .5], [exponential(1), normal(0, 1)]).log(-1)":            math.Log(.5) - .5 - .5*math.Log(2*math.Pi),
		"mixture([.5, .5], [binomial([3, 9], .5), poisson(1)]).log([4, 4])[0]": math.Log(.5) - 1 - math.Log(24),
	} {
		for kind, z := range map[string]string{"data": "0", "traced": "0 * a"} {
			m, err := model.Compile("m.star",
				"a = param('a', prior = normal(0, 1)); z = "+z+"; generated('g', "+expr+" + z)", nil,
				model.CompileOptions{})
			if err != nil {
				t.Errorf("%s: %v", expr, err)
				continue
			}
			x, draw := ito.NewStates(1, 1, 0), ito.NewStates(1, 2, 0)
			if err := m.Draw(t.Context(), draw, x, 0, 0); err != nil {
				t.Fatal(err)
			}
			if got := draw.X[1]; got != want && !(math.Abs(got-want) < 1e-13) {
				t.Errorf("%s of %s is %v, want %v", expr, kind, got, want)
			}
		}
	}
	m, err := fault(t, "edges.star")
	if err != nil {
		t.Fatal(err)
	}
	draw := ito.NewStates(1, m.Width(), 0)
	if err := m.Draw(t.Context(), draw, ito.NewStates(1, 1, 0), 0, 0); err != nil {
		t.Fatal(err)
	}
	want := []float64{0, -inf, 0, -inf, 0, math.Ln2, 0}
	for i := range want {
		if draw.X[i] != want[i] && !(math.Abs(draw.X[i]-want[i]) < 1e-13) {
			t.Errorf("edges.star: %s is %v, want %v", m.Columns()[i], draw.X[i], want[i])
		}
	}
	if m, err = fault(t, "gamma_zero_obs.star"); err != nil {
		t.Fatal(err)
	}
	u := []float64{-1, 0, 1}
	for i, lp := range logs(t, m, u...) { // three exponential observations
		b := math.Exp(u[i])
		if want := 4*u[i] - b - b*1.9; math.Abs(lp-want) > 1e-13*max(1, math.Abs(want)) {
			t.Errorf("gamma(1, b) with a zero at %v: %v, want %v", u[i], lp, want)
		}
	}
	if err := target.CheckGradient(t.Context(), m, ito.NewStates(1, 1, 0), 0); err != nil {
		t.Error(err)
	}
}

// neg_binomial_2 reaches its Poisson limit.
func TestNegBinomialLimit(t *testing.T) {
	m, err := fault(t, "nb_values.star")
	if err != nil {
		t.Fatal(err)
	}
	draw := ito.NewStates(1, m.Width(), 0)
	if err := m.Draw(t.Context(), draw, ito.NewStates(1, 1, 0), 0, 0); err != nil {
		t.Fatal(err)
	}
	l, _ := math.Lgamma(9)
	limit := 8*math.Log(8) - 8 - l
	for i, got := range draw.X[1:] { // the first order is −½·y/φ... of 8 at 8: −½/φ·(y − (y−μ)²) = −4/φ
		want := limit
		if i < 8 {
			want -= 4 / (1e10 * math.Pow(10, float64(i)))
		}
		if math.Abs(got-want) > 1e-13 {
			t.Errorf("%s is %.16g, want %.16g", m.Columns()[1+i], got, want)
		}
	}
	if m, err = fault(t, "nb_large_phi.star"); err != nil {
		t.Fatal(err)
	}
	u := ito.NewStates(9, 1, 0)
	copy(u.X, []float64{-5, 0, 2, 10, 20, 30, 40, 100, 600})
	if err := target.CheckGradient(t.Context(), m, u, 0); err != nil {
		t.Error(err)
	}
}

// What is wrong is refused at its line, naming the entry; what is only unusual is served.
func TestFaultsRefusedOrServed(t *testing.T) {
	if _, err := fault(t, "asym_cov.star"); err == nil || !strings.Contains(err.Error(), "asym_cov.star:2:") ||
		!strings.Contains(err.Error(), "entry [0, 1] is 0.9, entry [1, 0] is 0") {
		t.Errorf("asym_cov.star: %v", err)
	}
	for _, name := range []string{"bom.star", "lower_minus_inf.star", "wide_normal.star"} {
		m, err := fault(t, name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sd := 1.
		if name == "wide_normal.star" {
			sd = 1e7
		}
		for i, lp := range logs(t, m, 0, 3) {
			z := []float64{0, 3}[i] / sd
			if want := -z*z/2 - math.Log(sd) - .5*math.Log(2*math.Pi); math.Abs(lp-want) > 1e-13*math.Abs(want) {
				t.Errorf("%s: log density %v, want %v", name, lp, want)
			}
		}
	}
	for src, want := range map[string]string{
		"multi_normal([0, 0], cholesky = [[1, .5], [0, 1]])":          "entry [0, 1] above the diagonal is 0.5",
		"multi_normal([0, 0], cholesky = [[1, 0], [.5, -1]])":         "entry [1, 1] on the diagonal is -1",
		"cholesky([[2, 1], [.5, 2]])":                                 "entry [0, 1] is 1, entry [1, 0] is 0.5",
		"multi_normal([0, 0], cov = [[2, 1], [1, float('nan')]])":     "",
		"observe(dirichlet([1., 1.]), [.5, .6])":                      "sum to 1.1",
		"observe(lkj_corr_cholesky(1), [[1, 0], [.5, .5]])":           "row 1 has length",
		"observe(lkj_corr_cholesky(1), [[1, .1], [0, 1]])":            "entry [0, 1] above",
		"categorical([.5, .6])":                                       "sum to 1.1",
		"categorical([1.5, -.5])":                                     "element 1 of p is -0.5",
		"categorical([[.5, .5], [.5, .4]])":                           "from element 2 on sum to 0.9",
		"mixture([[.5, .5], [.5, .4]], [normal(0, 1), normal(1, 1)])": "sum to 0.9",
		"bernoulli(1.5)": "theta must be in [0, 1]", "bernoulli(a)": "declare it unit",
		"binomial(2.5, .5)": "counts trials", "binomial(-1, .5)": "counts trials", "binomial(a, .5)": "it is data",
		"observe(binomial([3, 4], .5), [3, 5])": "data[1] is 5 of 4 trials", "normal(inf, 1)": "mu must be finite",
		"uniform(-1e308, 1e308)": "unbounded", "param('q', lower(inf))": "empty",
		"param('q', upper(-inf))":                  "empty",
		"param('q', interval(-1e308, 1e308))":      "unbounded",
		"categorical(param('q', unit, shape = 2))": "declare it simplex(2)",
	} {
		_, err := model.Compile("m.star", "a = param('a', prior = normal(0, 1))\nx = "+src, nil, model.CompileOptions{})
		if err == nil || !strings.Contains(err.Error(), "m.star:2:") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", src, err, want)
		}
	}
	if m, err := model.Compile("m.star", "a = param('a', lower(-inf), prior = normal(0, 1)); b = param('b', "+
		"upper(inf), prior = normal(0, 1))", nil, model.CompileOptions{}); err != nil || !slices.Equal(m.Columns(),
		[]string{"a", "b"}) {
		t.Errorf("bounds at infinity: %v", err)
	}
}

// A matrix that depends on a parameter is refused at its line where it cannot be what it must: a covariance that is
// symmetric, a factor that is lower triangular. What is right is served, with the density of the closed form.
func TestTracedMatricesAreSymmetricOrLower(t *testing.T) {
	const head = "s = param('s', positive, prior = half_normal(1)); z = param('z', prior = normal(0, 1)); L = " +
		"param('L', corr_cholesky(2), prior = lkj_corr_cholesky(1))\n"
	for src, want := range map[string]string{
		"observe(multi_normal([0, 0], cov = [[1 + s, s], [0, 1 + s]]), [1, 2])":   "m.star:2:",
		"observe(multi_normal([0, 0], cov = [[1 + s, .5], [.4, 1 + s]]), [1, 2])": "entry [0, 1] is 0.5, entry [1, 0] is 0.4",
		"observe(multi_normal([0, 0], cholesky = [[s, z], [0, s]]), [1, 2])":      "entry [0, 1] above the diagonal is not 0",
		"observe(multi_normal([0, 0], cholesky = s * L.T), [1, 2])":               "entry [0, 1] above the diagonal is not 0",
		"observe(multi_normal([0, 0], cholesky = matmul(L, L.T)), [1, 2])":        "transpose it",
		"target(sum(cholesky(eye(2) + s * array([[1, 2], [0, 1]]) / 9)))":         "cholesky: the matrix is not symmetric",
		"def f(c):\n  return multi_normal([0, 0], cov = c)\nobserve(f(s * eye(2)), [1, 2]); observe(f([[s, z / 9], " +
			"[0, s]]), [1, 2])": "m.star:3:",
	} {
		_, err := model.Compile("m.star", head+src, nil, model.CompileOptions{})
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(),
			"m.star:") {
			t.Errorf("%s: %v; want %q", src, err, want)
		}
	}
	for _, src := range []string{
		"observe(multi_normal([0, 0], cov = [[1 + s, s], [s, 1 + s]]), [1, 2])",
		"observe(multi_normal([0, 0], cholesky = s * L), [1, 2])",
		"observe(multi_normal([0, 0], cov = matmul(s * L, (s * L).T)), [1, 2])",
		"observe(multi_normal([0, 0], cholesky = matmul(diag_matrix(array([s, 2])), L)), [1, 2])",
		"x = array([0., 1, 2]); observe(multi_normal(0 * x, cov = exp(-s * sq_dist(x, x)) + .1 * eye(3)), x)",
	} {
		if _, err := model.Compile("m.star", head+src, nil, model.CompileOptions{}); err != nil {
			t.Errorf("%s: %v", src, err)
		}
	}
	m, err := model.Compile("m.star", "v = param('v', positive, prior = exponential(1))\nobserve(multi_normal([0, "+
		"0], cov = [[v, v / 2], [v / 2, v]]), [1, 2])", nil, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, lp := range logs(t, m, -1, .5) { // yᵀC⁻¹y = (1−2+4)/(¾v), det C = ¾v²
		u := []float64{-1, .5}[i]
		v := math.Exp(u)
		if want := -v + u - 2/v - .5*math.Log(.75*v*v) - math.Log(2*math.Pi); math.Abs(lp-want) > 1e-12 {
			t.Errorf("at %v: %v, want %v", u, lp, want)
		}
	}
}

// A normal mean with a normal prior, by name from data: the log joint density is the closed form's.
func TestNormalMean(t *testing.T) {
	src, err := os.ReadFile("testdata/faults/m.star")
	if err != nil {
		t.Fatal(err)
	}
	y := []float64{1, -2, 4.5}
	m, err := model.Compile("m.star", string(src), model.Data{"y": y}, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, lp := range logs(t, m, 0, -3, 20) {
		mu := []float64{0, -3, 20}[i]
		want := -mu*mu/200 - math.Log(10) - 2*math.Log(2*math.Pi)
		for _, v := range y {
			want -= (v - mu) * (v - mu) / 2
		}
		if math.Abs(lp-want) > 1e-12*math.Abs(want) {
			t.Errorf("at %v: %v, want %v", mu, lp, want)
		}
	}
	if _, err := model.Compile("m.star", string(src), nil, model.CompileOptions{}); !errors.Is(err, ito.ErrInput) ||
		!strings.Contains(err.Error(), "m.star:2:") {
		t.Errorf("without data: %v", err)
	}
}
