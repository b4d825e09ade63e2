package boost

import (
	"cmp"
	"slices"
)

// cell is what a histogram holds for one bin.
type cell struct {
	g, h float64 // sums of first and second derivatives
	n    int32   // rows
}

func (c *cell) add(d cell) { c.g, c.h, c.n = c.g+d.g, c.h+d.h, c.n+d.n }

func (c cell) less(d cell) cell { return cell{c.g - d.g, c.h - d.h, c.n - d.n} }

// split is how a leaf is best divided.
type split struct {
	gain    float64 // 0: not at all
	column  int
	bin     int       // numbers: those of bins ≤ bin go left
	missing bool      // numbers: missing values go left
	left    [4]uint64 // categories: bins that go left
}

func (s *split) has(bin uint8) bool { return s.left[bin>>6]>>(bin&63)&1 != 0 }

// goesLeft says where a bin goes.
func (s *split) goesLeft(b *binned, bin uint8) bool {
	switch {
	case b.cats:
		return s.has(bin)
	case bin == b.lost():
		return s.missing
	}
	return int(bin) <= s.bin
}

// worth is G²/(H+λ), twice what a leaf of this cell lowers the loss by.
func (c *Config) worth(x cell, extra float64) float64 { return x.g * x.g / (x.h + c.Ridge + extra) }

func (c *Config) allowed(x cell) bool { return int(x.n) >= c.MinRows && x.h >= c.MinHessian }

// best is the best split of a column with this histogram, whose cells add to all.
func (c *Config) best(b *binned, hist []cell, all cell, column int) split {
	if b.cats {
		return c.bestLevels(b, hist, all, column)
	}
	s := split{column: column}
	none := c.worth(all, 0)
	lost := hist[b.lost()]
	for _, missing := range []bool{false, true} {
		if missing && lost.n == 0 {
			break
		}
		var left cell
		if missing {
			left = lost
		}
		last := b.bins - 2 // the last bin of numbers, which divides only by what is missing
		if lost.n > 0 && !missing {
			last++
		}
		for i := range last {
			left.add(hist[i])
			right := all.less(left)
			if !c.allowed(left) || !c.allowed(right) {
				continue
			}
			if gain := c.worth(left, 0) + c.worth(right, 0) - none; gain > s.gain {
				s.gain, s.bin, s.missing = gain, i, missing
			}
		}
	}
	return s
}

// What keeps categories with few rows from being read into, as LightGBM has it by default: groups of levels in the
// order of G/(H+10), at most 32 of them, with 10 added to λ and 100 rows a group; up to four levels one by one.
const (
	smoothLevels   = 10
	ridgeLevels    = 10
	mostLevels     = 32
	rowsLevels     = 100
	oneByOneLevels = 4
)

// bestLevels is best for categories. Missing values are a level like the others.
func (c *Config) bestLevels(b *binned, hist []cell, all cell, column int) split {
	s := split{column: column}
	var order []int
	for i, x := range hist {
		if x.n > 0 {
			order = append(order, i)
		}
	}
	try := func(left cell, extra float64, set func(*split)) {
		right := all.less(left)
		if !c.allowed(left) || !c.allowed(right) {
			return
		}
		if gain := c.worth(left, extra) + c.worth(right, extra) - c.worth(all, 0); gain > s.gain {
			s.gain, s.left = gain, [4]uint64{}
			set(&s)
		}
	}
	put := func(s *split, bins []int) {
		for _, i := range bins {
			s.left[i>>6] |= 1 << (i & 63)
		}
	}
	if len(order) <= oneByOneLevels {
		for k := range order {
			try(hist[order[k]], 0, func(s *split) { put(s, order[k:k+1]) })
		}
		return s
	}
	order = slices.DeleteFunc(order, func(i int) bool { return hist[i].n < smoothLevels })
	slices.SortStableFunc(order, func(x, y int) int {
		return cmp.Compare(hist[x].g/(hist[x].h+smoothLevels), hist[y].g/(hist[y].h+smoothLevels))
	})
	for range 2 {
		var left cell
		group := int32(0)
		for k := range min(len(order), mostLevels, (len(order)+1)/2) {
			left.add(hist[order[k]])
			group += hist[order[k]].n
			if group < rowsLevels || all.n-left.n < rowsLevels {
				continue
			}
			group = 0
			try(left, ridgeLevels, func(s *split) { put(s, order[:k+1]) })
		}
		slices.Reverse(order)
	}
	return s
}
