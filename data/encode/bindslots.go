package encode

import (
	"math"

	"github.com/seed9a7962a8/ito/data/frame"
)

// slotted decodes the cell of a slot, which is there.
func (d *drawing) slotted(k int, s *Slot, x []float64) float64 {
	t := d.t
	c, b := &t.Schema.Columns[k], &t.bound.columns[k]
	weekday := 0
	if s.Days != nil {
		weekday = s.weekday(x)
	}
	far := func() float64 {
		n := s.Far
		if n == nil {
			return c.Low
		}
		return d.within(c, s.at(c, s.number(x, n), weekday), math.Inf(-1), d.high[k], s.Days != nil)
	}
	switch {
	case b.sum != nil:
		for _, j := range b.sum.Columns {
			if j != k && (d.missing[j] || d.given[j] && d.row[j] != d.row[j]) {
				return far()
			}
		}
		return d.share(k, b.sum, s, x)
	case len(b.below) > 0:
		base, ok := t.base(k, d.row)
		switch {
		case !ok:
			return far()
		case s.Near == nil && s.Gap != nil:
			return math.NaN() // the data have no row with both
		case s.Near == nil:
			return far()
		}
		if s.Gap != nil && base+s.Least > d.high[k] {
			return math.NaN()
		}
		v := s.above(c, s.number(x, s.Near), base, weekday)
		return d.within(c, v, base+s.Least, d.high[k], s.Days != nil)
	}
	acts := b.only != nil
	var then frame.Test
	for _, r := range b.then {
		if !r.Then.Missing && !r.Then.Present && r.If.Holds(d.row[r.Columns[0]]) {
			acts, then = true, r.Then
		}
	}
	switch {
	case !acts:
		return far()
	case s.Near == nil && s.Gap != nil:
		return math.NaN()
	case s.Near == nil:
		return far()
	case s.Set != nil:
		return nearest(s.Set, s.number(x, s.Near))
	}
	return d.within(c, s.number(x, s.Near), then.Low, then.High, false)
}

// share decodes a part of a sum.
func (d *drawing) share(k int, r *frame.Rule, s *Slot, x []float64) float64 {
	t := d.t
	c := &t.Schema.Columns[k]
	left := true // what is left is this part alone
	behind := false
	for _, j := range t.bound.parts(r) {
		if j == k {
			behind = true
		} else if behind && !d.given[j] && t.bound.part[j] >= 0 {
			left = false
		}
	}
	low, high := t.room(r, k, d.row, d.given)
	if left {
		v := r.Total
		if !r.Number {
			v = d.row[r.Columns[len(r.Columns)-1]]
		}
		for _, j := range t.bound.parts(r) {
			if j != k {
				v -= d.row[j]
			}
		}
		if v = t.rounded(r, v); s.Gap != nil && (v < c.Low-c.Step*slightly || v > c.High+c.Step*slightly) {
			return math.NaN() // what is given leaves nothing that the data could have
		}
		return v
	}
	if s.Gap != nil && low > high+c.Step*slightly {
		return math.NaN()
	}
	if s.Near == nil {
		return d.within(c, (low+high)/2, low, high, false)
	}
	return d.within(c, low+s.number(x, s.Near)*(high-low), low, min(high, max(low, d.high[k])), false)
}

// rounded is a number with the places of a sum.
func (t *Table) rounded(r *frame.Rule, v float64) float64 {
	places := 0
	for _, k := range r.Columns {
		if t.Schema.Columns[k].MostPlaces < 0 {
			return v
		}
		places = max(places, t.Schema.Columns[k].MostPlaces)
	}
	unit := math.Pow(10, float64(places))
	return math.Round(v*unit) / unit
}

// total brings the total of a sum to where its parts can be.
func (d *drawing) total(k int, v float64) float64 {
	t := d.t
	b := &t.bound.columns[k]
	if !b.total || v != v {
		return v
	}
	low, high := 0., 0.
	all := true
	for _, j := range t.bound.parts(b.sum) {
		if d.missing[j] {
			return v
		}
		if d.given[j] || t.bound.part[j] < 0 {
			low, high = low+d.row[j], high+d.row[j]
			continue
		}
		all = false
		a, b := t.ofColumn(j)
		low, high = low+a, high+b
	}
	if all {
		return t.rounded(b.sum, low)
	}
	if slack := 1e-9 * (math.Abs(v) + math.Abs(low)); v < low-slack || v > high+slack {
		v = d.within(&t.Schema.Columns[k], v, low, high, false)
	}
	return v
}

// slightly is what sums of decimal numbers may be off, as a part of a step of their lattice.
const slightly = 1e-6
