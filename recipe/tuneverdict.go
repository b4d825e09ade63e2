package recipe

import (
	"cmp"
	"fmt"
	"math"
)

// gains reports that what was searched is better than every fixed solver on states that the search has not seen.
func (r TuneResult) gains() bool { return len(r.Fixed) > 0 && r.Searched.Judge < r.Fixed[0].Judge }

// verdict says in words what the numbers say, whichever way. reference is the error of what they are errors to.
func (r TuneResult) verdict(judged int, reference float64) string {
	best := r.Fixed[0]
	if least := math.Min(best.Judge, r.Searched.Judge); reference > least/10 {
		return r.outcome(judged) + fmt.Sprintf(" The reference itself is known to %.2g only, so that an error of "+
			"%.4g says little: give a smaller `tol`, or train the model for longer.", reference, least)
	}
	return r.outcome(judged)
}

func (r TuneResult) outcome(judged int) string {
	best := r.Fixed[0]
	if !r.gains() {
		return fmt.Sprintf("At %d calls there is no gain: on %d states that the search has not seen, %s leaves %.4g, "+
			"and the searched schedule %.4g (%.4g on its own states). The fixed solver is stored.",
			r.NFE, judged, best.name(), best.Judge, r.Searched.Judge, r.Searched.Search)
	}
	s := fmt.Sprintf("At %d calls the searched schedule leaves %.4g on %d states that the search has not seen, %.3g "+
		"times less than the best fixed solver, %s (%.4g). It is stored.",
		r.NFE, r.Searched.Judge, judged, best.Judge/r.Searched.Judge, best.name(), best.Judge)
	if r.Searched.Median > best.Median {
		s += fmt.Sprintf(" Its median error is larger, though: %.4g against %.4g.", r.Searched.Median, best.Median)
	}
	return s
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func compareFloats(a, b float64) int { return cmp.Compare(a, b) }
