package advise

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito/infer"
)

// mostRatio bounds λ, the largest ratio of a mode's variance to a reference's in any direction. Weights ρ/q of draws
// from the reference have a finite variance below 2 only: beyond it a few particles in the tails hold the integral, and
// log Z of any number of particles that anybody has is too low. At 25/16 the standard deviation of one coordinate is
// 1.25 of the reference's.
const mostRatio = 25. / 16

// shape is the normal approximation of a mode: standard deviations, which [shorten] may change, and correlations.
type shape struct {
	mean, sd    []float64
	correlation *mat.SymDense // nil: none, or more dimensions than are known
}

// newShape reads the correlations Σ_kj/√(Σ_kk Σ_jj) from the directions of a curvature.
func newShape(mean, sd []float64, along func(j int, dst []float64)) shape {
	d := len(sd)
	if d > curvatureMax {
		return shape{mean: mean, sd: sd}
	}
	r, way := mat.NewSymDense(d, nil), make([]float64, d)
	for j := range d {
		along(j, way)
		for k := range j + 1 {
			r.SetSym(k, j, way[k]*sd[j]/sd[k])
		}
	}
	return shape{mean, sd, r}
}

// ratio is λ of a reference with the given standard deviations, and the direction of it, of length 1, in units of
// these.
func (s shape) ratio(sd []float64) (λ float64, v []float64) {
	d := len(s.sd)
	scaled := make([]float64, d)
	for j, w := range s.sd {
		scaled[j] = w / sd[j]
	}
	if s.correlation != nil {
		m := mat.NewSymDense(d, nil)
		for j := range d {
			for k := range j + 1 {
				m.SetSym(k, j, scaled[k]*s.correlation.At(k, j)*scaled[j])
			}
		}
		var eigen mat.EigenSym
		if eigen.Factorize(m, true) {
			var vs mat.Dense
			eigen.VectorsTo(&vs)
			return eigen.Values(nil)[d-1], mat.Col(nil, d-1, &vs)
		}
	}
	v = make([]float64, d)
	top := 0
	for j, w := range scaled {
		if w > scaled[top] {
			top = j
		}
	}
	v[top] = 1
	return scaled[top] * scaled[top], v
}

// Narrow reports a normal whose variance in some direction is much smaller than that of a mode, so that weights of its
// draws have no finite variance: see [Extent.Reference]. It may have mass where the modes are all the same.
func (e Extent) Narrow(r infer.Reference) bool {
	sd := make([]float64, len(e.Lo))
	for j := range sd {
		_, sd[j] = r.At(j)
	}
	for _, s := range e.shapes {
		if λ, _ := s.ratio(sd); λ > mostRatio {
			return true
		}
	}
	return false
}

// narrow is the same of coordinate j alone.
func (e Extent) narrow(j int, sd float64) bool {
	return slices.ContainsFunc(e.shapes, func(s shape) bool { return s.sd[j]*s.sd[j] > mostRatio*sd*sd })
}

// widen raises standard deviations, along the directions in which they are too small, until a reference of them is not
// narrow.
func widen(sd []float64, shapes []shape) {
	for range 1000 {
		λ, v := 0., []float64(nil)
		for _, s := range shapes {
			if l, w := s.ratio(sd); l > λ {
				λ, v = l, w
			}
		}
		if !(λ > mostRatio) {
			return
		}
		most := 0.
		for _, w := range v {
			most = max(most, w*w)
		}
		for j, w := range v {
			sd[j] *= math.Sqrt(1 + (1.01*λ/mostRatio-1)*w*w/most)
		}
	}
}
