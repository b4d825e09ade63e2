package ode_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ode"
	"github.com/seed9a7962a8/ito/rng"
)

func brownian(depth int) ode.Brownian {
	return ode.Brownian{From: .5, To: 3, Depth: depth, Normal: func(dst []float64, row int, node uint64) {
		rng.NewKey(7, rng.PurposeUser, uint32(node>>32), uint32(node)).Normals64(dst, len(dst), []uint64{uint64(row)})
	}}
}

func TestBrownianIncrementsAdd(t *testing.T) {
	b := brownian(0)
	z := make([]float64, 3)
	times := []float64{.5, .50000001, .7, 1, 1.75, math.Pi / 2, 2.9999, 3}
	for row := range 20 {
		for i, r := range times {
			for j := i; j < len(times); j++ {
				for k := j; k < len(times); k++ {
					ab, bc, ac := make([]float64, 3), make([]float64, 3), make([]float64, 3)
					b.Increment(ab, z, row, r, times[j])
					b.Increment(bc, z, row, times[j], times[k])
					b.Increment(ac, z, row, r, times[k])
					for c := range ac {
						if d := math.Abs(ab[c] + bc[c] - ac[c]); d > 1e-12 {
							t.Fatalf("row %d: W over %g, %g, %g does not add up by %g", row, r, times[j], times[k], d)
						}
					}
				}
			}
		}
	}
}

// Variances of increments and their covariances, over 3000 rows: within five standard errors, which all 15 numbers
// keep but with probability 1e-5.
func TestBrownianCovariance(t *testing.T) {
	const n = 3000
	b := brownian(0)
	cuts := []float64{.6, .6001, 1.2, 1.75, 2.9, 3}
	w, z := make([]float64, 1), make([]float64, 1)
	sum := make([][]float64, 5)
	for i := range sum {
		sum[i] = make([]float64, 5)
	}
	for row := range n {
		var d [5]float64
		for i := range d {
			b.Increment(w, z, row, cuts[i], cuts[i+1])
			d[i] = w[0] / math.Sqrt(cuts[i+1]-cuts[i])
		}
		for i := range d {
			for j := range i + 1 {
				sum[i][j] += d[i] * d[j] / n
			}
		}
	}
	for i := range sum {
		for j := range i + 1 {
			want, se := 0., 1/math.Sqrt(n)
			if i == j {
				want, se = 1, math.Sqrt2/math.Sqrt(n)
			}
			if math.Abs(sum[i][j]-want) > 5*se {
				t.Errorf("increments %d and %d: %.4f, want %g ± %.4f", i, j, sum[i][j], want, se)
			}
		}
	}
}

// A value does not depend on how deep the tree is where its time is a node of both.
func TestBrownianDepth(t *testing.T) {
	var a, b, z [2]float64
	for _, u := range []float64{0, 1. / 16, .25, .625, 1} {
		at := .5 + 2.5*u
		brownian(4).At(a[:], z[:], 3, at)
		brownian(50).At(b[:], z[:], 3, at)
		if a != b {
			t.Errorf("W(%g) is %v and %v", at, a, b)
		}
	}
	brownian(0).At(a[:], z[:], 3, -1)
	if a != [2]float64{} {
		t.Errorf("before the start W is %v", a)
	}
}
