package anomaly

import (
	"math"
	"slices"
)

// ZScore is the interval of a z-score: the mean of the observed values before step from, ± that many standard
// deviations, at every step. inner are those of the narrower interval. Fewer than two values give an interval that
// holds everything.
func ZScore(x []float64, from int, z, inner float64) Band {
	var n, mean, m2 float64
	for _, v := range x[:from] {
		if !math.IsNaN(v) {
			n++
			d := v - mean
			mean += d / n
			m2 += d * (v - mean)
		}
	}
	if n < 2 {
		return Band{math.Inf(-1), math.Inf(1), math.Inf(-1), math.Inf(1)}
	}
	sd := math.Sqrt(m2 / (n - 1))
	return Band{mean - z*sd, mean + z*sd, mean - inner*sd, mean + inner*sd}
}

// SeasonalESD reports the outliers of a series by the seasonal hybrid test (Hochenbaum, Vallis and Kejariwal 2017,
// arXiv:1704.07706): the values without the season and the median are put to the generalised test of extreme
// studentised deviates with median and MAD, at the level α, for at most the part most of all values. The season of m
// steps is the mean, by the place in it, of what a moving mean of m steps leaves, where the paper smooths by loess.
// It looks at the whole of the series, later values included. NaN is no outlier. A series shorter than two seasons
// has none taken out.
func SeasonalESD(x []float64, m int, α, most float64) []bool {
	y := withoutSeason(x, m)
	var seen []int
	var v []float64
	for i, a := range y {
		if !math.IsNaN(a) {
			seen, v = append(seen, i), append(v, a)
		}
	}
	out := make([]bool, len(x))
	for _, k := range ESD(v, int(most*float64(len(v))), α, true) {
		out[seen[k]] = true
	}
	return out
}

// withoutSeason takes the additive season of m steps out.
func withoutSeason(x []float64, m int) []float64 {
	y := slices.Clone(x)
	if m < 2 || len(x) < 2*m {
		return y
	}
	sum, count := make([]float64, m), make([]float64, m)
	for t := m / 2; t+m/2 < len(x); t++ {
		// 2×m moving mean of an even season, m of an odd one
		mean, weight := 0., 0.
		for k := -(m / 2); k <= m/2; k++ {
			w := 1.
			if m%2 == 0 && (k == -(m/2) || k == m/2) {
				w = .5
			}
			if v := x[t+k]; !math.IsNaN(v) {
				mean, weight = mean+w*v, weight+w
			}
		}
		if d := x[t] - mean/weight; !math.IsNaN(d) {
			sum[t%m] += d
			count[t%m]++
		}
	}
	level := 0.
	for j := range sum {
		if count[j] > 0 {
			sum[j] /= count[j]
		}
		level += sum[j] / float64(m)
	}
	for t := range y {
		y[t] -= sum[t%m] - level
	}
	return y
}
