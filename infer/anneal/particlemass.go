package anneal

import (
	"gonum.org/v1/gonum/floats"
	"math"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
)

// crossed is the inverse mass of a group of weighted particles: each half of them moves with the covariance of the
// other half, its correlations shrunk by n/(n+2d), n the effective number of all. Nil where there are fewer than
// perCoordinate effective particles to a coordinate, more than mostDense coordinates, or a covariance has no
// factor.
//
// The halves matter. Moves leave π_β as it is for a given metric, and not for one that the moving particles have
// made: of d² numbers estimated from n particles little is left of n/d² of order 1. (Ionosphere, d = 35, log Z =
// −111.61, runs of 1000: −113.2 ± .1 with the covariance of all particles, −111.6 ± .1 with that of the others, at
// 4000 −112.0 still.) Slots keep the order of their ancestors, so the halves share few of them.
func crossed(s *infer.State) *mcmc.Mass {
	d, logw := s.D, s.Var("logw")
	w := s.Scratch("mass.w", s.Slots)
	for i, l := range logw {
		w[i] = math.Exp(l)
	}
	n := 1 / floats.Dot(w, w)
	if d < 2 || d > MostDense || !(n >= PerCoordinate*float64(d)) {
		return nil
	}
	half := (s.Slots + 1) / 2
	m := &mcmc.Mass{Kind: mcmc.Dense, D: d, Rows: half, Inverse: s.Scratch("mass.inv", 2*d*d),
		Factor: s.Scratch("mass.chol", 2*d*d)}
	for k := range 2 {
		from, to := (1-k)*half, min((2-k)*half, s.Slots)
		inv, chol := m.Inverse[k*d*d:(k+1)*d*d], m.Factor[k*d*d:(k+1)*d*d]
		covariance(inv, s.X[from*d:to*d], w[from:to], n/(n+2*float64(d)))
		clear(chol)
		if !mcmc.Cholesky(chol, inv, d) {
			return nil
		}
	}
	return m
}

const (
	PerCoordinate = 10
	MostDense     = 128 // a step costs d² beside the gradient
)

// covariance writes the covariance [d,d] of weighted rows x, its correlations times shrink.
func covariance(dst, x, w []float64, shrink float64) {
	d, sum := len(x)/len(w), 0.
	mean, δ := make([]float64, d), make([]float64, d)
	for i, v := range w {
		sum += v
		for j := range d {
			mean[j] += v * x[i*d+j]
		}
	}
	for j := range mean {
		mean[j] /= sum
	}
	clear(dst)
	for i, v := range w {
		if v == 0 {
			continue
		}
		for j := range δ {
			δ[j] = x[i*d+j] - mean[j]
		}
		for j, a := range δ {
			a *= v / sum
			row := dst[j*d : j*d+j+1]
			for k := range row {
				row[k] += a * δ[k]
			}
		}
	}
	for j := range d {
		for k := range j {
			dst[j*d+k] *= shrink
			dst[k*d+j] = dst[j*d+k]
		}
	}
}
