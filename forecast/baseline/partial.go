package baseline

// partial are the partial autocorrelations of lags 1 … p, by the recursion of Durbin and Levinson.
func partial(x []float64, p int) []float64 {
	n := float64(len(x))
	mean := 0.
	for _, v := range x {
		mean += v / n
	}
	r := make([]float64, p+1)
	for lag := range r {
		for t := lag; t < len(x); t++ {
			r[lag] += (x[t] - mean) * (x[t-lag] - mean)
		}
	}
	out := make([]float64, 0, p)
	if r[0] == 0 {
		return make([]float64, p)
	}
	var phi []float64
	left := r[0]
	for k := 1; k <= p; k++ {
		sum := r[k]
		for i, v := range phi {
			sum -= v * r[k-1-i]
		}
		pac := sum / left
		next := make([]float64, k)
		for i, v := range phi {
			next[i] = v - pac*phi[k-2-i]
		}
		next[k-1] = pac
		phi, out, left = next, append(out, pac), left*(1-pac*pac)
		if !(left > 0) {
			left = 1e-12 * r[0]
		}
	}
	return out
}
