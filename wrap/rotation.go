package wrap

import "github.com/seed9a7962a8/ito/internal/simd"

// rotation writes inputs and targets of rows that share a time, and the weights of the first: rows x, in the modes
// where there is a basis, become dst of float64 there and of float32 elsewhere.
type rotation struct {
	c              *Moments
	b              *Batch
	x, noise, mean []float64
	shared         []float64 // scales of a block of columns
}

// rotationBlock is how many columns of all rows are done at once, so that what the rows share stays at hand.
const rotationBlock = 2048

// turn does the rows i ≤ j < end.
func (o *rotation) turn(s schedule, gain []float64, i, end int) {
	d := o.c.d
	for lo := 0; lo < d; lo += rotationBlock {
		hi := min(lo+rotationBlock, d)
		mode := func(v []float64) []float64 {
			if len(v) == 1 {
				return v
			}
			return v[lo:hi]
		}
		r := simd.Rotation{Weight: o.b.Weight[i*d+lo : i*d+hi], Mean: o.mean[lo:hi], Variance: o.c.s0[lo:hi],
			Root: o.c.root[lo:hi], Alpha: mode(s.alpha), Sigma: mode(s.sigma), Gain: mode(gain)}
		var in, lift []float64
		if end > i+1 {
			o.shared = resize(o.shared, 2*(hi-lo))
			in, lift = o.shared[:hi-lo], o.shared[hi-lo:]
			simd.RotateScales(in, lift, r)
		}
		for j := i; j < end; j++ {
			from, to := j*d+lo, j*d+hi
			r.Target, r.Noise, r.X = o.b.Target[from:to], o.noise[from:to], o.x[from:to]
			switch alone, basis := end == i+1, o.c.q != nil; {
			case alone && basis:
				simd.Rotate64(o.b.u[from:to], r)
			case alone:
				simd.Rotate32(o.b.X[from:to], r)
			case basis:
				simd.RotateAgain64(o.b.u[from:to], r, in, lift)
			default:
				simd.RotateAgain32(o.b.X[from:to], r, in, lift)
			}
		}
	}
}
