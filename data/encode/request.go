package encode

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/rng"
)

// Request is what samples are asked to be: some of their cells, and what others must lie in. Sample i is asked for
// row i of the request, and for the first again after the last.
type Request struct {
	table *Table
	rows  []wanted
	whole bool // no cell of a sample may be missing
}

// wanted is one row of a request.
type wanted struct {
	cells []float64 // of the given parts
	there []bool
	tests []test
}

// test is what a cell must lie in.
type test struct {
	given     int       // in Table.Given
	low, high float64   // inclusive
	set       []float64 // or one of these
}

func (q test) meets(v float64) bool {
	if q.set != nil {
		return slices.Contains(q.set, v) || math.IsNaN(v) && slices.ContainsFunc(q.set, math.IsNaN)
	}
	return v >= q.low && v <= q.high
}

// ParseWhere reads a request such as age=30,sex=male, with ranges age=18..30, 18.. or ..30 of numbers, times and
// ordered levels, and sets city=Bonn|Köln. Whatever cannot be is an *ito.InputError with the nearest that can.
func (t *Table) ParseWhere(where string) (*Request, error) {
	w := t.nothing()
	named := map[string]bool{}
	for rest, more := where, strings.TrimSpace(where) != ""; more; {
		var name, word string
		var err error
		if name, word, rest, more, err = frame.NextWhere(rest); err != nil {
			return nil, err
		}
		k, err := t.find(name)
		if err != nil {
			return nil, err
		}
		if named[name] {
			return nil, &ito.InputError{Where: "`where`", What: name + " is given twice",
				Do: "give it once, as a set " +
					name + "=a|b or a range " + name + "=1..3"}
		}
		named[name] = true
		if err := t.clause(&w, k, word); err != nil {
			return nil, err
		}
	}
	if err := t.feasible(&w); err != nil {
		return nil, err
	}
	return &Request{table: t, rows: []wanted{w}}, nil
}

func (t *Table) nothing() wanted {
	return wanted{cells: make([]float64, len(t.Given)), there: make([]bool, len(t.Given))}
}

// find is the place of a column among the given.
func (t *Table) find(name string) (int, error) {
	var names []string
	for k, g := range t.Given {
		if t.column(g).Name == name {
			return k, nil
		}
		names = append(names, t.column(g).Name)
	}
	e := &ito.InputError{Where: "`where`", What: fmt.Sprintf("no column is named %q", name), Do: suggest.Among(name,
		names)}
	if at := t.Schema.Find(name); at >= 0 {
		c := t.Schema.Columns[at]
		e.What = fmt.Sprintf("the model does not condition on %s, which is %s", name, c.Kind)
		if c.Kind.Learnt() {
			e.What = "the model was trained without conditions on " + name
		}
	}
	return 0, e
}

// clause takes what is asked of one column.
func (t *Table) clause(w *wanted, k int, word string) error {
	c := t.column(t.Given[k])
	v, err := t.cell(k, word)
	if err == nil {
		w.cells[k], w.there[k] = v, true
		return nil
	}
	if parts := strings.Split(word, "|"); len(parts) > 1 {
		q := test{given: k}
		for _, part := range parts {
			v, err := t.cell(k, strings.TrimSpace(part))
			if err != nil {
				return err
			}
			q.set = append(q.set, v)
		}
		w.tests = append(w.tests, q)
		return nil
	}
	from, to, ranged := strings.Cut(word, "..")
	if !ranged {
		return err
	}
	if c.Kind == frame.Category || c.Kind == frame.Boolean {
		return &ito.InputError{Where: "`where`", What: c.Name + " has levels in no order, and no range of them",
			Do: "give a set, as " + c.Name + "=" + strings.Join(c.Levels[:min(2, len(c.Levels))], "|") +
				", or declare it ordered in training"}
	}
	q := test{given: k, low: math.Inf(-1), high: math.Inf(1)}
	for _, end := range []struct {
		word string
		to   *float64
	}{{from, &q.low}, {to, &q.high}} {
		if word := strings.TrimSpace(end.word); word != "" {
			if *end.to, err = c.Parse(word); err != nil {
				return err
			}
		}
	}
	if low, high := t.ends(k); !(q.low <= q.high) || q.high < low || q.low > high {
		return &ito.InputError{Where: "`where`", What: fmt.Sprintf("%s=%s holds no value of the data", c.Name, word),
			Do: fmt.Sprintf("they have %s to %s", c.Append(nil, low, 0), c.Append(nil, high, 0))}
	}
	w.tests = append(w.tests, q)
	return nil
}

// ends are the least and largest cell of a given column.
func (t *Table) ends(k int) (low, high float64) {
	c := t.column(t.Given[k])
	if c.Kind.Levelled() {
		return 0, float64(len(c.Levels) - 1)
	}
	return c.Low, c.High
}

// cell reads a value that the data could have.
func (t *Table) cell(k int, word string) (float64, error) {
	v, err := t.column(t.Given[k]).Parse(word)
	if err != nil {
		return v, err
	}
	return v, t.possible(k, v, word)
}

// possible refuses a value that the data could not have.
func (t *Table) possible(k int, v float64, word string) error {
	p := &t.Parts[t.Given[k]]
	c := t.column(t.Given[k])
	if math.IsNaN(v) {
		return nil
	}
	if p.Levels != nil && !p.Levels.knows(p.code(v)) {
		return &ito.InputError{Where: c.Name, What: fmt.Sprintf("no row of the data has %s", word),
			Do: "ask for a level that they have"}
	}
	if p.Levels == nil {
		if near := c.Snap(v); math.Abs(near-v) > 1e-9*(1+math.Abs(v)) {
			what := "beyond the data"
			if v >= c.Low && v <= c.High {
				what = "between two values that the data can have"
			}
			return &ito.InputError{Where: c.Name,
				What: fmt.Sprintf("%s is %s, which go from %s to %s in steps of %g",
					word, what, c.Append(nil, c.Low, 0), c.Append(nil, c.High, 0), c.Step),
				Do: fmt.Sprintf("the nearest is %s", c.Append(nil, near, 0))}
		}
	}
	return nil
}

// Rows makes a request of the rows of a frame, which has columns of the schema: a missing cell is not asked for.
func (t *Table) Rows(f *frame.Frame) (*Request, error) {
	q := &Request{table: t}
	at := make([]int, len(f.Schema.Columns))
	for k, c := range f.Schema.Columns {
		var err error
		if at[k], err = t.find(c.Name); err != nil {
			return nil, err
		}
	}
	for i := range f.Rows {
		w := t.nothing()
		for k, v := range f.Row(i) {
			if math.IsNaN(v) {
				continue
			}
			if err := t.possible(at[k], v, string(f.Schema.Columns[k].Append(nil, v, 0))); err != nil {
				return nil, fmt.Errorf("%s: row %d: %w", f.Name, i+1, err)
			}
			w.cells[at[k]], w.there[at[k]] = v, true
		}
		if err := t.feasible(&w); err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", f.Name, i+1, err)
		}
		q.rows = append(q.rows, w)
	}
	return q, nil
}

// Gaps makes a request of the rows of a frame of the table's own schema in which a cell is missing, listed in rows: the
// cells that are there are given, and none of a sample may be missing. A model that does not condition on all that it
// learnt cannot fill gaps.
func (t *Table) Gaps(f *frame.Frame) (q *Request, rows []int, err error) {
	if len(t.Given) < len(t.Parts) {
		return nil, nil, &ito.InputError{Where: "the model",
			What: "it was trained with conditions on some of its columns " +
				"only, and a row is filled given all that is there", Do: "train without `condition`"}
	}
	q = &Request{table: t, whole: true}
	for i := range f.Rows {
		w, gap := t.nothing(), false
		for k, g := range t.Given {
			w.cells[k] = f.Row(i)[t.Parts[g].Column]
			w.there[k] = !math.IsNaN(w.cells[k]) || t.absent(f.Row(i), t.Parts[g].Column)
			gap = gap || !w.there[k]
		}
		if err := t.feasible(&w); err != nil {
			return nil, nil, fmt.Errorf("%s: row %d: %w", f.Name, i+1, err)
		}
		if gap {
			q.rows, rows = append(q.rows, w), append(rows, i)
		}
	}
	return q, rows, nil
}

// Nothing reports a request that asks for nothing.
func (q *Request) Nothing() bool {
	return len(q.rows) == 1 && !slices.Contains(q.rows[0].there, true) && len(q.rows[0].tests) == 0
}

// Tested reports a request with ranges or sets, which samples may fail.
func (q *Request) Tested() bool {
	return q.whole || slices.ContainsFunc(q.rows, func(w wanted) bool { return len(w.tests) > 0 })
}

func (q *Request) row(id uint64) *wanted { return &q.rows[id%uint64(len(q.rows))] }

// Cond makes the conditions of samples. A single range or set, with nothing else asked for, is drawn from the law of
// its column in the data; other ranges and sets are left to [Request.Meets].
func (q *Request) Cond(ids []uint64, seed uint64) ito.Cond {
	t := q.table
	out := ito.Cond{C: t.width, X: make([]float64, t.width*len(ids))}
	row := make([]float64, len(t.Schema.Columns))
	for i, id := range ids {
		w := q.drawn(id, seed)
		for k, g := range t.Given {
			row[t.Parts[g].Column] = w.cells[k]
		}
		t.Condition(out.Row(i), row, w.there)
	}
	return out
}

// purposeRange is the stream of values that are drawn for ranges.
const purposeRange = rng.PurposeSplit

// drawn is what a sample is asked for, with a single range replaced by a value.
func (q *Request) drawn(id, seed uint64) wanted {
	w := *q.row(id)
	if len(w.tests) != 1 || slices.Contains(w.there, true) {
		return w
	}
	u := rng.NewKey(seed, purposeRange, 0, 0)
	var one [1]float64
	u.Uniforms64(one[:], 1, []uint64{id})
	v, ok := q.table.marginal(w.tests[0], one[0])
	if !ok {
		return w
	}
	k := w.tests[0].given
	w.cells, w.there = slices.Clone(w.cells), slices.Clone(w.there)
	w.cells[k], w.there[k] = v, true
	return w
}

// marginal draws a cell that meets a test from the law of its column: number u in (0,1) by the inverse of its
// distribution function. It is false where the law of the column is not kept.
func (t *Table) marginal(q test, u float64) (float64, bool) {
	p, c := &t.Parts[t.Given[q.given]], t.column(t.Given[q.given])
	switch {
	case p.Levels != nil:
		var codes []float64
		var counts []int
		total := 0
		for k, code := range p.Levels.Codes {
			if v := p.cell(code); q.meets(v) {
				codes, counts = append(codes, v), append(counts, p.Levels.Counts[k])
				total += p.Levels.Counts[k]
			}
		}
		if total == 0 {
			return 0, false
		}
		for k, v := range codes {
			if u -= float64(counts[k]) / float64(total); u <= 0 {
				return v, true
			}
		}
		return codes[len(codes)-1], true
	case p.Number != nil && q.set == nil && p.Number.dim() == 1:
		half := p.Number.Jitter / 2
		low, high := 0., 1.
		if q.low > c.Low {
			low = normal(p.Number.encode(q.low-half, .5))
		}
		if q.high < c.High {
			high = normal(p.Number.encode(q.high+half, .5))
		}
		v := c.Snap(p.Number.decode(math.Sqrt2 * math.Erfinv(2*(low+(high-low)*u)-1)))
		return v, q.meets(v)
	}
	return 0, false
}

// Decode writes the row of a state, in which the cells that were asked for are as they were given, and the others such
// that the constraints are met with them.
func (q *Request) Decode(row, state []float64, id, seed uint64) error {
	t, w := q.table, q.drawn(id, seed)
	if t.bound == nil {
		if err := t.Decode(row, state); err != nil {
			return err
		}
		for k, g := range t.Given {
			if w.there[k] {
				row[t.Parts[g].Column] = w.cells[k]
			}
		}
		return nil
	}
	if len(row) != len(t.Schema.Columns) || len(state) != t.dim {
		return fmt.Errorf("encode: a row has %d cells and a state %d values, got %d and %d", len(t.Schema.Columns),
			t.dim, len(row), len(state))
	}
	given := make([]bool, len(row))
	for k, g := range t.Given {
		if w.there[k] {
			at := t.Parts[g].Column
			row[at], given[at] = w.cells[k], true
		}
	}
	t.decodeBound(row, state, given)
	return t.whole(row, w.there)
}

// Meets reports a row that lies in the ranges and sets that it was asked for.
func (q *Request) Meets(row []float64, id uint64) bool {
	for _, p := range q.table.Parts {
		if q.whole && math.IsNaN(row[p.Column]) && !q.table.absent(row, p.Column) {
			return false
		}
	}
	for _, c := range q.row(id).tests {
		if !c.meets(row[q.table.Parts[q.table.Given[c.given]].Column]) {
			return false
		}
	}
	return true
}

// Conditions are the columns that a request may name.
func (t *Table) Conditions() []string {
	var out []string
	for _, g := range t.Given {
		out = append(out, t.column(g).Name)
	}
	return out
}

// Len is the number of rows of the request.
func (q *Request) Len() int { return len(q.rows) }

// Example is a request that [Table.ParseWhere] takes: the most frequent level, or a number in the middle.
func (t *Table) Example() string {
	for pass := range 2 {
		for k, g := range t.Given {
			p, c := &t.Parts[g], t.column(g)
			var v float64
			switch {
			case p.Levels != nil && (pass == 0) == c.Kind.Levelled():
				v = p.cell(p.Levels.Codes[argmaxInt(p.Levels.Counts)])
			case p.Number != nil && pass == 1:
				v = c.Snap(p.Number.decode(0))
			default:
				continue
			}
			cell := string(c.Append(nil, v, 0))
			if _, err := t.cell(k, cell); err == nil && cell != "" {
				return frame.QuoteWhere(c.Name, `,"=`) + "=" + frame.QuoteWhere(cell, `,"`)
			}
		}
	}
	return ""
}

func argmaxInt(v []int) int {
	best := 0
	for k, n := range v {
		if n > v[best] {
			best = k
		}
	}
	return best
}
