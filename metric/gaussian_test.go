package metric

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"gonum.org/v1/gonum/mat"
)

func TestGaussianW2(t *testing.T) {
	// Diagonal covariances: Σ(√a−√b)².
	p := ito.Gaussian{Mean: []float64{1, 2}, Cov: []float64{4, 0, 0, 9}}
	q := ito.Gaussian{Mean: []float64{4, 6}, Cov: []float64{1, 0, 0, 25}}
	got, err := GaussianW2(p, q)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "W2 of diagonal normals", got, math.Sqrt(25+1+4), 1e-13)

	// In general: the trace formula with 2×2 roots in closed form, tr(M^½) = √(tr M + 2√det M).
	p.Cov, q.Cov = []float64{2, .7, .7, 1}, []float64{1, -.3, -.3, 3}
	var m mat.Dense
	m.Mul(mat.NewDense(2, 2, p.Cov), mat.NewDense(2, 2, q.Cov))
	want := math.Sqrt(25 + 3 + 4 - 2*math.Sqrt(mat.Trace(&m)+2*math.Sqrt(mat.Det(&m))))
	got, err = GaussianW2(p, q)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "W2 of correlated normals", got, want, 1e-12)

	// Near ones, where the trace formula has lost half of the digits.
	q = ito.Gaussian{Mean: p.Mean, Cov: []float64{2, .7, .7, 1}}
	got = must(GaussianW2(p, q))
	near(t, "W2 of equal normals", got, 0, 1e-14)

	// A point: W2² = |Δm|² + tr S.
	point := ito.Gaussian{Mean: []float64{1, 2}, Cov: make([]float64, 4)}
	got, err = GaussianW2(p, point)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "W2 to a point", got, math.Sqrt(3), 1e-13)

	for name, bad := range map[string]ito.Gaussian{
		"another dimension": {Mean: []float64{1}, Cov: []float64{1}},
		"short covariance":  {Mean: []float64{1, 2}, Cov: []float64{1, 0}},
		"asymmetric":        {Mean: []float64{1, 2}, Cov: []float64{1, .5, .2, 1}},
		"negative":          {Mean: []float64{1, 2}, Cov: []float64{1, 2, 2, 1}},
		"NaN":               {Mean: []float64{1, 2}, Cov: []float64{1, 0, 0, math.NaN()}},
	} {
		if _, err := GaussianW2(p, bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// W2 is a metric on normals too: the triangle inequality, and symmetry, in dimension 6.
func TestGaussianW2IsAMetric(t *testing.T) {
	var g [3]ito.Gaussian
	for k := range g {
		var err error
		if g[k], err = Moments(normals(12, 6, uint64(k))); err != nil {
			t.Fatal(err)
		}
	}
	w := func(a, b int) float64 {
		v, err := GaussianW2(g[a], g[b])
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	near(t, "symmetry", w(0, 1), w(1, 0), 1e-12)
	if w(0, 2) > w(0, 1)+w(1, 2) {
		t.Errorf("%v > %v + %v", w(0, 2), w(0, 1), w(1, 2))
	}
}

func TestMoments(t *testing.T) {
	x := ito.States{N: 4, D: 2, X: []float64{1, 5, 2, 5, 3, 5, 6, 5}, ID: make([]uint64, 4)}
	g, err := Moments(x)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []float64{3, 5} {
		near(t, "mean", g.Mean[k], want, 0)
	}
	for k, want := range []float64{3.5, 0, 0, 0} {
		near(t, "covariance", g.Cov[k], want, 1e-15)
	}
	sd := must(SD(x))
	near(t, "sd", sd[0], math.Sqrt(3.5), 1e-15)
	near(t, "sd of a constant axis", sd[1], 0, 0)

	// Several blocks; a large offset loses nothing; a constant that is no binary fraction stays itself.
	y := normals(3*momentBlock+17, 3, 1)
	for i := range y.N {
		y.Row(i)[1] += 1e9
		y.Row(i)[2] = .1
	}
	g = must(Moments(y))
	if g.Mean[2] != .1 || g.Cov[8] != 0 {
		t.Errorf("constant axis: mean %v, variance %v", g.Mean[2], g.Cov[8])
	}
	n := float64(y.N)
	near(t, "mean of normals", g.Mean[0], 0, 4/math.Sqrt(n))
	near(t, "mean of shifted normals", g.Mean[1]-1e9, 0, 4/math.Sqrt(n))
	near(t, "variance", g.Cov[4], 1, 4*math.Sqrt(2/n))
	near(t, "covariance", g.Cov[1], 0, 4/math.Sqrt(n))
	if g.Cov[1] != g.Cov[3] {
		t.Error("the covariance is not symmetric")
	}
	if _, err := Moments(ito.States{D: 2}); err == nil {
		t.Error("no rows: no error")
	}
}
