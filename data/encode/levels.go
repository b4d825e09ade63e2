package encode

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/path"
)

// Levels maps a level to a corner of a regular simplex of as many corners as there are levels, in one dimension less:
// equally far from each other, no direction empty. Many levels have digits, and each digit such a corner.
type Levels struct {
	// Codes are the cells, as numbers, in the order of the corners; −1 is a missing one.
	Codes  []int   `json:"codes"`
	Counts []int   `json:"counts"`         // rows of each
	Scale  float64 `json:"scale"`          // of the corners, whose distance is Scale·√2
	Base   int     `json:"base,omitempty"` // of the digits; 0: one corner a level

	place map[int]int // of a code
}

// mostCorners have a simplex of their own.
const mostCorners = 32

// mostScale bounds the distance of corners where one of them is all but certain.
const mostScale = 6

// fitLevels makes the map of codes with the counts, which are not zero.
func fitLevels(codes, counts []int) *Levels {
	l := &Levels{Codes: codes, Counts: counts}
	if m := len(codes); m > mostCorners {
		digits := 2
		for math.Pow(16, float64(digits)) < float64(m) {
			digits++
		}
		l.Base = int(math.Ceil(math.Pow(float64(m), 1/float64(digits)) - 1e-9))
		l.Scale = math.Sqrt(float64(l.Base))
		return l
	}
	n, squares := 0., 0.
	for _, c := range counts {
		n += float64(c)
	}
	for _, c := range counts {
		squares += float64(c) / n * float64(c) / n
	}
	l.Scale = 1
	if squares < 1 {
		l.Scale = min(math.Sqrt(float64(len(codes)-1)/(1-squares)), mostScale)
	}
	return l
}

// digits is how many corners a level has.
func (l *Levels) digits() int {
	if l.Base == 0 {
		return 1
	}
	n, k := 1, l.Base
	for k < len(l.Codes) {
		n, k = n+1, k*l.Base
	}
	return n
}

func (l *Levels) corners() int {
	if l.Base == 0 {
		return len(l.Codes)
	}
	return l.Base
}

func (l *Levels) dim() int { return l.digits() * (l.corners() - 1) }

// knows reports a code that has a corner.
func (l *Levels) knows(code int) bool { return l.at(code) >= 0 }

func (l *Levels) at(code int) int {
	if l.place == nil {
		return slices.Index(l.Codes, code)
	}
	if k, ok := l.place[code]; ok {
		return k
	}
	return -1
}

// index makes finding a code quick.
func (l *Levels) index() {
	l.place = make(map[int]int, len(l.Codes))
	for k, c := range l.Codes {
		l.place[c] = k
	}
}

// encode writes the corners of a code; of one that it does not know zeros, the middle of all.
func (l *Levels) encode(dst []float64, code int) {
	k, m := l.at(code), l.corners()
	if k < 0 {
		clear(dst)
		return
	}
	for d := l.digits() - 1; d >= 0; d-- {
		path.Corner(dst[d*(m-1):(d+1)*(m-1)], k%m, l.Scale)
		k /= m
	}
}

// decode is the code whose corners are nearest.
func (l *Levels) decode(x []float64) int {
	m, digits := l.corners(), l.digits()
	var room [mostCorners * 8]float64
	s := room[:]
	if m*digits > len(s) {
		s = make([]float64, m*digits)
	}
	k := 0
	for d := range digits {
		own := s[d*m : (d+1)*m]
		path.CornerScores(own, x[d*(m-1):(d+1)*(m-1)])
		k = k*m + argmax(own)
	}
	if k < len(l.Codes) {
		return l.Codes[k]
	}
	best, at := math.Inf(-1), 0
	for k := range l.Codes { // no level has these digits: the nearest that one has
		sum, rest := 0., k
		for d := digits - 1; d >= 0; d-- {
			sum += s[d*m+rest%m]
			rest /= m
		}
		if sum > best {
			best, at = sum, k
		}
	}
	return l.Codes[at]
}

// among is the nearest of the codes that are allowed, and the nearest of all where none is.
func (l *Levels) among(x []float64, allowed func(code int) bool) int {
	if best := l.decode(x); allowed(best) {
		return best
	}
	m, digits := l.corners(), l.digits()
	s := make([]float64, m*digits)
	for d := range digits {
		path.CornerScores(s[d*m:(d+1)*m], x[d*(m-1):(d+1)*(m-1)])
	}
	best, at := math.Inf(-1), -1
	for k, code := range l.Codes {
		sum, rest := 0., k
		for d := digits - 1; d >= 0; d-- {
			sum += s[d*m+rest%m]
			rest /= m
		}
		if sum > best && allowed(code) {
			best, at = sum, k
		}
	}
	if at < 0 {
		return l.decode(x)
	}
	return l.Codes[at]
}

func argmax(v []float64) int {
	best := 0
	for k, x := range v {
		if x > v[best] {
			best = k
		}
	}
	return best
}

// check reports what is no such map.
func (l *Levels) check(most int) string {
	if l == nil {
		return ""
	}
	switch {
	case len(l.Codes) == 0, len(l.Counts) != len(l.Codes), !(l.Scale > 0), math.IsInf(l.Scale, 0), l.Base < 0,
		l.Base == 1, l.Base > 1<<12, l.Base == 0 && len(l.Codes) > mostCorners, l.Base > len(l.Codes):
		return "levels without corners"
	}
	seen := map[int]bool{}
	for _, c := range l.Codes {
		if seen[c] || c < -1 || c >= most {
			return "a level that there is not"
		}
		seen[c] = true
	}
	l.index()
	return ""
}
