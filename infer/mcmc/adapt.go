package mcmc

import (
	"github.com/seed9a7962a8/ito/infer"
)

import "math"

// stepAdapter is the dual averaging of a step size towards a mean acceptance probability δ (Hoffman and Gelman,
// JMLR 15, 2014, §3.2), with γ = .05, t₀ = 10, κ = .75. Its memory is five numbers of a row: count, H̄, log ε̄, μ,
// log ε.
type stepAdapter []float64

const adapterWidth = 5

func (a stepAdapter) restart(eps float64) {
	a[0], a[1], a[2], a[3], a[4] = 0, 0, 0, math.Log(10*eps), math.Log(eps)
}

func (a stepAdapter) update(accept, δ float64) {
	const γ, t0, κ = .05, 10, .75
	if math.IsNaN(accept) {
		accept = 0
	}
	a[0]++
	t := a[0]
	η := 1 / (t + t0)
	a[1] = (1-η)*a[1] + η*(δ-accept)
	a[4] = a[3] - math.Sqrt(t)/γ*a[1]
	w := math.Pow(t, -κ)
	a[2] = w*a[4] + (1-w)*a[2]
}

// now is the step size of the next step of warm-up, final the one that it ends with.
func (a stepAdapter) now() float64   { return math.Exp(a[4]) }
func (a stepAdapter) final() float64 { return math.Exp(a[2]) }

// moments are the running mean and squared deviations of a chain's positions (Welford 1962): count, mean[d], and
// d sums or the lower triangle of d² of them.
type moments []float64

func momentsWidth(kind Metric, d int) int { return 1 + d + kind.width(d) }

func (m moments) update(kind Metric, x []float64) {
	d := len(x)
	m[0]++
	mean, s := m[1:1+d], m[1+d:]
	for i := d - 1; i >= 0; i-- { // below i the means are still the old ones
		δ := x[i] - mean[i]
		switch kind {
		case Diagonal:
			s[i] += δ * δ * (m[0] - 1) / m[0]
		case Dense:
			for j := range i + 1 {
				s[i*d+j] += δ * (x[j] - mean[j]) * (m[0] - 1) / m[0]
			}
		}
		mean[i] += δ / m[0]
	}
}

// covariance writes the shrunk estimate n/(n+5)·S + 10⁻³·5/(n+5)·I into inv, and its Cholesky factor into chol, and
// starts anew. It reports false, and leaves both alone, when there are too few draws or the estimate has no factor.
func (m moments) covariance(kind Metric, d int, inv, chol []float64) bool {
	n := m[0]
	s := m[1+d:]
	if n < 2 {
		return false
	}
	w, ridge := n/(n+5)/(n-1), 1e-3*5/(n+5)
	switch kind {
	case Diagonal:
		for _, v := range s {
			if !infer.Finite(v) {
				return false
			}
		}
		for j := range d {
			inv[j] = w*s[j] + ridge
		}
	case Dense:
		full := make([]float64, d*d)
		for i := range d {
			for j := range i + 1 {
				v := w * s[i*d+j]
				if i == j {
					v += ridge
				}
				full[i*d+j], full[j*d+i] = v, v
			}
		}
		l := make([]float64, d*d)
		if !Cholesky(l, full, d) {
			return false
		}
		copy(inv, full)
		copy(chol, l)
	}
	clear(m)
	return true
}

// Cholesky writes the lower factor of the positive definite a and reports whether it has one.
func Cholesky(l, a []float64, d int) bool {
	for i := range d {
		for j := range i + 1 {
			v := a[i*d+j]
			for k := range j {
				v -= l[i*d+k] * l[j*d+k]
			}
			if i == j {
				if !(v > 0) || math.IsInf(v, 0) {
					return false
				}
				l[i*d+i] = math.Sqrt(v)
			} else {
				l[i*d+j] = v / l[j*d+j]
			}
		}
	}
	return true
}

// window says what warm-up step k of n does (Stan's scheme): an initial 75 steps for the step size alone, windows
// of 25, 50, 100, … for the metric, each ending with a new metric, the last stretched, and 50 final steps for the
// step size. Short warm-ups are divided 15 %, 75 %, 10 %.
func window(k, n int) (collect, end bool) {
	first, last, size := 75, 50, 25
	if n < first+last+size {
		first, last = int(.15*float64(n)), int(.1*float64(n))
		size = n - first - last
	}
	if k < first || k >= n-last {
		return false, false
	}
	lo := first
	for {
		hi := lo + size
		if n-last-hi < 2*size {
			hi = n - last
		}
		if k < hi {
			return true, k == hi-1
		}
		lo, size = hi, 2*size
	}
}
