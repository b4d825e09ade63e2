package encode

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
)

// bound is how the constraints of a schema bind its columns: what each is decoded from, and in which order. It
// follows from the schema alone.
type bound struct {
	rules   []frame.Rule
	columns []binding
	order   []int // columns that have parts, each behind those that it is decoded from
	combos  [][]int
	// where the parts of a column are
	part, slot, combo []int // of each column; −1: it has none
}

// binding is what binds one column.
type binding struct {
	below []int         // columns that are at most this one, by steps too
	above []int         // and those that are at least this one
	sum   *frame.Rule   // this is a part of it, or its total
	last  bool          // the part of the sum that is what is left
	total bool          // the total of the sum
	then  []*frame.Rule // implications whose other side it is
	ifs   []*frame.Rule // implications whose one side it is
	only  *frame.Rule   // a set of numbers
	fixed int           // of combos; −1
}

// moved is what a state has of the column instead of its own map.
func (b *binding) moved() string {
	switch {
	case b.fixed >= 0:
		return "fixed combinations"
	case b.sum != nil:
		return "a sum"
	case len(b.below) > 0:
		return "an order"
	}
	return ""
}

// bind works out the structure, or says what the program cannot hold together.
func bind(s *frame.Schema) (*bound, error) {
	b := &bound{columns: make([]binding, len(s.Columns))}
	var err error
	if b.rules, err = s.Compile(); err != nil {
		return nil, err
	}
	for k := range b.columns {
		b.columns[k].fixed = -1
	}
	refuse := func(k int, r *frame.Rule, other string) error {
		return &ito.UnsupportedError{What: fmt.Sprintf("the constraint %q", r.Text),
			Why: fmt.Sprintf("column %s is bound by %s already, and a sample is built by one of them",
				s.Columns[k].Name, other),
			Nearest: "to leave one of the two out"}
	}
	direct := make([][]int, len(s.Columns))
	for i := range b.rules {
		switch r := &b.rules[i]; r.Kind {
		case frame.Order:
			k := r.Columns[1]
			if m := b.columns[k].moved(); m != "" && m != "an order" {
				return nil, refuse(k, r, m)
			}
			direct[k] = append(direct[k], r.Columns[0])
			b.columns[k].below = direct[k]
		case frame.Sum:
			for j, k := range r.Columns {
				if m := b.columns[k].moved(); m != "" {
					return nil, refuse(k, r, m)
				}
				b.columns[k].sum = r
				b.columns[k].total = !r.Number && j == len(r.Columns)-1
			}
			b.columns[lastPart(s, r)].last = true
		case frame.Fixed:
			for _, k := range r.Columns {
				if m := b.columns[k].moved(); m != "" {
					return nil, refuse(k, r, m)
				}
				b.columns[k].fixed = len(b.combos)
			}
			b.combos = append(b.combos, r.Columns)
		case frame.Implies:
			b.columns[r.Columns[0]].ifs = append(b.columns[r.Columns[0]].ifs, r)
			b.columns[r.Columns[1]].then = append(b.columns[r.Columns[1]].then, r)
		case frame.Range:
			if k := r.Columns[0]; r.Then.Set != nil && s.Columns[k].Kind.Numeric() {
				b.columns[k].only = r
			}
		}
	}
	for k := range b.columns {
		c := &b.columns[k]
		values := 0
		for _, r := range c.then {
			if !r.Then.Missing && !r.Then.Present {
				if m := c.moved(); m != "" {
					return nil, refuse(k, r, m)
				}
				values++
			}
		}
		if values > 1 && s.Columns[k].Kind.Numeric() {
			return nil, &ito.UnsupportedError{What: fmt.Sprintf("the constraint %q", c.then[1].Text),
				Why:     fmt.Sprintf("another constraint binds the numbers of %s already", s.Columns[k].Name),
				Nearest: "one of the two, or a range of " + s.Columns[k].Name}
		}
		if m := c.moved(); c.only != nil && (m != "" || values > 0) {
			return nil, refuse(k, c.only, cmp.Or(m, "an implication"))
		}
		if c.fixed >= 0 && len(c.then)+len(c.ifs) > 0 {
			return nil, refuse(k, append(c.then, c.ifs...)[0], "fixed combinations")
		}
	}
	return b, b.sort(s, direct)
}

// lastPart is the part of a sum that is what is left: that with the finest lattice, of equals the last.
func lastPart(s *frame.Schema, r *frame.Rule) int {
	parts := r.Columns
	if !r.Number {
		parts = parts[:len(parts)-1]
	}
	best := parts[0]
	for _, k := range parts {
		if s.Columns[k].Step <= s.Columns[best].Step {
			best = k
		}
	}
	return best
}

// sort finds the order in which columns are decoded.
func (b *bound) sort(s *frame.Schema, direct [][]int) error {
	n := len(s.Columns)
	from := make([][]int, n) // what a column is decoded from
	for k := range b.columns {
		c := &b.columns[k]
		from[k] = append(from[k], direct[k]...)
		for _, r := range c.then {
			from[k] = append(from[k], r.Columns[0])
		}
	}
	for i := range b.rules {
		if r := &b.rules[i]; r.Kind == frame.Sum {
			parts := b.parts(r)
			before := -1
			if !r.Number {
				before = r.Columns[len(r.Columns)-1]
			}
			for _, k := range parts {
				if before >= 0 {
					from[k] = append(from[k], before)
				}
				before = k
			}
		}
	}
	for _, c := range b.combos {
		for _, k := range c[1:] {
			from[k] = append(from[k], c[0])
		}
	}
	state := make([]int, n)
	var circle int = -1
	var visit func(k int)
	visit = func(k int) {
		state[k] = 1
		for _, f := range from[k] {
			if state[f] == 1 {
				circle = k
			} else if state[f] == 0 {
				visit(f)
			}
		}
		state[k] = 2
		b.order = append(b.order, k)
	}
	for k := range n {
		if state[k] == 0 {
			visit(k)
		}
	}
	if circle >= 0 {
		return &ito.UnsupportedError{What: "the constraints together",
			Why: fmt.Sprintf("they lead in a circle at column %s, which would be decoded from itself",
				s.Columns[circle].Name),
			Nearest: "to leave one of them out"}
	}
	// by steps: columns come behind what is below them
	for _, k := range b.order {
		all := slices.Clone(direct[k])
		for _, f := range direct[k] {
			all = append(all, b.columns[f].below...)
		}
		slices.Sort(all)
		b.columns[k].below = slices.Compact(all)
		for _, f := range b.columns[k].below {
			b.columns[f].above = append(b.columns[f].above, k)
		}
	}
	return nil
}

// parts are those of a sum in the order in which they are decoded: the one that is what is left is the last.
func (b *bound) parts(r *frame.Rule) []int {
	all := r.Columns
	if !r.Number {
		all = all[:len(all)-1]
	}
	out := make([]int, 0, len(all))
	last := -1
	for _, k := range all {
		if b.columns[k].last {
			last = k
		} else {
			out = append(out, k)
		}
	}
	return append(out, last)
}

// free reports a schema without constraints that bind: ranges alone hold by the bounds of the columns.
func (b *bound) free() bool {
	return !slices.ContainsFunc(b.rules, func(r frame.Rule) bool {
		return r.Kind != frame.Range || b.columns[r.Columns[0]].only != nil
	})
}

// slotted reports a column of which a state has a slot.
func (b *bound) slotted(s *frame.Schema, k int) bool {
	c := &b.columns[k]
	if c.fixed >= 0 {
		return false
	}
	if len(c.below) > 0 || c.sum != nil && !c.total || c.only != nil {
		return true
	}
	return s.Columns[k].Kind.Numeric() && slices.ContainsFunc(c.then, func(r *frame.Rule) bool {
		return !r.Then.Missing && !r.Then.Present
	})
}
