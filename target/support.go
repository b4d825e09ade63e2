package target

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
)

// Support is the set that a parameter lives in, with a smooth map onto it from all of R^Free. A density over
// the parameter becomes one over u by adding log |det ∂x/∂u|. The maps are Stan's (Stan Reference Manual,
// "Constraint Transforms"; the simplex by stick breaking).
type Support interface {
	// Shape is that of the parameter; nil is a scalar. The caller must not change it.
	Shape() []int
	// Free is the number of unconstrained coordinates.
	Free() int
	// Constrain traces x of shape Shape from u [Free], and log |det ∂x/∂u|, a scalar. Where the support has
	// fewer degrees of freedom than x has elements, the Jacobian is that of the free ones: all but the last
	// of a simplex, those below the diagonal of a correlation factor.
	Constrain(u ad.Value) (x, logJacobian ad.Value)
	// Unconstrain writes the u of x, both in row-major order. It returns a *SupportError for x outside.
	Unconstrain(u, x []float64) error
	// String is the support as model files write it.
	String() string
}

// SupportError is a value outside the support of its parameter.
type SupportError struct {
	Support string
	Index   int // in row-major order
	Value   float64
}

func (e *SupportError) Error() string {
	return fmt.Sprintf("target: element %d is %.6g, outside %s", e.Index, e.Value, e.Support)
}

func size(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

func checkLengths(s Support, u, x []float64) error {
	if len(u) != s.Free() || len(x) != size(s.Shape()) {
		return fmt.Errorf("target: %v has %d elements and %d free coordinates, got %d and %d",
			s, size(s.Shape()), s.Free(), len(x), len(u))
	}
	return nil
}

// scalarSupport acts on every element alone: x = f(u).
type scalarSupport struct {
	shape     []int
	name      string
	constrain func(u ad.Value) (x, logJacobian ad.Value) // elementwise
	inverse   func(x float64) float64                    // NaN outside
}

func (s *scalarSupport) Shape() []int   { return s.shape }
func (s *scalarSupport) Free() int      { return size(s.shape) }
func (s *scalarSupport) String() string { return s.name }

func (s *scalarSupport) Constrain(u ad.Value) (x, logJacobian ad.Value) {
	x, j := s.constrain(ad.Reshape(u, s.shape...))
	return x, ad.Sum(j)
}

func (s *scalarSupport) Unconstrain(u, x []float64) error {
	if err := checkLengths(s, u, x); err != nil {
		return err
	}
	for i, v := range x {
		if u[i] = s.inverse(v); math.IsNaN(u[i]) || math.IsInf(u[i], 0) {
			return &SupportError{s.name, i, v}
		}
	}
	return nil
}

// Real is R: x = u.
func Real(shape ...int) Support {
	return &scalarSupport{slices.Clone(shape), "real",
		func(u ad.Value) (ad.Value, ad.Value) { return u, ad.Zeros(u) },
		func(x float64) float64 { return x }}
}

// Positive is x > 0: x = eᵘ, log J = u.
func Positive(shape ...int) Support {
	s := Lower(0, shape...).(*scalarSupport)
	s.name = "positive"
	return s
}

// Lower is x > a: x = a + eᵘ, log J = u.
func Lower(a float64, shape ...int) Support {
	return &scalarSupport{slices.Clone(shape), fmt.Sprintf("lower(%g)", a),
		func(u ad.Value) (ad.Value, ad.Value) {
			if a == 0 {
				return ad.Exp(u), u
			}
			return ad.Shift(ad.Exp(u), a), u
		},
		func(x float64) float64 { return math.Log(x - a) }}
}

// Upper is x < b: x = b − eᵘ, log J = u.
func Upper(b float64, shape ...int) Support {
	return &scalarSupport{slices.Clone(shape), fmt.Sprintf("upper(%g)", b),
		func(u ad.Value) (ad.Value, ad.Value) { return ad.Shift(ad.Neg(ad.Exp(u)), b), u },
		func(x float64) float64 { return math.Log(b - x) }}
}

// Interval is a < x < b: x = a + (b−a)σ(u), log J = log(b−a) + log σ(u) + log σ(−u). It panics unless a < b
// are finite.
func Interval(a, b float64, shape ...int) Support {
	if !(a < b) || math.IsInf(a, 0) || math.IsInf(b, 0) {
		panic(fmt.Sprintf("target: interval(%g, %g) is empty or unbounded", a, b))
	}
	return &scalarSupport{slices.Clone(shape), fmt.Sprintf("interval(%g, %g)", a, b),
		func(u ad.Value) (ad.Value, ad.Value) {
			x := ad.Shift(ad.Scale(ad.Sigmoid(u), b-a), a)
			return x, ad.Shift(ad.Neg(ad.Add(ad.Softplus(u), ad.Softplus(ad.Neg(u)))), math.Log(b-a))
		},
		func(x float64) float64 { return math.Log((x - a) / (b - x)) }}
}
