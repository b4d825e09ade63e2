package model_test

import (
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/model"
)

// weyl is a coordinate of the R-sequence in d dimensions.
func weyl(k, d int) float64 {
	phi := 2.
	for range 50 {
		phi = math.Pow(1+phi, 1/float64(d+1))
	}
	return math.Pow(phi, -float64(k+1))
}

// Bounds that depend on parameters have the Jacobian of the whole map: the density of (a, b) with b above a equals that
// written by hand over unconstrained coordinates; draws go back to their coordinates.
func TestMovingBounds(t *testing.T) {
	src := `
a = param("a", prior = normal(0, 1))
b = param("b", lower(a), shape = 2, prior = normal(a, 2, lower = a))
c = param("c", interval(a, stack([1 + exp(a), 9 + exp(a)])), shape = 2)
d = param("d", upper([1, 2]), shape = 2, prior = normal(0, 1))
`
	m, err := model.Compile("m.star", src, nil, model.CompileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x := ito.NewStates(1, m.Dim(), 0)
	copy(x.X, []float64{.3, -.4, 1.1, .2, -2, .5, -.7})
	draw, lp := ito.NewStates(1, m.Width(), 0), make([]float64, 1)
	if err := m.Draw(t.Context(), draw, x, 0, 0); err != nil {
		t.Fatal(err)
	}
	if err := m.LogDensity(t.Context(), lp, x); err != nil {
		t.Fatal(err)
	}
	phi := func(z, s float64) float64 { return -.5*z*z/(s*s) - math.Log(s) - .5*math.Log(2*math.Pi) }
	sig := func(u float64) float64 { return 1 / (1 + math.Exp(-u)) }
	a := .3
	want := phi(a, 1)
	at := []float64{a}
	for _, u := range []float64{-.4, 1.1} {
		at = append(at, a+math.Exp(u))
		want += phi(math.Exp(u), 2) + math.Ln2 + u
	}
	for i, u := range []float64{.2, -2} {
		w := []float64{1, 9}[i] + math.Exp(a) - a
		at = append(at, a+w*sig(u))
		want += math.Log(w * sig(u) * sig(-u))
	}
	for i, u := range []float64{.5, -.7} {
		at = append(at, float64(i+1)-math.Exp(u))
		want += phi(float64(i+1)-math.Exp(u), 1) + u
	}
	for i, v := range at {
		if math.Abs(draw.X[i]-v) > 1e-14 {
			t.Errorf("column %d is %v, want %v", i, draw.X[i], v)
		}
	}
	if math.Abs(lp[0]-want) > 1e-13 {
		t.Errorf("log density %v, want %v", lp[0], want)
	}
	if err := target.CheckGradient(t.Context(), m, x, 0); err != nil {
		t.Error(err)
	}
	u := make([]float64, m.Dim())
	if err := m.Unconstrain(u, draw.X); err != nil {
		t.Fatal(err)
	}
	for i, v := range x.X {
		if math.Abs(u[i]-v) > 1e-12 {
			t.Errorf("coordinate %d goes back to %v, not %v", i, u[i], v)
		}
	}
	draw.X[1] = -5
	if err := m.Unconstrain(u, draw.X); err == nil || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("a value below its bound: %v", err)
	}
}

// Every support of a vector or matrix can be declared, drawn and undone, and its densities are proper: log Z by the
// closed form is 0 where a normalised prior is all there is, seen by importance sampling from the unconstrained normal.
func TestSupportsInModels(t *testing.T) {
	for _, src := range []string{
		`param("x", positive_ordered(3), shape = 2)`, `param("x", sum_to_zero(4), prior = normal(0, 1))`,
		`param("x", unit_vector(3))`, `param("x", cov_matrix(2), prior = wishart(4, scale = eye(2)))`,
		`param("x", cov_matrix(2), prior = inverse_wishart(5, scale = [[1, .3], [.3, 2]]))`,
		`param("x", cholesky_cov(2))`, `param("x", corr_matrix(3), prior = lkj_corr(2))`,
		`param("x", stochastic_matrix(3, 4), prior = dirichlet([1, 1, 2, 1]))`,
	} {
		if strings.Contains(src, "positive_ordered") {
			src = "x = " + src + "; x.prior(exponential(1))"
		}
		if strings.Contains(src, "cholesky_cov") {
			src = "x = " + src + "; target(wishart(4, cholesky = eye(2)).log(matmul(x, x.T)) + log(4 * square(x[0, 0]) * x[1, 1]))"
		}
		m, err := model.Compile("m.star", src, nil, model.CompileOptions{})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		const n = 6000
		x := ito.NewStates(n, m.Dim(), 0)
		logq := make([]float64, n)
		for i := range x.X { // logistic, by a sequence that fills the cube
			p := math.Mod(.5+float64(i/x.D+1)*weyl(i%x.D, x.D), 1)
			x.X[i] = 1.2 * math.Log(p/(1-p))
			logq[i/x.D] += math.Log(p*(1-p)) - math.Log(1.2)
		}
		draw, lp := ito.NewStates(n, m.Width(), 0), make([]float64, n)
		if err := m.LogDensity(t.Context(), lp, x); err != nil {
			t.Fatal(err)
		}
		if err := m.Draw(t.Context(), draw, x, 0, 0); err != nil {
			t.Fatal(err)
		}
		z := 0.
		for i, l := range lp {
			z += math.Exp(l-logq[i]) / n
		}
		for k, want := range map[string]float64{"positive_ordered": 1. / 36, "unit_vector": 4 * math.Pi,
			"sum_to_zero": math.Pow(2*math.Pi, -.5)} {
			if strings.Contains(src, k) {
				z /= want
			}
		}
		if math.Abs(z-1) > .05 {
			t.Errorf("%s: the density has the integral %.4f", src, z)
		}
		u := make([]float64, m.Dim())
		if err := m.Unconstrain(u, draw.X[:m.Width()]); err != nil {
			t.Errorf("%s: %v", src, err)
		}
		one := ito.NewStates(1, m.Dim(), 0)
		copy(one.X, x.X)
		if err := target.CheckGradient(t.Context(), m, one, 0); err != nil {
			t.Errorf("%s: %v", src, err)
		}
	}
}
