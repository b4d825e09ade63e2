package encode

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
)

// fitBound makes the maps of the columns that constraints bind.
func (t *Table) fitBound(f rows) error {
	b, err := bind(&t.Schema)
	if err != nil {
		return err
	}
	t.narrow(b)
	if b.free() {
		return nil
	}
	t.bound = b
	part := t.places()
	b.part = part
	for _, columns := range b.combos {
		own := slices.DeleteFunc(slices.Clone(columns), func(k int) bool { return part[k] < 0 })
		if len(own) == 0 {
			continue
		}
		c, err := t.fitCombos(f, own)
		if err != nil {
			return err
		}
		t.Combos = append(t.Combos, c)
	}
	for k := range t.Schema.Columns {
		if part[k] < 0 || !b.slotted(&t.Schema, k) {
			continue
		}
		s, err := t.fitSlot(f, k)
		if err != nil {
			return err
		}
		t.Slots = append(t.Slots, s)
	}
	return nil
}

// places are the parts of columns, −1 of those that have none.
func (t *Table) places() []int {
	part := make([]int, len(t.Schema.Columns))
	for k := range part {
		part[k] = -1
	}
	for i := range t.Parts {
		part[t.Parts[i].Column] = i
	}
	return part
}

// narrow brings the bounds of columns within their ranges, which the rows are known to keep.
func (t *Table) narrow(b *bound) {
	for i := range b.rules {
		r := &b.rules[i]
		if r.Kind != frame.Range || r.Then.Set != nil {
			continue
		}
		c := &t.Schema.Columns[r.Columns[0]]
		if !c.Kind.Numeric() && c.Kind != frame.Time {
			continue
		}
		if c.Low < r.Then.Low {
			c.Low = upTo(c, r.Then.Low)
		}
		if c.High > r.Then.High {
			c.High = downTo(c, r.Then.High)
		}
	}
}

// fitSlot makes the map of one column.
func (t *Table) fitSlot(f rows, k int) (Slot, error) {
	c := &t.Schema.Columns[k]
	s := Slot{Column: k}
	t.unit(&s, c)
	b := &t.bound.columns[k]
	for _, r := range b.then {
		if r.Then.Set != nil && c.Kind.Numeric() {
			s.Set = slices.Sorted(slices.Values(r.Then.Set))
		}
	}
	if b.only != nil {
		s.Set = slices.Sorted(slices.Values(b.only.Then.Set))
	}
	var near, far gathered
	missing := 0
	var days [7]int
	least, step := math.Inf(1), c.Step
	for _, a := range b.below {
		step = commonStep(step, t.Schema.Columns[a].Step)
	}
	err := f.each(func(row []float64) error {
		v := row[k]
		if v != v {
			missing++
			return nil
		}
		if s.Unit == unitWeek {
			days[split(c.Local(v)).weekday]++
		}
		x, acts := t.near(&s, row)
		switch {
		case b.last && acts, acts && x != x:
		case acts:
			if err := near.add(x); err != nil {
				return err
			}
			if base, ok := t.base(k, row); ok && len(b.below) > 0 && v > base {
				least = min(least, v-base)
			}
		default:
			return far.add(s.alone(c, v))
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	if missing > 0 {
		s.Gap = fitLevels([]int{0, -1}, []int{max(f.len()-missing, 1), missing})
	}
	if s.Unit == unitWeek {
		var codes, counts []int
		for d, n := range days {
			if n > 0 {
				codes, counts = append(codes, d), append(counts, n)
			}
		}
		s.Days = fitLevels(codes, counts)
	}
	for _, a := range b.below {
		if t.strict(a, k) {
			if s.Least = least; step > 0 {
				s.Least = step
			}
			if math.IsInf(s.Least, 1) {
				s.Least = 0
			}
		}
	}
	lattice := step
	switch {
	case s.Unit == unitWeek || s.Unit == unitMonth:
		lattice = 1
	case b.sum != nil:
		lattice = 0
	}
	if near.n > 0 {
		if s.Near, err = near.number(lattice); err != nil {
			return s, err
		}
	}
	lattice = c.Step
	if s.Unit == unitWeek || s.Unit == unitMonth {
		lattice = 1
	}
	if far.n > 0 {
		if s.Far, err = far.number(lattice); err != nil {
			return s, err
		}
	}
	for _, r := range b.then {
		if near.n == 0 && !r.Then.Missing && !r.Then.Present && missing == 0 {
			return s, &ito.InputError{Where: fmt.Sprintf("the constraint %q", r.Text),
				What: "no row of the data is so that it binds", Do: "leave it out"}
		}
	}
	return s, nil
}

// commonStep is the lattice of the distances of two lattices, 0 where there is none.
func commonStep(a, b float64) float64 {
	if a <= 0 || b <= 0 {
		return 0
	}
	if small, large := min(a, b), max(a, b); math.Abs(large/small-math.Round(large/small)) < 1e-9 {
		return small
	}
	return 0
}

// unit finds what distances of times are counted in.
func (t *Table) unit(s *Slot, c *frame.Column) {
	if c.Kind != frame.Time {
		return
	}
	s.Unit = unitSecond
	dates := c.Dated() && !c.Clocked()
	for _, a := range t.bound.columns[s.Column].below {
		dates = dates && !t.Schema.Columns[a].Clocked() && t.Schema.Columns[a].Kind == frame.Time
	}
	p := &t.Parts[t.places()[s.Column]]
	switch {
	case p.Months != nil && !c.Clocked():
		s.Unit = unitMonth
	case dates && p.Weeks != nil:
		s.Unit = unitWeek
	}
}

// strict reports that a column is below another, and not as large.
func (t *Table) strict(a, k int) bool {
	for i := range t.bound.rules {
		if r := &t.bound.rules[i]; r.Kind == frame.Order && r.Strict && r.Columns[1] == k && r.Columns[0] == a {
			return true
		}
	}
	return false
}

// rows are what maps are fitted to.
type rows interface {
	each(take func(row []float64) error) error
	len() int
}

// frameRows are those of a frame.
type frameRows struct{ *frame.Frame }

func (f frameRows) len() int { return f.Rows }

func (f frameRows) each(take func(row []float64) error) error {
	return f.Each(func(_ int, row []float64) error { return take(row) })
}
