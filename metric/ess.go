package metric

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// ESSBulk is the effective number of independent draws for the centre of the distribution: that of the
// rank-normalised draws of split chains. Fewer than 100 a chain is too few. O(n log n).
func ESSBulk(chains [][]float64) float64 {
	if degenerate(chains) {
		return math.NaN()
	}
	return ess(zScale(split(chains)))
}

// ESSTail is the smaller of the effective sample sizes of the 5 % and the 95 % quantile.
func ESSTail(chains [][]float64) float64 {
	a, b := ESSQuantile(chains, .05), ESSQuantile(chains, .95)
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.NaN()
	}
	return min(a, b)
}

// ESSQuantile is the effective sample size of the estimate of the p-quantile: that of I(x ≤ q̂).
func ESSQuantile(chains [][]float64, p float64) float64 {
	if degenerate(chains) || !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	all := sortedDraws(chains)
	if p == 1 {
		p = (float64(len(all)) - .5) / float64(len(all))
	}
	q := quantile(all, p)
	return ess(split(each(chains, func(v float64) float64 {
		if v <= q {
			return 1
		}
		return 0
	})))
}

// ESSMean is the effective sample size of the estimate of the mean.
func ESSMean(chains [][]float64) float64 {
	if degenerate(chains) {
		return math.NaN()
	}
	chains, _ = inUnits(chains)
	return ess(split(chains))
}

// ESSSD is the effective sample size of the estimate of the standard deviation: that of (x − x̄)².
func ESSSD(chains [][]float64) float64 {
	if degenerate(chains) {
		return math.NaN()
	}
	chains, _ = inUnits(chains)
	m, _ := meanVariance(flat(chains))
	return ESSMean(each(chains, func(v float64) float64 { return (v - m) * (v - m) }))
}

// ess is S/τ with τ = −1 + 2Σρ_t + ρ_last: Geyer's initial monotone sequence (Statistical Science 7, 1992) of the
// autocorrelations of all chains together, with the estimate for antithetic chains and τ ≥ 1/log₁₀S.
func ess(chains [][]float64) float64 {
	if degenerate(chains) || len(chains[0]) < 3 {
		return math.NaN()
	}
	n := len(chains[0])
	acov := make([]float64, n)
	means := make([]float64, len(chains))
	for c, x := range chains {
		means[c], _ = meanVariance(x)
		for t, v := range autocovariance(x) {
			acov[t] += v / float64(len(chains))
		}
	}
	meanVar := acov[0] * float64(n) / float64(n-1)
	plus := meanVar * float64(n-1) / float64(n)
	if len(chains) > 1 {
		_, v := meanVariance(means)
		plus += v
	}
	at := func(t int) float64 { return 1 - (meanVar-acov[t])/plus }

	// The initial positive sequence: pairs of lags while their sum is positive.
	ρ := make([]float64, n)
	even, odd := 1.0, at(1)
	ρ[0], ρ[1] = even, odd
	t := 0
	for t < n-5 && even+odd > 0 {
		t += 2
		even, odd = at(t), at(t+1)
		if even+odd >= 0 {
			ρ[t], ρ[t+1] = even, odd
		}
	}
	last := t
	if even > 0 {
		ρ[last] = even
	}
	// The initial monotone sequence: no pair exceeds the one before.
	for t := 2; t <= last-2; t += 2 {
		if before := ρ[t-2] + ρ[t-1]; ρ[t]+ρ[t+1] > before {
			ρ[t], ρ[t+1] = before/2, before/2
		}
	}
	τ := -1 + ρ[last]
	for _, v := range ρ[:last] {
		τ += 2 * v
	}
	s := float64(n * len(chains))
	return s / max(τ, 1/math.Log10(s))
}

// autocovariance returns the covariances at lags 0 … n−1, all divided by n, by a Fourier transform padded
// with zeros.
func autocovariance(x []float64) []float64 {
	n := len(x)
	out := make([]float64, n)
	mean, variance := meanVariance(x)
	if variance == 0 {
		return out
	}
	m := 2 * smooth(n)
	y := make([]float64, m)
	for i, v := range x {
		y[i] = v - mean
	}
	fft := fourier.NewFFT(m)
	c := fft.Coefficients(nil, y)
	for i, v := range c {
		c[i] = complex(real(v)*real(v)+imag(v)*imag(v), 0)
	}
	y = fft.Sequence(y, c)
	for t := range out {
		out[t] = y[t] / y[0] * variance * float64(n-1) / float64(n)
	}
	return out
}

// smooth is the least number from n on with no prime factor above 5.
func smooth(n int) int {
	for ; ; n++ {
		m := n
		for _, p := range []int{2, 3, 5} {
			for m%p == 0 {
				m /= p
			}
		}
		if m <= 1 {
			return n
		}
	}
}

func flat(chains [][]float64) []float64 {
	var all []float64
	for _, x := range chains {
		all = append(all, x...)
	}
	return all
}
