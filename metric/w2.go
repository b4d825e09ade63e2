package metric

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// The house's protocol for W2: the mean of 5 draws of 1500 rows.
const (
	Draws      = 5
	DrawnRows  = 1500
	Directions = 128 // of a sliced distance
)

// W2 is the exact 2-Wasserstein distance between two sets of n points of equal weight,
//
//	W2 = √( min over permutations π of 1/n Σ_i |x_i − y_π(i)|² ).
//
// One dimension is sorted, O(n log n). More are an assignment problem: about a tenth of a second at
// n = 1500 and a few seconds at n = 5000, O(n³) at worst; memory 8n² bytes up to 256 MiB, O(n)
// beyond. Sets of different sizes are an error: draw subsets of one size, as [Measure] does.
func W2(ctx context.Context, x, y ito.States) (float64, error) {
	if err := compatible(x, y); err != nil {
		return 0, err
	}
	if x.N != y.N {
		return 0, fmt.Errorf("metric: W2 needs sets of one size, got %d and %d rows", x.N, y.N)
	}
	if x.D == 1 {
		return W2Line(x.X, y.X)
	}
	c, err := newCosts(ctx, x, y)
	if err != nil {
		return 0, err
	}
	match, _, _, err := assign(ctx, c)
	if err != nil {
		return 0, err
	}
	var s float64
	for i, j := range match {
		s += squaredDistance(x.Row(i), y.Row(j))
	}
	return math.Sqrt(s / float64(x.N)), nil
}

// W2Draws is W2 as ito reports it: mean and sd over random subsets of n rows of each set, five draws
// of 1500 by custom. See [Measure].
func W2Draws(ctx context.Context, x, y ito.States, draws, n int, seed uint64) (Score, error) {
	return Measure(ctx, W2, x, y, draws, n, seed)
}

// W2Halves is the W2 between disjoint random subsets of n rows of one set: the floor that belongs
// beside W2Draws. See [Floor].
func W2Halves(ctx context.Context, truth ito.States, draws, n int, seed uint64) (Score, error) {
	return Floor(ctx, W2, truth, draws, n, seed)
}

// W2Line is the exact W2 on the line, √∫₀¹(F⁻¹(q) − G⁻¹(q))²dq with F and G the empirical
// distributions of a and b, whose sizes may differ. O(n log n).
func W2Line(a, b []float64) (float64, error) {
	if len(a) == 0 || len(b) == 0 {
		return 0, fmt.Errorf("metric: W2 of %d and %d numbers is not defined", len(a), len(b))
	}
	return math.Sqrt(squaredLine(sorted(a), sorted(b))), nil
}

// squaredLine is W2² of sorted numbers. With unequal sizes the quantiles change at multiples of 1/n and
// of 1/m: counted in units of 1/(nm) the steps are whole numbers.
func squaredLine(a, b []float64) float64 {
	n, m := len(a), len(b)
	var s float64
	if n == m {
		for i, v := range a {
			d := v - b[i]
			s += float64(d * d)
		}
		return s / float64(n)
	}
	for i, j, leftA, leftB := 0, 0, m, n; i < n && j < m; {
		step := min(leftA, leftB)
		d := a[i] - b[j]
		s += float64(step) * float64(d*d)
		if leftA -= step; leftA == 0 {
			i, leftA = i+1, m
		}
		if leftB -= step; leftB == 0 {
			j, leftB = j+1, n
		}
	}
	return s / float64(n) / float64(m)
}
