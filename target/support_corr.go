package target

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

// corrCholesky is the set of lower triangular L with positive diagonal and rows of length 1.
type corrCholesky struct{ k int }

// CorrCholesky is the Cholesky factor L [k,k] of a correlation matrix, by canonical partial correlations
// z = tanh u, k(k−1)/2 of them in row-major order below the diagonal: with s_ij = Π_{l<j} (1−z_il²),
// L_ij = z_ij √s_ij and L_ii = √s_ii, log J = Σ_{j<i} log(1−z_ij²) + ½ log s_ij (Lewandowski, Kurowicka and
// Joe, J. Multivariate Anal. 100, 2009). It panics unless k ≥ 2.
func CorrCholesky(k int) Support {
	atLeast("corr_cholesky", k, 2)
	return corrCholesky{k}
}

func (c corrCholesky) Shape() []int   { return []int{c.k, c.k} }
func (c corrCholesky) Free() int      { return c.k * (c.k - 1) / 2 }
func (c corrCholesky) String() string { return fmt.Sprintf("corr_cholesky(%d)", c.k) }

func (c corrCholesky) Constrain(u ad.Value) (l, logJacobian ad.Value) {
	z := ad.Tanh(u)
	// log(1−tanh²u) = 2(log 2 − u − log(1+e^{−2u})), exact in the tails.
	log1mz2 := ad.Shift(ad.Scale(ad.Add(u, ad.Softplus(ad.Scale(u, -2))), -2), 2*math.Ln2)
	logJacobian = ad.Sum(log1mz2)
	first := ad.Shift(ad.Slice(ad.Zeros(u), 0, 0, 1), 1) // L_11 = 1
	rows := []ad.Value{ad.Pad(first, 0, 0, c.k-1)}
	for i, at := 1, 0; i < c.k; i, at = i+1, at+i {
		logs := ad.Pad(ad.CumSum(ad.Slice(log1mz2, 0, at, at+i), 0), 0, 1, 0) // log s_i0 … log s_ii
		root := ad.Exp(ad.Scale(logs, .5))
		row := ad.Concat(0, ad.Mul(ad.Slice(z, 0, at, at+i), ad.Slice(root, 0, 0, i)), ad.Slice(root, 0, i, i+1))
		rows = append(rows, ad.Pad(row, 0, 0, c.k-1-i))
		logJacobian = ad.Add(logJacobian, ad.Scale(ad.Sum(ad.Slice(logs, 0, 0, i)), .5))
	}
	return ad.Stack(0, rows...), logJacobian
}

func (c corrCholesky) Unconstrain(u, x []float64) error {
	if err := checkLengths(c, u, x); err != nil {
		return err
	}
	at := 0
	for i := range c.k {
		row := x[i*c.k : (i+1)*c.k]
		length := 0.
		for j, v := range row {
			if j > i && v != 0 {
				return &SupportError{c.String(), i*c.k + j, v}
			}
			length += v * v
		}
		if !(math.Abs(length-1) < 1e-8) || !(row[i] > 0) {
			return &SupportError{c.String(), i*c.k + i, row[i]}
		}
		// s_ij is the rest of the row, summed from its far end.
		rest := row[i] * row[i]
		for j := i - 1; j >= 0; j-- {
			rest += row[j] * row[j]
			// atanh(L/√s), with √(s−L²) known without cancellation.
			u[at+j] = math.Asinh(row[j] / math.Sqrt(rest-row[j]*row[j]))
		}
		at += i
	}
	return nil
}
