package metric

import "math"

// KS is the two-sample Kolmogorov–Smirnov statistic, the largest difference between the empirical
// distribution functions of a and b. Equal distributions exceed 1.63·√(1/n+1/m) once in a hundred
// times. It is NaN when a set is empty.
func KS(a, b []float64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return math.NaN()
	}
	a, b = sorted(a), sorted(b)
	var most float64
	for i, j := 0, 0; i < len(a) && j < len(b); {
		v := min(a[i], b[j])
		for i < len(a) && a[i] == v {
			i++
		}
		for j < len(b) && b[j] == v {
			j++
		}
		if math.IsNaN(v) { // NaN sorts first and equals nothing
			return math.NaN()
		}
		most = max(most, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return most
}

// KSAgainst is the one-sample statistic, the largest difference between the empirical distribution
// function of a and cdf. Draws from cdf exceed 1.63/√n once in a hundred times.
func KSAgainst(a []float64, cdf func(float64) float64) float64 {
	if len(a) == 0 {
		return math.NaN()
	}
	var most float64
	n := float64(len(a))
	for i, v := range sorted(a) {
		p := cdf(v)
		if math.IsNaN(p) {
			return p
		}
		most = max(most, p-float64(i)/n, float64(i+1)/n-p)
	}
	return most
}
