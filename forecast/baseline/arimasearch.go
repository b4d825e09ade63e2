package baseline

import "math"

// The largest orders of the search.
const (
	mostP = 3
	mostS = 1
)

// searchARIMA finds the orders. nil: there are too few values.
func searchARIMA(x []float64, m int) *arimaFit {
	filled := interpolate(x)
	if m < 2 || m > mostSeason || len(x) < 4*m {
		m = 1
	}
	base := orders{m: m}
	w := filled
	if m > 1 && seasonStrength(w, m) > .64 {
		base.sd = 1
		w = difference(w, m)
	}
	for base.d < 2-base.sd && len(w) > 10 && kpss(w) > .463 {
		base.d++
		w = difference(w, 1)
	}
	base.constant = base.d+base.sd <= 1
	seasons := mostS
	if m == 1 {
		seasons = 0
	}
	// all candidates are scored on the same errors
	from := base.d + mostP + m*(base.sd+seasons)
	if from > len(x)/2 {
		from = 0
	}
	tried := map[orders]bool{}
	var best *arimaFit
	try := func(o orders) bool {
		if o.p < 0 || o.q < 0 || o.sp < 0 || o.sq < 0 || o.p > mostP || o.q > mostP || o.sp > seasons ||
			o.sq > seasons || o.constant && o.d+o.sd > 1 || tried[o] {
			return false
		}
		tried[o] = true
		f := fitARIMA(x, filled, o, from)
		if f == nil || best != nil && f.aicc >= best.aicc {
			return false
		}
		best = f
		return true
	}
	for _, s := range [][4]int{{2, 2, 1, 1}, {0, 0, 0, 0}, {1, 0, 1, 0}, {0, 1, 0, 1}} {
		o := base
		o.p, o.q, o.sp, o.sq = s[0], s[1], min(s[2], seasons), min(s[3], seasons)
		try(o)
	}
	for better := best != nil; better && len(tried) < 50; {
		better = false
		now := best.orders
		for _, s := range [][4]int{{0, 0, -1, 0}, {0, 0, 0, -1}, {0, 0, 1, 0}, {0, 0, 0, 1}, {-1, 0, 0, 0}, {0,
			-1, 0, 0},
			{1, 0, 0, 0}, {0, 1, 0, 0}, {-1, -1, 0, 0}, {1, 1, 0, 0}, {1, -1, 0, 0}, {-1, 1, 0, 0}} {
			o := now
			o.p, o.q, o.sp, o.sq = o.p+s[0], o.q+s[1], o.sp+s[2], o.sq+s[3]
			if try(o) {
				better = true
				break
			}
		}
		if !better {
			o := now
			o.constant = !o.constant
			better = try(o)
		}
	}
	return best
}

func difference(x []float64, lag int) []float64 {
	out := make([]float64, max(len(x)-lag, 0))
	for t := range out {
		out[t] = x[t+lag] - x[t]
	}
	return out
}

// seasonStrength is max(0, 1 − Var(rest)/Var(season + rest)) of the classical decomposition (Wang, Smith and Hyndman
// 2006).
func seasonStrength(x []float64, m int) float64 {
	index := seasonIndices(x, m, false)
	half := m / 2
	var rest, both []float64
	for t := half; t+half < len(x); t++ {
		trend := 0.
		for k := t - half; k <= t+half; k++ {
			w := 1.
			if m%2 == 0 && (k == t-half || k == t+half) {
				w = .5
			}
			trend += w * x[k] / float64(m)
		}
		both = append(both, x[t]-trend)
		rest = append(rest, x[t]-trend-index[t%m])
	}
	b := spread(both)
	if b == 0 {
		return 0
	}
	return max(0, 1-spread(rest)/b)
}

// spread is the variance.
func spread(x []float64) float64 {
	mean, s := 0., 0.
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		s += (v - mean) * (v - mean)
	}
	return s / float64(max(len(x)-1, 1))
}

// kpss is the statistic of Kwiatkowski, Phillips, Schmidt and Shin (1992) for a level, with ⌊3√n/13⌋ lags; 5 % of
// stationary series have more than .463.
func kpss(x []float64) float64 {
	n := len(x)
	mean := 0.
	for _, v := range x {
		mean += v / float64(n)
	}
	e := make([]float64, n)
	sum, eta := 0., 0.
	for t, v := range x {
		e[t] = v - mean
		sum += e[t]
		eta += sum * sum
	}
	long := dot(e, e)
	lags := int(3 * math.Sqrt(float64(n)) / 13)
	for l := 1; l <= lags; l++ {
		long += 2 * (1 - float64(l)/float64(lags+1)) * dot(e[l:], e[:n-l])
	}
	if long <= 0 {
		return 0
	}
	return eta / float64(n) / long
}
