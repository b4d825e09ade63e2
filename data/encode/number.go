package encode

import (
	"math"
	"sort"
)

// Number maps a column of numbers to N(0,1) by the normal quantile of their rank: x is piecewise linear between the
// knots (Z,X), both of which increase, and where X stands still a number has a range of its own.
type Number struct {
	Z []float64 `json:"z"`
	X []float64 `json:"x"`
	// Jitter is the width of the uniform noise that spreads a number over its place on a lattice; 0: none.
	Jitter float64 `json:"jitter,omitempty"`
	// Points says that every number stands at the middle of its place, by rank, and not anywhere in it.
	Points bool `json:"points,omitempty"`
}

// Sizes of the map: so many different numbers have a place each, where they come so often on average; others have
// quantiles, and a place each where they are such a part of all.
const (
	mostPlaces = 1024
	often      = 4
	mostKnots  = 512
	heavy      = 1. / 256
	widest     = .1 // in z, of a place without knots between
	// fewPoints different numbers of a lattice are points: noise in so wide places hides how columns hang together
	fewPoints = 64
)

// finest is the least step of a lattice, as a part of the range, that is told apart from none.
const finest = 1e-9

// quantile is the normal quantile of a part of n numbers, finite at both ends.
func quantile(p float64, n int) float64 {
	return math.Sqrt2 * math.Erfinv(2*(p*float64(n)+.5)/(float64(n)+1)-1)
}

// normal is the distribution function of N(0,1).
func normal(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// dim is 1, or 0 where there is one number only.
func (m *Number) dim() int {
	if len(m.Z) == 0 {
		return 0
	}
	return 1
}

// encode is the z of x; u in (0,1) says where in its place.
func (m *Number) encode(x, u float64) float64 {
	x += m.Jitter * (u - .5)
	k := len(m.X)
	i := sort.SearchFloat64s(m.X, x) // the first knot at or behind x
	switch {
	case i == k:
		return m.Z[k-1]
	case m.X[i] == x:
		j := i
		for j+1 < k && m.X[j+1] == x {
			j++
		}
		if m.Points {
			u = .5
		}
		low, high := normal(m.Z[i]), normal(m.Z[j])
		return min(max(math.Sqrt2*math.Erfinv(2*(low+(high-low)*u)-1), m.Z[i]), m.Z[j])
	case i == 0:
		return m.Z[0]
	}
	return m.Z[i-1] + (m.Z[i]-m.Z[i-1])*(x-m.X[i-1])/(m.X[i]-m.X[i-1])
}

// below is the part of the numbers that are less than x, and upTo of those that are not more, by the map.
func (m *Number) below(x float64) float64 {
	if !m.Points {
		return normal(m.encode(x-m.Jitter/2, .5))
	}
	i := sort.SearchFloat64s(m.X, x)
	if i == len(m.X) {
		return 1
	}
	return normal(m.Z[i])
}

func (m *Number) upTo(x float64) float64 {
	if !m.Points {
		return normal(m.encode(x+m.Jitter/2, .5))
	}
	i := sort.Search(len(m.X), func(i int) bool { return m.X[i] > x })
	if i == 0 {
		return 0
	}
	return normal(m.Z[i-1])
}

// decode is the x of z, before it is put on its lattice.
func (m *Number) decode(z float64) float64 {
	k := len(m.Z)
	if k == 0 {
		return m.X[0]
	}
	i := sort.SearchFloat64s(m.Z, z)
	switch {
	case i == k:
		return m.X[k-1]
	case i == 0:
		return m.X[0]
	case m.X[i] == m.X[i-1]:
		return m.X[i]
	}
	return m.X[i-1] + (m.X[i]-m.X[i-1])*(z-m.Z[i-1])/(m.Z[i]-m.Z[i-1])
}

// check reports knots that are none.
func (m *Number) check() string {
	if m == nil {
		return ""
	}
	switch {
	case len(m.X) == 0 || len(m.Z) != len(m.X) && !(len(m.X) == 1 && len(m.Z) == 0):
		return "knots of different numbers"
	case math.IsNaN(m.Jitter) || m.Jitter < 0 || math.IsInf(m.Jitter, 0):
		return "jitter that is no width"
	}
	for _, list := range [][]float64{m.X, m.Z} {
		for i, v := range list {
			if math.IsNaN(v) || math.IsInf(v, 0) || i > 0 && v < list[i-1] {
				return "knots that do not increase"
			}
		}
	}
	return ""
}
