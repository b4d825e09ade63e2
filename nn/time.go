package nn

import (
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

// embed returns the features of time that join x, none where the network has no time.
//
// Sines and cosines come from one product, one sum and one sine over the whole block:
// (sin ωc, cos ωc) = sin(ω' c + φ) with ω' = (ω, ω) and φ = (0, π/2).
func (c MLP) embed(s *Scope, feat ad.Value) []ad.Value {
	if c.Time == TimeNone {
		return nil
	}
	if feat.IsZero() {
		s.Refuse("there is no time for a network with %s time", c.Time)
	}
	if c.Time == TimeRaw {
		return []ad.Value{feat}
	}
	half := c.TimeDim / 2
	ω, φ := make([]float64, 2*half), make([]float64, 2*half)
	for k := range half {
		ω[k] = c.Frequency(k)
		ω[half+k], φ[half+k] = ω[k], math.Pi/2
	}
	d := feat.DType()
	angle := ad.MatMul(feat, s.Graph().Const(d, ω, 1, 2*half))
	return []ad.Value{ad.Sin(ad.Add(angle, s.Graph().Const(d, φ, 2*half)))}
}

// Frequency is ω_k of a resolved MLP, 0 ≤ k < TimeDim/2, for sinusoidal or fourier time. Feature k is
// sin ω_k c and feature TimeDim/2+k is cos ω_k c.
func (c MLP) Frequency(k int) float64 {
	half := c.TimeDim / 2
	if c.Time == TimeFourier {
		// The quantile of |z| at the middle of the k-th of half equal parts.
		return c.TimeScale * math.Sqrt2 * math.Erfinv((float64(k)+.5)/float64(half))
	}
	const longest, shortest = 64, 2
	return 2 * math.Pi / longest * math.Pow(longest/shortest, float64(k)/float64(max(half-1, 1)))
}
