package tabular

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// Support is how far samples lie where data lie, and the other way round (Alaa et al., arXiv:2102.08921).
type Support struct {
	Precision    float64 `json:"alpha_precision"`
	Recall       float64 `json:"beta_recall"`
	Authenticity float64 `json:"authenticity"`
	Rows         int     `json:"rows"` // of each table
}

// levelSteps is the number of levels α and β from 0 to 1.
const levelSteps = 30

// Supports measures as many random rows of each table, at most rows, in the naive space of numbers scaled to [0,1] and
// a coordinate a level, under Euclidean distances, on 30 levels from 0 to 1:
//
//	α-curve  share of the samples within the α-quantile of the data's distances from their mean
//	β-curve  share of the rows of data whose nearest sample is nearer than its nearest other row of data, and that
//	         sample is within the β-quantile of the samples' distances from the samples' mean
//	score    1 − Σ|level − curve|/Σ level
//
// authenticity is the share of samples farther from their nearest row of data than that row is from its own nearest:
// 0 for copies, about ½ for rows of the same law. (The released code of the paper looks up the row's distance at
// another row's place; this does not.) O(rows²·d).
func Supports(x, y Table, rows int, seed uint64) Support {
	n := min(rows, x.Rows, y.Rows)
	x, y = x.some(seed, 0, subSynthetic, n), y.some(seed, 0, subReal, n)
	e := newEmbedding(y, []Table{x}, 1)
	return supports(e.states(x), e.states(y))
}

func supports(x, y ito.States) Support {
	n := y.N
	s := Support{Rows: n}
	if n < 2 {
		return s
	}
	cx, cy := centre(x), centre(y)
	xy, yx, yy, xx := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		xy[i] = math.Sqrt(squared(x.Row(i), cy)) // samples from the mean of the data
		yx[i] = math.Sqrt(squared(y.Row(i), cy))
		xx[i] = math.Sqrt(squared(x.Row(i), cx))
	}
	nearReal := make([]float64, n) // of each row of data: its nearest other
	nearSample := make([]int, n)   // of each row of data: its nearest sample
	toReal := make([]int, n)       // of each sample: its nearest row of data
	parallel(n, func(i int) {
		nearReal[i] = math.Inf(1)
		best, back := math.Inf(1), math.Inf(1)
		for k := range n {
			if k != i {
				nearReal[i] = min(nearReal[i], squared(y.Row(i), y.Row(k)))
			}
			if d := squared(y.Row(i), x.Row(k)); d < best {
				best, nearSample[i] = d, k
			}
			if d := squared(x.Row(i), y.Row(k)); d < back {
				back, toReal[i] = d, k
			}
		}
		yy[i] = best
	})
	covered := make([]float64, 0, n) // of rows of data that are: how far their sample is from the samples' mean
	for i := range n {
		if yy[i] < nearReal[i] {
			covered = append(covered, xx[nearSample[i]])
		}
		if d := squared(x.Row(i), y.Row(toReal[i])); d > nearReal[toReal[i]] {
			s.Authenticity++
		}
	}
	s.Authenticity /= float64(n)
	slices.Sort(xy)
	slices.Sort(yx)
	slices.Sort(xx)
	slices.Sort(covered)
	s.Precision = curve(func(α float64) float64 { return within(xy, quantile(yx, α)) / float64(n) })
	s.Recall = curve(func(β float64) float64 { return within(covered, quantile(xx, β)) / float64(n) })
	return s
}

// curve is 1 − Σ|level − f(level)|/Σ level.
func curve(f func(float64) float64) float64 {
	off, all := 0.0, 0.0
	for k := range levelSteps {
		l := float64(k) / (levelSteps - 1)
		off += math.Abs(l - f(l))
		all += l
	}
	return 1 - off/all
}

// within counts sorted numbers up to r.
func within(sorted []float64, r float64) float64 {
	at, _ := slices.BinarySearchFunc(sorted, r, func(v, r float64) int {
		if v <= r {
			return -1
		}
		return 1
	})
	return float64(at)
}

// quantile interpolates linearly between sorted numbers.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	k := min(int(at), len(sorted)-1)
	if k+1 == len(sorted) {
		return sorted[k]
	}
	return sorted[k] + (at-float64(k))*(sorted[k+1]-sorted[k])
}

func centre(x ito.States) []float64 {
	c := make([]float64, x.D)
	for i := range x.N {
		for k, v := range x.Row(i) {
			c[k] += v / float64(x.N)
		}
	}
	return c
}

func squared(a, b []float64) float64 {
	s := 0.0
	for k, v := range a {
		s += (v - b[k]) * (v - b[k])
	}
	return s
}
