package tabular

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// oneHotLevels is the number of levels that have a coordinate of their own: the most frequent; the others share one.
const oneHotLevels = 31

// part is how a column becomes coordinates.
type part struct {
	at, width int
	levels    int     // of a category
	slot      []int   // of each level
	lo, scale float64 // of a number
	gaps      bool    // it has a coordinate that is 1 for a gap
}

// embedding makes vectors of rows.
type embedding struct {
	parts []part
	d     int
	hot   float64 // coordinate of a level, and of a gap
}

// newEmbedding is min–max scaled numbers by the real range, a coordinate for each frequent level, and one for
// gaps where any of the tables has them. Two levels are at distance hot·√2, a gap and a number at hot·√2 as well.
func newEmbedding(y Table, others []Table, hot float64) *embedding {
	e := &embedding{hot: hot}
	for j, c := range y.Columns {
		p := part{at: e.d, levels: c.Levels}
		p.gaps = hasGaps(c)
		for _, o := range others {
			p.gaps = p.gaps || hasGaps(o.Columns[j])
		}
		if c.Levels > 0 {
			p.slot, p.width = slots(c)
		} else {
			lo, hi := bounds(c.X)
			p.lo, p.width = lo, 1
			if hi > lo {
				p.scale = 1 / (hi - lo)
			}
		}
		if p.gaps {
			p.width++
		}
		e.d += p.width
		e.parts = append(e.parts, p)
	}
	return e
}

func hasGaps(c Column) bool { return slices.ContainsFunc(c.X, func(v float64) bool { return v != v }) }

// slots gives the most frequent levels a coordinate each and the others one.
func slots(c Column) (slot []int, width int) {
	counts := make([]int, c.Levels)
	for _, v := range c.X {
		if v == v {
			counts[int(v)]++
		}
	}
	order := make([]int, c.Levels)
	for l := range order {
		order[l] = l
	}
	slices.SortStableFunc(order, func(a, b int) int { return counts[b] - counts[a] })
	slot = make([]int, c.Levels)
	for k, l := range order {
		slot[l] = min(k, oneHotLevels)
	}
	return slot, min(c.Levels, oneHotLevels+1)
}

// states are the rows as vectors. A number farther than a range outside the real ones counts as that far; a gap is in
// the middle.
func (e *embedding) states(t Table) ito.States {
	x := ito.NewStates(t.Rows, e.d, 0)
	for j, p := range e.parts {
		for i, v := range t.Columns[j].X {
			row := x.Row(i)[p.at : p.at+p.width]
			switch {
			case v != v:
				row[p.width-1] = e.hot
				if p.levels == 0 {
					row[0] = .5
					row[p.width-1] *= math.Sqrt2
				}
			case p.levels > 0:
				row[p.slot[int(v)]] = e.hot
			case p.scale > 0:
				row[0] = min(max((v-p.lo)*p.scale, -1), 2)
			case v != p.lo: // the real column does not vary
				row[0] = 1
			}
		}
	}
	return x
}

// mixedStates is the embedding whose squared distance is, summed over columns, (Δ/range)² of numbers and 1 of other
// levels, divided by the number of columns.
func mixedStates(y Table, others ...Table) []ito.States {
	e := newEmbedding(y, others, math.Sqrt(.5))
	out := []ito.States{e.states(y)}
	for _, o := range others {
		out = append(out, e.states(o))
	}
	for _, s := range out {
		for i := range s.X {
			s.X[i] /= math.Sqrt(float64(len(y.Columns)))
		}
	}
	return out
}
