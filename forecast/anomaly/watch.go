// Package anomaly finds steps at which a series was not as it should have been: it watches a predictive interval with
// hysteresis, has the detectors that people use without a model, puts faults into series whose truth is then known,
// and counts what was found.
package anomaly

import "math"

// Band is what a value at one step is held against: an interval, and a narrower one that ends an anomaly.
type Band struct{ Low, High, InnerLow, InnerHigh float64 }

// Found is an anomaly: steps First to Last, both outside the interval.
type Found struct {
	First, Last int
	Raised      int     // the step at which it was certain
	Excess      float64 // the largest distance from the interval over its width; 0 where it has none
}

// Watch follows one series: Enter steps outside, one after the other, begin an anomaly, and it ends before Leave steps
// inside the narrower interval. Missing values are neither. The zero value of Enter and Leave is 1.
type Watch struct {
	Enter, Leave int
	Found        []Found
	Steps        int // values that were looked at
	Outside      int // of them

	open      bool
	now       Found
	run, calm int
}

// Step takes the value of step t, later than the one before.
func (w *Watch) Step(t int, y float64, b Band) {
	if math.IsNaN(y) {
		return
	}
	w.Steps++
	if y < b.Low || y > b.High {
		w.Outside++
		if w.run == 0 && !w.open {
			w.now = Found{First: t}
		}
		w.run, w.calm, w.now.Last = w.run+1, 0, t
		if width := b.High - b.Low; width > 0 {
			w.now.Excess = max(w.now.Excess, max(b.Low-y, y-b.High)/width)
		}
		if !w.open && w.run >= w.Enter {
			w.open, w.now.Raised = true, t
		}
		return
	}
	w.run = 0
	if w.open && b.InnerLow <= y && y <= b.InnerHigh {
		if w.calm++; w.calm >= w.Leave {
			w.End()
		}
	}
}

// End closes an anomaly that is open.
func (w *Watch) End() {
	if w.open {
		w.Found = append(w.Found, w.now)
	}
	w.open, w.run, w.calm = false, 0, 0
}
