package model_test

import (
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/model"
)

// Draws of priors follow the model's own density where a support cuts a prior: numbers that depend on each other are
// drawn together, an order of unlike numbers is waited for, and a share that depends on another parameter makes that
// parameter rarer. The means are integrals.
func TestPriorDrawsWithinSupports(t *testing.T) {
	const n = 6000
	s2 := math.Sqrt2 * math.Sqrt(math.Pi)
	for _, c := range []struct {
		src  string
		want []float64
	}{
		{"x = param('x', positive, prior = normal(0, 1))", []float64{2 / s2}},
		// E of the lesser and greater of two
		{"x = param('x', ordered(2), prior = normal(0, 1))", []float64{-1 / math.Sqrt(math.Pi), 1 / math.Sqrt(math.Pi)}},

		{"x = param('x', ordered(2), prior = normal([0, .5], [1, .1]))", orderedMeans(0, .5, 1, .1)},
		// a normal of correlation .9 in the quadrant: E x = (1+ρ)/(2√2π·P), P = ¼ + asin ρ/2π
		{"x = param('x', positive, shape = 2, prior = multi_normal([0, 0], cov = [[1, .9], [.9, 1]]))",
			[]float64{3.8 / (math.Sqrt(2*math.Pi) * (1 + 2/math.Pi*math.Asin(.9))),
				3.8 / (math.Sqrt(2*math.Pi) * (1 + 2/math.Pi*math.Asin(.9)))}},
		// m ~ N(0, 1), x ~ N(m, 1) above 0: x is half normal of √2, m half of it
		{"m = param('m', prior = normal(0, 1)); x = param('x', positive, prior = normal(m, 1))",
			[]float64{1 / math.Sqrt(math.Pi), 2 / math.Sqrt(math.Pi)}},
		// uniform on the triangle 0 < a < b < 1
		{"a = param('a', unit, prior = uniform(0, 1)); b = param('b', interval(a, 1), prior = uniform(0, 1))",
			[]float64{1. / 3, 2. / 3}},
		// the share of a scale around 0 is ½ for all: the scale keeps its prior
		{"s = param('s', positive, prior = exponential(1)); x = param('x', positive, shape = 20, prior = normal(0, s))",
			[]float64{1, 2 / s2}},
	} {
		m, err := model.Compile("m.star", c.src, nil, model.CompileOptions{})
		if err != nil {
			t.Fatalf("%s: %v", c.src, err)
		}
		x, out := ito.NewStates(n, m.Dim(), 0), ito.NewStates(n, m.Width(), 0)
		if err := m.PriorDraws(t.Context(), x, 3, 0); err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if err := m.Draw(t.Context(), out, x, 3, 0); err != nil {
			t.Fatal(err)
		}
		for k, want := range c.want {
			s, ss := 0., 0.
			for i := range n {
				v := out.X[i*out.D+k]
				s, ss = s+v/n, ss+v*v/n
			}
			if se := math.Sqrt((ss - s*s) / n); !(math.Abs(s-want) < 5*se) {
				t.Errorf("%s: column %d has mean %.4f ± %.4f, want %.4f", c.src, k, s, se, want)
			}
		}
	}
	for _, src := range []string{"x = param('x', simplex(3), prior = normal(0, 1))",
		"x = param('x', cholesky_cov(2), prior = normal(0, 1))", "x = param('x', cov_matrix(2), prior = normal(0, 1))"} {
		m, err := model.Compile("m.star", src, nil, model.CompileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		err = m.PriorDraws(t.Context(), ito.NewStates(1, m.Dim(), 0), 3, 0)
		if err == nil || !strings.Contains(err.Error(), "is no density of a") {
			t.Errorf("%s: %v", src, err)
		}
	}
}

// orderedMeans are the means of two normals given that the second is above the first.
func orderedMeans(m1, m2, s1, s2 float64) []float64 {
	s := math.Hypot(s1, s2)
	a := (m2 - m1) / s
	h := math.Exp(-.5*a*a) / math.Sqrt(2*math.Pi) / (.5 * math.Erfc(-a/math.Sqrt2)) / s
	return []float64{m1 - s1*s1*h, m2 + s2*s2*h}
}
