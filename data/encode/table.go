package encode

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
)

// Table is the map between the rows of a table and states. It implements [ito.Encoding], and is safe for concurrent
// use.
type Table struct {
	Schema frame.Schema `json:"schema"`
	Parts  []Part       `json:"parts"`
	Given  []int        `json:"given,omitempty"` // the parts whose cells a request may name
	// Slots and Combos stand in the states for columns that constraints of the schema bind.
	Slots  []Slot   `json:"slots,omitempty"`
	Combos []Combos `json:"combinations,omitempty"`
	// Context, of a table whose rows belong to rows of another, are the cells that every row has as its condition and
	// that are not learnt: those of the other row, and of the row before; nil: there are none. See [Around].
	Context *Table `json:"context,omitempty"`
	// Drawn is the law of conditions that somebody named, of which samples draw where nothing is asked; nil: all
	// columns may be asked for, and are drawn together
	Drawn *Drawn `json:"drawn,omitempty"`

	bound  *bound // nil: no constraint binds
	starts []int  // of the parts in a state
	widths []int
	condAt []int // of the given in a condition
	dim    int
	width  int // of a condition, with the context
}

// ready checks the map and finds the places of its parts.
func (t *Table) ready() error {
	bad := func(format string, args ...any) error {
		return &ito.InputError{Where: "encoding", What: fmt.Sprintf(format, args...)}
	}
	if err := t.Schema.Check("encoding"); err != nil {
		return err
	}
	t.starts, t.widths, t.condAt, t.dim, t.width = nil, nil, nil, 0, 0
	if err := t.bindAgain(); err != nil {
		return err
	}
	last := -1
	for i := range t.Parts {
		p := &t.Parts[i]
		if p.Column <= last || p.Column >= len(t.Schema.Columns) {
			return bad("part %d is of column %d", i, p.Column)
		}
		last = p.Column
		c := &t.Schema.Columns[p.Column]
		most := len(c.Levels)
		if p.Values != nil {
			most = len(p.Values)
		}
		whats := []string{p.Levels.check(most), p.Gap.check(1), p.Days.check(7), p.Number.check(),
			p.Weeks.check(), p.Months.check(), p.Clock.check()}
		kind := c.Kind == frame.Time && p.Clock != nil && (p.Weeks != nil) != (p.Months != nil) &&
			(p.Weeks == nil) == (p.Days == nil) && p.Levels == nil && p.Number == nil ||
			c.Kind.Levelled() && p.Levels != nil && p.Gap == nil && p.Values == nil ||
			c.Kind.Numeric() && p.Number != nil && p.Levels == nil || c.Kind.Numeric() && p.Number == nil &&
			p.Levels != nil && p.Gap == nil && len(p.Values) > 0 && slices.IsSorted(p.Values)
		if !kind {
			whats = append(whats, "parts that its type has not")
		}
		for _, what := range whats {
			if what != "" {
				return bad("column %s has %s", c.Name, what)
			}
		}
		d := t.partDim(i)
		t.starts, t.widths = append(t.starts, t.dim), append(t.widths, d)
		t.dim += d
	}
	last = -1
	for _, g := range t.Given {
		if g <= last || g >= len(t.Parts) {
			return bad("part %d may be given", g)
		}
		last = g
		t.condAt = append(t.condAt, t.width)
		t.width += t.Parts[g].dim() + 1
	}
	if c := t.Context; c != nil {
		if c.Context != nil || len(c.Given) != len(c.Parts) || c.bound != nil {
			return bad("a context that is none")
		}
		t.width += c.width
	}
	if what := t.Drawn.check(t); what != "" {
		return bad("%s", what)
	}
	if t.dim == 0 || t.dim > 1<<20 {
		return bad("a state has %d values", t.dim)
	}
	return nil
}

// UnmarshalJSON reads a map and checks it.
func (t *Table) UnmarshalJSON(text []byte) error {
	type plain Table
	if err := json.Unmarshal(text, (*plain)(t)); err != nil {
		return err
	}
	return t.ready()
}

// Kind implements [ito.Encoding].
func (*Table) Kind() string { return "table" }

// Columns implements [ito.Encoding].
func (t *Table) Columns() []string { return t.Schema.Names() }

// Dim implements [ito.Encoding].
func (t *Table) Dim() int { return t.dim }

// CondWidth implements [ito.Encoding]: the given columns' values, and behind each 1 where it is given; the same of the
// context behind them.
func (t *Table) CondWidth() int { return t.width }

func (t *Table) column(part int) *frame.Column { return &t.Schema.Columns[t.Parts[part].Column] }

// Encode writes the state of a row. u in (0,1), one number for each value of a state, says where a number of a
// lattice lies in its place; training draws it anew each time.
func (t *Table) Encode(state, row, u []float64) {
	for i := range t.Parts {
		p := &t.Parts[i]
		from, to := t.starts[i], t.starts[i]+t.widths[i]
		if t.isBound(p.Column) {
			t.encodeBound(i, state[from:to], row, u[from:to])
			continue
		}
		p.encode(state[from:to], row[p.Column], &t.Schema.Columns[p.Column], u[from:to])
	}
}

// Decode implements [ito.Encoding]. Cells of columns that are not learnt are 0.
func (t *Table) Decode(row, state []float64) error {
	if len(row) != len(t.Schema.Columns) || len(state) != t.dim {
		return fmt.Errorf("encode: a row has %d cells and a state %d values, got %d and %d", len(t.Schema.Columns),
			t.dim, len(row), len(state))
	}
	if t.bound != nil {
		t.decodeBound(row, state, make([]bool, len(row)))
		return nil
	}
	for k := range row {
		row[k] = t.alone(k)
	}
	for i := range t.Parts {
		p := &t.Parts[i]
		row[p.Column] = p.decode(state[t.starts[i]:t.starts[i]+t.widths[i]], &t.Schema.Columns[p.Column])
	}
	return nil
}

// isBound reports a column of which a state has something else than its own map.
func (t *Table) isBound(k int) bool {
	return t.bound != nil && (t.bound.slot[k] >= 0 || t.bound.combo[k] >= 0)
}

// partDim is the number of values that a state has of a part.
func (t *Table) partDim(i int) int {
	k := t.Parts[i].Column
	switch {
	case !t.isBound(k):
		return t.Parts[i].dim()
	case t.bound.combo[k] < 0:
		return t.Slots[t.bound.slot[k]].dim()
	case t.Combos[t.bound.combo[k]].Columns[0] == k:
		return t.Combos[t.bound.combo[k]].Levels.dim()
	}
	return 0
}

// alone is the cell of a column that has no part: the one number that it has, or 0.
func (t *Table) alone(k int) float64 {
	c := &t.Schema.Columns[k]
	switch {
	case c.Kind.Numeric() || c.Kind == frame.Time:
		return c.Low
	case c.Kind.Levelled():
		for code, n := range c.Counts {
			if n > 0 {
				return float64(code)
			}
		}
	}
	return 0
}

// half is where a condition lies in its place.
var half = []float64{.5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5, .5}

// Condition writes the condition of a row of which the given parts there[i] are known: zeros where they are not.
func (t *Table) Condition(cond, row []float64, there []bool) {
	clear(cond)
	for i, g := range t.Given {
		if !there[i] {
			continue
		}
		p := &t.Parts[g]
		d := p.dim()
		u := half
		if d > len(u) {
			u = make([]float64, d)
			for k := range u {
				u[k] = .5
			}
		}
		at := t.condAt[i]
		p.encode(cond[at:at+d], row[p.Column], &t.Schema.Columns[p.Column], u[:d])
		cond[at+d] = 1
	}
}
