package metric

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Straightness says how straight paths are, axis by axis. Times are those of the path's own clock.
type Straightness struct {
	Smooth []float64 `json:"smooth"` // mean |Δ²x|/h²: the mean absolute second derivative; 0 is straight
	KE     []float64 `json:"ke"`     // mean (Δx/h)²: the mean squared velocity
	RF     []float64 `json:"rf"`     // ∫₀¹ E|ẋ − (x₁−x₀)|² du, u the clock scaled to run from 0 to 1
	RelRF  []float64 `json:"rel_rf"` // RF / E|x₁−x₀|², free of units
}

// Straighten measures trajectories: traj[k] holds the states at times[k], all with the same rows. Times
// rise or fall; steps need not be equal: with unequal ones Δ²x/h² is the divided difference
// 2(Δ₂/h₂ − Δ₁/h₁)/(h₁+h₂), and means over steps are plain means. At least three times are needed.
func Straighten(traj []ito.States, times []float64) (Straightness, error) {
	last := len(traj) - 1
	if last < 2 || len(times) != len(traj) {
		return Straightness{}, fmt.Errorf("metric: straightness needs three times or more with their states, got %d "+
			"times and %d states", len(times), len(traj))
	}
	n, d := traj[0].N, traj[0].D
	if n == 0 || d == 0 {
		return Straightness{}, fmt.Errorf("metric: straightness of %d paths of dimension %d", n, d)
	}
	for k, s := range traj {
		if err := s.Check(); err != nil {
			return Straightness{}, err
		}
		if s.N != n || s.D != d {
			return Straightness{}, fmt.Errorf("metric: the states at time %d are %d×%d, the first are %d×%d", k, s.N,
				s.D, n, d)
		}
		if i := s.FirstNonFinite(); i >= 0 {
			return Straightness{}, &ito.NonFiniteError{What: "trajectory", Step: k, Sample: s.ID[i], T: times[k]}
		}
		if k > 0 && !((times[k]-times[k-1])*(times[last]-times[0]) > 0) {
			return Straightness{}, fmt.Errorf("metric: times must rise or fall throughout; time %d is %v after %v", k,
				times[k], times[k-1])
		}
	}
	span := times[last] - times[0]
	r := Straightness{Smooth: make([]float64, d), KE: make([]float64, d), RF: make([]float64, d), RelRF: make([]float64,
		d)}
	perAxis(d, func(a int) {
		var smooth, ke, rf, way float64
		for i := range n {
			at := func(k int) float64 { return traj[k].X[i*d+a] }
			whole := at(last) - at(0)
			way += float64(whole * whole)
			var before float64 // velocity of the step before
			for k := range last {
				h := times[k+1] - times[k]
				v := (at(k+1) - at(k)) / h
				ke += float64(v * v)
				e := v*span - whole
				rf += float64(e*e) * (h / span)
				if k > 0 {
					smooth += math.Abs(2 * (v - before) / (times[k+1] - times[k-1]))
				}
				before = v
			}
		}
		r.Smooth[a] = smooth / float64(n) / float64(last-1)
		r.KE[a] = ke / float64(n) / float64(last)
		r.RF[a] = rf / float64(n)
		if way > 0 {
			r.RelRF[a] = rf / way
		}
	})
	return r, nil
}

func perAxis(d int, f func(axis int)) { blockwise(d, 1, func(a, _ int) { f(a) }) }
