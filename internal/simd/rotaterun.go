package simd

import "math"

// RotateScales writes what rows of one time have in common in [Rotate32] and [Rotate64], with their bits: in, lift =
// α·root and r.Weight, all of the length of r.Variance. X, Mean, Noise and Target of r are not looked at.
func RotateScales(in, lift []float64, r Rotation) {
	n, m := len(in), len(r.Alpha)
	checkLen(len(lift) == n && len(r.Weight) == n && len(r.Variance) == n && len(r.Root) == n &&
		(m == n || m == 1) && len(r.Sigma) == m && len(r.Gain) == m)
	for j := byVector(n, func(lo, hi int) { scalesVec(in, lift, &r, lo, hi) }); j < n; j++ {
		k := j
		if m == 1 {
			k = 0
		}
		α, σ := r.Alpha[k], r.Sigma[k]
		in[j] = 1 / math.Sqrt(float64(α*α*r.Variance[j])+float64(σ*σ))
		lift[j] = α * r.Root[j]
		out := r.Gain[k] * r.Root[j] * in[j]
		r.Weight[j] = float32(out * out)
	}
}

// RotateAgain64 is [Rotate64] of a row whose in and lift [RotateScales] wrote: dst and r.Target. Weight, Variance and
// Gain of r are not looked at.
func RotateAgain64(dst []float64, r Rotation, in, lift []float64) {
	r.dst64 = dst
	r.again(len(dst), in, lift)
}

// RotateAgain32 is [Rotate32] of such a row.
func RotateAgain32(dst []float32, r Rotation, in, lift []float64) {
	r.dst32 = dst
	r.again(len(dst), in, lift)
}

func (r *Rotation) again(n int, in, lift []float64) {
	m := len(r.Alpha)
	checkLen(len(r.X) == n && len(r.Target) == n && len(r.Mean) == n && len(r.Noise) == n && len(r.Root) == n &&
		len(in) == n && len(lift) == n && (m == n || m == 1) && len(r.Sigma) == m)
	for j := byVector(n, func(lo, hi int) { againVec(r, in, lift, lo, hi) }); j < n; j++ {
		k := j
		if m == 1 {
			k = 0
		}
		α, σ, e, c := r.Alpha[k], r.Sigma[k], r.Noise[j], r.X[j]-r.Mean[j]
		x := (float64(α*c) + float64(σ*e)) * in[j]
		if r.dst32 != nil {
			r.dst32[j] = float32(x)
		} else {
			r.dst64[j] = x
		}
		r.Target[j] = float32((float64(lift[j]*e) - float64(σ*(c/r.Root[j]))) * in[j])
	}
}

// byVector calls f for the parts of n elements that vector code takes, and returns how many those are.
func byVector(n int, f func(lo, hi int)) int {
	if level == portable {
		return 0
	}
	whole := n &^ 7
	for part := newCut(whole, flatPart); part.next(); {
		if part.len() > 0 {
			f(part.from, part.end)
		}
	}
	return whole
}
