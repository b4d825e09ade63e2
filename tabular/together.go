package tabular

import (
	"slices"

	"github.com/seed9a7962a8/ito/rng"
)

// Together tests for every pair whether its columns hang together in x as in y: numbers are replaced by five bins of
// their ranks among both tables, levels by the five most frequent and the rest, and the counts of the bins of both
// are compared by χ². A column that is known to be off by itself has the bins of its ranks in its own table instead
// (ties in random order, addressed by the seed), and what its levels and gaps alone explain is taken off. It fills P
// and Effect. O(pairs · rows).
func Together(list []Pair, x, y Table, off []bool, seed uint64) {
	d := len(y.Columns)
	cx, cy := make([][]uint8, d), make([][]uint8, d)
	parallel(d, func(j int) {
		a, b := x.Columns[j], y.Columns[j]
		switch {
		case b.Levels > 0:
			cx[j], cy[j] = frequent(a, b)
		case off[j]:
			cx[j], cy[j] = rankCodes(a.X, seed, uint32(2*j)), rankCodes(b.X, seed, uint32(2*j+1))
		default:
			cx[j], cy[j] = jointCodes(a.X, b.X)
		}
	})
	const w = rankBins + 2
	parallel(len(list), func(k int) {
		p := &list[k]
		var a, b [w * w]float64
		for i, u := range cx[p.A] {
			a[int(u)*w+int(cx[p.B][i])]++
		}
		for i, u := range cy[p.A] {
			b[int(u)*w+int(cy[p.B][i])]++
		}
		if !off[p.A] && !off[p.B] {
			p.P, p.Effect = countsP(a[:], b[:])
			return
		}
		all := countsOf(a[:], b[:])
		for column, known := range []bool{off[p.A], off[p.B]} {
			if !known {
				continue
			}
			var ma, mb [w]float64
			for i := range a {
				at := i / w
				if column == 1 {
					at = i % w
				}
				ma[at] += a[i]
				mb[at] += b[i]
			}
			alone := countsOf(ma[:], mb[:])
			all.χ2, all.dof = all.χ2-max(alone.χ2, 0), all.dof-max(alone.dof, 0)
		}
		if p.P = 1; all.dof >= 1 {
			p.P, p.Effect = all.test()
		}
	})
}

// jointCodes are bins of the ranks among both, equal numbers in one.
func jointCodes(x, y []float64) (cx, cy []uint8) {
	all := append(present(x), present(y)...)
	slices.Sort(all)
	var edges []float64
	for k := 1; k < rankBins && len(all) > 0; k++ {
		edges = append(edges, all[k*len(all)/rankBins])
	}
	code := func(x []float64) []uint8 {
		out := make([]uint8, len(x))
		for i, v := range x {
			if v != v {
				out[i] = rankBins + 1
				continue
			}
			for _, e := range edges {
				if v >= e {
					out[i]++
				}
			}
		}
		return out
	}
	return code(x), code(y)
}

// rankCodes are bins of the ranks of a column in itself.
func rankCodes(x []float64, seed uint64, column uint32) []uint8 {
	out := make([]uint8, len(x))
	order := ordered(x, seed, column)
	for k, i := range order {
		out[i] = uint8(k * rankBins / len(order))
	}
	for i, v := range x {
		if v != v {
			out[i] = rankBins + 1
		}
	}
	return out
}

// ordered are the rows that have a number, by it, ties in random order.
func ordered(x []float64, seed uint64, column uint32) []int {
	key := rng.NewKey(seed, rng.PurposeMetric, column, subTies)
	type cell struct {
		v   float64
		tie uint64
		row int
	}
	cells := make([]cell, 0, len(x))
	for i, v := range x {
		if v == v {
			cells = append(cells, cell{v, key.Uint64(uint64(i), 0), i})
		}
	}
	slices.SortFunc(cells, func(a, b cell) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		case a.tie < b.tie:
			return -1
		case a.tie > b.tie:
			return 1
		}
		return a.row - b.row
	})
	out := make([]int, len(cells))
	for k, c := range cells {
		out[k] = c.row
	}
	return out
}

// frequent are the most frequent levels of both tables, the others together, and gaps.
func frequent(x, y Column) (cx, cy []uint8) {
	counts := make([]int, y.Levels)
	for _, c := range []Column{x, y} {
		for _, v := range c.X {
			if v == v {
				counts[int(v)]++
			}
		}
	}
	order := make([]int, y.Levels)
	for l := range order {
		order[l] = l
	}
	slices.SortStableFunc(order, func(a, b int) int { return counts[b] - counts[a] })
	code := make([]uint8, y.Levels)
	for k, l := range order {
		code[l] = uint8(min(k, rankBins))
	}
	of := func(c Column) []uint8 {
		out := make([]uint8, len(c.X))
		for i, v := range c.X {
			out[i] = rankBins + 1
			if v == v {
				out[i] = code[int(v)]
			}
		}
		return out
	}
	return of(x), of(y)
}
