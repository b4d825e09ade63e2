package field

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// Pairs is a joint law of the two ends (x_0,x_1) of an interpolant: a mixture of 2D dimensions with
// covariances, x_0 first.
type Pairs struct{ Mixture }

// Independent pairs every component of m0 with every one of m1, independently.
func Independent(m0, m1 Mixture) (Pairs, error) {
	if err := m0.Check(); err != nil {
		return Pairs{}, err
	}
	if err := m1.Check(); err != nil {
		return Pairs{}, err
	}
	d := m0.D
	if m1.D != d {
		return Pairs{}, &ito.InputError{Where: "pairs", What: fmt.Sprintf("the ends have dimensions %d and %d", d,
			m1.D)}
	}
	out := Mixture{D: 2 * d}
	w0, w1 := m0.weights(), m1.weights()
	c0, c1 := make([]float64, d*d), make([]float64, d*d)
	for i, p := range w0 {
		m0.covariance(c0, i)
		for j, q := range w1 {
			m1.covariance(c1, j)
			out.Weights = append(out.Weights, p*q)
			out.Means = append(append(out.Means, m0.Means[i*d:(i+1)*d]...), m1.Means[j*d:(j+1)*d]...)
			out.Cov = append(out.Cov, joined(c0, c1, nil, d)...)
		}
	}
	return Pairs{out}, nil
}

// Same pairs every row of m with itself: both ends of a mirror, or the one data end of a one-sided path.
func Same(m Mixture) (Pairs, error) {
	if err := m.Check(); err != nil {
		return Pairs{}, err
	}
	d := m.D
	out := Mixture{D: 2 * d, Weights: m.weights()}
	c := make([]float64, d*d)
	for k := range out.Weights {
		m.covariance(c, k)
		mean := m.Means[k*d : (k+1)*d]
		out.Means = append(append(out.Means, mean...), mean...)
		out.Cov = append(out.Cov, joined(c, c, c, d)...)
	}
	return Pairs{out}, nil
}

// Coupled pairs two Gaussians with Cov(x_0,x_1) = c [D,D], such as the coupling of a path.BrownianBridge.
func Coupled(from, to ito.Gaussian, c []float64) (Pairs, error) {
	d := len(from.Mean)
	if len(to.Mean) != d || len(from.Cov) != d*d || len(to.Cov) != d*d || len(c) != d*d {
		return Pairs{}, &ito.InputError{Where: "pairs", What: fmt.Sprintf("ends of dimension %d and %d with a "+
			"coupling of %d values", d, len(to.Mean), len(c))}
	}
	out := Mixture{D: 2 * d, Means: append(append([]float64(nil), from.Mean...), to.Mean...),
		Cov: joined(from.Cov, to.Cov, c, d)}
	return Pairs{out}, out.Check()
}

// joined is the covariance [[a,c],[cᵀ,b]]; c nil is zero.
func joined(a, b, c []float64, d int) []float64 {
	n := 2 * d
	out := make([]float64, n*n)
	for i := range d {
		for j := range d {
			out[i*n+j], out[(d+i)*n+d+j] = a[i*d+j], b[i*d+j]
			if c != nil {
				out[i*n+d+j], out[(d+j)*n+i] = c[i*d+j], c[i*d+j]
			}
		}
	}
	return out
}
