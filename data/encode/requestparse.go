package encode

import (
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

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
