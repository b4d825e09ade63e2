package ad

import (
	"math"
	"testing"
)

// The quantile inverts the sum of the masses, whose terms are known, at levels on both sides of every step.
func TestQuantilesInvertTheMasses(t *testing.T) {
	check := func(name string, f quantile, a, b float64, most int, logMass func(k float64) float64) {
		cdf := 0.
		for k := range most + 1 {
			m := math.Exp(logMass(float64(k)))
			for _, at := range []float64{.02, .5, .98} {
				if u := cdf + at*m; m > 1e-9 && u < 1-1e-9 {
					if got := f(u, a, b); got != float64(k) {
						t.Fatalf("%s(%v, %v) at %v: %v, want %d", name, a, b, u, got, k)
					}
				}
			}
			cdf += m
		}
	}
	lfact := func(k float64) float64 { v, _ := math.Lgamma(k + 1); return v }
	for _, λ := range []float64{1e-4, .3, 1, 7.5, 120, 3000} {
		check("poisson", poissonQuantile, λ, λ, int(λ+10*math.Sqrt(λ))+10,
			func(k float64) float64 { return k*math.Log(λ) - λ - lfact(k) })
	}
	for _, n := range []float64{1, 5, 40, 900} {
		for _, p := range []float64{1e-3, .3, .5, .97} {
			check("binomial", binomialQuantile, n, p, int(n), func(k float64) float64 {
				return lfact(n) - lfact(k) - lfact(n-k) + k*math.Log(p) + (n-k)*math.Log1p(-p)
			})
		}
	}
}

func TestQuantilesAtTheEdges(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		f             quantile
		u, a, b, want float64
	}{
		{poissonQuantile, .5, 0, 0, 0}, {poissonQuantile, .5, -1, 0, nan}, {poissonQuantile, .5, math.Inf(1), 0, nan},
		{poissonQuantile, .5, nan, 0, nan},
		{binomialQuantile, .5, 0, .5, 0}, {binomialQuantile, .5, 7, 0, 0}, {binomialQuantile, .5, 7, 1, 7},
		{binomialQuantile, 1, 7, .5, 7},
		{binomialQuantile, .5, 2.5, .5, nan}, {binomialQuantile, .5, 3, 1.5, nan}, {binomialQuantile, .5, -1, .5, nan},
	} {
		if got := c.f(c.u, c.a, c.b); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("quantile(%v, %v, %v) is %v, want %v", c.u, c.a, c.b, got, c.want)
		}
	}
	for _, λ := range []float64{1, 1e3, 1e12, 1e17, 1e300} { // ends, near the mean
		if got := poissonQuantile(.5, λ, 0); math.Abs(got-λ) > 1+1e-6*λ {
			t.Errorf("the median of mean %v is %v", λ, got)
		}
		if got := poissonQuantile(1, λ, 0); !(got >= λ) {
			t.Errorf("level 1 of mean %v is %v", λ, got)
		}
	}
}

// A program broadcasts the parameters, and its derivative is zero.
func TestQuantileProgram(t *testing.T) {
	var grad Value
	p, err := Compile(func(g *Graph) {
		λ, u := g.Input("λ", F64), g.Shared("u", F64, 3)
		y := PoissonQuantile(u, λ)
		g.Output("y", y)
		grad = Grad(Add(Sum(y), Square(λ)), λ)[0]
		g.Output("grad", grad)
	})
	if err != nil {
		t.Fatal(err)
	}
	y, d := make([]float64, 6), make([]float64, 2)
	if err := p.Run(t.Context(), Call{N: 2, In: []Array{F64s([]float64{2, 50}), F64s([]float64{.01, .5, .999})},
		Out: []Array{F64s(y), F64s(d)}}); err != nil {
		t.Fatal(err)
	}
	for i, λ := range []float64{2, 50} {
		for j, u := range []float64{.01, .5, .999} {
			if want := poissonQuantile(u, λ, 0); y[i*3+j] != want {
				t.Errorf("row %d, level %v: %v, want %v", i, u, y[i*3+j], want)
			}
		}
		if d[i] != 2*λ {
			t.Errorf("derivative %v, want %v", d[i], 2*λ)
		}
	}
}
