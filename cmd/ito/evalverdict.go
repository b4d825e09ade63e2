package main

import (
	"fmt"
	"math"
)

// verdict says in words what the numbers of a comparison say, and what to do. It is a function of the
// numbers alone.
//
// The W2 counts as within its floor when it exceeds it by no more than two standard errors of both together.
func (r *comparison) verdict() string {
	w := r.W2
	spread := 2 * math.Hypot(w.SD, w.FloorSD) / math.Sqrt(float64(max(w.Draws, 1)))
	switch {
	case w.Value <= w.Floor+spread:
		but := ""
		if m := r.worst(); m.off > farOff {
			but = fmt.Sprintf(" But the %s of %s is off: %s instead of %s.", m.name, m.column, number(m.got), number(m.want))
		}
		return fmt.Sprintf("The W2 of %s is within the spread of its floor of %s: in draws of %d rows it does not tell the samples from the data.%s%s",
			number(w.Value), number(w.Floor), w.N, but, r.smallFloor())
	case w.Value >= w.Baseline:
		return fmt.Sprintf("The samples are no better than normal variates with the moments of the data: W2 %s against %s, floor %s. %s",
			number(w.Value), number(w.Baseline), number(w.Floor), r.advice())
	}
	return fmt.Sprintf("The samples differ from the data: W2 %s is %s times its floor of %s; normal variates have %s. %s",
		number(w.Value), number(w.Value/w.Floor), number(w.Floor), number(w.Baseline), r.advice())
}

// smallFloor warns of a comparison that can see little.
func (r *comparison) smallFloor() string {
	if r.W2.FloorN < r.W2.N {
		return fmt.Sprintf(" The floor had only %d rows to a half: more data would see more.", r.W2.FloorN)
	}
	if r.W2.N < 500 {
		return " So few rows see little: compare more."
	}
	return ""
}

// moment is one number of a column beside what it should be.
type moment struct {
	name, column string
	got, want    float64
	off          float64 // the difference in units of its floor
}

// farOff is the difference, in mean absolute differences of two halves of the data, beyond which a moment
// counts as wrong: four standard deviations for normal errors.
const farOff = 5

// worst is the moment that is farthest off.
func (r *comparison) worst() moment {
	var w moment
	widest := 0.0
	for _, a := range r.Axes {
		widest = max(widest, a.DataSD)
	}
	for _, a := range r.Axes {
		for _, m := range []struct {
			moment
			floor float64
		}{{moment{"mean", a.Column, a.Mean, a.DataMean, 0}, a.MeanFloor}, {moment{"standard deviation", a.Column, a.SD, a.DataSD, 0}, a.SDFloor}} {
			unit := m.floor
			if unit == 0 {
				unit = widest / 100 // a column that never varies is right to a hundredth of one that does
			}
			switch m.off = math.Abs(m.got - m.want); {
			case unit > 0:
				m.off /= unit
			case m.off > 0:
				m.off = math.MaxFloat64
			}
			if m.off > w.off {
				w = m.moment
			}
		}
	}
	return w
}

// advice names what is wrong, and what to try.
func (r *comparison) advice() string {
	if m := r.worst(); m.off > farOff {
		return fmt.Sprintf("What is farthest off is the %s of %s, %s instead of %s. Train for more steps, or sample with more --nfe.", m.name, m.column, number(m.got), number(m.want))
	}
	return "Means and standard deviations are right, so the difference is in the shape. Train for more steps, or sample with more --nfe."
}
