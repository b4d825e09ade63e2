package metric

import (
	"math"
	"slices"
)

// CJS is the cumulative Jensen–Shannon distance of Nguyen and Vreeken (2015) between draws x with equal weights and the
// same draws with the given weights, which add up to 1: the root of
//
//	Σ Δ [P log₂(P/M) + Q log₂(Q/M)] / Σ Δ (P + Q),  M = (P+Q)/2,
//
// over the distribution functions P and Q on the steps Δ between the draws in their order, or that of −x, whichever is
// more. It is 0 for equal weights and at most 1. O(n log n).
func CJS(x, weights []float64) float64 {
	n := len(x)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return 0
	})
	return max(cjs(x, weights, order, 1), cjs(x, weights, order, -1))
}

// cjs goes through the draws upwards or downwards.
func cjs(x, weights []float64, order []int, way int) float64 {
	n := len(order)
	p, q, sum, bound := 0., 0., 0., 0.
	term := func(a, m float64) float64 {
		if a <= 0 {
			return 0
		}
		return a * math.Log2(a/m)
	}
	for k := range n - 1 {
		i, j := order[k], order[k+1]
		if way < 0 {
			i, j = order[n-1-k], order[n-2-k]
		}
		p += 1 / float64(n)
		q += weights[i]
		step, m := math.Abs(x[j]-x[i]), (p+q)/2
		sum += step * (term(p, m) + term(q, m))
		bound += step * (p + q)
	}
	if bound == 0 {
		return 0
	}
	return math.Sqrt(max(sum, 0) / bound)
}
