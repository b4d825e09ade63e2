package encode

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/data/frame"
)

// Part is a column in the states.
type Part struct {
	Column int `json:"column"` // in the schema
	// of a levelled column, and of one of few numbers, the Values; a missing cell is one of them
	Levels *Levels   `json:"levels,omitempty"`
	Values []float64 `json:"values,omitempty"`
	// of others: whether a cell is there (0) or missing (−1); nil: it always is
	Gap    *Levels `json:"gap,omitempty"`
	Number *Number `json:"number,omitempty"`
	// of dates: weeks since 1970 (or months, where all are first of one), the day of the week, seconds of the day
	Weeks  *Number `json:"weeks,omitempty"`
	Months *Number `json:"months,omitempty"`
	Days   *Levels `json:"days,omitempty"`
	Clock  *Number `json:"clock,omitempty"`
}

// dim is the number of values of the part.
func (p *Part) dim() int {
	d := 0
	for _, l := range []*Levels{p.Levels, p.Gap, p.Days} {
		if l != nil {
			d += l.dim()
		}
	}
	for _, n := range []*Number{p.Number, p.Weeks, p.Months, p.Clock} {
		if n != nil {
			d += n.dim()
		}
	}
	return d
}

// encode writes a cell; u has a number in (0,1) for each value.
func (p *Part) encode(dst []float64, cell float64, c *frame.Column, u []float64) {
	if p.Levels != nil {
		p.Levels.encode(dst, p.code(cell))
		return
	}
	at := 0
	if p.Gap != nil {
		at = p.Gap.dim()
		p.Gap.encode(dst[:at], there(cell))
	}
	if math.IsNaN(cell) {
		clear(dst[at:])
		return
	}
	put := func(n *Number, x float64) {
		if n != nil && n.dim() == 1 {
			dst[at] = n.encode(x, u[at])
			at++
		}
	}
	if p.Number != nil {
		put(p.Number, cell)
		return
	}
	t := split(c.Local(cell))
	put(p.Weeks, t.week)
	put(p.Months, t.month)
	if p.Days != nil {
		p.Days.encode(dst[at:at+p.Days.dim()], t.weekday)
		at += p.Days.dim()
	}
	put(p.Clock, t.second)
}

// there is 0 for a cell, −1 for a missing one.
func there(cell float64) int {
	if math.IsNaN(cell) {
		return -1
	}
	return 0
}

// code is a cell as a level: −1 where it is missing, −2 of a number that is none of the few.
func (p *Part) code(cell float64) int {
	switch {
	case math.IsNaN(cell):
		return -1
	case p.Values == nil:
		return int(cell)
	}
	if k, found := slices.BinarySearch(p.Values, cell); found {
		return k
	}
	return -2
}

// cell is the inverse of code.
func (p *Part) cell(code int) float64 {
	switch {
	case code < 0:
		return math.NaN()
	case p.Values == nil:
		return float64(code)
	}
	return p.Values[code]
}

// decode is the cell of a state.
func (p *Part) decode(x []float64, c *frame.Column) float64 {
	if p.Levels != nil {
		return p.cell(p.Levels.decode(x))
	}
	if p.Gap != nil && p.Gap.decode(x[:p.Gap.dim()]) < 0 {
		return math.NaN()
	}
	return p.present(x, c)
}

// present is the cell of a state of a number or time, which is there.
func (p *Part) present(x []float64, c *frame.Column) float64 {
	at := 0
	if p.Gap != nil {
		at = p.Gap.dim()
	}
	take := func(n *Number) float64 {
		if n.dim() == 0 {
			return n.decode(0)
		}
		at++
		return n.decode(x[at-1])
	}
	if p.Number != nil {
		return c.Snap(take(p.Number))
	}
	var t moment
	switch {
	case p.Months != nil:
		t = ofMonth(math.Round(take(p.Months)))
	case p.Weeks != nil:
		t.week = math.Round(take(p.Weeks))
	}
	if p.Days != nil {
		t.weekday = p.Days.decode(x[at : at+p.Days.dim()])
		at += p.Days.dim()
	}
	if p.Clock != nil {
		t.second = take(p.Clock)
		s := p.Clock.Jitter
		first, last := p.Clock.X[0]+s/2, p.Clock.X[len(p.Clock.X)-1]-s/2
		if s > 0 {
			t.second = first + math.Round((t.second-first)/s)*s
		}
		t.second = min(max(t.second, first), last)
	}
	return within(c.Global(t.join()), c, p.Weeks != nil)
}

// within brings a time between the bounds of its column, by whole weeks where days of the week count.
func within(v float64, c *frame.Column, weekly bool) float64 {
	const week = 7 * 86400
	if weekly && c.High-c.Low >= week {
		if v > c.High {
			v -= week * math.Ceil((v-c.High)/week)
		}
		if v < c.Low {
			v += week * math.Ceil((c.Low-v)/week)
		}
	}
	return min(max(v, c.Low), c.High)
}
