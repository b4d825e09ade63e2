package metric

import (
	"math"
	"slices"
)

// SmoothWeights are Pareto smoothed log weights, normalised to sum to 1, and their k̂: the largest ⌊3√(n/r)⌋ of them,
// as
// in [KHat], become the expected order statistics of the fitted generalised Pareto distribution, none above the largest
// raw one (Vehtari et al., JMLR 25, 2024). Where no tail can be fitted k̂ is NaN and the weights are only normalised.
func SmoothWeights(logWeights []float64, r float64) (smoothed []float64, khat float64) {
	n := len(logWeights)
	out := slices.Clone(logWeights)
	khat = KHat(logWeights, r)
	m := n / 5
	if float64(n)*r > 225 {
		m = int(3 * math.Sqrt(float64(n)/r))
	}
	m = max(m, 5)
	if !math.IsNaN(khat) && !math.IsInf(khat, 1) && m < n {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case logWeights[a] < logWeights[b]:
				return -1
			case logWeights[a] > logWeights[b]:
				return 1
			}
			return 0
		})
		top := logWeights[order[n-1]]
		cutoff := math.Exp(logWeights[order[n-m-1]] - top)
		tail := make([]float64, m)
		for i, at := range order[n-m:] {
			tail[i] = max(math.Exp(logWeights[at]-top)-cutoff, 0x1p-1000)
		}
		if k, sigma := paretoFit(tail); sigma > 0 {
			for i, at := range order[n-m:] {
				p := (float64(i) + .5) / float64(m)
				out[at] = min(math.Log(cutoff+paretoQuantile(k, sigma, p)), 0) + top
			}
		}
	}
	l := LogSumExp(out)
	for i := range out {
		out[i] -= l
	}
	return out, khat
}

// paretoQuantile is that of the generalised Pareto law, σ((1−p)^−k − 1)/k, and of the exponential law for k = 0.
func paretoQuantile(k, sigma, p float64) float64 {
	if k == 0 {
		return -sigma * math.Log1p(-p)
	}
	return sigma * math.Expm1(-k*math.Log1p(-p)) / k
}

// paretoFit is the shape, as paretoShape, and the scale of increasing excesses.
func paretoFit(x []float64) (k, sigma float64) {
	k = paretoShape(x)
	n := len(x)
	m := 30 + int(math.Sqrt(float64(n)))
	quartile := x[int(math.Floor(float64(n)/4+.5))-1]
	shape := func(theta float64) float64 {
		s := 0.
		for _, v := range x {
			s += math.Log1p(-theta * v)
		}
		return s / float64(n)
	}
	theta, l := make([]float64, m), make([]float64, m)
	for j := range theta {
		theta[j] = 1/x[n-1] + (1-math.Sqrt(float64(m)/(float64(j)+.5)))/3/quartile
		s := shape(theta[j])
		l[j] = float64(n) * (math.Log(-theta[j]/s) - s - 1)
	}
	norm, hat := LogSumExp(l), 0.
	for j := range theta {
		hat += theta[j] * math.Exp(l[j]-norm)
	}
	return k, -shape(hat) / hat
}

// LOO is what leave-one-out cross-validation by importance sampling, and WAIC, say of a model.
type LOO struct {
	ELPD, SE   float64   // expected log predictive density, summed over the observations, and its standard error
	P          float64   // effective number of parameters
	KHat       []float64 // of every observation
	Pointwise  []float64
	WAIC       float64 // the same as ELPD by WAIC
	WAICSE, PW float64
}

// PSISLOO estimates the log predictive density of every observation given the others, from its log densities l[i] at
// n draws, with effective sample sizes of relative efficiency r (Vehtari, Gelman and Gabry 2017; Watanabe 2010).
func PSISLOO(l [][]float64, r float64) LOO {
	var o LOO
	var full, waic, pw []float64
	for _, at := range l {
		n := float64(len(at))
		neg := make([]float64, len(at))
		for i, v := range at {
			neg[i] = -v
		}
		w, k := SmoothWeights(neg, r)
		for i := range w {
			w[i] += at[i]
		}
		lppd := LogSumExp(at) - math.Log(n)
		mean, ss := 0., 0.
		for _, v := range at {
			mean += v / n
		}
		for _, v := range at {
			ss += (v - mean) * (v - mean)
		}
		o.KHat = append(o.KHat, k)
		o.Pointwise = append(o.Pointwise, LogSumExp(w))
		full, pw = append(full, lppd), append(pw, ss/(n-1))
		waic = append(waic, lppd-ss/(n-1))
	}
	o.ELPD, o.SE = total(o.Pointwise)
	lppd, _ := total(full)
	o.P = lppd - o.ELPD
	o.WAIC, o.WAICSE = total(waic)
	o.PW, _ = total(pw)
	return o
}

// total is a sum with its standard error.
func total(x []float64) (sum, se float64) {
	n := float64(len(x))
	for _, v := range x {
		sum += v
	}
	for _, v := range x {
		se += (v - sum/n) * (v - sum/n)
	}
	return sum, math.Sqrt(se * n / max(n-1, 1))
}
