package simd

import "math"

// AdamConst holds the numbers of one AdamW step (Kingma and Ba 2015; Loshchilov and Hutter 2019). The zero value
// does not move the parameters and forgets the moments; BC1 and BC2 must not be 0.
type AdamConst struct {
	LR           float64 // learning rate
	Beta1, Beta2 float64 // decay of the first and of the second moment
	Eps          float64 // ε, added to the root of the second moment
	WD           float64 // decoupled weight decay; 0 for none
	BC1, BC2     float64 // bias corrections 1 − β1ᵗ and 1 − β2ᵗ of step t = 1, 2, …
	GScale       float64 // factor of the gradient before anything else; 1 when nothing is clipped
}

// adamVector holds each number of a step once per lane, in the order of use:
// gscale, β1, 1−β1, β2, 1−β2, 1/bc1, 1/bc2, ε, lr, lr·wd.
type adamVector [10][16]float32

func (c *AdamConst) scalars() [10]float32 {
	return [10]float32{
		float32(c.GScale), float32(c.Beta1), float32(1 - c.Beta1), float32(c.Beta2), float32(1 - c.Beta2),
		float32(1 / c.BC1), float32(1 / c.BC2), float32(c.Eps), float32(c.LR), float32(c.LR * c.WD),
	}
}

// Adam32 does one AdamW step on the parameters p with moments m and v and gradient g, all of one length:
//
//	g ← gscale·g,  m ← β1·m + (1−β1)·g,  v ← β2·v + (1−β2)·g²,  p ← p − (lr·(m/bc1)/(√(v/bc2)+ε) + lr·wd·p)
//
// g is not written. Every operation is rounded by itself, so all levels give the same bits; only the vector routines
// flush denormals.
func Adam32(p, m, v, g []float32, c AdamConst) {
	n := len(p)
	if len(m) != n || len(v) != n || len(g) != n {
		panic("simd: Adam32: p, m, v and g differ in length")
	}
	k := c.scalars()
	if level == portable {
		adamPortable(p, m, v, g, &k)
		return
	}
	var wide adamVector
	for i, x := range k {
		for j := range wide[i] {
			wide[i][j] = x
		}
	}
	whole := n &^ 15
	for part := newCut(whole, flatPart); part.next(); {
		if part.len() > 0 {
			lo, hi := part.from, part.end
			adamVec(p[lo:hi], m[lo:hi], v[lo:hi], g[lo:hi], &wide)
		}
	}
	if whole == n {
		return
	}
	// The rest goes through the same routine, so that an element's bits do not depend on its place.
	var tail [4][16]float32
	for i, x := range [4][]float32{p, m, v, g} {
		copy(tail[i][:], x[whole:])
	}
	adamVec(tail[0][:], tail[1][:], tail[2][:], tail[3][:], &wide)
	for i, x := range [3][]float32{p, m, v} {
		copy(x[whole:], tail[i][:])
	}
}

// flatPart is the number of elements that one call of a flat routine takes, a multiple of every block.
const flatPart = 1 << 15

func adamPortable(p, m, v, g []float32, c *[10]float32) {
	for i, g := range g {
		g *= c[0]
		m1 := float32(c[1]*m[i]) + float32(c[2]*g)
		v1 := float32(c[3]*v[i]) + float32(c[4]*float32(g*g))
		m[i], v[i] = m1, v1
		u := float32(c[5]*m1) / (float32(math.Sqrt(float64(float32(c[6]*v1)))) + c[7])
		p[i] -= float32(c[8]*u) + float32(c[9]*p[i])
	}
}

// Ema32 moves the average of parameters towards p: ema ← ema + (1−decay)·(p − ema), element by element. This form has
// p as its fixed point whatever the rounding of decay, which decay·ema + (1−decay)·p has not. All levels give
// the same bits; only the vector routines flush denormals.
func Ema32(ema, p []float32, decay float64) {
	n := len(ema)
	if len(p) != n {
		panic("simd: Ema32: ema and p differ in length")
	}
	rate := float32(1 - decay)
	if level == portable {
		emaPortable(ema, p, rate)
		return
	}
	whole := n &^ 15
	for part := newCut(whole, flatPart); part.next(); {
		if part.len() > 0 {
			emaVec(ema[part.from:part.end], p[part.from:part.end], rate)
		}
	}
	if whole == n {
		return
	}
	var tail [2][16]float32
	copy(tail[0][:], ema[whole:])
	copy(tail[1][:], p[whole:])
	emaVec(tail[0][:], tail[1][:], rate)
	copy(ema[whole:], tail[0][:])
}

func emaPortable(ema, p []float32, rate float32) {
	for i, x := range p {
		ema[i] += float32(rate * (x - ema[i]))
	}
}
