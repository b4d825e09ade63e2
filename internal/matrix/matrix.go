// Package matrix has the few products of small dense matrices that paths, fields and solvers share. Matrices are [d,d]
// row-major slices; sums go in fixed order and are rounded after every product, so that the bits are the same on every
// machine.
package matrix

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Multiply writes a·b into dst, which must be neither. O(d³).
func Multiply(dst, a, b []float64, d int) {
	for i := range d {
		row := dst[i*d : (i+1)*d]
		clear(row)
		for k := range d {
			v := a[i*d+k]
			for j, w := range b[k*d : (k+1)*d] {
				row[j] += float64(v * w)
			}
		}
	}
}

// MultiplyT writes a·bᵀ into dst, which must be neither. O(d³).
func MultiplyT(dst, a, b []float64, d int) {
	for i := range d {
		for j := range d {
			dst[i*d+j] = Dot(a[i*d:(i+1)*d], b[j*d:(j+1)*d])
		}
	}
}

// Dot is aᵀb.
func Dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += float64(v * b[i])
	}
	return s
}

// AddScaled adds c·v to dst.
func AddScaled(dst []float64, c float64, v []float64) {
	for i, w := range v {
		dst[i] += float64(c * w)
	}
}

// Transposed returns aᵀ.
func Transposed(a []float64, d int) []float64 {
	out := make([]float64, d*d)
	for i := range d {
		for j := range d {
			out[j*d+i] = a[i*d+j]
		}
	}
	return out
}

// IsDiagonal reports whether every entry off the diagonal is zero.
func IsDiagonal(a []float64, d int) bool {
	for i, v := range a {
		if v != 0 && i%(d+1) != 0 {
			return false
		}
	}
	return true
}

// Root returns the symmetric square root of a symmetric matrix, whose negative eigenvalues count as zero. It
// reports false where the eigenvalues do not converge. O(d³), of a diagonal matrix O(d²).
func Root(a []float64, d int) ([]float64, bool) {
	root := make([]float64, d*d)
	if IsDiagonal(a, d) {
		for i := 0; i < len(a); i += d + 1 {
			root[i] = math.Sqrt(math.Max(a[i], 0))
		}
		return root, true
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(d, append([]float64(nil), a...)), true) {
		return nil, false
	}
	var v mat.Dense
	e.VectorsTo(&v)
	for k, λ := range e.Values(nil) {
		σ := math.Sqrt(math.Max(λ, 0))
		for i := range d {
			for j := range d {
				root[i*d+j] += float64(σ * v.At(i, k) * v.At(j, k))
			}
		}
	}
	return root, true
}

// Turn writes w = Qᵀv for Q [D,D] row-major: v in the basis of the columns of Q. w and v do not overlap.
func Turn(w, v, q []float64) {
	d := len(v)
	clear(w)
	for j, x := range v {
		for k, c := range q[j*d : (j+1)*d] {
			w[k] += float64(c * x)
		}
	}
}
