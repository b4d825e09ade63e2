package zoo

import "math"

// table is a density of one number on an interval: its integral and its quantiles.
type table struct {
	lo, step float64
	logZ     float64
	cdf      []float64 // at the nodes
}

// nodes of a table: with Simpson's rule in every cell, log Z is exact to 1e-9 for the densities of the zoo.
const nodes = 20_000

func tabulate(lo, hi float64, log func(x float64) float64) *table {
	t := &table{lo: lo, step: (hi - lo) / nodes, cdf: make([]float64, nodes+1)}
	top := math.Inf(-1)
	for i := range nodes {
		top = max(top, log(lo+(float64(i)+.5)*t.step))
	}
	f := func(x float64) float64 { return math.Exp(log(x) - top) }
	for i := range nodes {
		a := lo + float64(i)*t.step
		t.cdf[i+1] = t.cdf[i] + t.step/6*(f(a)+4*f(a+t.step/2)+f(a+t.step))
	}
	total := t.cdf[nodes]
	t.logZ = math.Log(total) + top
	for i := range t.cdf {
		t.cdf[i] /= total
	}
	return t
}

// quantile is the x at which the distribution function is u, linear between nodes: off by 1e-4 of the interval
// at most, and by far less where there is mass.
func (t *table) quantile(u float64) float64 {
	lo, hi := 0, nodes
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; t.cdf[mid] <= u {
			lo = mid
		} else {
			hi = mid
		}
	}
	return t.lo + t.step*(float64(lo)+(u-t.cdf[lo])/max(t.cdf[hi]-t.cdf[lo], 1e-300))
}
