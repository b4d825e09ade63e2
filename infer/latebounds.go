package infer

import (
	"fmt"
	"math"
)

// lateBounds are of the last two fifths of the iterations of a fit: their number, Σ ELBO and Σ ELBO² of each.
type lateBounds [2][3]float64

// add takes the bound of an iteration.
func (l *lateBounds) add(at, of int, elbo float64) {
	if k := 5*at/of - 3; k >= 0 {
		l := &l[min(k, 1)]
		l[0]++
		l[1] += elbo
		l[2] += elbo * elbo
	}
}

// bound is the mean of the last fifth, with its standard error, and what it gained on the fifth before.
func (l *lateBounds) bound() (elbo, se, gain float64) {
	mean := func(l [3]float64) (m, v float64) {
		m = l[1] / l[0]
		return m, max(0, l[2]/l[0]-m*m) / (l[0] - 1)
	}
	before, v0 := mean(l[0])
	after, v1 := mean(l[1])
	return after, math.Sqrt(v0 + v1), after - before
}

// warnings say whether a fit has not come to rest.
func (l *lateBounds) warnings(what string, done, batch, dropped int) []string {
	var w []string
	if _, se, gain := l.bound(); gain > max(.1, 5*se) {
		w = append(w, fmt.Sprintf("the %s fit had not come to rest: its bound rose by %.2g ± %.1g nats over "+
			"the last fifth of %d iterations; give it more", what, gain, se, done))
	}
	if n := done * batch; 100*dropped > n {
		w = append(w, fmt.Sprintf("%d of %d draws of the %s fit were left out because a value was not finite",
			dropped, n, what))
	}
	return w
}
