package path

import (
	"math"

	"github.com/seed9a7962a8/ito"
)

// LogSNR returns λ = log(α/σ) at t, half the log signal-to-noise ratio, the mean over modes where there
// are several. It falls with t; it is +∞ where σ = 0 and −∞ where α = 0.
func LogSNR(p ito.Diagonal, t float64) float64 {
	m := p.Modes()
	alpha, sigma := make([]float64, m), make([]float64, m)
	p.Schedule(t, alpha, sigma, nil, nil)
	sum := 0.0
	for k, a := range alpha {
		sum += math.Log(a / sigma[k])
	}
	return sum / float64(m)
}

// TimeAt returns the t at which LogSNR is λ. It is in closed form, and good to some ten roundings of the time or of
// the log-SNR, for the scalar schedules with one: vp and subvp with a linear rate, ve, edm, flow, cosine, the discrete
// tables and reverting; otherwise by bisection inside the span, whose nearest end it returns for a λ
// that the span does not reach. A run that must end at a given time should use that time, not TimeAt of
// its log-SNR.
func TimeAt(p ito.Diagonal, λ float64) float64 {
	if q, ok := p.(SNRClock); ok {
		return q.TimeAt(λ)
	}
	lo, hi := p.Span()
	return bisect(func(t float64) bool { return LogSNR(p, t) > λ }, lo, hi)
}

// bisect returns the last t in [lo,hi], to the last bit, before which below(t) holds.
func bisect(below func(t float64) bool, lo, hi float64) float64 {
	for {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			if below(lo) {
				return hi
			}
			return lo
		}
		if below(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
}

// inverse returns the t with B_t = b.
func (β beta) inverse(b float64) float64 {
	if β.r == 1 {
		return 2 * b / (β.min + math.Sqrt(β.min*β.min+2*(β.max-β.min)*b))
	}
	hi := 1.0
	for β.integral(hi) < b && hi < 1e300 {
		hi *= 2
	}
	return bisect(func(t float64) bool { return β.integral(t) < b }, 0, hi)
}

// softplus returns log(1+eˣ).
func softplus(x float64) float64 {
	if x > 40 {
		return x
	}
	return math.Log1p(math.Exp(x))
}

// TimeAt implements [SNRClock]: e^{2λ} = α²/σ² = 1/(e^B−1).
func (p VP) TimeAt(λ float64) float64 { return p.rate().inverse(softplus(-2 * λ)) }

// TimeAt implements [SNRClock]: e^{−λ} = σ/α = e^{B/2} − e^{−B/2} = 2 sinh(B/2).
func (p SubVP) TimeAt(λ float64) float64 { return p.rate().inverse(2 * math.Asinh(math.Exp(-λ)/2)) }

// TimeAt implements [SNRClock].
func (p VE) TimeAt(λ float64) float64 {
	p = p.filled()
	return (-λ - math.Log(p.SigmaMin)) / math.Log(p.SigmaMax/p.SigmaMin)
}

// TimeAt implements [SNRClock].
func (EDM) TimeAt(λ float64) float64 { return math.Exp(-λ) }

// TimeAt implements [SNRClock].
func (Flow) TimeAt(λ float64) float64 { return 1 / (1 + math.Exp(λ)) }
