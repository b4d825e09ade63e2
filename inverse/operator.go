package inverse

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

// Operator is a measurement model y = A(x) of one state x [D] by M numbers. It is safe for concurrent calls, and its
// slices do not overlap.
type Operator interface {
	// Kind is the word of the operator.
	Kind() string
	// Dims returns D and M.
	Dims() (d, m int)
	// Apply writes A(x) into y [M].
	Apply(y, x []float64)
	// VJP writes Jᵀw into dx [D], with J [M,D] the Jacobian of A at x.
	VJP(dx, x, w []float64)
}

// Linear is an Operator with A(x) = Ax: its VJP is the adjoint everywhere.
type Linear interface {
	Operator
	// Adjoint writes Aᵀw into dx [D].
	Adjoint(dx, w []float64)
}

// Spectral is a Linear operator with a singular value decomposition.
type Spectral interface {
	Linear
	// SVD returns the decomposition. What is too large to be decomposed is an *ito.UnsupportedError.
	SVD() (SVD, error)
}

// SVD is A = U diag(s) Vᵀ with R singular triplets. What is orthogonal to the columns of V is not measured; a singular
// value may be zero.
type SVD interface {
	Values() []float64 // s [R]; not to be changed
	VT(z, x []float64) // z [R] = Vᵀx
	V(x, z []float64)  // x [D] = Vz
	UT(z, y []float64) // z [R] = Uᵀy
	U(y, z []float64)  // y [M] = Uz
}

// smallest is the part of the largest singular value below which one counts as zero.
const smallest = 1e-10

// least is the singular value of s below which one counts as zero.
func least(s []float64) float64 {
	top := 0.
	for _, v := range s {
		top = math.Max(top, v)
	}
	return smallest * top
}

// PInv writes the pseudo-inverse A⁺y = V s⁺ Uᵀ y into x [D].
func PInv(x, y []float64, s SVD) { Ridge(x, y, s, 0) }

// Ridge writes V s/(s²+λ) Uᵀ y into x [D]: the posterior mean of x ~ N(0, cI) under noise of variance λc.
func Ridge(x, y []float64, s SVD, lambda float64) {
	v := s.Values()
	z, zero := make([]float64, len(v)), least(v)
	s.UT(z, y)
	for i := range z {
		if v[i] > zero {
			z[i] *= v[i] / (float64(v[i]*v[i]) + lambda)
		} else {
			z[i] = 0
		}
	}
	s.V(x, z)
}

// Norm is the largest singular value of a linear operator: from its decomposition where it has one, otherwise from
// 60 power iterations, which approach it from below.
func Norm(a Linear) float64 {
	if s, ok := a.(Spectral); ok {
		if d, err := s.SVD(); err == nil {
			top := 0.
			for _, v := range d.Values() {
				top = math.Max(top, v)
			}
			return top
		}
	}
	d, m := a.Dims()
	x, y := make([]float64, d), make([]float64, m)
	rng.NewKey(1, rng.PurposeProbe, 0, 0).Normals64(x, d, []uint64{0})
	norm := 0.
	for range 60 {
		n := math.Sqrt(matrix.Dot(x, x))
		if n == 0 {
			return 0
		}
		for i := range x {
			x[i] /= n
		}
		a.Apply(y, x)
		norm = math.Sqrt(matrix.Dot(y, y))
		a.Adjoint(x, y)
	}
	return norm
}

// AdjointError is an operator whose VJP is not the transposed derivative of its Apply.
type AdjointError struct {
	Operator   string
	Left, Rght float64 // wᵀJv and vᵀJᵀw
}

func (e *AdjointError) Error() string {
	return fmt.Sprintf("operator %s is not the adjoint of its adjoint: ⟨Av,w⟩ = %.9g and ⟨v,Aᵀw⟩ = %.9g", e.Operator,
		e.Left, e.Rght)
}

// Is makes it bad input: a broken operator restores nothing.
func (e *AdjointError) Is(target error) bool { return target == ito.ErrInput }

// CheckAdjoint compares ⟨Jv,w⟩ with ⟨v,Jᵀw⟩ for three random v and w, of a nonlinear operator by a central difference
// at a random x, to the relative tolerance 1e-9 (nonlinear: 1e-4), and reports the first that differs as an
// *AdjointError. Operators that are not differentiable, as quantise, are to be left out.
func CheckAdjoint(a Operator, seed uint64) error {
	d, m := a.Dims()
	x, v, w := make([]float64, d), make([]float64, d), make([]float64, m)
	lo, hi, jv, jw := make([]float64, d), make([]float64, m), make([]float64, m), make([]float64, d)
	linear, isLinear := a.(Linear)
	for k := range uint32(3) {
		one := []uint64{uint64(k)}
		rng.NewKey(seed, rng.PurposeProbe, 0, 0).Normals64(x, d, one)
		rng.NewKey(seed, rng.PurposeProbe, 1, 0).Normals64(v, d, one)
		rng.NewKey(seed, rng.PurposeProbe, 2, 0).Normals64(w, m, one)
		tol := 1e-9
		if isLinear {
			a.Apply(jv, v)
			linear.Adjoint(jw, w)
		} else {
			tol = 1e-4
			const h = 1e-5
			for i := range lo {
				lo[i] = x[i] + h*v[i]
			}
			a.Apply(jv, lo)
			for i := range lo {
				lo[i] = x[i] - h*v[i]
			}
			a.Apply(hi, lo)
			for i := range jv {
				jv[i] = (jv[i] - hi[i]) / (2 * h)
			}
			a.VJP(jw, x, w)
		}
		left, right := matrix.Dot(jv, w), matrix.Dot(v, jw)
		scale := math.Sqrt(matrix.Dot(jv, jv)*matrix.Dot(w, w)) + math.Sqrt(matrix.Dot(jw, jw)*matrix.Dot(v, v))
		if !(math.Abs(left-right) <= tol*scale) && scale != 0 {
			return &AdjointError{a.Kind(), left, right}
		}
	}
	return nil
}

// Residual is ‖y − A(x)‖/√M.
func Residual(a Operator, y, x []float64) float64 {
	r := make([]float64, len(y))
	a.Apply(r, x)
	s := 0.
	for i, v := range r {
		s += float64((y[i] - v) * (y[i] - v))
	}
	return math.Sqrt(s / float64(max(len(y), 1)))
}
