package baseline

import "math"

// interpolate fills missing values on a line between their neighbours, those at the ends with the nearest. It is for
// estimates of seasons alone: what is filled in is scored nowhere. nil of no values.
func interpolate(x []float64) []float64 {
	out, last := make([]float64, len(x)), -1
	for t, v := range x {
		if math.IsNaN(v) {
			continue
		}
		for k := last + 1; k < t; k++ {
			out[k] = v
			if last >= 0 {
				out[k] = x[last] + (v-x[last])*float64(k-last)/float64(t-last)
			}
		}
		out[t], last = v, t
	}
	if last < 0 {
		return nil
	}
	for k := last + 1; k < len(x); k++ {
		out[k] = x[last]
	}
	return out
}

// isSeasonal is the test of the M4 competition: the autocorrelation at lag m is beyond 1.645 standard errors of
// Bartlett's formula. Series shorter than three seasons are not seasonal.
func isSeasonal(x []float64, m int) bool {
	n := len(x)
	if m < 2 || n < 3*m {
		return false
	}
	mean, variance := 0., 0.
	for _, v := range x {
		mean += v / float64(n)
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	if variance == 0 {
		return false
	}
	sum := 1.
	for lag := 1; ; lag++ {
		r := 0.
		for t := lag; t < n; t++ {
			r += (x[t] - mean) * (x[t-lag] - mean)
		}
		r /= variance
		if lag == m {
			return math.Abs(r) > 1.645*math.Sqrt(sum/float64(n))
		}
		sum += 2 * r * r
	}
}

// season is the classical decomposition's: of each place of the season, in the order of time from t = 0, the mean of
// x/trend (ratio) or x−trend, with the moving mean of a season as the trend, normalised to a mean of 1 or 0.
func seasonIndices(x []float64, m int, ratio bool) []float64 {
	index, count := make([]float64, m), make([]float64, m)
	half := m / 2
	for t := half; t+half < len(x); t++ {
		trend := 0.
		for k := t - half; k <= t+half; k++ {
			w := 1.
			if m%2 == 0 && (k == t-half || k == t+half) {
				w = .5
			}
			trend += w * x[k] / float64(m)
		}
		d := x[t] - trend
		if ratio {
			d = x[t] / trend
		}
		index[t%m] += d
		count[t%m]++
	}
	mean := 0.
	for k := range index {
		index[k] /= count[k]
		mean += index[k] / float64(m)
	}
	for k := range index {
		if ratio {
			index[k] /= mean
		} else {
			index[k] -= mean
		}
	}
	return index
}

// adjusted is a series without its season.
type adjusted struct {
	x     []float64
	index []float64 // nil: it has no season
	ratio bool
}

// adjust takes the season off a series where it has one: by ratios where all values are above 0, or else by
// differences.
func adjust(x []float64, m int) *adjusted {
	a := &adjusted{x: x, ratio: true}
	if !isSeasonal(x, m) {
		return a
	}
	for _, v := range x {
		a.ratio = a.ratio && v > 0
	}
	a.index = seasonIndices(x, m, a.ratio)
	a.x = make([]float64, len(x))
	for t, v := range x {
		if a.ratio {
			a.x[t] = v / a.index[t%m]
		} else {
			a.x[t] = v - a.index[t%m]
		}
	}
	return a
}

// back puts the season of step t on a value.
func (a *adjusted) back(t int, v float64) float64 {
	switch {
	case a.index == nil:
		return v
	case a.ratio:
		return v * a.index[t%len(a.index)]
	}
	return v + a.index[t%len(a.index)]
}
