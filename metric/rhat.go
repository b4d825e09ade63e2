package metric

import (
	"math"
	"slices"
)

// The diagnostics of Markov chains below take the draws of one quantity, one slice a chain, all of one length. They
// follow Vehtari, Gelman, Simpson, Carpenter and Bürkner, Rank-Normalization, Folding, and Localization (Bayesian
// Analysis 16, 2021), as the R package posterior computes them. What is not defined is NaN: draws that are not
// finite, constant draws, chains of different lengths, no draws.

// RHat is the improved R̂: the larger of the split R̂ of the rank-normalised draws and of the rank-normalised
// distances from the median (folded, which sees chains of one location and different scales). 1 is good;
// above 1.01 the chains have not mixed. It cannot see a mode that no chain has found. O(n log n).
func RHat(chains [][]float64) float64 {
	if degenerate(chains) {
		return math.NaN()
	}
	bulk := rhat(zScale(split(chains)))
	tail := rhat(zScale(split(fold(chains))))
	if math.IsNaN(bulk) || math.IsNaN(tail) {
		return math.NaN()
	}
	return max(bulk, tail)
}

// RHatBasic is the split R̂ of the draws themselves, √((B/W+n−1)/n), where B/n is the variance of the means
// of the half chains and W the mean of their variances.
func RHatBasic(chains [][]float64) float64 {
	if degenerate(chains) {
		return math.NaN()
	}
	chains, _ = inUnits(chains)
	return rhat(split(chains))
}

func rhat(chains [][]float64) float64 {
	if degenerate(chains) {
		return math.NaN()
	}
	n := float64(len(chains[0]))
	means, within := make([]float64, len(chains)), 0.0
	for c, x := range chains {
		m, v := meanVariance(x)
		means[c] = m
		within += v / float64(len(chains))
	}
	_, between := meanVariance(means)
	return math.Sqrt((n*between/within + n - 1) / n)
}

// degenerate reports draws for which no diagnostic is defined.
func degenerate(chains [][]float64) bool {
	if len(chains) == 0 || len(chains[0]) == 0 {
		return true
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, x := range chains {
		if len(x) != len(chains[0]) {
			return true
		}
		for _, v := range x {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return true
			}
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return constant(lo, hi)
}

// constant says that draws from lo to hi differ by less than rounding makes of one number, 2⁻⁵² of the larger:
// whatever their unit is.
func constant(lo, hi float64) bool {
	return hi == lo || hi-lo < 0x1p-52*max(math.Abs(lo), math.Abs(hi))
}

// split halves every chain; the middle draw of an odd number is left out. First halves come first.
func split(chains [][]float64) [][]float64 {
	n := len(chains[0])
	if n == 1 {
		return chains
	}
	halves := make([][]float64, 0, 2*len(chains))
	for _, x := range chains {
		halves = append(halves, x[:n/2])
	}
	for _, x := range chains {
		halves = append(halves, x[(n+1)/2:])
	}
	return halves
}

// fold is |x − median|.
func fold(chains [][]float64) [][]float64 {
	m := quantile(sortedDraws(chains), .5)
	return each(chains, func(v float64) float64 { return math.Abs(v - m) })
}

// zScale replaces every draw by Φ⁻¹((r − 3/8)/(S + 1/4)) with r its rank among all S draws; equal draws
// share the mean of their ranks.
func zScale(chains [][]float64) [][]float64 {
	type place struct {
		v    float64
		c, i int
	}
	var all []place
	for c, x := range chains {
		for i, v := range x {
			all = append(all, place{v, c, i})
		}
	}
	slices.SortFunc(all, func(a, b place) int {
		if a.v < b.v {
			return -1
		}
		if a.v > b.v {
			return 1
		}
		return 0
	})
	z := each(chains, func(v float64) float64 { return v })
	s := float64(len(all))
	for lo := 0; lo < len(all); {
		hi := lo + 1
		for hi < len(all) && all[hi].v == all[lo].v {
			hi++
		}
		r := float64(lo+1+hi) / 2
		q := math.Sqrt2 * math.Erfinv(2*(r-.375)/(s+.25)-1)
		for ; lo < hi; lo++ {
			z[all[lo].c][all[lo].i] = q
		}
	}
	return z
}

// exponent is the power of two by which draws are divided before they are squared, 0 where the squares of what they
// differ by are neither too small nor too large for a float64. Dividing by it is exact.
func exponent(lo, hi float64) int {
	if !(hi > lo) || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return 0
	}
	_, large := math.Frexp(max(math.Abs(lo), math.Abs(hi)))
	_, apart := math.Frexp(hi/2 - lo/2)
	if large < 250 && apart > -250 {
		return 0
	}
	return apart
}

// inUnits is draws divided by 2^e, so that their squares neither overflow nor vanish; most draws are returned as
// they are.
func inUnits(chains [][]float64) ([][]float64, int) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, x := range chains {
		for _, v := range x {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	e := exponent(lo, hi)
	if e == 0 {
		return chains, 0
	}
	return each(chains, func(v float64) float64 { return math.Ldexp(v, -e) }), e
}

// each maps f over the draws.
func each(chains [][]float64, f func(float64) float64) [][]float64 {
	out := make([][]float64, len(chains))
	for c, x := range chains {
		out[c] = make([]float64, len(x))
		for i, v := range x {
			out[c][i] = f(v)
		}
	}
	return out
}

func sortedDraws(chains [][]float64) []float64 {
	var all []float64
	for _, x := range chains {
		all = append(all, x...)
	}
	slices.Sort(all)
	return all
}

// quantile interpolates linearly between order statistics at 1 + (n−1)p (Hyndman and Fan's type 7).
func quantile(sorted []float64, p float64) float64 {
	at := float64(len(sorted)-1) * p
	lo := int(math.Floor(at))
	if h := at - float64(lo); h > 0 && sorted[lo+1] != sorted[lo] {
		return (1-h)*sorted[lo] + h*sorted[lo+1]
	}
	return sorted[lo]
}

// meanVariance is the mean and the variance divided by n−1, in two passes.
func meanVariance(x []float64) (mean, variance float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v
	}
	mean /= n
	var rest float64
	for _, v := range x {
		rest += v - mean
	}
	mean += rest / n
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / (n - 1)
}
