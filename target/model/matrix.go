package model

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// cholesky factors data with gonum's blocked routine: a covariance may have thousands of rows.
func (t *tracer) cholesky(a *tensor) (*tensor, error) {
	n, err := square("cholesky", a)
	if err != nil {
		return nil, err
	}
	if err := symmetric(a); err != nil {
		return nil, err
	}
	return t.remember(func() (*tensor, error) {
		var c mat.Cholesky
		if !c.Factorize(mat.NewSymDense(n, slices.Clone(a.x))) {
			return nil, fmt.Errorf("cholesky: %s is not positive definite", a.describe())
		}
		var l mat.TriDense
		c.LTo(&l)
		return dense(t, &l, n), nil
	})
}

// symmetric refuses a matrix of data whose triangles differ by more than rounding: one of them would be left out
// unseen.
func symmetric(a *tensor) error {
	n := a.shape[0]
	for i := range n {
		for j := range i {
			up, low := a.x[j*n+i], a.x[i*n+j]
			scale := math.Sqrt(math.Abs(a.x[i*n+i])) * math.Sqrt(math.Abs(a.x[j*n+j]))
			if !(math.Abs(up-low) <= 1e-8*max(scale, math.Abs(up), math.Abs(low))) {
				return fmt.Errorf("cholesky: the matrix is not symmetric: entry [%d, %d] is %v, entry [%d, %d] is %v",
					j, i, up, i, j, low)
			}
		}
	}
	return nil
}

// inverseLower is L⁻¹ of a lower triangular matrix of data.
func (t *tracer) inverseLower(a *tensor) (*tensor, error) {
	n, err := square("inverse", a)
	if err != nil {
		return nil, err
	}
	return t.remember(func() (*tensor, error) {
		var w mat.TriDense
		if err := w.InverseTri(mat.NewTriDense(n, mat.Lower, slices.Clone(a.x))); err != nil && w.IsEmpty() {
			return nil, fmt.Errorf("the factor %s is singular", a.describe())
		}
		return dense(t, &w, n), nil
	})
}

func dense(t *tracer, m mat.Matrix, n int) *tensor {
	d := mat.DenseCopyOf(m)
	return &tensor{t: t, x: d.RawMatrix().Data, shape: []int{n, n}}
}

func square(name string, a *tensor) (int, error) {
	if len(a.shape) != 2 || a.shape[0] != a.shape[1] {
		return 0, fmt.Errorf("%s: needs a square matrix, got %s", name, a.describe())
	}
	return a.shape[0], nil
}
