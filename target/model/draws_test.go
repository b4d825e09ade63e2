package model_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mathext"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target/model"
)

// drawn are draws of one expression, rows·width of them, column by column of each row.
func drawn(t *testing.T, expr string, rows int) (x []float64, width int) {
	t.Helper()
	m, err := model.Compile("m.star", "z = param('z', prior = normal(0, 1))\nzero = z - z\ngenerated('g', "+expr+")",
		nil, model.CompileOptions{})
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	s := ito.NewStates(rows, 1, 3)
	out := s.Like(m.Width())
	if err := m.Draw(t.Context(), out, s, 11, 5); err != nil {
		t.Fatal(err)
	}
	half := s.Slice(rows/2, rows)
	again := half.Like(m.Width())
	if err := m.Draw(t.Context(), again, half, 11, 5); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(again.X, out.X[rows/2*m.Width():]) {
		t.Errorf("%s: a row's draws depend on its batch", expr)
	}
	width = m.Width() - 1
	for i := range rows {
		x = append(x, out.Row(i)[1:]...)
	}
	return x, width
}

// Draws follow the distribution function: the Kolmogorov distance of n draws is below 2.2/√n, which 1 in 8000 exceeds.
func TestDrawsFollowTheirDistribution(t *testing.T) {
	gamma := func(a, b float64) func(float64) float64 {
		return func(x float64) float64 { return mathext.GammaIncReg(a, b*x) }
	}
	cases := map[string]func(float64) float64{
		"inverse_gamma(3, 2)": func(x float64) float64 { return mathext.GammaIncRegComp(3, 2/x) },
		"beta(2, 5)":          func(x float64) float64 { return mathext.RegIncBeta(2, 5, x) },
		"beta(.2, .3)":        func(x float64) float64 { return mathext.RegIncBeta(.2, .3, x) },
		"student_t(3, 1, 2)": func(x float64) float64 {
			u := (x - 1) / 2
			tail := mathext.RegIncBeta(1.5, .5, 3/(3+u*u)) / 2
			if u > 0 {
				return 1 - tail
			}
			return tail
		},
		"mixture([.3, .7], [normal(-4, 1), normal(2, .5)])": func(x float64) float64 {
			return .3*math.Erfc(-(x+4)/math.Sqrt2)/2 + .7*math.Erfc(-(x-2)/.5/math.Sqrt2)/2
		},
		"dirichlet([1, 2, 3])": nil,
	}
	for _, a := range []float64{.05, .5, 1, 2.5, 40} {
		cases[fmt.Sprintf("gamma(%v + zero, 3)", a)] = gamma(a, 3)
	}
	for expr, cdf := range cases {
		x, w := drawn(t, expr, 4000)
		if cdf == nil { // the first element of a Dirichlet is beta(α, Σ−α)
			cdf = func(x float64) float64 { return mathext.RegIncBeta(1, 5, x) }
		}
		y := make([]float64, 0, 4000)
		for i := 0; i < len(x); i += w {
			y = append(y, x[i])
		}
		slices.Sort(y)
		d, n := 0., float64(len(y))
		for i, v := range y {
			d = max(d, math.Abs(cdf(v)-float64(i)/n), math.Abs(cdf(v)-float64(i+1)/n))
		}
		if !(d < 2.2/math.Sqrt(n)) {
			t.Errorf("%s: Kolmogorov distance %.4f of %v draws", expr, d, n)
		}
	}
}

// Counts have their means and variances, within 5 standard errors of a normal, and are integers.
func TestDrawsOfCounts(t *testing.T) {
	for expr, want := range map[string][2]float64{
		"poisson(3.5)": {3.5, 3.5}, "poisson_log(log(200) + zero)": {200, 200}, "binomial(12, .25)": {3, 2.25},
		"binomial_logit(400, zero)": {200, 100},
		"neg_binomial(4, 2)":        {2, 3}, "neg_binomial_2(10, 5)": {10, 30},
		"categorical([.1, .2, .7])": {1.6, .44}, "categorical_logit([log(1.), log(2.), log(7.)])": {1.6, .44},
		"mixture([.5, .5], [poisson(1), poisson(9)])": {5, 5 + 16},
	} {
		const n = 5000
		x, _ := drawn(t, expr, n)
		sum, square := 0., 0.
		for _, v := range x {
			if v != math.Trunc(v) || v < 0 {
				t.Fatalf("%s: drew %v", expr, v)
			}
			sum += v
			square += (v - want[0]) * (v - want[0])
		}
		mean, variance := sum/n, square/n
		if math.Abs(mean-want[0]) > 5*math.Sqrt(want[1]/n) || math.Abs(variance/want[1]-1) > .12 {
			t.Errorf("%s: mean %.3f and variance %.3f, want %v", expr, mean, variance, want)
		}
	}
}

// Every element of an array has its own numbers, and vectors of a mixture come whole from one component.
func TestDrawsOfArrays(t *testing.T) {
	for expr, width := range map[string]int{
		"gamma(2 * ones((2, 3)), 1)": 6, "beta(2, ones(4))": 4, "student_t(4, zeros(3), 1)": 3,
		"poisson(50 * ones(3))": 3, "binomial([100, 101], .5)": 2,
		"multi_normal(zeros((3, 2)), cov = eye(2))": 6, "mixture([.5, .5], [gamma(1, ones(3)), gamma(2, ones(3))])": 3,
	} {
		x, w := drawn(t, expr, 400)
		if w != width {
			t.Errorf("%s has width %d, want %d", expr, w, width)
			continue
		}
		for j := range w {
			for k := range j {
				same := 0
				for i := 0; i < len(x); i += w {
					if x[i+j] == x[i+k] {
						same++
					}
				}
				if same > 100 {
					t.Errorf("%s: elements %d and %d are equal in %d of 400 draws", expr, k, j, same)
				}
			}
		}
	}
	x, w := drawn(t, "mixture([.25, .75], [multi_normal([-9, -9], cov = eye(2)), multi_normal([9, 9], cov = eye(2))])",
		2000)
	low := 0
	for i := 0; i < len(x); i += w {
		if (x[i] < 0) != (x[i+1] < 0) {
			t.Fatalf("a vector from two components: %v", x[i:i+2])
		}
		if x[i] < 0 {
			low++
		}
	}
	if math.Abs(float64(low)/2000-.25) > .05 {
		t.Errorf("%d of 2000 from the component of weight .25", low)
	}
	x, _ = drawn(t, "gamma(.001, 1)", 50)
	if slices.ContainsFunc(x, math.IsNaN) {
		t.Error("a gamma of tiny shape is not a number")
	}
	x, _ = drawn(t, "beta(.001, .001)", 50)
	if slices.ContainsFunc(x, math.IsNaN) {
		t.Error("a beta of tiny shapes is not a number")
	}
}
