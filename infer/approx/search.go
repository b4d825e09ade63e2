package approx

import "math"

// search looks along a direction for a step after which log ρ has risen enough and its slope is much smaller (the
// Wolfe conditions), by bracketing and cubic interpolation. Values are of −log ρ.
type search struct {
	f0, d0 float64 // at the start; d0 < 0
	low    point   // the best step that is known to be too short
	high   point   // one that is too long; at infinity until there is one
	at     float64 // the step to be tried
	tries  int
}

type point struct{ at, f, slope float64 }

const (
	enough    = 1e-4 // of the expected gain
	flatter   = .1   // slope left
	noise     = 1e-13
	mostTries = 60
)

func newSearch(f0, d0, first float64) search {
	return search{f0: f0, d0: d0, low: point{0, f0, d0}, high: point{at: math.Inf(1), f: math.NaN()}, at: first}
}

// next takes value and slope at the step and reports that it is taken. failed: nothing longer than nothing was found.
func (s *search) next(f, slope float64) (taken, failed bool) {
	if s.tries++; s.tries > mostTries {
		return true, false
	}
	here := point{s.at, f, slope}
	bound := s.f0 + enough*s.at*s.d0
	// near the top the gain is less than rounding, and the slope decides
	risen := f <= bound || f <= s.f0+noise*max(1, math.Abs(s.f0)) && slope <= -(1-2*enough)*s.d0
	switch {
	case !risen || math.IsNaN(slope) || math.IsInf(f, 0):
		s.high = here
	case slope < flatter*s.d0:
		s.low = here
	case slope > -flatter*s.d0:
		s.high = here
	default:
		return true, false
	}
	if s.tries >= mostTries || s.high.at-s.low.at < 1e-14*s.high.at {
		s.at, s.tries = s.low.at, mostTries // once more there, and done
		return false, s.low.at == 0
	}
	s.at = s.propose()
	return false, false
}

// propose is the next step to try: the minimum of a cubic, kept off the ends.
func (s *search) propose() float64 {
	a, b := s.low, s.high
	if math.IsInf(b.at, 1) {
		to := a.at * s.d0 / (s.d0 - a.slope) // where the slope would be 0 if it went on changing as since the start
		if !(a.slope > s.d0) {
			to = math.Inf(1)
		}
		return min(max(2*a.at, to), 100*a.at)
	}
	width := b.at - a.at
	middle := a.at + width/2
	if math.IsNaN(b.f) || math.IsInf(b.f, 0) || math.IsNaN(b.slope) {
		return a.at + width/10 // outside of the support: come back quickly
	}
	d1 := a.slope + b.slope - 3*(b.f-a.f)/width
	root := d1*d1 - a.slope*b.slope
	if !(root >= 0) {
		return middle
	}
	d2 := math.Sqrt(root)
	to := b.at - width*(b.slope+d2-d1)/(b.slope-a.slope+2*d2)
	if math.IsNaN(to) {
		return middle
	}
	return min(max(to, a.at+.1*width), b.at-.1*width)
}
