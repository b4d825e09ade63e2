package mcmc

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"

	"gonum.org/v1/gonum/floats"
)

// NormalPrior is a normal distribution N(m, C) under which [PCN] and [EllipticalSlice] move: a [infer.Reference], whose
// coordinates are independent, a [DensePrior] or an [OperatorPrior]. It is safe for concurrent use.
type NormalPrior interface {
	// Centre writes m.
	Centre(m []float64)
	// Root writes Rz for standard normals z, RRᵀ = C; the slices do not overlap.
	Root(dst, z []float64)
	// LogDensity is log N(x; m, C) up to one constant.
	LogDensity(x []float64) float64
	// ValidatePrior reports a prior that is none in dimension d; density says that LogDensity is needed.
	ValidatePrior(d int, density bool) error
}

// DensePrior is a normal prior by its covariance, of which it keeps the Cholesky factor. A root and a density cost
// d² operations.
type DensePrior struct {
	mean  []float64
	lower []float64 // [D,D] row-major
}

// NewDensePrior factorises the covariance [D,D], row-major and symmetric. A covariance that is not positive
// definite is an *ito.InputError.
func NewDensePrior(mean, cov []float64) (DensePrior, error) {
	d := len(mean)
	bad := func(what, do string) (DensePrior, error) {
		return DensePrior{}, &ito.InputError{Where: "prior", What: what, Do: do}
	}
	if d == 0 || len(cov) != d*d {
		return bad(fmt.Sprintf("a mean of %d numbers and a covariance of %d", d, len(cov)),
			"give a covariance of D·D numbers")
	}
	if !infer.AllFinite(mean) || !infer.AllFinite(cov) {
		return bad("the mean or the covariance has a number that is not finite", "")
	}
	for i := range d {
		for j := range i {
			if a, b := cov[i*d+j], cov[j*d+i]; math.Abs(a-b) > 1e-10*math.Sqrt(math.Abs(cov[i*d+i]*cov[j*d+j])) {
				return bad(fmt.Sprintf("the covariance is not symmetric: %v at (%d, %d) and %v across", a, i, j, b), "")
			}
		}
	}
	var c mat.Cholesky
	if !c.Factorize(mat.NewSymDense(d, append([]float64(nil), cov...))) {
		return bad("the covariance is not positive definite",
			"add a small number to its diagonal, or leave out coordinates that others determine")
	}
	var l mat.TriDense
	c.LTo(&l)
	p := DensePrior{mean: append([]float64(nil), mean...), lower: make([]float64, d*d)}
	for i := range d {
		for j := range i + 1 {
			p.lower[i*d+j] = l.At(i, j)
		}
	}
	return p, nil
}

// Centre implements NormalPrior.
func (p DensePrior) Centre(m []float64) { copy(m, p.mean) }

// Root implements NormalPrior: Lz.
func (p DensePrior) Root(dst, z []float64) {
	d := len(p.mean)
	for i := range d {
		dst[i] = floats.Dot(p.lower[i*d:i*d+i+1], z[:i+1])
	}
}

// LogDensity implements NormalPrior: −½|L⁻¹(x−m)|², without the constant.
func (p DensePrior) LogDensity(x []float64) float64 {
	d := len(p.mean)
	y := make([]float64, d)
	for i := range d {
		y[i] = (x[i] - p.mean[i] - floats.Dot(p.lower[i*d:i*d+i], y[:i])) / p.lower[i*d+i]
	}
	return -floats.Dot(y, y) / 2
}

// ValidatePrior implements NormalPrior.
func (p DensePrior) ValidatePrior(d int, _ bool) error {
	if len(p.mean) != d {
		return &ito.InputError{Where: "prior", What: fmt.Sprintf("a covariance of dimension %d for a target of "+
			"dimension %d", len(p.mean), d), Do: "make it by NewDensePrior"}
	}
	return nil
}

// OperatorPrior is a normal prior by what its covariance does: a root by a fast transform or a solver of a
// differential equation, say, so that no D² numbers are kept.
type OperatorPrior struct {
	Mean []float64 // [D]
	// Sqrt writes Rz, RRᵀ = C.
	Sqrt func(dst, z []float64)
	// Precision writes C⁻¹y. Only a target that includes the prior's density needs it; nil where the target is the
	// likelihood alone.
	Precision func(dst, y []float64)
}

// Centre implements NormalPrior.
func (p OperatorPrior) Centre(m []float64) { copy(m, p.Mean) }

// Root implements NormalPrior.
func (p OperatorPrior) Root(dst, z []float64) { p.Sqrt(dst, z) }

// LogDensity implements NormalPrior: −½(x−m)ᵀC⁻¹(x−m), without the constant.
func (p OperatorPrior) LogDensity(x []float64) float64 {
	y, q := make([]float64, len(x)), make([]float64, len(x))
	for j, v := range x {
		y[j] = v - p.Mean[j]
	}
	p.Precision(q, y)
	return -floats.Dot(y, q) / 2
}

// ValidatePrior implements NormalPrior.
func (p OperatorPrior) ValidatePrior(d int, density bool) error {
	if len(p.Mean) != d || p.Sqrt == nil || density && p.Precision == nil {
		return &ito.InputError{Where: "prior", What: fmt.Sprintf("an operator of dimension %d for a target of "+
			"dimension %d, or one without its root or precision", len(p.Mean), d),
			Do: "give a mean and a root, and the precision where the target includes the prior"}
	}
	return nil
}

// likelihood is log ρ without the prior.
func likelihood(alone bool, prior NormalPrior, logp float64, x []float64) float64 {
	if alone {
		return logp
	}
	return logp - prior.LogDensity(x)
}

func priorOr(p NormalPrior) NormalPrior {
	if p == nil {
		return infer.Reference{}
	}
	return p
}
