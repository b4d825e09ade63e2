package nn

import "github.com/seed9a7962a8/ito/internal/simd"

// EMA is an exponential moving average of parameters. The zero value follows them without delay.
type EMA struct {
	Decay float64 `json:"decay"` // weight of the past at each step, in [0, 1)
	// WarmUp lets the decay of step t = 1, 2, … be at most (1+t)/(10+t), so that the initial weights are
	// forgotten before the average becomes slow.
	WarmUp bool `json:"warm_up"`
}

// At is the decay of step t = 1, 2, ….
func (e EMA) At(t uint64) float64 {
	if !e.WarmUp {
		return e.Decay
	}
	return min(e.Decay, (1+float64(t))/(10+float64(t)))
}

// Update moves avg towards p: avg ← avg + (1−decay)(p − avg), at step t. The slices have one length.
func (e EMA) Update(avg, p []float32, t uint64) { simd.Ema32(avg, p, e.At(t)) }
