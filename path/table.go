package path

import "math"

// table is log α on N+1 evenly spaced times 0, 1/N, …, 1, linear between them: log α(0) = 0.
type table []float64

// maxSteps keeps a configuration from asking for a table that no network was trained on.
const maxSteps = 1 << 20

// at returns log α and its slope at t; at a node the slope is that of the cell to its right. Beyond the
// table the outer cells go on.
func (a table) at(t float64) (logα, slope float64) {
	n := len(a) - 1
	j := min(max(int(math.Floor(t*float64(n))), 0), n-1)
	slope = (a[j+1] - a[j]) * float64(n)
	if u := t - float64(j)/float64(n); u != 0 {
		return a[j] + slope*u, slope
	}
	return a[j], slope
}

// inverse returns the t with log α = logα.
func (a table) inverse(logα float64) float64 {
	n := len(a) - 1
	lo, hi := 0, n // a[lo] ≥ logα ≥ a[hi]
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; a[mid] >= logα {
			lo = mid
		} else {
			hi = mid
		}
	}
	u := (a[lo] - logα) / (a[lo] - a[hi])
	return (float64(lo) + u) / float64(n)
}
