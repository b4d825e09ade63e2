package main

import (
	"fmt"
	"math"
)

// verdict says in words what the numbers of a comparison say, and what to do. It is a function of the
// numbers alone.
//
// The W2 counts as within its floor when it exceeds it by no more than two standard deviations of both together.
func (r *comparison) verdict() string {
	w := r.W2
	spread := 2 * math.Hypot(w.SD, w.FloorSD)
	switch {
	case w.Value <= w.Floor+spread:
		return fmt.Sprintf("The W2 of %s is within the spread of its floor of %s: in draws of %d rows it does not tell the samples from the data.%s",
			number(w.Value), number(w.Floor), w.N, r.smallFloor())
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

// advice names the moment that is farthest off, in units of its floor, and what to try.
func (r *comparison) advice() string {
	worst, what, column, got, want := 0.0, "", "", 0.0, 0.0
	for _, a := range r.Axes {
		for _, m := range []struct {
			name             string
			got, want, floor float64
		}{{"mean", a.Mean, a.DataMean, a.MeanFloor}, {"standard deviation", a.SD, a.DataSD, a.SDFloor}} {
			off := math.Abs(m.got - m.want)
			if m.floor > 0 {
				off /= m.floor
			} else if off > 0 {
				off = math.MaxFloat64
			}
			if off > worst {
				worst, what, column, got, want = off, m.name, a.Column, m.got, m.want
			}
		}
	}
	if worst > 3 {
		return fmt.Sprintf("What is farthest off is the %s of %s, %s instead of %s. Train for more steps, or sample with more --nfe.", what, column, number(got), number(want))
	}
	return "Means and standard deviations are right, so the difference is in the shape. Train for more steps, or sample with more --nfe."
}
