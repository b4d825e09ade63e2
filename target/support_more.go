package target

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
)

// PositiveOrdered is 0 < x_1 < … < x_k: x_1 = exp u_1, x_i = x_{i−1} + exp u_i, log J = Σ u_i. Leading axes lead hold
// independent vectors. It panics unless k ≥ 1.
func PositiveOrdered(k int, lead ...int) Support {
	atLeast("positive_ordered", k, 1)
	return &vectorSupport{fmt.Sprintf("positive_ordered(%d)", k), append(slices.Clone(lead), k), k,
		func(u ad.Value) (ad.Value, ad.Value) { return ad.CumSum(ad.Exp(u), u.Rank()-1), u },
		func(u, x []float64) int {
			for i := range x {
				u[i] = math.Log(x[i] - x[max(i-1, 0)]*min(1, float64(i)))
			}
			return firstNonFinite(u)
		}}
}

// SumToZero is Σx = 0: x_i = √(1/(i(i+1)))-scaled contrasts of u, an isometry of R^{k−1}, so that log J = 0 and a
// normal
// prior on u is one of equal variance on x. It panics unless k ≥ 2.
func SumToZero(k int, lead ...int) Support {
	atLeast("sum_to_zero", k, 2)
	// column j: 1/√((j+1)(j+2)) for elements 0 … j, −√((j+1)/(j+2)) at element j+1
	basis := make([]float64, (k-1)*k)
	for j := range k - 1 {
		n := float64(j + 1)
		for i := range j + 1 {
			basis[j*k+i] = 1 / math.Sqrt(n*(n+1))
		}
		basis[j*k+j+1] = -math.Sqrt(n / (n + 1))
	}
	return &vectorSupport{fmt.Sprintf("sum_to_zero(%d)", k), append(slices.Clone(lead), k), k - 1,
		func(u ad.Value) (ad.Value, ad.Value) {
			axis := u.Rank() - 1
			// x_i = Σ_{j≥max(i,1)−…} c_j u_j − d_i u_{i−1}: a cumulated sum from behind and a shift
			c, d := make([]float64, k-1), make([]float64, k-1)
			for j := range k - 1 {
				c[j], d[j] = basis[j*k], -basis[j*k+j+1]
			}
			cu, du := scaleBy(u, c), scaleBy(u, d)
			total := ad.Reshape(ad.Sum(cu, axis), append(slices.Clone(u.Shape()[:axis]), 1)...)
			after := ad.Sub(total, exclusiveCumSum(cu, axis)) // Σ_{j≥i}, i < k−1
			x := ad.Sub(ad.Pad(after, axis, 0, 1), ad.Pad(du, axis, 1, 0))
			return x, ad.Zeros(u)
		},
		func(u, x []float64) int {
			sum, size := 0., 0.
			for _, v := range x {
				sum += v
				size = max(size, math.Abs(v))
			}
			if !(math.Abs(sum) <= 1e-8*max(1, size)) {
				return len(x) - 1
			}
			for j := range k - 1 {
				u[j] = 0
				for i := range k {
					u[j] += basis[j*k+i] * x[i]
				}
			}
			return firstNonFinite(u)
		}}
}

// scaleBy multiplies by a constant vector along the last axis of u.
func scaleBy(u ad.Value, c []float64) ad.Value {
	axis := u.Rank() - 1
	parts := make([]ad.Value, len(c))
	for i, v := range c {
		parts[i] = ad.Scale(ad.Slice(u, axis, i, i+1), v)
	}
	return ad.Concat(axis, parts...)
}

// UnitVector is |x| = 1: x = u/|u| with k coordinates u, one more than x is free in. Their length has a law of its own,
// −½|u|², as in Stan; the density is that on the sphere, normalised so that a flat one has its area as its integral.
// u = 0 has no direction. It panics unless k ≥ 2.
func UnitVector(k int, lead ...int) Support {
	atLeast("unit_vector", k, 2)
	half := .5 * float64(k)
	lg, _ := math.Lgamma(half)
	logArea := math.Ln2 + half*math.Log(math.Pi) - lg
	return &vectorSupport{fmt.Sprintf("unit_vector(%d)", k), append(slices.Clone(lead), k), k,
		func(u ad.Value) (ad.Value, ad.Value) {
			axis := u.Rank() - 1
			q := ad.Sum(ad.Square(u), axis)
			r := ad.Reshape(ad.Sqrt(q), append(slices.Clone(u.Shape()[:axis]), 1)...)
			return ad.Div(u, r), ad.Shift(ad.Scale(q, -.5), logArea-half*math.Log(2*math.Pi))
		},
		func(u, x []float64) int {
			q := 0.
			for _, v := range x {
				q += v * v
			}
			if !(math.Abs(q-1) < 1e-8) {
				return len(x) - 1
			}
			copy(u, x)
			return -1
		}}
}

// triangular is the set of lower triangular L with positive diagonal, of LLᵀ, or of LLᵀ with a unit diagonal.
type triangular struct {
	k       int
	product bool
}

// CholeskyCov is the lower triangular L [k,k] with positive diagonal exp u_ii, row-major order; log J = Σ u_ii. It
// panics unless k ≥ 1.
func CholeskyCov(k int) Support {
	atLeast("cholesky_cov", k, 1)
	return triangular{k, false}
}

// CovMatrix is the positive definite Σ = LLᵀ [k,k] with L as in [CholeskyCov]: log J = k log 2 + Σ_i (k−i+2)u_ii, i
// from
// 1. It panics unless k ≥ 1.
func CovMatrix(k int) Support {
	atLeast("cov_matrix", k, 1)
	return triangular{k, true}
}

func (c triangular) Shape() []int { return []int{c.k, c.k} }
func (c triangular) Free() int    { return c.k * (c.k + 1) / 2 }
func (c triangular) String() string {
	if c.product {
		return fmt.Sprintf("cov_matrix(%d)", c.k)
	}
	return fmt.Sprintf("cholesky_cov(%d)", c.k)
}

func (c triangular) Constrain(u ad.Value) (x, logJacobian ad.Value) {
	var rows []ad.Value
	for i, at := 0, 0; i < c.k; i, at = i+1, at+i+1 {
		d := ad.Slice(u, 0, at+i, at+i+1)
		row := ad.Exp(d)
		if i > 0 {
			row = ad.Concat(0, ad.Slice(u, 0, at, at+i), row)
		}
		rows = append(rows, ad.Pad(row, 0, 0, c.k-1-i))
		part := ad.Sum(d)
		if c.product {
			part = ad.Shift(ad.Scale(part, float64(c.k-i+1)), math.Ln2)
		}
		if i == 0 {
			logJacobian = part
		} else {
			logJacobian = ad.Add(logJacobian, part)
		}
	}
	l := ad.Stack(0, rows...)
	if c.product {
		return ad.MatMulT(l, l, false, true), logJacobian
	}
	return l, logJacobian
}

func (c triangular) Unconstrain(u, x []float64) error {
	if err := checkLengths(c, u, x); err != nil {
		return err
	}
	l, err := x, error(nil)
	if c.product {
		if l, err = factorOf(c, x); err != nil {
			return err
		}
	}
	at := 0
	for i := range c.k {
		for j, v := range l[i*c.k : (i+1)*c.k] {
			if j > i && v != 0 || math.IsNaN(v) || math.IsInf(v, 0) || j == i && !(v > 0) {
				return &SupportError{c.String(), i*c.k + j, v}
			}
		}
		copy(u[at:], l[i*c.k:i*c.k+i])
		u[at+i] = math.Log(l[i*c.k+i])
		at += i + 1
	}
	return nil
}

// factorOf is the lower Cholesky factor of a symmetric matrix; its error names the entry at fault.
func factorOf(s Support, x []float64) ([]float64, error) {
	k := s.Shape()[0]
	l := make([]float64, k*k)
	for i := range k {
		for j := range i + 1 {
			if d := math.Abs(x[i*k+j] - x[j*k+i]); !(d <= 1e-8*max(1, math.Abs(x[i*k+j]))) {
				return nil, &SupportError{s.String(), i*k + j, x[i*k+j]}
			}
			v := x[i*k+j]
			for m := range j {
				v -= l[i*k+m] * l[j*k+m]
			}
			switch {
			case i != j:
				l[i*k+j] = v / l[j*k+j]
			case !(v > 0):
				return nil, &SupportError{s.String(), i*k + i, x[i*k+i]}
			default:
				l[i*k+i] = math.Sqrt(v)
			}
		}
	}
	return l, nil
}

// corrMatrix is the set of correlation matrices.
type corrMatrix struct{ factor corrCholesky }

// CorrMatrix is the correlation matrix Ω = LLᵀ [k,k] with L as in [CorrCholesky]: log J is that of L and Σ_i (k−i) log
// L_ii, i from 1. It panics unless k ≥ 2.
func CorrMatrix(k int) Support {
	atLeast("corr_matrix", k, 2)
	return corrMatrix{corrCholesky{k}}
}

func (c corrMatrix) Shape() []int   { return c.factor.Shape() }
func (c corrMatrix) Free() int      { return c.factor.Free() }
func (c corrMatrix) String() string { return fmt.Sprintf("corr_matrix(%d)", c.factor.k) }

func (c corrMatrix) Constrain(u ad.Value) (x, logJacobian ad.Value) {
	l, j := c.factor.Constrain(u)
	for i := 1; i < c.factor.k-1; i++ {
		j = ad.Add(j, ad.Scale(ad.Log(ad.At(ad.At(l, 0, i), 0, i)), float64(c.factor.k-1-i)))
	}
	return ad.MatMulT(l, l, false, true), j
}

func (c corrMatrix) Unconstrain(u, x []float64) error {
	if err := checkLengths(c, u, x); err != nil {
		return err
	}
	l, err := factorOf(c, x)
	if err != nil {
		return err
	}
	for i := range c.factor.k {
		if v := x[i*c.factor.k+i]; !(math.Abs(v-1) < 1e-8) {
			return &SupportError{c.String(), i*c.factor.k + i, v}
		}
	}
	return c.factor.Unconstrain(u, l)
}
