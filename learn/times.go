package learn

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// clock draws the times of a training.
type clock struct {
	lo, hi float64
	n      int  // points of the grid, both ends among them; 0: continuous
	karras bool // even in t^{1/7} and not in t

	levels *levels // not nil: the times are those of its noise levels
}

// newClock is the clock of p: even in t, and where the clock is the noise level itself, as of edm and pfgm, in
// t^{1/7}, as its sampler's grid (Karras et al. 2022, arXiv:2206.00364, eq. 5).
func newClock(p ito.Path, n int) clock {
	lo, hi := p.Span()
	return clock{lo: lo, hi: hi, n: n, karras: path.LevelClock(p)}
}

// at is the time of u in (0,1).
func (c clock) at(u float64) float64 {
	switch {
	case c.levels != nil:
		return c.levels.at(u)
	case c.n == 1:
		u = 1
	case c.n > 1:
		u = math.Min(math.Floor(u*float64(c.n)), float64(c.n-1)) / float64(c.n-1)
	}
	if c.karras {
		a, b := math.Pow(c.lo, 1./solve.KarrasRho), math.Pow(c.hi, 1./solve.KarrasRho)
		return math.Pow(a+u*(b-a), solve.KarrasRho)
	}
	return c.lo + u*(c.hi-c.lo)
}

// draw fills t with the times of one step: row i draws from the i-th of len(t) equal parts of the clock.
// A random row's time is uniform, a batch covers all of the path (Kingma et al. 2021, arXiv:2107.00630,
// appendix I), and equal times stand together, which makes their schedule cheap.
func (c clock) draw(t ito.Times, ids []uint64, seed uint64, step uint32) {
	rng.NewKey(seed, rng.PurposeTime, step, 0).Uniforms64(t, 1, ids)
	n := float64(len(t))
	for i, u := range t {
		t[i] = c.at((float64(i) + u) / n)
	}
}

// together cuts n rows into as many groups of neighbours as whole ones of the given size fit, of sizes that differ
// by one at most. Bounds[g] is the first row of group g, the last bound is n.
func together(n, group int) (bounds []int) {
	groups := n / group
	for g := range groups + 1 {
		bounds = append(bounds, g*n/groups)
	}
	return bounds
}

// drawTogether is draw of one time for every group of neighbouring rows, each from the part of the clock that its
// rows have.
func (c clock) drawTogether(t ito.Times, ids []uint64, bounds []int, seed uint64, step uint32) {
	groups := len(bounds) - 1
	if n := len(t); n%groups == 0 {
		c.draw(t[:groups], ids[:groups], seed, step)
	} else {
		rng.NewKey(seed, rng.PurposeTime, step, 0).Uniforms64(t[:groups], 1, ids[:groups])
		for g, u := range t[:groups] {
			lo, hi := float64(bounds[g]), float64(bounds[g+1])
			t[g] = c.at((lo + u*(hi-lo)) / float64(n))
		}
	}
	for g := groups - 1; g >= 0; g-- {
		at := t[g]
		for i := bounds[g]; i < bounds[g+1]; i++ {
			t[i] = at
		}
	}
}
