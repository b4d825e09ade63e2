package tabular

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/rng"
)

// smoteNeighbours is k, and smoteRows bounds the rows among which they are sought.
const smoteNeighbours, smoteRows = 5, 4000

// smoteBudget bounds their square × columns.
const smoteBudget = 5e8

// SMOTE are n rows between neighbours (Chawla et al. 2002, SMOTE-NC): a row, one of its five nearest under the mixed
// distance, and a number of theirs at a uniform place between the two, on the lattice of the column where it has one.
// A level is the most frequent of the five neighbours', a gap counting as one; of a number and a gap one is taken. At
// most 4000 of the real rows take part, fewer beyond 31 columns. O(rows²·d + n·d).
func SMOTE(y Table, n int, seed uint64) Table {
	most := max(int(math.Sqrt(smoteBudget/float64(len(y.Columns)))), leastSquared)
	y = y.some(seed, 0, subSMOTE, min(smoteRows, most))
	out := y.shell(n)
	p := NewSpace(y).Points(y)
	key := rng.NewKey(seed, rng.PurposeMetric, 1, subSMOTE)
	of := make([][]int, min(n, y.Rows))
	parallel(len(of), func(row int) { of[row] = neighbours(p, row, smoteNeighbours) })
	parallel(n, func(i int) {
		id := uint64(i)
		row := i % y.Rows
		near := of[row]
		other := row
		if len(near) > 0 {
			other = near[key.Intn(id, 0, len(near))]
		}
		u := make([]float64, 1)
		key.Uniforms64(u, 1, []uint64{id})
		for j, c := range y.Columns {
			a, b := c.X[row], c.X[other]
			var v float64
			switch {
			case c.Levels > 0:
				v = frequentest(c, near, a)
			case a != a || b != b:
				if v = a; u[0] > .5 {
					v = b
				}
			default:
				v = a + u[0]*(b-a)
				if c.Step > 0 {
					v = c.Origin + math.Round((v-c.Origin)/c.Step)*c.Step
				}
			}
			out.Columns[j].X[i] = v
		}
	})
	return out
}

// neighbours are the k nearest other rows, the nearest first.
func neighbours(p Points, row, k int) []int {
	var rows []int
	var dist []float64
	a := p.row(row)
	for i := range p.n {
		if i == row {
			continue
		}
		most := math.Inf(1)
		if len(rows) == k {
			most = dist[k-1]
		}
		d := distance(a, p.row(i), most)
		if d >= most {
			continue
		}
		at := len(dist)
		for at > 0 && dist[at-1] > d {
			at--
		}
		rows, dist = slices.Insert(rows, at, i), slices.Insert(dist, at, d)
		if len(rows) > k {
			rows, dist = rows[:k], dist[:k]
		}
	}
	return rows
}

// frequentest is the level that most of the rows have, of equally many the first; own without rows.
func frequentest(c Column, rows []int, own float64) float64 {
	best, most := own, 0
	for _, r := range rows {
		n := 0
		for _, s := range rows {
			if c.X[s] == c.X[r] || c.X[s] != c.X[s] && c.X[r] != c.X[r] {
				n++
			}
		}
		if n > most {
			best, most = c.X[r], n
		}
	}
	return best
}
