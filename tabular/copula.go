package tabular

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/rng"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// copulaRows bounds the rows that the correlations of [Copula] are of.
const copulaRows = 20000

// Copula are n rows of the Gaussian copula with the real columns' own distributions: the ranks of every column, levels
// in the order of their frequency, gaps last, ties in random order, become normal scores; rows are drawn from the
// normal law with their correlations and carried back through the quantiles. O(rows·d² + d³).
func Copula(y Table, n int, seed uint64) Table {
	d := len(y.Columns)
	sorted := make([][]float64, d) // the cells of a column in their order
	part := y.some(seed, 0, subCopula, copulaRows)
	z := mat.NewDense(d, part.Rows, nil)
	parallel(d, func(j int) {
		order := ranking(y.Columns[j])
		cells := slices.Clone(y.Columns[j].X)
		slices.SortStableFunc(cells, func(a, b float64) int { return compare(order(a), order(b)) })
		sorted[j] = cells
		keyed := make([]float64, part.Rows)
		for i, v := range part.Columns[j].X {
			keyed[i] = order(v)
		}
		row := z.RawRowView(j)
		for k, i := range ordered(keyed, seed, uint32(j)|1<<31) {
			row[i] = distuv.UnitNormal.Quantile((float64(k) + .5) / float64(part.Rows))
		}
	})
	r := mat.NewSymDense(d, nil)
	parallel(d, func(a int) {
		for b := 0; b <= a; b++ {
			r.SetSym(b, a, dot(z.RawRowView(a), z.RawRowView(b))/float64(part.Rows))
		}
	})
	root := cholesky(r)
	out := y.shell(n)
	key := rng.NewKey(seed, rng.PurposeMetric, 1, subCopula)
	parallel(n, func(i int) {
		g := make([]float64, d)
		key.Normals64(g, d, []uint64{uint64(i)})
		for j := range d {
			s := 0.0
			for k := 0; k <= j; k++ {
				s += root.At(j, k) * g[k]
			}
			u := 1 - normalP(s)
			out.Columns[j].X[i] = sorted[j][min(int(u*float64(y.Rows)), y.Rows-1)]
		}
	})
	return out
}

// ranking orders the cells of a column as numbers.
func ranking(c Column) func(float64) float64 {
	if c.Levels == 0 {
		return func(v float64) float64 {
			if v != v {
				return math.Inf(1)
			}
			return v
		}
	}
	counts, order := make([]int, c.Levels), make([]int, c.Levels)
	for _, v := range c.X {
		if v == v {
			counts[int(v)]++
		}
	}
	for l := range order {
		order[l] = l
	}
	slices.SortStableFunc(order, func(a, b int) int { return counts[b] - counts[a] })
	place := make([]float64, c.Levels)
	for k, l := range order {
		place[l] = float64(k)
	}
	return func(v float64) float64 {
		if v != v {
			return float64(c.Levels)
		}
		return place[int(v)]
	}
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// cholesky is the root of a correlation matrix scaled to unit diagonal, with as little of the identity mixed in as it
// needs to have one.
func cholesky(r *mat.SymDense) *mat.TriDense {
	d, _ := r.Dims()
	for ε := 1e-9; ; ε *= 10 {
		m := mat.NewSymDense(d, nil)
		for a := range d {
			for b := a; b < d; b++ {
				v := r.At(a, b) / math.Sqrt(max(r.At(a, a), 1e-300)) / math.Sqrt(max(r.At(b, b), 1e-300))
				if v *= 1 - min(ε, 1); a == b {
					v = 1
				}
				m.SetSym(a, b, v)
			}
		}
		var c mat.Cholesky
		if c.Factorize(m) {
			var l mat.TriDense
			c.LTo(&l)
			return &l
		}
	}
}
