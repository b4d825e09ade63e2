package encode

import (
	"math"

	"github.com/seed9a7962a8/ito/data/frame"
)

// Slot is the part of a state that stands for a column which a constraint binds to others: one number, which is a
// distance, a share or the cell itself, so that whatever it is the constraint is met.
type Slot struct {
	Column int     `json:"column"`
	Gap    *Levels `json:"gap,omitempty"` // whether the cell is there (0) or missing (−1); nil: it always is
	// Near is the map where the constraint acts: of an order the distance from what is below, of a sum the share of
	// what is left for the parts to come, of an implication the cell. nil: it never acts.
	Near *Number `json:"near,omitempty"`
	// Far is the map of the cell where it does not; nil: it always acts.
	Far *Number `json:"far,omitempty"`
	// Days is the day of the week of a date without a time of day, whose distance and cell are in weeks.
	Days *Levels `json:"days,omitempty"`
	// Unit is that of distances and cells of times: second, week or month.
	Unit string `json:"unit,omitempty"`
	// Set holds the numbers that an implication leaves.
	Set []float64 `json:"set,omitempty"`
	// Least is the least distance of an order, 0 or above.
	Least float64 `json:"least,omitempty"`
}

func (s *Slot) dim() int {
	d := 0
	for _, l := range []*Levels{s.Gap, s.Days} {
		if l != nil {
			d += l.dim()
		}
	}
	return d + s.wide()
}

// wide is 1 where there is a number.
func (s *Slot) wide() int {
	for _, n := range []*Number{s.Near, s.Far} {
		if n != nil && n.dim() == 1 {
			return 1
		}
	}
	return 0
}

// encode writes a number by a map, and the day of the week where there is one.
func (s *Slot) encode(dst []float64, n *Number, x float64, weekday int, missing bool, u []float64) {
	at := 0
	if s.Gap != nil {
		at = s.Gap.dim()
		code := 0
		if missing {
			code = -1
		}
		s.Gap.encode(dst[:at], code)
	}
	if missing {
		clear(dst[at:])
		return
	}
	if s.Days != nil {
		s.Days.encode(dst[at:at+s.Days.dim()], weekday)
		at += s.Days.dim()
	}
	if s.wide() == 1 {
		dst[at] = 0
		if n != nil && n.dim() == 1 {
			dst[at] = n.encode(x, u[at])
		}
	}
}

// missing reports a state of a cell that is not there.
func (s *Slot) missing(x []float64) bool { return s.Gap != nil && s.Gap.decode(x[:s.Gap.dim()]) < 0 }

// number is the number of a state by a map.
func (s *Slot) number(x []float64, n *Number) float64 {
	if n.dim() == 0 {
		return n.decode(0)
	}
	return n.decode(x[len(x)-1])
}

// weekday is the day of the week of a state.
func (s *Slot) weekday(x []float64) int {
	at := 0
	if s.Gap != nil {
		at = s.Gap.dim()
	}
	return s.Days.decode(x[at : at+s.Days.dim()])
}

// check reports what is no such part.
func (s *Slot) check(columns int) string {
	if s.Column < 0 || s.Column >= columns || math.IsNaN(s.Least) || s.Least < 0 {
		return "a column or a distance that there is not"
	}
	for _, what := range []string{s.Gap.check(1), s.Days.check(7), s.Near.check(), s.Far.check()} {
		if what != "" {
			return what
		}
	}
	if s.Near == nil && s.Far == nil {
		return "no map"
	}
	return ""
}

// Times of a date, as an order has them.
const (
	unitSecond = "second"
	unitWeek   = "week"
	unitMonth  = "month"
)

// distance is how far v is above base, in the unit.
func (s *Slot) distance(c *frame.Column, v, base float64) float64 {
	switch s.Unit {
	case unitWeek:
		a, b := split(c.Local(base)), split(c.Local(v))
		r := (b.weekday - a.weekday + 7) % 7
		day := func(t moment) float64 { return 7*t.week + float64(t.weekday) }
		return (day(b) - day(a) - float64(r)) / 7
	case unitMonth:
		return split(c.Local(v)).month - split(c.Local(base)).month
	}
	return v - base
}

// alone is the cell in the unit.
func (s *Slot) alone(c *frame.Column, v float64) float64 {
	switch s.Unit {
	case unitWeek:
		return split(c.Local(v)).week
	case unitMonth:
		return split(c.Local(v)).month
	}
	return v
}

// above is the inverse of distance, for a state of that weekday.
func (s *Slot) above(c *frame.Column, d, base float64, weekday int) float64 {
	switch s.Unit {
	case unitWeek:
		a := split(c.Local(base))
		r := (weekday - a.weekday + 7) % 7
		t := moment{week: a.week, weekday: a.weekday}
		return c.Global(t.join() + 86400*(7*math.Round(d)+float64(r)))
	case unitMonth:
		return c.Global(ofMonth(split(c.Local(base)).month + math.Round(d)).join())
	}
	return base + d
}

// at is the inverse of alone.
func (s *Slot) at(c *frame.Column, x float64, weekday int) float64 {
	switch s.Unit {
	case unitWeek:
		return c.Global(moment{week: math.Round(x), weekday: weekday}.join())
	case unitMonth:
		return c.Global(ofMonth(math.Round(x)).join())
	}
	return x
}
