package encode

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
)

// bindAgain finds the structure of the constraints anew, as after reading a model.
func (t *Table) bindAgain() error {
	bad := func(what string) error {
		return &ito.InputError{Where: "encoding", What: "a constraint has " + what}
	}
	b, err := bind(&t.Schema)
	if err != nil {
		return err
	}
	if t.bound = nil; b.free() {
		if len(t.Slots)+len(t.Combos) > 0 {
			return bad("maps that nothing asks for")
		}
		return nil
	}
	n := len(t.Schema.Columns)
	b.slot, b.combo = slices.Repeat([]int{-1}, n), slices.Repeat([]int{-1}, n)
	for i := range t.Parts {
		if k := t.Parts[i].Column; k < 0 || k >= n {
			return bad("a column that there is not")
		}
	}
	b.part = t.places()
	for i := range t.Slots {
		s := &t.Slots[i]
		if what := s.check(n); what != "" && !(s.Column >= 0 && s.Column < n && b.columns[s.Column].last) {
			return bad(what)
		}
		if b.slot[s.Column] = i; b.part[s.Column] < 0 || !b.slotted(&t.Schema, s.Column) {
			return bad("a map of a column that needs none")
		}
	}
	for i := range t.Combos {
		c := &t.Combos[i]
		if what := c.check(b, n); what != "" {
			return bad(what)
		}
		for _, k := range c.Columns {
			b.combo[k] = i
		}
		c.index()
	}
	for k := range n {
		if b.part[k] >= 0 && (b.slotted(&t.Schema, k) && b.slot[k] < 0 || b.columns[k].fixed >= 0 && b.combo[k] < 0) {
			return bad("no map of column " + t.Schema.Columns[k].Name)
		}
	}
	t.bound = b
	return nil
}

// check reports what are no combinations, and reads their cells.
func (c *Combos) check(b *bound, columns int) string {
	if len(c.Columns) == 0 || len(c.Rows) == 0 || c.Levels == nil {
		return "combinations without cells"
	}
	for _, k := range c.Columns {
		if k < 0 || k >= columns || b.columns[k].fixed < 0 || b.part[k] < 0 {
			return "combinations of a column that has none"
		}
	}
	c.Cells = make([][]float64, len(c.Rows))
	for i, words := range c.Rows {
		if len(words) != len(c.Columns) {
			return "combinations of different lengths"
		}
		for _, w := range words {
			v, err := strconv.ParseFloat(w, 64)
			if w == "" {
				v, err = math.NaN(), nil
			}
			if err != nil {
				return "combinations of what is no number"
			}
			c.Cells[i] = append(c.Cells[i], v)
		}
	}
	if what := c.Levels.check(len(c.Rows)); what != "" {
		return what
	}
	if len(c.Levels.Codes) != len(c.Rows) || slices.Contains(c.Levels.Codes, -1) {
		return "other combinations than cells"
	}
	return ""
}

// feasible refuses cells that are asked for together and that the constraints do not leave room for.
func (t *Table) feasible(w *wanted) error {
	if t.bound == nil {
		return nil
	}
	n := len(t.Schema.Columns)
	row, given := make([]float64, n), make([]bool, n)
	var said []string
	for k := range n {
		row[k] = math.NaN()
		if t.bound.part[k] < 0 {
			row[k] = t.alone(k)
		}
	}
	for k, g := range t.Given {
		if w.there[k] {
			at := t.Parts[g].Column
			row[at], given[at] = w.cells[k], true
			said = append(said, fmt.Sprintf("%s=%s", t.column(g).Name, t.column(g).Append(nil, w.cells[k], 0)))
		}
	}
	if len(said) == 0 {
		return nil
	}
	for i := range t.bound.rules {
		r := &t.bound.rules[i]
		if ok := t.leaves(r, row, given); !ok {
			return &ito.InputError{Where: "`where`",
				What: fmt.Sprintf("%s cannot be met together with the constraint %q", strings.Join(said, ", "), r.Text),
				Do:   "ask for cells that meet it"}
		}
	}
	for i := range t.Combos {
		c := &t.Combos[i]
		if !slices.ContainsFunc(c.Rows, func(cells []string) bool {
			for j, k := range c.Columns {
				if given[k] && exact(row[k]) != cells[j] {
					return false
				}
			}
			return true
		}) {
			return &ito.InputError{Where: "`where`", What: fmt.Sprintf("no row of the data has %s together, and their "+
				"combinations are fixed", strings.Join(said, ", ")), Do: "ask for a combination that they have"}
		}
	}
	return nil
}

// leaves reports that a rule can be met with the cells that are given; the others are missing in row.
func (t *Table) leaves(r *frame.Rule, row []float64, given []bool) bool {
	switch r.Kind {
	case frame.Implies:
		a, b := r.Columns[0], r.Columns[1]
		return !given[a] || !given[b] || r.Met(row)
	case frame.Order:
		a, b := r.Columns[0], r.Columns[1]
		always := func(k int) bool { return t.Schema.Columns[k].Missing == 0 }
		switch {
		case given[a] && given[b]:
			return r.Met(row)
		case given[b] && row[b] == row[b] && always(a):
			return t.Schema.Columns[a].Low <= row[b]
		case given[a] && row[a] == row[a] && always(b):
			return row[a] <= t.Schema.Columns[b].High
		}
	case frame.Sum:
		low, high, largest := 0., 0., math.Abs(r.Total)
		for i, k := range r.Columns {
			sign := 1.
			if !r.Number && i == len(r.Columns)-1 {
				sign = -1
			}
			a, b := row[k], row[k]
			switch {
			case given[k] && row[k] != row[k]:
				return true
			case !given[k]:
				if t.Schema.Columns[k].Missing > 0 {
					return true
				}
				a, b = t.ofColumn(k)
			}
			if sign < 0 {
				a, b = -b, -a
			}
			low, high, largest = low+a, high+b, max(largest, math.Abs(a), math.Abs(b))
		}
		return low <= r.Total+1e-9*largest && high >= r.Total-1e-9*largest
	}
	return true
}

// absent reports a cell that an implication, given the rest of its row, leaves missing.
func (t *Table) absent(row []float64, k int) bool {
	if t.bound == nil {
		return false
	}
	for _, r := range t.bound.columns[k].then {
		if r.Then.Missing && r.If.Holds(row[r.Columns[0]]) {
			return true
		}
	}
	return false
}

// Broken is how many of n rows break a constraint.
type Broken struct {
	Rule string `json:"constraint"`
	Rows int    `json:"rows"`
}

// Constraints are those that samples keep, as they are written.
func (t *Table) Constraints() []string { return t.Schema.Rules }

// Check counts the rows that break each constraint: none of those that [Table.Decode] makes.
func (t *Table) Check(cells ito.States) ([]Broken, error) {
	rules, err := t.Schema.Compile()
	if err != nil || len(rules) == 0 {
		return nil, err
	}
	out := make([]Broken, 0, len(rules))
	for i := range rules {
		b := Broken{Rule: rules[i].Text}
		for j := range cells.N {
			if !t.met(&rules[i], cells.Row(j)) {
				b.Rows++
			}
		}
		out = append(out, b)
	}
	return out, nil
}

// met is [frame.Rule.Met], and knows the combinations of the data.
func (t *Table) met(r *frame.Rule, row []float64) bool {
	if r.Kind != frame.Fixed {
		return r.Met(row)
	}
	for i := range t.Combos {
		if c := &t.Combos[i]; slices.Contains(r.Columns, c.Columns[0]) && c.number(row) < 0 {
			return false
		}
	}
	return true
}

// complete reports a row that breaks a constraint after all, since what was asked for leaves no room.
func (t *Table) complete(row []float64, there []bool) error {
	if !slices.Contains(there, true) {
		return nil
	}
	for i := range t.bound.rules {
		if r := &t.bound.rules[i]; !t.met(r, row) {
			return &ito.InputError{Where: "`where`", What: fmt.Sprintf("what is asked for leaves no room for the "+
				"constraint %q", r.Text), Do: "ask for less, or for other values"}
		}
	}
	return nil
}
