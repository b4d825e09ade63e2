package baseline

import (
	"math"
	"slices"
)

// stl is the decomposition of a series into a season of so many steps, a trend and the rest by loess (Cleveland,
// Cleveland, McRae and Terpenning 1990): five passes of smoothing the subseries of each place in the season over window
// seasons, with lines of a degree of 0 or 1, taking a moving mean of what results out of it, and smoothing the rest for
// the trend. The windows of trend and low pass are the ones that the authors advise. There are no robustness weights.
// A missing value has the weight 0. There must be two seasons or more.
func stl(y []float64, period, window, degree int) (season, trend []float64) {
	n := len(y)
	x, weight := slices.Clone(y), make([]float64, n)
	for i, v := range y {
		if math.IsNaN(v) {
			x[i] = 0
		} else {
			weight[i] = 1
		}
	}
	trendWindow := odd(1.5 * float64(period) / (1 - 1.5/float64(window)))
	lowWindow := odd(float64(period) + 1)
	trend, season = make([]float64, n), make([]float64, n)
	work := make([]float64, n)
	for range 5 {
		for i := range work {
			work[i] = x[i] - trend[i]
		}
		cycle := subseries(work, weight, period, window, degree) // one season more at either end
		low := movingMean(movingMean(movingMean(cycle, period), period), 3)
		low = loess(low, nil, lowWindow, 1)
		for i := range season {
			season[i] = cycle[period+i] - low[i]
			work[i] = x[i] - season[i]
		}
		trend = loess(work, weight, trendWindow, 1)
	}
	return season, trend
}

// odd is the least odd number that is not below v, 3 or more.
func odd(v float64) int {
	k := int(math.Ceil(v))
	if k%2 == 0 {
		k++
	}
	return max(k, 3)
}

// subseries smooths the values of each place in the season, from one season before the first to one behind the last.
func subseries(x, weight []float64, period, window, degree int) []float64 {
	out := make([]float64, len(x)+2*period)
	for j := range period {
		var v, w []float64
		for t := j; t < len(x); t += period {
			v, w = append(v, x[t]), append(w, weight[t])
		}
		k := len(v)
		put := func(at int, s float64) { out[j+at*period] = s }
		for i, s := range loess(v, w, window, degree) {
			put(1+i, s)
		}
		if s, ok := loessAt(v, w, -1, 0, min(window, k), window, degree); ok {
			put(0, s)
		} else {
			put(0, out[j+period])
		}
		if s, ok := loessAt(v, w, float64(k), max(0, k-window), k, window, degree); ok {
			put(k+1, s)
		} else {
			put(k+1, out[j+k*period])
		}
	}
	return out
}

// movingMean is the mean of n values, one for each place where there are n.
func movingMean(x []float64, n int) []float64 {
	out := make([]float64, len(x)-n+1)
	sum := 0.
	for i, v := range x {
		if sum += v; i >= n {
			sum -= x[i-n]
		}
		if i >= n-1 {
			out[i-n+1] = sum / float64(n)
		}
	}
	return out
}

// loess smooths equally spaced values by local polynomials over the nearest window of them. weight nil: all 1. A place
// around which nothing has a weight keeps its value. Where no value is missing, the polynomials of all places that are
// far from the ends are one.
func loess(x, weight []float64, window, degree int) []float64 {
	n := len(x)
	out := make([]float64, n)
	gaps := slices.ContainsFunc(weight, func(w float64) bool { return w != 1 })
	var w []float64
	from, last, ok := 0, -1, false
	for i := range out {
		if window < n && i+1 > (window+1)/2 && from+window < n {
			from++
		}
		to := min(from+window, n)
		if gaps || i-from != last {
			w, ok = loessWeights(w, n, weight, float64(i), from, to, window, degree)
			last = i - from
		}
		out[i] = x[i]
		if ok {
			out[i] = dot(w, x[from:to])
		}
	}
	return out
}

// loessAt is the local polynomial of x[from:to] at a place. It is false where nothing has a weight.
func loessAt(x, weight []float64, at float64, from, to, window, degree int) (float64, bool) {
	w, ok := loessWeights(nil, len(x), weight, at, from, to, window, degree)
	if !ok {
		return 0, false
	}
	return dot(w, x[from:to]), true
}

// loessWeights are what x[from:to] of n values is multiplied by in its local polynomial at a place, with tricube
// weights that end at the farthest of the window. It uses dst where it is long enough, and is false where nothing has
// a weight.
func loessWeights(dst []float64, n int, weight []float64, at float64, from, to, window, degree int) ([]float64, bool) {
	h := max(at-float64(from), float64(to-1)-at)
	if window > n {
		h += float64((window - n) / 2)
	}
	w := slices.Grow(dst[:0], to-from)[:to-from]
	sum := 0.
	for k := range w {
		w[k] = 0
		r := math.Abs(float64(from+k) - at)
		if r > .999*h {
			continue
		}
		w[k] = 1
		if r > .001*h {
			c := r / h
			c = 1 - c*c*c
			w[k] = c * c * c
		}
		if weight != nil {
			w[k] *= weight[from+k]
		}
		sum += w[k]
	}
	if sum <= 0 {
		return w, false
	}
	for k := range w {
		w[k] /= sum
	}
	if degree == 0 || h <= 0 {
		return w, true
	}
	mean, spread := 0., 0.
	for k, v := range w {
		mean += v * float64(from+k)
	}
	for k, v := range w {
		d := float64(from+k) - mean
		spread += v * d * d
	}
	if math.Sqrt(spread) > .001*float64(n-1) {
		slope := (at - mean) / spread
		for k := range w {
			w[k] *= 1 + slope*(float64(from+k)-mean)
		}
	}
	return w, true
}

// mstl takes several seasons out, the shortest first, twice where there are several (Bandara, Hyndman and Bergmeir
// 2021, arXiv:2107.13462), with windows of 11, 15, … seasons. It returns each season and the rest with the trend, NaN
// where the series has none.
func mstl(y []float64, periods []int) (seasons [][]float64, rest []float64) {
	rest = slices.Clone(y)
	seasons = make([][]float64, len(periods))
	times := 2
	if len(periods) == 1 {
		times = 1
	}
	for range times {
		for i, p := range periods {
			for t, v := range seasons[i] {
				rest[t] += v
			}
			seasons[i], _ = stl(rest, p, 7+4*(i+1), 0)
			for t, v := range seasons[i] {
				rest[t] -= v
			}
		}
	}
	return seasons, rest
}
