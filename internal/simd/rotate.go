package simd

import "math"

// Rotation are the operands of [Rotate32] and [Rotate64]. All have one length but α, σ and g, which have that or 1.
type Rotation struct {
	Target, Weight     []float32
	X, Mean, Noise     []float64
	Variance, Root     []float64 // s and √s
	Alpha, Sigma, Gain []float64
	dst32              []float32
	dst64              []float64
}

// Rotate64 turns data x with mean and variance into what a network reads and writes of x_t = α(x−mean) + σε: with
// x' = x − mean, s the variance, root its square root and in = 1/√(α²s + σ²), element by element
//
//	dst    = (αx' + σε)·in
//	target = (α·root·ε − σx'/root)·in
//	weight = (g·root·in)²
//
// dst may be x. Every operation is rounded by itself, and none flushes denormals: all levels give the same bits.
func Rotate64(dst []float64, r Rotation) {
	r.dst64 = dst
	r.run(len(dst))
}

// Rotate32 is [Rotate64] into float32, to which dst is rounded at the end.
func Rotate32(dst []float32, r Rotation) {
	r.dst32 = dst
	r.run(len(dst))
}

func (r *Rotation) run(n int) {
	m := len(r.Alpha)
	if len(r.X) != n || len(r.Target) != n || len(r.Weight) != n || len(r.Mean) != n || len(r.Noise) != n ||
		len(r.Variance) != n || len(r.Root) != n || m != n && m != 1 || len(r.Sigma) != m || len(r.Gain) != m {
		panic("simd: Rotate: slices of different lengths")
	}
	whole := 0
	if level != portable {
		whole = n &^ 7
		for part := newCut(whole, flatPart); part.next(); {
			if part.len() > 0 {
				rotateVec(r, part.from, part.end)
			}
		}
	}
	for j := whole; j < n; j++ {
		k := j
		if m == 1 {
			k = 0
		}
		α, σ, e, root := r.Alpha[k], r.Sigma[k], r.Noise[j], r.Root[j]
		in := 1 / math.Sqrt(float64(α*α*r.Variance[j])+float64(σ*σ))
		c := r.X[j] - r.Mean[j]
		x := (float64(α*c) + float64(σ*e)) * in
		if r.dst32 != nil {
			r.dst32[j] = float32(x)
		} else {
			r.dst64[j] = x
		}
		r.Target[j] = float32((float64(α*root*e) - float64(σ*(c/root))) * in)
		out := r.Gain[k] * root * in
		r.Weight[j] = float32(out * out)
	}
}
