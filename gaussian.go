package ito

import (
	"fmt"
	"math"
)

// DefaultFull is the most columns of which covariances, and the matrices of learnt paths, are looked at in full
// unless something else is asked for; beyond, they are column by column. MostFull is the most of which they can be
// asked for: 32 MB a matrix.
const DefaultFull, MostFull = 256, 2048

// CheckFull refuses something with a matrix of the square of d numbers beyond [MostFull], with what to use instead.
func CheckFull(what string, d int, instead string) error {
	if d <= MostFull {
		return nil
	}
	return &UnsupportedError{What: what, Why: fmt.Sprintf("it needs a matrix of %d×%d numbers, and %d columns are "+
		"the most", d, d, MostFull), Nearest: instead}
}

// Gaussian is a normal distribution by its moments: a prior, or what is known of a data set.
type Gaussian struct {
	Mean []float64 `json:"mean"` // [D]
	Cov  []float64 `json:"cov"`  // [D,D] row-major; or [D], the variances of uncorrelated columns
}

// StandardNormal is N(0,I) of dimension d, as variances.
func StandardNormal(d int) Gaussian {
	g := Gaussian{Mean: make([]float64, d), Cov: make([]float64, d)}
	for i := range g.Cov {
		g.Cov[i] = 1
	}
	return g
}

// PerColumn reports a Gaussian given by variances alone. One of dimension 1 is.
func (g Gaussian) PerColumn() bool { return len(g.Cov) == len(g.Mean) }

// Variance is that of column i.
func (g Gaussian) Variance(i int) float64 {
	if d := len(g.Mean); !g.PerColumn() {
		return g.Cov[i*d+i]
	}
	return g.Cov[i]
}

// Covariance is that of columns i and j.
func (g Gaussian) Covariance(i, j int) float64 {
	switch d := len(g.Mean); {
	case !g.PerColumn():
		return g.Cov[i*d+j]
	case i == j:
		return g.Cov[i]
	}
	return 0
}

// Full is g with its covariances in full, [D,D]; g itself where it has them. A Gaussian of more than [MostFull]
// columns is an [UnsupportedError].
func (g Gaussian) Full() (Gaussian, error) {
	d := len(g.Mean)
	if !g.PerColumn() || d == 1 {
		return g, nil
	}
	if err := CheckFull("the covariances of uncorrelated columns in full", d, "their variances"); err != nil {
		return g, err
	}
	out := Gaussian{Mean: g.Mean, Cov: make([]float64, d*d)}
	for i, v := range g.Cov {
		out.Cov[i*(d+1)] = v
	}
	return out, nil
}

// Check reports numbers of moments that do not fit each other, moments that are not finite and variances below zero.
func (g Gaussian) Check(where string) error {
	d := len(g.Mean)
	bad := func(format string, args ...any) error {
		return &InputError{Where: where, What: fmt.Sprintf(format, args...)}
	}
	if n := len(g.Cov); d == 0 || n != d && n/d != d || n%d != 0 {
		return bad("%d means and %d covariances are no moments", d, n)
	}
	for i, v := range g.Mean {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return bad("mean %d is %g", i, v)
		}
	}
	for i, v := range g.Cov {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return bad("covariance %d is %g", i, v)
		}
	}
	for i := range d {
		if v := g.Variance(i); v < 0 {
			return bad("the variance of column %d is %g", i, v)
		}
	}
	return nil
}
