package metric

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// MMD2 is the unbiased estimate of the squared maximum mean discrepancy (Gretton et al. 2012, eq. 3)
//
//	1/(n(n−1)) Σ_{i≠j} k(x_i,x_j) + 1/(m(m−1)) Σ_{i≠j} k(y_i,y_j) − 2/(nm) Σ_ij k(x_i,y_j)
//
// with k the mean of Gaussian kernels exp(−r²/2h²) at h = bandwidth × ¼, ½, 1, 2, 4. Its expectation is 0
// when the distributions are equal, so it may be negative. bandwidth 0 means [MedianBandwidth] of the two sets.
// O((n+m)²d), one exponential a pair.
func MMD2(ctx context.Context, x, y ito.States, bandwidth float64) (float64, error) {
	if err := compatible(x, y); err != nil {
		return 0, err
	}
	if x.N < 2 || y.N < 2 {
		return 0, fmt.Errorf("metric: the unbiased MMD needs two rows or more in each set, got %d and %d", x.N, y.N)
	}
	x, y, bandwidth = squarable(x, y, bandwidth)
	if bandwidth == 0 {
		bandwidth = MedianBandwidth(x, y)
	}
	if !(bandwidth > 0) {
		return 0, fmt.Errorf("metric: MMD needs a positive bandwidth, got %v; are all rows equal?", bandwidth)
	}
	n, m := float64(x.N), float64(y.N)
	var sums [3]float64
	for k, of := range []struct {
		x, y     ito.States
		triangle bool
	}{{x, x, true}, {y, y, true}, {x, y, false}} {
		var err error
		if sums[k], err = kernelSum(ctx, of.x, of.y, bandwidth, of.triangle); err != nil {
			return 0, err
		}
	}
	xx, yy, xy := 2*sums[0], 2*sums[1], sums[2]
	return xx/n/(n-1) + yy/m/(m-1) - 2*xy/n/m, nil
}

// squarable multiplies rows whose squares would vanish or overflow, and the bandwidth, by a power of two, which changes
// no bit of the result; others are as they are.
func squarable(x, y ito.States, bandwidth float64) (u, v ito.States, h float64) {
	most := 0.
	for _, s := range []ito.States{x, y} {
		for _, v := range s.X {
			most = math.Max(most, math.Abs(v))
		}
	}
	if most == 0 || math.IsInf(most, 0) || most != most || most > 1e-100 && most < 1e100 {
		return x, y, bandwidth
	}
	_, e := math.Frexp(most)
	u, v = x.Clone(), y.Clone()
	for _, s := range []ito.States{u, v} {
		for i := range s.X {
			s.X[i] = math.Ldexp(s.X[i], -e)
		}
	}
	return u, v, math.Ldexp(bandwidth, -e)
}

// kernelSum adds the kernel over all pairs, or over pairs i < j of one set.
func kernelSum(ctx context.Context, x, y ito.States, h float64, triangle bool) (float64, error) {
	// exp(−r²/2(4h)²) and its powers 4, 16, 64, 256 are the five kernels.
	rate := -1 / (2 * 16 * h * h)
	return sum(ctx, x.N, 32, func(lo, hi int) float64 {
		var s float64
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			first := 0
			if triangle {
				first = i + 1
			}
			a := x.Row(i)
			for j := first; j < y.N; j++ {
				k := math.Exp(rate * squaredDistance(a, y.Row(j)))
				total := k
				for range 4 {
					k *= k
					k *= k
					total += k
				}
				s += total / 5
			}
		}
		return s
	})
}

// medianRows bounds the rows whose pairwise distances make the median.
const medianRows = 1000

// MedianBandwidth is the median distance between different rows of the two sets together: the
// customary bandwidth. Larger sets are thinned evenly to 1000 rows.
func MedianBandwidth(x, y ito.States) float64 {
	total := x.N + y.N
	n := min(total, medianRows)
	rows := make([][]float64, n)
	for k := range rows {
		i := int(int64(k) * int64(total) / int64(n))
		if i < x.N {
			rows[k] = x.Row(i)
		} else {
			rows[k] = y.Row(i - x.N)
		}
	}
	r := make([]float64, 0, n*(n-1)/2)
	for i, a := range rows {
		for _, b := range rows[:i] {
			r = append(r, squaredDistance(a, b))
		}
	}
	if len(r) == 0 {
		return 0
	}
	slices.Sort(r)
	return math.Sqrt((r[(len(r)-1)/2] + r[len(r)/2]) / 2)
}
