package advise

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/target/model"
)

// independent is a target of independent coordinates, without a gradient.
func independent(logs ...func(x float64) float64) infertest.Density {
	return infertest.NewDensity(len(logs), func(x, g []float64) float64 {
		sum := 0.
		for j, l := range logs {
			sum += l(x[j])
		}
		return sum
	})
}

// Flat, growing and 1/|x| coordinates are found, on either side; normal, Cauchy and half-infinite ones are not.
func TestImproper(t *testing.T) {
	normal := func(x float64) float64 { return -x * x / 2 }
	cauchy := func(x float64) float64 { return -math.Log1p(x * x) }
	flat := func(float64) float64 { return 0 }
	slow := func(x float64) float64 { return -math.Log1p(x*x) / 2 }
	up := func(x float64) float64 { return x }
	step := func(x float64) float64 { return -math.Log1p(math.Exp(-x)) } // e^x on the left, 1 on the right
	cut := func(x float64) float64 {
		if math.Abs(x) > 3 {
			return math.Inf(-1)
		}
		return 0
	}
	target := independent(normal, flat, cauchy, slow, up, cut, step)
	got, err := Improper(t.Context(), target, 1)
	if want := []int{1, 3, 4, 6}; err != nil || !slices.Equal(got, want) {
		t.Errorf("coordinates %v, want %v (%v)", got, want, err)
	}
}

// A scale without a prior: a posterior of two groups has no integral, since the mean of the groups spreads as fast
// as the density falls; of three groups, or under a prior, it has one. Gelman (Bayesian Analysis 1, 2006) gives the
// conditions.
func TestImproperScale(t *testing.T) {
	const flat = "mu = param('mu'); tau = param('tau', positive); "
	for src, want := range map[string][]int{
		flat + "th = param('th', shape = 2); th.prior(normal(mu, tau)); observe(normal(th, 1.0), [1.0, 3.0])":      {1},
		flat + "th = param('th', shape = 3); th.prior(normal(mu, tau)); observe(normal(th, 1.0), [1.0, 3.0, 2.0])": nil,
		flat + "tau.prior(half_cauchy(2)); th = param('th', shape = 2); th.prior(normal(mu, tau)); " +
			"observe(normal(th, 1.0), [1.0, 3.0])": nil,
		flat + "tau.prior(lognormal(0, 50)); th = param('th', shape = 2); th.prior(normal(mu, tau)); " +
			"observe(normal(th, 1.0), [1.0, 3.0])": nil,
		flat + "mu.prior(normal(0, 1e5)); th = param('th', shape = 2); th.prior(normal(mu, tau)); observe(normal(th, " +
			"1.0), [1.0, 3.0])": nil,
		flat + "observe(normal(mu, tau), [1.0, 3.0])":                                  {1},
		flat + "observe(normal(mu, tau), [1.0, 3.0, 2.5])":                             nil,
		flat + "target(-log(tau)); observe(normal(mu, tau), [1.0, 3.0])":               nil,
		"x = param('x', prior = normal(0, 1e7)); y = param('y', prior = normal(x, 1))": nil,
		"p = param('p', unit, prior = beta(.5, .5)); q = param('q', positive, prior = gamma(.5, .1)); " +
			"observe(poisson(q), [0.0]); observe(binomial(3, p), [0.0])": nil,
	} {
		m, err := model.Compile("m.star", src, nil, model.CompileOptions{})
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		if got, err := Improper(t.Context(), m, 1); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: coordinates %v, want %v (%v)", src, got, want, err)
		}
	}
}
