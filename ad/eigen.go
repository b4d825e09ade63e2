package ad

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// eigenParts are the values [.., d], the vectors in columns and F.
func eigenParts(out Value) (values, v, f Value) {
	axis := out.Rank() - 2
	d := out.n.shape[axis+1]
	row := Slice(out, axis, 0, 1) // [.., 1, d]
	v = Slice(out, axis, 1, d+1)
	gap := Sub(row, Transpose(row)) // λ_j − λ_i
	same := Equal(gap, Zeros(gap))
	f = Select(same, Zeros(gap), Recip(Select(same, full(gap, 1), gap)))
	return row, v, f
}

// eigenSymmetric writes the eigenvalues of the symmetric part, ascending, and below them the vectors in columns, of
// which the largest element is positive. NaN where a is not finite.
func eigenSymmetric(dst, a []float64, d int) {
	s := mat.NewSymDense(d, nil)
	ok := true
	for i := range d {
		for j := range i + 1 {
			v := .5 * (a[i*d+j] + a[j*d+i])
			ok = ok && v-v == 0
			s.SetSym(i, j, v)
		}
	}
	var e mat.EigenSym
	if !ok || !e.Factorize(s, true) {
		for i := range dst {
			dst[i] = math.NaN()
		}
		return
	}
	e.Values(dst[:d])
	var v mat.Dense
	e.VectorsTo(&v)
	for j := range d {
		most := 0.
		for i := range d {
			if x := v.At(i, j); math.Abs(x) > math.Abs(most)*(1+1e-10) {
				most = x
			}
		}
		for i := range d {
			dst[(i+1)*d+j] = math.Copysign(1, most) * v.At(i, j)
		}
	}
}

// EigenSymmetric are the eigenvalues [.., d], ascending, and the eigenvectors in columns [.., d, d], of the symmetric
// part
// of A; of each vector the largest element is positive. Where two values are equal their vectors have no derivative,
// and
// none is given. Float64 only.
func EigenSymmetric(a Value) (values, vectors Value) {
	d := square64("eigen_symmetric", a)
	shape := slices.Clone(a.n.shape)
	axis := len(shape) - 2
	shape[axis] = d + 1
	out := add(opEigh, nil, shape, a.n.dtype, a)
	return At(out, axis, 0), Slice(out, axis, 1, d+1)
}
