package metric

import (
	"math"
	"slices"
)

// KHat is the Pareto k̂ of importance weights given by their logarithms: the shape of a generalised Pareto
// distribution fitted to the largest ⌊3√(n/r)⌋ of them (n/5 when the effective number nr of draws is 225 or fewer),
// r the relative efficiency of the draws (1 for independent ones). Above .7, or above 1 − 1/log₁₀n for few draws, a
// few weights dominate and no estimate from them is reliable (Vehtari et al., Pareto Smoothed Importance Sampling,
// JMLR 25, 2024). NaN when a weight is NaN or +Inf, the tail is constant or there are fewer than 6 draws; weights
// of zero are allowed.
func KHat(logWeights []float64, r float64) float64 {
	n := len(logWeights)
	top := math.Inf(-1)
	for _, w := range logWeights {
		if math.IsNaN(w) || math.IsInf(w, 1) {
			return math.NaN()
		}
		top = max(top, w)
	}
	if math.IsInf(top, -1) {
		return math.NaN()
	}
	m := n / 5
	if float64(n)*r > 225 {
		m = int(3 * math.Sqrt(float64(n)/r))
	}
	m = max(m, 5)
	if m >= n {
		return math.NaN()
	}
	x := make([]float64, n)
	for i, w := range logWeights {
		x[i] = w - top
	}
	slices.Sort(x)
	tail := x[n-m:]
	if tail[m-1]-tail[0] < 0x1p-52 {
		return math.NaN()
	}
	cutoff := x[n-m-1]
	if cutoff == tail[0] {
		cutoff -= 0x1p-52
	}
	cutoff = math.Exp(cutoff)
	for i, w := range tail {
		tail[i] = math.Exp(w) - cutoff
	}
	return paretoShape(tail)
}

// paretoShape is the shape k of a generalised Pareto distribution fitted to increasing excesses, by the
// profile posterior of Zhang and Stephens (Technometrics 51, 2009), drawn towards ½ as if by ten
// observations.
func paretoShape(x []float64) float64 {
	n := len(x)
	m := 30 + int(math.Sqrt(float64(n)))
	quartile := x[int(math.Floor(float64(n)/4+.5))-1]
	if quartile <= x[0] {
		return math.NaN()
	}
	shape := func(θ float64) float64 {
		var k float64
		for _, v := range x {
			k += math.Log1p(-θ * v)
		}
		return k / float64(n)
	}
	θ, l := make([]float64, m), make([]float64, m)
	for j := range θ {
		θ[j] = 1/x[n-1] + (1-math.Sqrt(float64(m)/(float64(j)+.5)))/3/quartile
		k := shape(θ[j])
		l[j] = float64(n) * (math.Log(-θ[j]/k) - k - 1)
	}
	norm := LogSumExp(l)
	var θhat float64
	for j := range θ {
		θhat += θ[j] * math.Exp(l[j]-norm)
	}
	k := (shape(θhat)*float64(n) + 5) / (float64(n) + 10)
	if math.IsNaN(k) {
		return math.Inf(1)
	}
	return k
}

// ESSWeights is the effective number of draws with weights given by their logarithms, (Σw)²/Σw².
func ESSWeights(logWeights []float64) float64 {
	double := make([]float64, len(logWeights))
	for i, w := range logWeights {
		double[i] = 2 * w
	}
	l := LogSumExp(logWeights)
	if math.IsInf(l, -1) {
		return 0
	}
	return math.Exp(2*l - LogSumExp(double))
}

// LogSumExp is log Σ exp x_i without overflow; −Inf for no terms.
func LogSumExp(x []float64) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		if math.IsNaN(v) {
			return v
		}
		top = max(top, v)
	}
	if math.IsInf(top, 0) {
		return top
	}
	var s float64
	for _, v := range x {
		s += math.Exp(v - top)
	}
	return top + math.Log(s)
}
