package path

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// Matrices are [d,d] row-major slices, summed in fixed order. The paths of this package have at most a
// few hundred dimensions with a basis, and build theirs once.

// product returns a·b·c… for [d,d] matrices.
func product(d int, a []float64, rest ...[]float64) []float64 {
	for _, b := range rest {
		c := make([]float64, d*d)
		matrix.Multiply(c, a, b, d)
		a = c
	}
	return a
}

// sandwich returns a·s·aᵀ, exactly symmetric when s is.
func sandwich(a, s []float64, d int) []float64 {
	out := make([]float64, d*d)
	matrix.MultiplyT(out, product(d, a, s), a, d)
	symmetrise(out, d)
	return out
}

// symmetrise replaces a by (a+aᵀ)/2.
func symmetrise(a []float64, d int) {
	for i := range d {
		for j := range i {
			m := (a[i*d+j] + a[j*d+i]) / 2
			a[i*d+j], a[j*d+i] = m, m
		}
	}
}

// apply returns a·x.
func apply(a, x []float64) []float64 {
	d := len(x)
	out := make([]float64, d)
	for i := range d {
		for j, v := range x {
			out[i] += float64(a[i*d+j] * v)
		}
	}
	return out
}

// identity returns I.
func identity(d int) []float64 {
	a := make([]float64, d*d)
	for i := range d {
		a[i*d+i] = 1
	}
	return a
}

// inverse returns a⁻¹, or an error where a is singular to working precision.
func inverse(a []float64, d int) ([]float64, error) {
	var out mat.Dense
	if err := out.Inverse(mat.NewDense(d, d, append([]float64(nil), a...))); err != nil {
		return nil, err
	}
	return out.RawMatrix().Data, nil
}

// symmetric is the eigendecomposition Q diag(λ) Qᵀ of a symmetric matrix, λ increasing. q is nil for
// a diagonal matrix, whose modes keep the order of its axes.
type symmetric struct {
	d int
	q []float64 // [d,d], columns are the eigenvectors; nil for the identity
	λ []float64 // [d]
}

// eigen decomposes the symmetric a. The sign of an eigenvector is fixed by its largest component
// (the first of equals), which is positive.
func eigen(a []float64, d int) (symmetric, error) {
	s := symmetric{d: d, λ: make([]float64, d)}
	if matrix.IsDiagonal(a, d) {
		for i := range d {
			s.λ[i] = a[i*d+i]
		}
		return s, nil
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(d, append([]float64(nil), a...)), true) {
		return s, &ito.InputError{What: fmt.Sprintf("the eigenvalues of a symmetric matrix of dimension %d do not "+
			"converge", d)}
	}
	e.Values(s.λ)
	var v mat.Dense
	e.VectorsTo(&v)
	s.q = make([]float64, d*d)
	for k := range d {
		big, sign := 0.0, 1.0
		for i := range d {
			if x := v.At(i, k); math.Abs(x) > big {
				big, sign = math.Abs(x), math.Copysign(1, x)
			}
		}
		for i := range d {
			s.q[i*d+k] = sign * v.At(i, k)
		}
	}
	return s, nil
}

// with returns Q diag(w) Qᵀ.
func (s symmetric) with(w []float64) []float64 {
	d := s.d
	out := make([]float64, d*d)
	if s.q == nil {
		for i := range d {
			out[i*d+i] = w[i]
		}
		return out
	}
	for i := range d {
		for j := range i + 1 {
			v := 0.0
			for k := range d {
				v += float64(float64(s.q[i*d+k]*w[k]) * s.q[j*d+k])
			}
			out[i*d+j], out[j*d+i] = v, v
		}
	}
	return out
}

// apply returns Q diag(f(λ)) Qᵀ.
func (s symmetric) apply(f func(λ float64) float64) []float64 {
	w := make([]float64, s.d)
	for i, λ := range s.λ {
		w[i] = f(λ)
	}
	return s.with(w)
}

// checkSymmetric reports a matrix further from its transpose than rounding explains, and makes it exactly symmetric.
func checkSymmetric(where string, a []float64, d int) error {
	big := 0.0
	for _, v := range a {
		big = math.Max(big, math.Abs(v))
	}
	for i := range d {
		for j := range i {
			if math.Abs(a[i*d+j]-a[j*d+i]) > 1e-9*big {
				return &ito.InputError{Where: where, What: fmt.Sprintf("the matrix is not symmetric: entry (%d,%d) "+
					"is %g and (%d,%d) is %g",
					i, j, a[i*d+j], j, i, a[j*d+i])}
			}
		}
	}
	symmetrise(a, d)
	return nil
}

// checkFinite reports the first value that is not a number.
func checkFinite(where, what string, a []float64) error {
	for i, v := range a {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &ito.InputError{Where: where, What: fmt.Sprintf("value %d of the %s is %g", i, what, v),
				Do: "give finite values"}
		}
	}
	return nil
}

// checkMean reports a centre whose length is not d or that is not finite; nil is zero.
func checkMean(where string, mean []float64, d int) error {
	if mean != nil && len(mean) != d {
		return &ito.InputError{Where: where, What: fmt.Sprintf("the mean has %d values for dimension %d", len(mean), d)}
	}
	return checkFinite(where, "mean", mean)
}

// maxDim keeps a configuration from asking for more memory than a path of any use could need.
const maxDim = 1 << 24

// checkDim reports a dimension that is unknown or absurd.
func checkDim(where string, d int) error {
	if d < 1 || d > maxDim {
		return &ito.InputError{Where: where, What: fmt.Sprintf("the dimension is %d", d),
			Do: "give D, or a matrix or mean that has it"}
	}
	return nil
}
