package solve

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// What the steps of Unmasking are shared among, and the levels between which numbers get their shape.
const (
	unmaskLevels = .6
	unmaskShape  = .2
	unmaskLow    = .02
	unmaskHigh   = 5
)

// Unmasking is for a [path.Levelled] path: three fifths of the steps have equal parts of the levels leave the mask,
// and of the rest half are equal in log σ between σ = .02 and 5, where numbers of deviation 1 get their shape, and
// half over the span. Levels that are drawn in one step are drawn as if they were independent, so that no step should
// draw many.
func Unmasking(p ito.Path, from, to float64, k int) (ito.Grid, error) {
	m, ok := p.(path.Levelled)
	if !ok {
		return nil, &ito.UnsupportedError{What: "an unmasking grid", Why: "only path mixed masks levels beside numbers",
			Nearest: "karras"}
	}
	lo, hi := m.Span()
	low, high := max(unmaskLow, lo), min(unmaskHigh, hi)
	if low >= high {
		low, high = lo, hi
	}
	part := func(t, low, high float64) float64 {
		return min(max(math.Log(t/low)/math.Log(high/low), 0), 1)
	}
	left := func(t float64) float64 { // of the way down: it falls with t
		return -unmaskLevels*m.Mask(t) - unmaskShape*part(t, low, high) - (1-unmaskLevels-unmaskShape)*part(t, lo, hi)
	}
	a, b := left(from), left(to)
	return spaced(from, to, k, func(u float64) float64 { return inverse(left, from, to, a+u*(b-a)) })
}
