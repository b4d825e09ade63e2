package model_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/model"
)

// drawsOf are n draws of an expression.
func drawsOf(t *testing.T, e string, n int) []float64 {
	t.Helper()
	m, err := model.Compile("m.star", "z = param('z', prior = normal(0, 1)); generated('y', "+e+")", nil,
		model.CompileOptions{})
	if err != nil {
		t.Fatalf("%s: %v", e, err)
	}
	x, out := ito.NewStates(n, 1, 0), ito.NewStates(n, m.Width(), 0)
	if err := m.Draw(t.Context(), out, x, 7, 0); err != nil {
		t.Fatal(err)
	}
	y := make([]float64, n)
	for i := range y {
		y[i] = out.X[2*i+1]
	}
	return y
}

// Far out the part of a distribution above a bound is one whose draws are known: an exponential of the tail's rate, a
// power, a geometric of the ratio of masses. The chances are below what 1 − p resolves, some below the least float64.
func TestDrawsFarOut(t *testing.T) {
	const n = 1000
	power := func(a float64) func(x, lo float64) float64 {
		return func(x, lo float64) float64 { return 1 - math.Pow(lo/x, a) }
	}
	// to first order in 1/lo: z beyond lo is an exponential of rate lo, less half its square
	gauss := func(x, lo float64) float64 {
		return -math.Expm1(-lo*(x-lo) - .5*(x-lo)*(x-lo) - math.Log(x/lo))
	}
	for _, c := range []struct {
		dist string
		lo   float64
		cdf  func(x, lo float64) float64
	}{
		{"normal(0, 1", 12, gauss}, {"normal(0, 1", 60, gauss}, {"half_normal(1", 12, gauss},
		{"gamma(2, 1", 60, func(x, lo float64) float64 { return 1 - math.Exp(lo-x)*(1+x)/(1+lo) }},
		{"chi_square(4", 120, func(x, lo float64) float64 { return 1 - math.Exp(.5*(lo-x))*(2+x)/(2+lo) }},
		{"student_t(5, 0, 1", 1e5, power(5)}, {"cauchy(0, 1", 1e18, power(1)}, {"half_cauchy(1", 1e18, power(1)},
		{"pareto(1, 3", 1e9, power(3)}, {"frechet(3, 1", 1e8, power(3)}, {"inverse_gamma(3, 1", 1e8, power(3)},
		{"laplace(0, 1", 900, func(x, lo float64) float64 { return -math.Expm1(lo - x) }},
		{"gumbel(0, 1", 900, func(x, lo float64) float64 { return -math.Expm1(lo - x) }},
		{"logistic(0, 1", 900, func(x, lo float64) float64 { return -math.Expm1(lo - x) }},
		{"rayleigh(1", 60, func(x, lo float64) float64 { return -math.Expm1(.5 * (lo*lo - x*x)) }},
		{"weibull(2, 1", 40, func(x, lo float64) float64 { return -math.Expm1(lo*lo - x*x) }},
		{"beta(1, 20", .9, func(x, lo float64) float64 { return 1 - math.Pow((1-x)/(1-lo), 20) }},
	} {
		e := fmt.Sprintf("%s, lower = %v)", c.dist, c.lo)
		u := make([]float64, n)
		for i, y := range drawsOf(t, e, n) {
			u[i] = c.cdf(y, c.lo)
		}
		slices.Sort(u)
		worst := 0.
		for i, v := range u {
			worst = max(worst, math.Abs(v-(float64(i)+.5)/n))
		}
		if !(worst < 1.95/math.Sqrt(n)) {
			t.Errorf("%s: the distribution function at draws is %.4f from uniform", e, worst)
		}
	}
	for e, want := range map[string]float64{ // the chance of the least one: 1 less the ratio of masses, nearly
		"poisson(1, lower = 30)": 1 - 1./31, "binomial(100, .01, lower = 30)": 1 - 70./31/99,
		"geometric(.9, lower = 40.5)": .9, "neg_binomial(1, 9, lower = 41)": .9,
		"hurdle(0, poisson(1e-17))": 1} {
		y := drawsOf(t, e, n)
		least, share := slices.Min(y), 0.
		for _, v := range y {
			if v == least {
				share += 1. / n
			}
		}
		if !(math.Abs(share-want) < .03) {
			t.Errorf("%s: %.3f of the draws are %v, want %.3f", e, share, least, want)
		}
	}
	for _, e := range []string{"normal(0, 1, upper = -60)", "skew_normal(0, 1, 2, lower = 60)"} {
		if y := drawsOf(t, e, 1); !math.IsNaN(y[0]) { // what cannot be drawn is no number, rather than the bound
			t.Errorf("%s draws %v", e, y[0])
		}
	}
}

// The quantile of a von Mises inverts its distribution function, which begins at −π wherever the mean is.
func TestVonMisesQuantileInverts(t *testing.T) {
	for _, d := range []string{"von_mises(.3, 1.7)", "von_mises(-2.9, 1.7)", "von_mises(3.1, 40)", "von_mises(0, .01)",
		"von_mises(9, 2)", "von_mises(2, 1, lower = -1, upper = 3)"} {
		m, err := model.Compile("m.star", "z = param('z', prior = normal(0, 1)); d = "+d+
			"\np = [1e-6, .003, .2, .5, .77, .9991, .999999]\ngenerated('p', d.cdf(d.quantile(p)) - array(p))", nil,
			model.CompileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		out := ito.NewStates(1, m.Width(), 0)
		if err := m.Draw(t.Context(), out, ito.NewStates(1, 1, 0), 0, 0); err != nil {
			t.Fatal(err)
		}
		for i, v := range out.X[1:] {
			if !(math.Abs(v) < 1e-9) {
				t.Errorf("%s: quantile %d is off by %g of chance", d, i, v)
			}
		}
	}
}

// The tails of a mixture are those of its components, so that it may be censored.
func TestMixtureTails(t *testing.T) {
	m, err := model.Compile("m.star", "z = param('z', prior = normal(0, 1))\n"+
		"d = mixture([.25, .75], [exponential(1), exponential(3, lower = 1)])\n"+
		"generated('f', d.cdf([-1, .5, 2])); target(-d.log(.5)); observe(d, [.5], censored = 'right')", nil,
		model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out, lp := ito.NewStates(1, m.Width(), 0), make([]float64, 1)
	if err := m.Draw(t.Context(), out, ito.NewStates(1, 1, 0), 0, 0); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0, .25 * (1 - math.Exp(-.5)), .25*(1-math.Exp(-2)) + .75*(1-math.Exp(-3))} {
		if math.Abs(out.X[1+i]-want) > 1e-14 {
			t.Errorf("the distribution function is %v, want %v", out.X[1+i], want)
		}
	}
	if err := m.LogDensity(t.Context(), lp, ito.NewStates(1, 1, 0)); err != nil {
		t.Fatal(err)
	}
	want := -.5*math.Log(2*math.Pi) - math.Log(.25*math.Exp(-.5)) + math.Log(.25*math.Exp(-.5)+.75)
	if math.Abs(lp[0]-want) > 1e-14 {
		t.Errorf("the log density is %v, want %v", lp[0], want)
	}
}
