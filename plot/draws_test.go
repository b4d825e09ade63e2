package plot

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed9a7962a8/ito"
)

// waves is a quantity of c chains of n draws that are spread evenly over a sine.
func waves(name string, c, n int) Chains {
	q := Chains{Name: name}
	for k := range c {
		x := make([]float64, n)
		for i := range x {
			x[i] = math.Sin(float64(i*7+k) * 2.399963)
		}
		q.X = append(q.X, x)
	}
	return q
}

// bowl is −(x²+4y²)/2 on a grid over ±3.
func bowl(n int) (x, y, z []float64) {
	for i := range n {
		x = append(x, -3+6*float64(i)/float64(n-1))
	}
	y = x
	for j := range n {
		for i := range n {
			z = append(z, -(x[i]*x[i]+4*y[j]*y[j])/2)
		}
	}
	return x, y, z
}

func TestRankShares(t *testing.T) {
	// Ranks 1 … 8: the second chain has the upper half.
	got := rankShares([][]float64{{1, 2, 3, 4}, {5, 6, 7, 8}}, 4)
	if diff := cmp.Diff([][]float64{{2, 2, 0, 0}, {0, 0, 2, 2}}, got); diff != "" {
		t.Error(diff)
	}
	// Equal draws have one rank, the mean one, in the middle.
	if diff := cmp.Diff([][]float64{{0, 2}, {0, 2}}, rankShares([][]float64{{1, 1}, {1, 1}}, 2)); diff != "" {
		t.Error(diff)
	}
	total := 0.0
	for _, s := range rankShares(waves("", 4, 500).X, 20) {
		for _, v := range s {
			total += v / 20
		}
	}
	if math.Abs(total-4) > 1e-12 {
		t.Errorf("the shares of four chains sum to %g", total)
	}
}

// The estimate integrates to 1, and does not sink at an end where draws crowd.
func TestSmooth(t *testing.T) {
	const n = 4000
	x := make([]float64, n)
	for i := range x {
		x[i] = -math.Log((float64(i) + .5) / n) // quantiles of the exponential distribution
	}
	c := smooth(x, [2]float64{-1, 9})
	sum := 0.0
	for i := range c.X {
		sum += c.Y[i] * 10 / float64(len(c.X)-1)
		if want := math.Exp(-c.X[i]); c.X[i] > .01 && c.X[i] < 4 && math.Abs(c.Y[i]-want) > .06 {
			t.Errorf("density %.3f at %.2f, not %.3f", c.Y[i], c.X[i], want)
		}
		if c.X[i] < -.05 && c.Y[i] != 0 {
			t.Errorf("density %g at %g", c.Y[i], c.X[i])
		}
	}
	if math.Abs(sum-1) > .03 {
		t.Errorf("the integral is %g", sum)
	}
	if c := smooth([]float64{2, 2, 2}, [2]float64{1, 3}); c.Y[len(c.Y)/2] <= 0 || c.Y[0] != 0 {
		t.Error("a constant has no peak")
	}
}

// All points of the contours of x²+4y² = r² lie on the ellipse, up to the square of the grid's step.
func TestContourOfAnEllipse(t *testing.T) {
	x, y, z := bowl(101)
	c := Contour{X: x, Y: y, Z: z, Levels: []float64{-2}}
	lines := 0
	for j := range len(y) - 1 {
		for i := range len(x) - 1 {
			c.cell(i, j, -2, func(x0, y0, x1, y1 float64) {
				lines++
				for _, p := range [][2]float64{{x0, y0}, {x1, y1}} {
					if r := math.Sqrt(p[0]*p[0] + 4*p[1]*p[1]); math.Abs(r-2) > 2*.06*.06 {
						t.Errorf("(%g, %g) is at %g", p[0], p[1], r)
					}
				}
			})
		}
	}
	if lines < 100 || lines > 250 {
		t.Errorf("%d pieces", lines)
	}
}

// Saddles have two lines that do not cross; zero densities are gone around, NaN is left out.
func TestContourCells(t *testing.T) {
	count := func(z ...float64) int {
		n := 0
		c := Contour{X: []float64{0, 1}, Y: []float64{0, 1}, Z: z}
		c.cell(0, 0, 0, func(x0, y0, x1, y1 float64) {
			n++
			for _, v := range []float64{x0, y0, x1, y1} {
				if !(v >= 0 && v <= 1) {
					t.Errorf("%v: a line leaves the cell at %g", z, v)
				}
			}
		})
		return n
	}
	for _, c := range []struct {
		want int
		z    []float64
	}{
		{0, []float64{1, 1, 1, 1}}, {0, []float64{-1, -1, -1, -1}}, {1, []float64{1, -1, -1, -1}},
		{1, []float64{1, 1, -1, -1}},
		{2, []float64{1, -1, -1, 1}}, {2, []float64{-1, 1, 1, -1}}, {1, []float64{1, 1, math.Inf(-1), 1}},
		{0, []float64{1, math.NaN(), -1, -1}},
	} {
		if got := count(c.z...); got != c.want {
			t.Errorf("%v: %d lines, not %d", c.z, got, c.want)
		}
	}
}

// The region of a normal with probability p has the squared radius −2 log(1−p).
func TestRegionLevels(t *testing.T) {
	var z []float64
	for j := range 401 {
		for i := range 401 {
			x, y := float64(i-200)/40, float64(j-200)/40
			z = append(z, 7-(x*x+y*y)/2)
		}
	}
	for i, level := range RegionLevels(z, .95, .5) {
		if want := 7 + math.Log(1-[]float64{.95, .5}[i]); math.Abs(level-want) > .01 {
			t.Errorf("level %g, not %g", level, want)
		}
	}
	if RegionLevels([]float64{math.Inf(-1), math.NaN()}, .5) != nil {
		t.Error("no density has a level")
	}
}

func TestDrawsErrors(t *testing.T) {
	good, nan := waves("a", 2, 10), waves("b", 2, 10)
	nan.X[1][3] = math.NaN()
	for what, f := range map[string]func() (Figure, error){
		"none":      func() (Figure, error) { return Traces(nil) },
		"no chains": func() (Figure, error) { return Ranks(Chains{Name: "x"}) },
		"no draws":  func() (Figure, error) { return Marginals(Chains{X: [][]float64{{}}}) },
		"NaN":       func() (Figure, error) { return Traces(nil, good, nan) },
		"one":       func() (Figure, error) { return DrawPairs(nil, good) },
		"unequal":   func() (Figure, error) { return DrawPairs(nil, good, waves("b", 2, 9)) },
		"no cloud":  func() (Figure, error) { return Clouds("x", "y") },
		"grid": func() (Figure, error) {
			return Clouds("x", "y", Cloud{Points: []float64{1, 2}, X: []float64{0, 1}, Y: []float64{0, 1},
				LogDens: []float64{1}})
		},
	} {
		if _, err := f(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
