package ode

import "math"

// Brownian is a virtual Brownian tree: W on [From, To] with W(From) = 0, of which any value is computed when it is
// asked for and none is kept. Ends come first, then the middle of every dyadic interval given its ends,
//
//	W(m) = (W(a)+W(b))/2 + ½√(b−a) z,   z ~ N(0,I) of the node,
//
// down to intervals of (To−From)/2^Depth, inside of which W is linear. So the noise does not depend on the steps that
// are taken, tried or rejected: increments add up to rounding, and their variance is exact between times that the grid
// of the tree separates. (Kidger et al. 2021, arXiv:2105.13493, §4; Jelinčič et al. 2024, arXiv:2405.06464 for its
// variants.)
//
// A value costs Depth+1 draws. With a Normal that is pure, a Brownian may be shared by goroutines.
type Brownian struct {
	From, To float64 // From < To
	Depth    int     // from 1 to 62; 0: 32
	// Normal writes the standard normals of a row at a node: 0 is W(To), 1 the middle, 2k and 2k+1 the middles of
	// the left and right half of node k.
	Normal func(dst []float64, row int, node uint64)
}

func (b Brownian) depth() int {
	if b.Depth == 0 {
		return 32
	}
	return b.Depth
}

// Resolution is the length of the smallest intervals: increments over less have too little variance.
func (b Brownian) Resolution() float64 { return math.Ldexp(b.To-b.From, -b.depth()) }

// Increment writes W(t) − W(s) of a row. z is scratch of dst's length.
func (b Brownian) Increment(dst, z []float64, row int, s, t float64) {
	b.at(dst, z, row, t, 1, true)
	b.at(dst, z, row, s, -1, false)
}

// At writes W(t) of a row. z is scratch of dst's length. Outside of [From, To] it is the value at the end.
func (b Brownian) At(dst, z []float64, row int, t float64) { b.at(dst, z, row, t, 1, true) }

// at adds sign·W(t) to dst, or to zero.
func (b Brownian) at(dst, z []float64, row int, t, sign float64, first bool) {
	if first {
		clear(dst)
	}
	b.Nodes(t, func(node uint64, w float64) {
		b.Normal(z, row, node)
		for i, v := range z {
			dst[i] += float64(sign * w * v)
		}
	})
}

// Nodes calls f with the nodes on the way down to t and their weights: W(t) is the sum of their normals, each by a
// weight that depends on t alone. That of node k is a hat over its interval of height ½√length.
func (b Brownian) Nodes(t float64, f func(node uint64, weight float64)) {
	span := b.To - b.From
	u := math.Min(math.Max((t-b.From)/span, 0), 1)
	if u == 0 {
		return
	}
	f(0, math.Sqrt(span)*u)
	if u == 1 {
		return
	}
	node := uint64(1)
	for level := range b.depth() {
		// u is where t lies in the interval of node, whose length is span/2^level
		hat := 2 * math.Min(u, 1-u)
		if hat == 0 {
			return
		}
		f(node, math.Sqrt(math.Ldexp(span, -level))/2*hat)
		u *= 2
		node *= 2
		if u >= 1 {
			u--
			node++
		}
	}
}
