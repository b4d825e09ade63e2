package path

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// ProjectDiagonal is [Project] for a diagonal A, given by its D numbers. O(D).
func ProjectDiagonal(a []float64, dmin, dmax float64) ([]float64, error) {
	const where = "projection of A"
	if !(dmin <= dmax) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the bounds of D are [%g, %g]", dmin, dmax)}
	}
	if err := checkFinite(where, "diagonal", a); err != nil {
		return nil, err
	}
	lo, hi := (1-dmax)/2, (1-dmin)/2
	out := make([]float64, len(a))
	for k, v := range a {
		out[k] = min(max(v, lo), hi)
	}
	return out, nil
}

// Project returns the symmetric matrix nearest to A [D,D], in the Frobenius norm, whose D = I−2A has
// its eigenvalues in [dmin, dmax]. An update of a Schrödinger path passes through it: dmin > 0 keeps
// the path contracting, dmax·β_max·h ≤ 1 keeps Euler steps of size h stable (vsdm takes .05 and 1/(β_max h)).
// It costs one eigendecomposition. A matrix already inside is symmetrised and otherwise unchanged.
func Project(a []float64, dmin, dmax float64) ([]float64, error) {
	const where = "projection of A"
	d := int(math.Round(math.Sqrt(float64(len(a)))))
	if d*d != len(a) || d == 0 {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("%d values are not a square matrix", len(a))}
	}
	if !(dmin <= dmax) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("the bounds of D are [%g, %g]", dmin, dmax)}
	}
	if err := checkFinite(where, "matrix", a); err != nil {
		return nil, err
	}
	out := append([]float64(nil), a...)
	symmetrise(out, d)
	s, err := eigen(out, d)
	if err != nil {
		return nil, err
	}
	lo, hi := (1-dmax)/2, (1-dmin)/2
	inside := true
	for k, v := range s.λ {
		s.λ[k] = min(max(v, lo), hi)
		inside = inside && s.λ[k] == v
	}
	if inside {
		return out, nil
	}
	return s.with(s.λ), nil
}
