package ode

import (
	"cmp"
	"math"
)

// PID is a controller of step sizes in the logarithm of the error, which for the error e_n of an accepted step proposes
//
//	h ← h · clip( Safety · e_n^{−β₁} e_{n−1}^{−β₂} e_{n−2}^{−β₃}, Min, Max ),   β = ((P+I+D)/k, −(P+2D)/k, D/k)
//
// (Söderlind 2003, ACM TOMS 29:1; the coefficients as in diffrax). I alone is the classical controller; a P makes
// steps smoother, as SDEs and mildly stiff equations want: P = .3, I = .4, or less for noise. A step that is rejected
// shrinks, and what was remembered stays. The zero value is I = 1 with the defaults below.
type PID struct {
	P, I, D float64 // all 0: I = 1
	Safety  float64 // 0: .9
	Min     float64 // 0: .2
	Max     float64 // 0: 10
}

// Errors are what a PID remembers of one row: the two accepted errors before. The zero value remembers nothing.
type Errors struct{ last, before float64 }

// leastError keeps a step without an error from making the next one's history infinite.
const leastError = 1e-10

// Next judges a step with error err, of which 1 is tolerated, by a method whose error falls as h^k: it is accepted when
// err ≤ 1, and the next step is factor times as long. An error that is not finite is a rejection by Min.
func (c PID) Next(e *Errors, err, k float64) (accepted bool, factor float64) {
	if c.P == 0 && c.I == 0 && c.D == 0 {
		c.I = 1
	}
	def := func(v *float64, to float64) {
		if *v == 0 {
			*v = to
		}
	}
	def(&c.Safety, .9)
	def(&c.Min, .2)
	def(&c.Max, 10)
	if math.IsNaN(err) || math.IsInf(err, 0) {
		return false, c.Min
	}
	now := math.Max(err, leastError)
	last, before := cmp.Or(e.last, 1), cmp.Or(e.before, 1)
	factor = c.Safety * math.Pow(now, -(c.P+c.I+c.D)/k) * math.Pow(last, (c.P+2*c.D)/k) * math.Pow(before, -c.D/k)
	factor = math.Min(math.Max(factor, c.Min), c.Max)
	if err > 1 {
		// history may ask for growth; a step that failed is not tried again as it was
		return false, math.Min(factor, c.Safety)
	}
	e.before, e.last = last, now
	return true, factor
}
