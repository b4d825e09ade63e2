package encode

import (
	"math"
	"strconv"

	"github.com/seed9a7962a8/ito/data/frame"
)

// exact writes a number so that it is read back as it was; a missing one is nothing.
func exact(v float64) string {
	if v != v {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// base is the largest of the cells that are below column k, where one is there.
func (t *Table) base(k int, row []float64) (base float64, ok bool) {
	base = math.Inf(-1)
	for _, a := range t.bound.columns[k].below {
		if v := row[a]; v == v {
			base, ok = max(base, v), true
		}
	}
	return base, ok
}

// near is what the constraint makes of a cell, where it acts: NaN where there is no choice.
func (t *Table) near(s *Slot, row []float64) (x float64, acts bool) {
	k := s.Column
	c, b := &t.Schema.Columns[k], &t.bound.columns[k]
	switch {
	case b.sum != nil:
		for _, j := range b.sum.Columns {
			if row[j] != row[j] {
				return 0, false
			}
		}
		low, high := t.room(b.sum, k, row, nil)
		if !(high > low) {
			return math.NaN(), true
		}
		return min(max((row[k]-low)/(high-low), 0), 1), true
	case len(b.below) > 0:
		base, ok := t.base(k, row)
		if !ok {
			return 0, false
		}
		return s.distance(c, row[k], base), true
	case b.only != nil:
		return row[k], true
	}
	for _, r := range b.then {
		if !r.Then.Missing && !r.Then.Present && r.If.Holds(row[r.Columns[0]]) {
			return row[k], true
		}
	}
	return 0, false
}

// room is what a part of a sum can be, given the total and the parts before it, so that those behind it stay within
// their bounds. given are cells that are what they are, wherever they stand.
func (t *Table) room(r *frame.Rule, k int, row []float64, given []bool) (low, high float64) {
	left := r.Total
	if !r.Number {
		left = row[r.Columns[len(r.Columns)-1]]
	}
	before := true
	low, high = t.ofColumn(k)
	least, most := 0., 0.
	for _, j := range t.bound.parts(r) {
		switch {
		case j == k:
			before = false
		case before || given != nil && given[j] || t.bound.part[j] < 0:
			left -= row[j]
		default:
			a, b := t.ofColumn(j)
			least, most = least+a, most+b
		}
	}
	return max(low, left-most), min(high, left-least)
}

func (t *Table) ofColumn(k int) (low, high float64) {
	c := &t.Schema.Columns[k]
	return c.Low, c.High
}

// encodeBound writes the state of a part of a column that is bound.
func (t *Table) encodeBound(i int, dst, row, u []float64) {
	k := t.Parts[i].Column
	c := &t.Schema.Columns[k]
	if at := t.bound.combo[k]; at >= 0 {
		if m := &t.Combos[at]; m.Columns[0] == k {
			m.Levels.encode(dst, m.number(row))
		}
		return
	}
	s := &t.Slots[t.bound.slot[k]]
	v := row[k]
	if v != v {
		s.encode(dst, nil, 0, 0, true, u)
		return
	}
	weekday := 0
	if s.Days != nil {
		weekday = split(c.Local(v)).weekday
	}
	x, acts := t.near(s, row)
	switch {
	case acts && (x != x || t.bound.columns[k].last):
		s.encode(dst, nil, 0, weekday, false, u)
	case acts:
		s.encode(dst, s.Near, x, weekday, false, u)
	default:
		s.encode(dst, s.Far, s.alone(c, v), weekday, false, u)
	}
}
