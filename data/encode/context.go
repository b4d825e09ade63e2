package encode

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Beside are the columns of a table in a context, named prefix.column.
type Beside struct {
	Prefix string
	Table  *Table
}

// Around makes the context of rows that belong to rows of other tables: the columns of these, one table behind the
// other, mapped as there.
func Around(others ...Beside) (*Table, error) {
	t := &Table{}
	for _, o := range others {
		before := len(t.Schema.Columns)
		for _, c := range o.Table.Schema.Columns {
			c.Name = o.Prefix + "." + c.Name
			t.Schema.Columns = append(t.Schema.Columns, c)
		}
		for _, p := range o.Table.Parts {
			p.Column += before
			t.Given = append(t.Given, len(t.Parts))
			t.Parts = append(t.Parts, p)
		}
	}
	return t, t.ready()
}

// Within has every row of the table conditioned on the cells of a context.
func (t *Table) Within(context *Table) error {
	t.Context = context
	return t.ready()
}

// surround writes the context's part of a condition. A missing cell of a column that has no place for one is not
// given.
func (t *Table) surround(cond, cells []float64, there []bool) {
	c := t.Context
	for i, g := range c.Given {
		p := &c.Parts[g]
		there[i] = !math.IsNaN(cells[p.Column]) || p.Levels != nil || p.Gap != nil
	}
	c.Condition(cond[len(cond)-c.width:], cells, there)
}

// Around gives the source what its rows belong to: context writes the cells of the table's context of a row, and is
// safe for concurrent use. digest names all of it.
func (s *Source) Around(context func(cells []float64, row int), digest string) *Source {
	out := *s
	out.context, out.digest = context, s.digest+" "+digest
	return &out
}

// Around asks for samples in a context: context writes the cells of the one of a sample, and is safe for concurrent
// use.
func (t *Table) Around(context func(cells []float64, id uint64)) (*Request, error) {
	if t.Context == nil {
		return nil, fmt.Errorf("encode: the rows of the table belong to no others")
	}
	return &Request{table: t, rows: []wanted{t.nothing()}, context: context}, nil
}

// Alone refuses a sample without the context that its table has.
func (q *Request) Alone() error {
	if q.table.Context == nil || q.context != nil {
		return nil
	}
	return &ito.InputError{What: "the rows of this table belong to rows of another, and are drawn with them only",
		Do: "sample the model of all tables"}
}
