package tabular

import "github.com/seed9a7962a8/ito/rng"

// Marginals are n rows whose cells are drawn from the real columns one by one, independently: right in every column,
// with nothing that hangs together. Up to y.Rows rows the cells of a column are drawn without replacement.
func Marginals(y Table, n int, seed uint64) Table {
	out := y.shell(n)
	parallel(len(y.Columns), func(j int) {
		key := rng.NewKey(seed, rng.PurposeMetric, uint32(j), subMarginals)
		rows := pick(seed, uint32(j), subMarginals, y.Rows, n)
		for i := range n {
			r := 0
			if i < len(rows) {
				r = rows[i]
			} else {
				r = key.Intn(uint64(i), 1, y.Rows)
			}
			out.Columns[j].X[i] = y.Columns[j].X[r]
		}
	})
	return out
}
