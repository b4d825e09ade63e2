package tabular

import (
	"math"
	"slices"
)

// Pair compares two columns with each other.
type Pair struct {
	A     int     `json:"a"` // columns
	B     int     `json:"b"`
	Score float64 `json:"score"` // pair trend
	// Of the test of what hangs together.
	P      float64 `json:"p"`
	Effect float64 `json:"effect"` // Cohen's w; .1 is called small
}

// trendBins is the number of bins of a number beside a category.
const trendBins = 10

// Trends are the pair trends of all pairs a < b, in order:
//
//	two numbers  1 − |ρ − ρ_real|/2 with Pearson's ρ over the rows that have both; ρ of a column without spread is 0
//	otherwise    1 − ½Σ|P−Q| over the contingency table, a gap being a level, numbers in 10 bins of the real range,
//	             those outside in two more
//
// It is the definition of SDMetrics before 0.27, where all pairs count. Since then it leaves out pairs with |ρ| ≤ ½ or
// Cramér's V ≤ .3. O(pairs · rows).
func Trends(x, y Table) []Pair {
	d := len(y.Columns)
	cx, cy := make([][]int32, d), make([][]int32, d)
	width := make([]int, d)
	parallel(d, func(j int) {
		cx[j], cy[j], width[j] = codes(x.Columns[j], y.Columns[j])
	})
	list := allPairs(d)
	parallel(len(list), func(k int) {
		p := &list[k]
		a, b := p.A, p.B
		if y.Columns[a].Levels == 0 && y.Columns[b].Levels == 0 {
			r := pearson(x.Columns[a].X, x.Columns[b].X)
			s := pearson(y.Columns[a].X, y.Columns[b].X)
			p.Score = 1 - math.Abs(r-s)/2
			return
		}
		p.Score = 1 - contingency(cx[a], cx[b], cy[a], cy[b], width[a], width[b])
	})
	return list
}

func allPairs(d int) []Pair {
	list := make([]Pair, 0, d*(d-1)/2)
	for a := range d {
		for b := a + 1; b < d; b++ {
			list = append(list, Pair{A: a, B: b, P: 1})
		}
	}
	return list
}

// codes are a column's cells as whole numbers below width for contingency tables: the last is a gap.
func codes(x, y Column) (cx, cy []int32, width int) {
	if y.Levels > 0 {
		code := func(c Column) []int32 {
			out := make([]int32, len(c.X))
			for i, v := range c.X {
				out[i] = int32(y.Levels)
				if v == v {
					out[i] = int32(v)
				}
			}
			return out
		}
		return code(x), code(y), y.Levels + 1
	}
	lo, hi := bounds(y.X)
	code := func(c Column) []int32 {
		out := make([]int32, len(c.X))
		for i, v := range c.X {
			switch {
			case v != v:
				out[i] = trendBins + 2
			case v < lo:
				out[i] = trendBins
			case v > hi:
				out[i] = trendBins + 1
			case hi > lo:
				out[i] = int32(min((v-lo)/(hi-lo)*trendBins, trendBins-1))
			}
		}
		return out
	}
	return code(x), code(y), trendBins + 3
}

// bounds are the least and the largest number; 0 and 0 where there is none.
func bounds(x []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range x {
		if v == v {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo > hi {
		return 0, 0
	}
	return lo, hi
}

// pearson is the correlation over the rows that have both numbers; 0 where one does not vary.
func pearson(a, b []float64) float64 {
	var n, ma, mb, saa, sbb, sab float64
	for i, v := range a {
		w := b[i]
		if v != v || w != w {
			continue
		}
		n++
		da, db := v-ma, w-mb
		ma += da / n
		mb += db / n
		saa += da * (v - ma)
		sbb += db * (w - mb)
		sab += da * (w - mb)
	}
	if !(saa > 0) || !(sbb > 0) {
		return 0
	}
	return min(max(sab/math.Sqrt(saa)/math.Sqrt(sbb), -1), 1)
}

// mostCells bounds a contingency table that is counted cell by cell.
const mostCells = 1 << 20

// contingency is the total variation between two tables of counts.
func contingency(xa, xb, ya, yb []int32, wa, wb int) float64 {
	off := 0.0
	n, m := float64(len(xa)), float64(len(ya))
	if wa*wb <= mostCells {
		diff := make([]float64, wa*wb)
		for i, a := range xa {
			diff[int(a)*wb+int(xb[i])] += 1 / n
		}
		for i, a := range ya {
			diff[int(a)*wb+int(yb[i])] -= 1 / m
		}
		for _, d := range diff {
			off += math.Abs(d)
		}
		return off / 2
	}
	keys := func(a, b []int32) []int64 {
		out := make([]int64, len(a))
		for i := range a {
			out[i] = int64(a[i])*int64(wb) + int64(b[i])
		}
		slices.Sort(out)
		return out
	}
	for p, q := keys(xa, xb), keys(ya, yb); len(p)+len(q) > 0; {
		at := int64(math.MaxInt64)
		if len(p) > 0 {
			at = p[0]
		}
		if len(q) > 0 {
			at = min(at, q[0])
		}
		i, j := 0, 0
		for i < len(p) && p[i] == at {
			i++
		}
		for j < len(q) && q[j] == at {
			j++
		}
		off += math.Abs(float64(i)/n - float64(j)/m)
		p, q = p[i:], q[j:]
	}
	return off / 2
}

// rankBins is the number of bins of ranks, or of the most frequent levels, in the test of what hangs together; one
// more is for the other levels and one for gaps.
const rankBins = 5
