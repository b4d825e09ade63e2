package path

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

var (
	bridgeFrom = ito.Gaussian{Mean: []float64{1, -2, .5}, Cov: []float64{2, .5, .3, .5, 1, -.2, .3, -.2, .4}}
	bridgeTo   = ito.Gaussian{Mean: []float64{0, 3, 1}, Cov: []float64{1, -.3, .1, -.3, 3, .4, .1, .4, .8}}
)

// The forward SDE of the bridge, integrated by Runge–Kutta from N(m_0,S_0), ends at N(m_1,S_1) with
// Cov(x_0,x_B) = C, and passes through its marginals (1e-10).
func TestGaussianBridgeDriftReachesEnd(t *testing.T) {
	for _, B := range []float64{.5, 4} {
		g, err := NewGaussianBridge(bridgeFrom, bridgeTo, B)
		if err != nil {
			t.Fatal(err)
		}
		const d, n = 3, 9
		rhs := func(b float64, y []float64) []float64 { // y = (mean, Cov(x_0,x_b), Σ_b)
			f := g.A(b)
			for i := range d {
				f[i*d+i] -= .5
			}
			out := apply(f, y[:d])
			matrix.AddScaled(out, 1, g.Bias(b))
			out = append(out, make([]float64, 2*n)...)
			matrix.MultiplyT(out[d:d+n], y[d:d+n], f, d)
			fs := product(d, f, y[d+n:])
			matrix.AddScaled(out[d+n:], 1, fs)
			matrix.AddScaled(out[d+n:], 1, matrix.Transposed(fs, d))
			matrix.AddScaled(out[d+n:], 1, identity(d))
			return out
		}
		y := append(append(append([]float64(nil), bridgeFrom.Mean...), bridgeFrom.Cov...), bridgeFrom.Cov...)
		const steps = 2000
		h := B / steps
		at := func(s float64, k []float64) []float64 {
			z := append([]float64(nil), y...)
			matrix.AddScaled(z, s, k)
			return z
		}
		for i := range steps {
			b := float64(i) * h
			k1 := rhs(b, y)
			k2 := rhs(b+h/2, at(h/2, k1))
			k3 := rhs(b+h/2, at(h/2, k2))
			k4 := rhs(b+h, at(h, k3))
			matrix.AddScaled(y, h/6, k1)
			matrix.AddScaled(y, h/3, k2)
			matrix.AddScaled(y, h/3, k3)
			matrix.AddScaled(y, h/6, k4)
			if i == steps/3 {
				m := g.Marginal(b + h)
				if e := max(worst(y[:d], m.Mean), worst(y[d+n:], m.Cov)); e > 1e-10 {
					t.Errorf("B=%g: the marginal at b=%g differs by %.2g", B, b+h, e)
				}
			}
		}
		if e := worst(y[:d], bridgeTo.Mean); e > 1e-10 {
			t.Errorf("B=%g: end mean differs by %.2g", B, e)
		}
		if e := worst(y[d:d+n], g.Coupling()); e > 1e-10 {
			t.Errorf("B=%g: Cov(x_0,x_B) differs by %.2g", B, e)
		}
		if e := worst(y[d+n:], bridgeTo.Cov); e > 1e-10 {
			t.Errorf("B=%g: end covariance differs by %.2g", B, e)
		}
		end, start := g.Marginal(B), g.Marginal(0)
		if e := max(worst(end.Cov, bridgeTo.Cov), worst(start.Cov, bridgeFrom.Cov)); e > 1e-14 {
			t.Errorf("B=%g: marginals at the ends differ by %.2g", B, e)
		}
	}
}

// A_b is symmetric, because it is the gradient of a function, and solves dA/db = A − A².
func TestGaussianBridgeMatrixEquation(t *testing.T) {
	g, err := NewGaussianBridge(bridgeFrom, bridgeTo, 2)
	if err != nil {
		t.Fatal(err)
	}
	const h = 1e-4
	for _, b := range []float64{.1, 1, 1.9} {
		a := g.A(b)
		if e := worst(matrix.Transposed(a, 3), a); e > 1e-12 {
			t.Errorf("A at %g is not symmetric: %.2g", b, e)
		}
		want := append([]float64(nil), a...)
		matrix.AddScaled(want, -1, product(3, a, a))
		got := g.A(b + h)
		matrix.AddScaled(got, -1, g.A(b-h))
		for i := range got {
			got[i] /= 2 * h
		}
		if e := worst(got, want); e > 1e-7 {
			t.Errorf("dA/db at %g differs from A−A² by %.2g", b, e)
		}
	}
}

// The logistic variant is the bridge to N(μ,I): same A_t and same marginals, per mode in its basis.
func TestLogisticIsGaussianBridge(t *testing.T) {
	mean := []float64{1, -2, .5}
	data := ito.Gaussian{Mean: mean, Cov: bridgeFrom.Cov}
	p, err := NewVSDM(VSDMConfig{Variant: Logistic, Mean: mean, A: logisticA3(t, data)})
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGaussianBridge(data, ito.Gaussian{Mean: mean, Cov: identity(3)}, p.B(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []float64{.001, .2, .5, .9, 1} {
		if e := worst(p.A(s), g.A(p.B(s))); e > 1e-10 {
			t.Errorf("A at %g differs by %.2g", s, e)
		}
		m, err := Marginal(p, s, data)
		if err != nil {
			t.Fatal(err)
		}
		// The bridge's reference pulls to 0 and its bias undoes that; the covariance knows nothing of it.
		if e := worst(m.Cov, g.Marginal(p.B(s)).Cov); e > 1e-12 {
			t.Errorf("Σ at %g differs by %.2g", s, e)
		}
	}
}

func logisticA3(t *testing.T, data ito.Gaussian) []float64 {
	t.Helper()
	a, err := LogisticFromGaussian(data, .1+9.9/2.7)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// dA/dB = A−A² along the logistic modes, and the closed form stays finite for B far beyond overflow.
func TestLogisticODE(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Float64Range(-20, .999).Draw(t, "a")
		B := rapid.Float64Range(.1, 30).Draw(t, "B")
		b := rapid.Float64Range(0, 1).Draw(t, "u") * B
		at := newLogistic(b, B).a(a)
		h := 1e-4
		slope := (newLogistic(b+h, B).a(a) - newLogistic(b-h, B).a(a)) / (2 * h)
		if want := at - at*at; math.Abs(slope-want) > 1e-5*(1+want*want) {
			t.Fatalf("dA/db = %g, A−A² = %g", slope, want)
		}
	})
	for _, B := range []float64{1000, 1e6} {
		for _, b := range []float64{0, 1, B / 2, B} {
			α, v, rate, dv := newLogistic(b, B).mode(-3)
			if math.IsNaN(α+v+rate+dv) || math.IsInf(v, 0) {
				t.Errorf("B=%g, b=%g: %g %g %g %g", B, b, α, v, rate, dv)
			}
		}
	}
	e := math.E // the form with u_b, where it does not overflow
	a, b, B := -.7, 1.3, 3.
	u := func(b float64) float64 { return a*math.Pow(e, b) + (1-a)*math.Pow(e, B) }
	α, v, _, _ := newLogistic(b, B).mode(a)
	if math.Abs(α/(math.Exp(-b/2)*u(b)/u(0))-1) > 1e-14 ||
		math.Abs(v/(math.Exp(-b)*u(b)*math.Expm1(b)/u(0))-1) > 1e-14 {
		t.Errorf("α=%g, σ²=%g differ from the form with u_b", α, v)
	}
}

// The closed coupling over σW for unit variances is (√5−1)/2, and iterative proportional and Markovian
// fitting approach it through known values (1e-5).
func TestBrownianBridgeAndIterates(t *testing.T) {
	one := ito.Gaussian{Mean: []float64{0}, Cov: []float64{1}}
	g, err := NewBrownianBridge(one, one, 1)
	if err != nil {
		t.Fatal(err)
	}
	golden := (math.Sqrt(5) - 1) / 2
	if c := g.Coupling()[0]; math.Abs(c-golden) > 1e-15 {
		t.Errorf("c = %.17g, want %.17g", c, golden)
	}
	if v := g.Marginal(.5).Cov[0]; math.Abs(v-(.5+.25*(2*golden+1))) > 1e-15 {
		t.Errorf("variance at ½ is %g", v)
	}
	c := 0. // independent coupling
	for i, want := range []float64{.546293, .611143, .617385, .617973, .618028} {
		c = imf(c)
		if math.Abs(c-want) > 1e-5 {
			t.Errorf("IMF iterate %d: %.7f, want %.6f", i+1, c, want)
		}
	}
	k := block{1, 1, 2} // reference: x_0 ~ N(0,1), x_1 = x_0 + W_1
	free := []float64{.75, 1.1111, .96, 1.0156}
	for i, want := range []float64{.5, .6667, .6, .625, .615385, .619048} {
		var v float64
		if i%2 == 0 {
			k = k.fit1(1)
			v = k.s0
		} else {
			k = k.fit0(1)
			v = k.s1
		}
		if math.Abs(k.c-want) > 5e-5 {
			t.Errorf("IPF iterate %d: c = %.6f, want %.6f", i+1, k.c, want)
		}
		if i < len(free) && math.Abs(v-free[i]) > 5e-5 {
			t.Errorf("IPF iterate %d: free variance %.5f, want %.5f", i+1, v, free[i])
		}
	}
	for range 40 {
		k = k.fit1(1).fit0(1)
	}
	if math.Abs(k.c-golden) > 1e-12 {
		t.Errorf("IPF tends to %.15g", k.c)
	}
}

// block is a joint Gaussian of two scalars: variances s0, s1 and covariance c.
type block struct{ s0, c, s1 float64 }

// fit1 keeps the law of x_0 given x_1 and makes Var x_1 = v.
func (k block) fit1(v float64) block {
	g := k.c / k.s1
	return block{k.s0 - g*k.c + g*g*v, g * v, v}
}

// fit0 keeps the law of x_1 given x_0 and makes Var x_0 = v.
func (k block) fit0(v float64) block {
	r := block{k.s1, k.c, k.s0}.fit1(v)
	return block{r.s1, r.c, r.s0}
}

// imf is one Markovian projection of the Brownian bridges (σ = 1) between unit variances with
// covariance c: the drift g_t x has g = (((1−t)c+t−Σ_t)/(1−t))/Σ_t, and c' = exp∫g, by Simpson's rule.
func imf(c float64) float64 {
	g := func(t float64) float64 {
		s := (1-t)*(1-t) + t*t + t*(1-t)*(2*c+1)
		return (c - 1 + t - 2*c*t) / s // the quotient by 1−t carried out
	}
	const n = 2000
	sum := 0.
	for i := range n {
		h := 1. / n
		t := float64(i) * h
		sum += h / 6 * (g(t) + 4*g(t+h/2) + g(t+h))
	}
	return math.Exp(sum)
}

func TestBridgeRefusals(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{0}, Cov: []float64{1}}
	for what, h := range map[string]ito.Gaussian{
		"dimension": bridgeFrom, "shape": {Mean: []float64{0}, Cov: []float64{1, 2}}, "negative": {Mean: []float64{0},
			Cov: []float64{-1}},
		"nan": {Mean: []float64{math.NaN()}, Cov: []float64{1}},
	} {
		if _, err := NewGaussianBridge(g, h, 1); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := NewBrownianBridge(g, h, 1); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := NewGaussianBridge(g, g, 0); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
	if _, err := NewBrownianBridge(g, g, -1); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}
