package encode

import (
	"math"
	"slices"
	"sort"
)

// Number maps a column of numbers to N(0,1) by the normal quantile of their rank: x is piecewise linear between the
// knots (Z,X), both of which increase, and where X stands still a number has a range of its own.
type Number struct {
	Z []float64 `json:"z"`
	X []float64 `json:"x"`
	// Jitter is the width of the uniform noise that spreads a number over its place on a lattice; 0: none.
	Jitter float64 `json:"jitter,omitempty"`
}

// Sizes of the map: so many different numbers have a place each, where they come so often on average; others have
// quantiles, and a place each where they are such a part of all.
const (
	mostPlaces = 1024
	often      = 4
	mostKnots  = 512
	heavy      = 1. / 256
	widest     = .1 // in z, of a place without knots between
)

// finest is the least step of a lattice, as a part of the range, that is told apart from none.
const finest = 1e-9

// fitNumber makes the map of finite numbers, which it sorts. step is that of their lattice.
func fitNumber(v []float64, step float64) *Number {
	slices.Sort(v)
	n := len(v)
	low, high := v[0], v[n-1]
	m := &Number{}
	if low == high {
		m.X = []float64{low}
		return m
	}
	if step > finest*(high-low) {
		m.Jitter = step
	}
	half := m.Jitter / 2
	type place struct {
		x     float64
		count int
	}
	var places []place
	for _, x := range v {
		if k := len(places); k > 0 && places[k-1].x == x {
			places[k-1].count++
		} else {
			places = append(places, place{x, 1})
		}
	}
	all := len(places) <= mostPlaces && n >= often*len(places)
	// F at both ends of every place
	var f, x []float64
	var keep []bool
	before := 0
	for _, p := range places {
		f0, f1 := float64(before)/float64(n), float64(before+p.count)/float64(n)
		own := all || p.count >= often && float64(p.count) >= heavy*float64(n)
		// a wide place has knots between, so that even jitter is normal in it
		parts := 1
		if half > 0 {
			parts += int((quantile(f1, n) - quantile(f0, n)) / widest)
		}
		for i := range parts + 1 {
			f = append(f, f0+(f1-f0)*float64(i)/float64(parts))
			x = append(x, p.x-half+m.Jitter*float64(i)/float64(parts))
			keep = append(keep, own)
		}
		before += p.count
	}
	z := make([]float64, len(f))
	for i, p := range f {
		z[i] = quantile(p, n)
	}
	// knots: the ends, places of their own, and an even grid of z between
	knots := min(mostKnots, max(n/often, 2))
	first, last := z[0], z[len(z)-1]
	next := 0
	add := func(a, b float64) {
		if k := len(m.Z); k == 0 || a > m.Z[k-1] || b > m.X[k-1] {
			m.Z, m.X = append(m.Z, a), append(m.X, b)
		}
	}
	for i := range z {
		if !all {
			for ; next < knots; next++ {
				at := first + (last-first)*float64(next)/float64(knots-1)
				if i == 0 || at > z[i] {
					break
				}
				if at > z[i-1] && at < z[i] && !(keep[i-1] && keep[i]) {
					add(at, x[i-1]+(x[i]-x[i-1])*(at-z[i-1])/(z[i]-z[i-1]))
				}
			}
		}
		if keep[i] || i == 0 || i == len(z)-1 {
			add(z[i], x[i])
		}
	}
	return m
}

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
		low, high := normal(m.Z[i]), normal(m.Z[j])
		return min(max(math.Sqrt2*math.Erfinv(2*(low+(high-low)*u)-1), m.Z[i]), m.Z[j])
	case i == 0:
		return m.Z[0]
	}
	return m.Z[i-1] + (m.Z[i]-m.Z[i-1])*(x-m.X[i-1])/(m.X[i]-m.X[i-1])
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
