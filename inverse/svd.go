package inverse

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
)

// tight is the decomposition of an operator with AAᵀ = c²I: U = I, V = Aᵀ/c.
type tight struct {
	a Linear
	s []float64
}

// newTight makes the decomposition with c for every singular value.
func newTight(a Linear, c float64) tight {
	_, m := a.Dims()
	t := tight{a, make([]float64, m)}
	for i := range t.s {
		t.s[i] = c
	}
	return t
}

// Values implements SVD.
func (t tight) Values() []float64 { return t.s }

// VT implements SVD.
func (t tight) VT(z, x []float64) { t.a.Apply(z, x); divide(z, t.s[0]) }

// V implements SVD.
func (t tight) V(x, z []float64) { t.a.Adjoint(x, z); divide(x, t.s[0]) }

// UT implements SVD.
func (t tight) UT(z, y []float64) { copy(z, y) }

// U implements SVD.
func (t tight) U(y, z []float64) { copy(y, z) }

func divide(x []float64, c float64) {
	for i := range x {
		x[i] /= c
	}
}

// denseSVD is a decomposition in matrices.
type denseSVD struct {
	s      []float64
	vt, ut []float64 // [R,D], [R,M] row-major
	d, m   int
}

// mostDense is the most numbers of a matrix that is decomposed: 1448² of them take some 30 s.
const mostDense = 1 << 21

// newDenseSVD decomposes a through its matrix. O(M·D·min(M,D)).
func newDenseSVD(a Linear) (SVD, error) {
	d, m := a.Dims()
	if d*m > mostDense {
		return nil, &ito.UnsupportedError{What: "the singular values of operator " + a.Kind(),
			Why: fmt.Sprintf("its matrix has %d×%d numbers, %d are the most", m, d, mostDense), Nearest: "method dps"}
	}
	x := Matrix(a)
	var f mat.SVD
	if !f.Factorize(mat.NewDense(m, d, x), mat.SVDThin) {
		return nil, &ito.InputError{Where: "operator " + a.Kind(), What: "its singular values do not converge"}
	}
	var u, v mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	s := &denseSVD{s: f.Values(nil), d: d, m: m}
	for k := range s.s {
		for i := range d {
			s.vt = append(s.vt, v.At(i, k))
		}
		for i := range m {
			s.ut = append(s.ut, u.At(i, k))
		}
	}
	return s, nil
}

// Values implements SVD.
func (s *denseSVD) Values() []float64 { return s.s }

// VT implements SVD.
func (s *denseSVD) VT(z, x []float64) { rowsTimes(z, s.vt, x) }

// V implements SVD.
func (s *denseSVD) V(x, z []float64) { timesRows(x, s.vt, z) }

// UT implements SVD.
func (s *denseSVD) UT(z, y []float64) { rowsTimes(z, s.ut, y) }

// U implements SVD.
func (s *denseSVD) U(y, z []float64) { timesRows(y, s.ut, z) }

// rowsTimes writes z = Bx for B with len(z) rows.
func rowsTimes(z, b, x []float64) {
	n := len(x)
	for i := range z {
		z[i] = matrix.Dot(b[i*n:(i+1)*n], x)
	}
}

// timesRows writes x = Bᵀz.
func timesRows(x, b, z []float64) {
	n := len(x)
	clear(x)
	for i, v := range z {
		matrix.AddScaled(x, v, b[i*n:(i+1)*n])
	}
}

// Matrix is a linear operator written out, [M,D] row-major: D applications.
func Matrix(a Linear) []float64 {
	d, m := a.Dims()
	out, e, y := make([]float64, m*d), make([]float64, d), make([]float64, m)
	for j := range d {
		e[j] = 1
		a.Apply(y, e)
		e[j] = 0
		for i, v := range y {
			out[i*d+j] = v
		}
	}
	return out
}

// Condition is the ratio of the largest to the least singular value that is not zero.
func Condition(s SVD) float64 {
	v := s.Values()
	zero, lo, hi := least(v), math.Inf(1), 0.
	for _, x := range v {
		if x > zero {
			lo, hi = math.Min(lo, x), math.Max(hi, x)
		}
	}
	return hi / lo
}
