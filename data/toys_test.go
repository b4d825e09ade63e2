package data

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
)

func builtin(t *testing.T, name string, n int, seed uint64) *Table {
	t.Helper()
	x, err := Builtin(name, n, seed)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Row i depends on the seed and on i alone.
func TestBuiltinRows(t *testing.T) {
	for _, name := range Names() {
		long, short := builtin(t, name, 200, 1), builtin(t, name, 50, 1)
		for i, v := range short.X {
			if long.X[i] != v {
				t.Fatalf("%s: value %d differs with more rows", name, i)
			}
		}
		if other := builtin(t, name, 50, 2); other.X[0] == short.X[0] {
			t.Errorf("%s: another seed gave the same row", name)
		}
		if err := long.finite(); err != nil {
			t.Error(err)
		}
	}
}

// The moments of the 8:1 spiral by quadrature over its arc, and of the sample within 4 of its errors.
func TestSpiralMoments(t *testing.T) {
	const steps = 200000
	var m, v [2]float64
	for k := range steps {
		x, y := spiral([2]float64{(float64(k) + .5) / steps}, [2]float64{}, 0)
		for a, p := range []float64{x, 8 * y} {
			m[a] += p / steps
			v[a] += p * p / steps
		}
	}
	noise := [2]float64{.1, .8}
	for a, want := range []struct{ mean, sd float64 }{{.90, 2.09}, {1.58, 18.67}} {
		v[a] += noise[a]*noise[a] - m[a]*m[a]
		if math.Abs(m[a]-want.mean) > .005*8 || math.Abs(math.Sqrt(v[a])-want.sd) > .006 {
			t.Errorf("axis %d: mean %.4f, sd %.4f; published %v", a, m[a], math.Sqrt(v[a]), want)
		}
	}
	x := builtin(t, "spiral", DefaultRows, 1)
	if err := x.Scale([]float64{1, 8}); err != nil {
		t.Fatal(err)
	}
	g, err := metric.Moments(x.States())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("8:1 spiral: mean (%.4f, %.4f), sd (%.4f, %.4f); sample mean (%.4f, %.4f), sd (%.4f, %.4f)", m[0], m[1],
		math.Sqrt(v[0]), math.Sqrt(v[1]),
		g.Mean[0], g.Mean[1], math.Sqrt(g.Cov[0]), math.Sqrt(g.Cov[3]))
	for a := range 2 {
		sd := math.Sqrt(v[a])
		if math.Abs(g.Mean[a]-m[a]) > 4*sd/math.Sqrt(DefaultRows) || math.Abs(g.Cov[3*a]/v[a]-1) > 4*math.Sqrt(
			2./DefaultRows) {
			t.Errorf("axis %d of the sample: mean %v, variance %v; want %v, %v", a, g.Mean[a], g.Cov[3*a], m[a], v[a])
		}
	}
}

func TestCheckerboard(t *testing.T) {
	x := builtin(t, "checkerboard", DefaultRows, 1)
	var cells [16]int
	for i := range x.Rows {
		r := x.Row(i)
		if math.Abs(r[0]) > 2*math.Pi || math.Abs(r[1]) > 2*math.Pi || math.Sin(r[0])*math.Sin(r[1]) > 1e-12 {
			t.Fatalf("row %d is (%v, %v)", i, r[0], r[1])
		}
		cells[4*int(r[0]/math.Pi+2)+int(r[1]/math.Pi+2)]++
	}
	chi2, used := 0.0, 0
	for _, c := range cells {
		if c > 0 {
			used++
			e := float64(c) - DefaultRows/8
			chi2 += e * e / (DefaultRows / 8)
		}
	}
	if used != 8 || chi2 > 24.3 { // exceeded once in a thousand seeds with 7 degrees of freedom
		t.Errorf("cells %v, χ² %v", cells, chi2)
	}
	if err := x.Scale([]float64{6, 1}); err != nil {
		t.Fatal(err)
	}
	sd, err := metric.SD(x.States())
	if err != nil {
		t.Fatal(err)
	}
	want := 6 * 4 * math.Pi / math.Sqrt(12) // 21.766: the published 21.75 is of a sample
	t.Logf("6:1 checkerboard: x-sd %.4f, exact %.4f", sd[0], want)
	if math.Abs(sd[0]/want-1) > 4*math.Sqrt(2./DefaultRows) {
		t.Errorf("x-sd %v, want %v", sd[0], want)
	}
}

// The radii of the round sets.
func TestRadii(t *testing.T) {
	rings, eight := builtin(t, "rings", 2000, 1), builtin(t, "gaussians", 2000, 1)
	for i := range rings.Rows {
		r := math.Hypot(rings.Row(i)[0], rings.Row(i)[1]) / .75
		if math.Abs(r-math.Round(r)) > 5*.08/.75 || math.Round(r) < 0 || math.Round(r) > 4 {
			t.Fatalf("row %d of the rings has radius %v", i, .75*r)
		}
		e := eight.Row(i)
		angle := math.Round(math.Atan2(e[1], e[0])/(math.Pi/4)) * math.Pi / 4
		if math.Hypot(e[0]-4/math.Sqrt2*math.Cos(angle), e[1]-4/math.Sqrt2*math.Sin(angle)) > 5*.5/math.Sqrt2 {
			t.Fatalf("row %d of the gaussians is (%v, %v)", i, e[0], e[1])
		}
	}
}

func TestBuiltinRefuses(t *testing.T) {
	_, err := Builtin("chekerboard", 10, 1)
	if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "did you mean \"checkerboard\"?") {
		t.Errorf("got %v", err)
	}
	if _, err = Builtin("moons", 0, 1); !errors.Is(err, ito.ErrInput) {
		t.Errorf("no rows: %v", err)
	}
}
