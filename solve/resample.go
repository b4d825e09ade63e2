package solve

import (
	"cmp"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Resample is sequential Monte Carlo for the data's law tilted by the reward, p(x_0) e^{r(x_0)}: after step i of n
// a particle has the potential e^{(i/n) r(x̂_0)}, after the last one e^{r(x_0)}, so that its log weight grows by
// the difference to the step before, and where the effective number of particles falls below Below K they are
// resampled systematically. The group gives one of them with the probability of its weight. Its law is the tilted
// one up to O(1/K), for a solver that draws noise: without noise what has one ancestor stays one (Del Moral et al.
// 2006; Singhal et al. 2025, arXiv:2501.06848, algorithm 1).
type Resample struct {
	Below float64 // of K; 0: .5
}

// Name returns "resample".
func (Resample) Name() string { return "resample" }

// Select implements ito.Selector.
func (r Resample) Select(s *ito.Selection) error {
	n, k := float64(s.Steps), len(s.Reward)
	now, before := float64(s.Step)/n, float64(s.Step-1)/n
	top := math.Inf(-1)
	for i, w := range s.LogWeight {
		s.LogWeight[i] = w + float64(now*s.Reward[i]) - float64(before*s.Before[i])
		if math.IsNaN(s.LogWeight[i]) {
			return &ito.NonFiniteError{What: "log weight", Step: s.Step - 1, Sample: s.Group}
		}
		top = math.Max(top, s.LogWeight[i])
	}
	if math.IsInf(top, 0) {
		return &ito.NonFiniteError{What: "largest log weight", Step: s.Step - 1, Sample: s.Group}
	}
	w := make([]float64, k)
	sum, squares := 0.0, 0.0
	for i, l := range s.LogWeight {
		w[i] = math.Exp(l - top)
		sum += w[i]
		squares += float64(w[i] * w[i])
	}
	if s.Step == s.Steps {
		s.Chosen = pick(w, s.Uniform[1]*sum)
		return nil
	}
	if sum*sum/squares >= cmp.Or(r.Below, .5)*float64(k) {
		return nil
	}
	at, into := w[0], 0
	for i := range s.Ancestor { // systematic: one uniform number, K points
		for u := (float64(i) + s.Uniform[0]) / float64(k) * sum; u >= at && into < k-1; {
			into++
			at += w[into]
		}
		s.Ancestor[i] = into
	}
	clear(s.LogWeight)
	return nil
}

// pick is the index at which the sums of w pass u.
func pick(w []float64, u float64) int {
	last := 0
	for i, v := range w {
		if v == 0 {
			continue
		}
		if last = i; u < v {
			return i
		}
		u -= v
	}
	return last
}
