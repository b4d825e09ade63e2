// Package metric measures how far one set of samples is from another: exact and sliced Wasserstein distances,
// entropic transport, maximum mean discrepancy, moments, the straightness of paths. Of the draws of chains it has
// R̂, effective sample sizes and Monte Carlo errors ([Summarise]), of weighted ones Pareto k̂.
//
// Every sum is taken in a fixed order, so a value does not depend on the number of processors. What compares every
// row with every other ends with the error of its ctx as soon as that is done. A distance between finite sets of
// samples of the same distribution is not zero: [Floor] says how large it is, and belongs beside every score.
package metric

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Distance is a number that says how far apart two sets of samples are.
type Distance func(ctx context.Context, x, y ito.States) (float64, error)

// Score is a distance measured on several random subsets, with the same distance between sets that
// are truly of one distribution.
type Score struct {
	Value   float64 `json:"value"`    // mean over the draws
	SD      float64 `json:"sd"`       // standard deviation over the draws (n−1), 0 for one draw
	Floor   float64 `json:"floor"`    // true-against-true, mean over the draws; 0 when not measured
	FloorSD float64 `json:"floor_sd"` // its standard deviation
	N       int     `json:"n"`        // rows of each subset
	Draws   int     `json:"draws"`    // number of subsets
	FloorN  int     `json:"floor_n"`  // rows of each subset of the floor; 0 when not measured
}

// WithFloor returns s with the value of the given score as its floor.
func (s Score) WithFloor(floor Score) Score {
	s.Floor, s.FloorSD, s.FloorN = floor.Value, floor.SD, floor.N
	return s
}

func (s Score) String() string {
	out := fmt.Sprintf("%.4g ± %.2g", s.Value, s.SD)
	if s.FloorN > 0 {
		out += fmt.Sprintf(" (floor %.4g ± %.2g)", s.Floor, s.FloorSD)
	}
	return out
}

// Sub-addresses of rng.PurposeMetric; the step is the number of the draw.
const (
	subX     = 0 // the subset of the first set
	subY     = 1 // the subset of the second
	subFloor = 2 // the two halves of a floor
	subSlice = 3 // directions
	subMix   = 4 // the sets of a permutation test
)

// Measure takes the mean of f over random subsets of n rows of each set, drawn without replacement
// and addressed by (seed, draw). n ≤ 0 means all rows. A set with fewer rows than n lowers n for both:
// Score.N says how many were used. When nothing is left to chance there is one draw.
func Measure(ctx context.Context, f Distance, x, y ito.States, draws, n int, seed uint64) (Score, error) {
	if err := compatible(x, y); err != nil {
		return Score{}, err
	}
	if least := min(x.N, y.N); n <= 0 || n > least {
		n = least
	}
	if n == x.N && n == y.N {
		draws = 1
	}
	return overDraws(ctx, draws, n, func(draw uint32) (float64, error) {
		return f(ctx, gather(x, subset(seed, draw, subX, x.N, n)), gather(y, subset(seed, draw, subY, y.N, n)))
	})
}

// Floor takes the mean of f between two disjoint random subsets of n rows of one set: what the
// distance is when the distributions are equal. n ≤ 0 or n > N/2 means N/2; Score.N says which.
func Floor(ctx context.Context, f Distance, truth ito.States, draws, n int, seed uint64) (Score, error) {
	if err := truth.Check(); err != nil {
		return Score{}, err
	}
	if truth.N < 2 {
		return Score{}, fmt.Errorf("metric: a floor needs two rows or more, got %d", truth.N)
	}
	if n <= 0 || n > truth.N/2 {
		n = truth.N / 2
	}
	return overDraws(ctx, draws, n, func(draw uint32) (float64, error) {
		rows := subset(seed, draw, subFloor, truth.N, 2*n)
		return f(ctx, gather(truth, rows[:n]), gather(truth, rows[n:]))
	})
}

// overDraws is the mean and sd of f over draws 0, 1, …, added in that order. Draws run in parallel.
func overDraws(ctx context.Context, draws, n int, f func(draw uint32) (float64, error)) (Score, error) {
	if draws < 1 {
		return Score{}, fmt.Errorf("metric: %d draws; at least one is needed", draws)
	}
	values, errs := make([]float64, draws), make([]error, draws)
	err := parallel(ctx, draws, 1, func(k, _ int) { values[k], errs[k] = f(uint32(k)) })
	if err != nil {
		return Score{}, err
	}
	for _, err := range errs {
		if err != nil {
			return Score{}, err
		}
	}
	s := Score{N: n, Draws: draws}
	for _, v := range values {
		s.Value += v / float64(draws)
	}
	if draws > 1 {
		var ss float64
		for _, v := range values {
			ss += (v - s.Value) * (v - s.Value)
		}
		s.SD = math.Sqrt(ss / float64(draws-1))
	}
	return s, nil
}

// subset draws k of the rows 0 … n−1 without replacement, in random order (Floyd's method: k draws
// and memory for k, whatever n). All rows are returned in their own order.
func subset(seed uint64, draw, sub uint32, n, k int) []int {
	rows := make([]int, 0, k)
	if k == n && sub != subFloor {
		for i := range n {
			rows = append(rows, i)
		}
		return rows
	}
	key := rng.NewKey(seed, rng.PurposeMetric, draw, sub)
	seen := make(map[int]bool, k)
	for j := n - k; j < n; j++ {
		r := key.Intn(uint64(j), 0, j+1)
		if seen[r] {
			r = j
		}
		seen[r] = true
		rows = append(rows, r)
	}
	// Floyd's set is uniform but its order is not: shuffle.
	for i := k - 1; i > 0; i-- {
		j := key.Intn(uint64(i), 1, i+1)
		rows[i], rows[j] = rows[j], rows[i]
	}
	return rows
}

func gather(x ito.States, rows []int) ito.States {
	g := ito.States{N: len(rows), D: x.D, X: make([]float64, len(rows)*x.D), ID: make([]uint64, len(rows))}
	for i, r := range rows {
		copy(g.Row(i), x.Row(r))
		g.ID[i] = x.ID[r]
	}
	return g
}

// compatible reports sets between which no distance can be measured.
func compatible(x, y ito.States) error {
	for _, s := range []ito.States{x, y} {
		if err := s.Check(); err != nil {
			return err
		}
		if s.N == 0 || s.D == 0 {
			return fmt.Errorf("metric: a set of %d rows of dimension %d has no distance to another", s.N, s.D)
		}
		if i := s.FirstNonFinite(); i >= 0 {
			return &ito.NonFiniteError{What: "a sample to be compared", Sample: s.ID[i]}
		}
	}
	if x.D != y.D {
		return fmt.Errorf("metric: rows of dimension %d and %d cannot be compared", x.D, y.D)
	}
	if r := boxDiagonal(x, y, 1); math.IsInf(r, 0) {
		return fmt.Errorf("metric: the numbers are too large for their squares to be compared")
	}
	return nil
}

// boxDiagonal is the squared diagonal of the box that holds the rows of scale·x and of y: no squared
// distance exceeds it.
func boxDiagonal(x, y ito.States, scale float64) float64 {
	var c float64
	for a := range x.D {
		lo, hi := math.Inf(1), math.Inf(-1)
		for i := range x.N {
			v := scale * x.X[i*x.D+a]
			lo, hi = min(lo, v), max(hi, v)
		}
		for i := range y.N {
			v := y.X[i*y.D+a]
			lo, hi = min(lo, v), max(hi, v)
		}
		c += (hi - lo) * (hi - lo)
	}
	return c
}

// column copies axis a of x.
func column(x ito.States, a int) []float64 {
	c := make([]float64, x.N)
	for i := range c {
		c[i] = x.X[i*x.D+a]
	}
	return c
}

func sorted(x []float64) []float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	return s
}

func squaredDistance(a, b []float64) float64 {
	var s float64
	for k, v := range a {
		d := v - b[k]
		s += float64(d * d)
	}
	return s
}
