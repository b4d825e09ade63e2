package solve

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// CondSchedule is a hook that changes the condition with time: at the start of every step the rows have the condition
// at that time, linear between the given ones, or, with Hold, that of the last time passed.
type CondSchedule struct {
	None
	T    []float64   // times, one way
	Cond [][]float64 // [len(T)][C], for all rows
	Hold bool
}

// Before implements ito.Hook.
func (h CondSchedule) Before(_ context.Context, s *ito.Step) error {
	n := len(h.T)
	if n == 0 || len(h.Cond) != n {
		return &ito.InputError{Where: "schedule of conditions", What: fmt.Sprintf("%d times and %d conditions", n,
			len(h.Cond))}
	}
	up := n > 1 && h.T[1] > h.T[0]
	width := len(h.Cond[0])
	for i, c := range h.Cond {
		if len(c) != width || width == 0 || i > 0 && (h.T[i] > h.T[i-1] != up || h.T[i] == h.T[i-1]) {
			return &ito.InputError{Where: "schedule of conditions",
				What: fmt.Sprintf("condition %d at t=%g has %d values, the first has %d", i, h.T[i], len(c), width),
				Do:   "give times that go one way and conditions of one width"}
		}
	}
	k, u := h.at(s.T, up)
	c := ito.Cond{C: width, X: make([]float64, width*s.X.N)}
	for i := range c.X {
		j := i % width
		c.X[i] = h.Cond[k][j]
		if u > 0 {
			c.X[i] += float64(u * (h.Cond[k+1][j] - h.Cond[k][j]))
		}
	}
	s.Cond = c
	return nil
}

// at finds the last time that t has passed and the part of the way to the next.
func (h CondSchedule) at(t float64, up bool) (k int, u float64) {
	past := func(a float64) bool { return up == (t >= a) || t == a }
	for k+1 < len(h.T) && past(h.T[k+1]) {
		k++
	}
	if h.Hold || k+1 == len(h.T) || !past(h.T[k]) {
		return k, 0
	}
	return k, (t - h.T[k]) / (h.T[k+1] - h.T[k])
}
