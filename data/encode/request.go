package encode

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/rng"
)

// Request is what samples are asked to be: some of their cells, and what others must lie in. Sample i is asked for
// row i of the request, and for the first again after the last.
type Request struct {
	table *Table
	rows  []wanted
	whole bool // no cell of a sample may be missing
	// asData has the conditions of every sample drawn as the data have them
	asData bool
	upTo   []float64 // rows of the combinations up to each
	// context writes what a sample belongs to; nil: nothing
	context func(cells []float64, id uint64)
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

// Nothing reports a request that asks for nothing.
func (q *Request) Nothing() bool {
	return q.context == nil && !q.asData && len(q.rows) == 1 &&
		!slices.Contains(q.rows[0].there, true) && len(q.rows[0].tests) == 0
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
	var cells []float64
	var there []bool
	if q.context != nil {
		cells, there = make([]float64, len(t.Context.Schema.Columns)), make([]bool, len(t.Context.Given))
	}
	for i, id := range ids {
		w := q.drawn(id, seed)
		for k, g := range t.Given {
			row[t.Parts[g].Column] = w.cells[k]
		}
		t.Condition(out.Row(i), row, w.there)
		if q.context != nil {
			q.context(cells, id)
			t.surround(out.Row(i), cells, there)
		}
	}
	return out
}

// purposeRange is the stream of values that are drawn for ranges.
const purposeRange = rng.PurposeSplit

// drawn is what a sample is asked for, with a single range replaced by a value.
func (q *Request) drawn(id, seed uint64) wanted {
	if q.asData {
		return q.ofData(id, seed)
	}
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
		low, high := 0., 1.
		if q.low > c.Low {
			low = p.Number.below(q.low)
		}
		if q.high < c.High {
			high = p.Number.upTo(q.high)
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
	return t.complete(row, w.there)
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
