package nn

import (
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

// longestWave is the base of the geometric progression of the frequencies of positions, as Vaswani et al. have it.
const longestWave = 10000

func rootOf(x float64) float64 { return math.Sqrt(x) }

// Positions is the table [n,width] of sinusoidal positions (Vaswani et al. 2017, arXiv:1706.03762, §3.5): column 2k of
// row i is sin(i/10000^{2k/width}) and column 2k+1 the cosine. width is even.
func (s *Scope) Positions(n, width int) ad.Value {
	if width%2 != 0 {
		s.Refuse("sinusoidal positions have a sine and a cosine for every frequency: %d channels are odd", width)
	}
	t := make([]float64, n*width)
	for i := range n {
		for k := range width / 2 {
			a := float64(i) * math.Pow(longestWave, -float64(2*k)/float64(width))
			t[i*width+2*k], t[i*width+2*k+1] = math.Sin(a), math.Cos(a)
		}
	}
	return s.Graph().Const(s.DType(), t, n, width)
}

// Rotary turns positions (Su et al. 2021, arXiv:2104.09864, eq. 34): in x [...,L,H·d], of heads of d channels each, the
// pair of channels k and k+d/2 of position i is turned by the angle i/10000^{2k/d}, so that products of two positions
// depend on their distance alone. d is even.
func (s *Scope) Rotary(x ad.Value, heads int) ad.Value {
	r := x.Rank()
	l, c := x.Shape()[r-2], x.Shape()[r-1]
	d := c / heads
	cos, sin := make([]float64, l*c), make([]float64, l*c)
	for i := range l {
		for j := range c {
			k, sign := j%d, 1.0
			if k >= d/2 {
				k -= d / 2
			} else {
				sign = -1
			}
			a := float64(i) * math.Pow(longestWave, -2*float64(k)/float64(d))
			cos[i*c+j], sin[i*c+j] = math.Cos(a), sign*math.Sin(a)
		}
	}
	shape := append(append([]int(nil), x.Shape()[:r-1]...), heads, 2, d/2)
	halves := ad.Reshape(x, shape...)
	axis := len(shape) - 2
	other := ad.Reshape(ad.Concat(axis, ad.Slice(halves, axis, 1, 2), ad.Slice(halves, axis, 0, 1)), x.Shape()...)
	g := s.Graph()
	return ad.Add(ad.Mul(x, g.Const(x.DType(), cos, l, c)), ad.Mul(other, g.Const(x.DType(), sin, l, c)))
}

// planePositions are sinusoidal positions of h rows of w places, [h·w,width]: those of the row in the first half of the
// channels and those of the column in the second.
func (s *Scope) planePositions(h, w, width int) ad.Value {
	half := width / 2
	rows := ad.BroadcastTo(ad.Reshape(s.Positions(h, half), h, 1, half), h, w, half)
	cols := ad.BroadcastTo(ad.Reshape(s.Positions(w, half), 1, w, half), h, w, half)
	return ad.Reshape(ad.Concat(2, rows, cols), h*w, width)
}
