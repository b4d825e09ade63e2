package evaluate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/task"
)

// Seen turns rows of a model's samples into what is compared: of a table with types their states, in which all
// columns weigh alike, else the rows themselves.
func Seen(m *ito.Model, rows ito.States) (ito.States, error) {
	if t, ok := m.Encoding.(*encode.Table); ok {
		return t.States(rows)
	}
	return rows, nil
}

// typedTruth is [Truth] of a model of a table with types, as states.
func typedTruth(env *task.Env, t *encode.Table, a Against) (*data.Table, error) {
	if len(a.Scale) > 0 || len(a.Ignore) > 0 {
		return nil, &ito.InputError{Where: a.Name,
			What: "it is of a table with types, whose columns all count, in units of " +
				"their own", Do: "leave out `scale` and `ignore`, or compare samples with the data"}
	}
	q, err := t.ParseWhere(a.Where)
	if err != nil {
		return nil, err
	}
	f, err := t.Read(a.Data, frame.ReadOptions{Stdin: env.Stdin, Header: a.Reading.Header})
	if err != nil {
		return nil, err
	}
	cells := ito.States{D: len(t.Schema.Columns)}
	for i := range f.Rows {
		if q.MeetsAll(f.Row(i)) {
			cells.X = append(cells.X, f.Row(i)...)
			cells.ID = append(cells.ID, 1<<40+uint64(i)) // other jitter than that of samples
			cells.N++
		}
	}
	if cells.N == 0 {
		return nil, &ito.InputError{Where: f.Name, What: "no row meets `where` " + a.Where,
			Do: "give data that has such rows"}
	}
	x, err := t.States(cells)
	return &data.Table{Name: f.Name, Columns: slices.Clone(t.Names()), Rows: x.N, Cols: x.D, X: x.X}, err
}

// tablesOf refuses a report on tables of a model that is of none, and settings of reading, which its types answer.
func (c *Config) tablesOf(m *ito.Model) error {
	_, typed := m.Encoding.(*encode.Table)
	t := c.Tables
	if t.Ignore = nil; t.Asked() {
		return &ito.InputError{Where: c.Samples, What: "a model reads data with the types that it was trained with",
			Do: "leave out settings of reading, or compare samples with the data"}
	}
	switch {
	case c.Typed.As == "numbers" && c.Typed.asked():
		return errNumbers
	case c.table() && !typed:
		return &ito.InputError{Where: c.Samples, What: "it is no model of a table with types",
			Do: "leave out `as`, `holdout`, `target` and `report`"}
	}
	return nil
}

// keepStdin reads standard input where data or holdout are there, since it is looked at twice: again begins it anew.
func (c *Config) keepStdin(env *Env) (again func(), err error) {
	if c.Against != "-" && c.Typed.Holdout != "-" || env.Stdin == nil {
		return func() {}, nil
	}
	if c.Against == c.Typed.Holdout {
		return nil, &ito.InputError{Where: "`holdout`", What: "standard input is the data too", Do: "name a file"}
	}
	text, err := io.ReadAll(env.Stdin)
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	again = func() { env.Stdin = bytes.NewReader(text) }
	again()
	return again, nil
}

// compareModel compares sampled cells of a model of a table with types with the data as tables.
func (c *Config) compareModel(ctx context.Context, env *Env, m *ito.Model, cells ito.States) (*TableReport, error) {
	t := m.Encoding.(*encode.Table)
	q, err := t.ParseWhere(c.Of.Where)
	if err != nil {
		return nil, err
	}
	p := &pair{}
	columns, err := p.columns(c.Samples, t.Schema)
	if err != nil {
		return nil, err
	}
	o := frame.ReadOptions{Stdin: env.Stdin, Header: c.Header}
	frames := []*frame.Frame{nil, {Name: c.Samples, Schema: t.Schema, Rows: cells.N, X: cells.X}}
	if frames[0], err = t.Read(c.Against, o); err != nil {
		return nil, err
	}
	if c.Typed.Holdout != "" {
		h, err := t.Read(c.Typed.Holdout, o)
		if err != nil {
			return nil, err
		}
		frames = append(frames, h)
	}
	for i, f := range frames {
		if i != 1 {
			frames[i] = meetingAll(f, q)
		}
	}
	p.fill(join(columns, frames[0], frames[1:]))
	if p.kept, err = kept(t.Schema, frames[0], frames[1]); err != nil {
		return nil, err
	}
	return c.comparePair(ctx, p)
}

// meetingAll keeps the rows that meet a request.
func meetingAll(f *frame.Frame, q *encode.Request) *frame.Frame {
	out := &frame.Frame{Name: f.Name, Schema: f.Schema}
	for i := range f.Rows {
		if q.MeetsAll(f.Row(i)) {
			out.X = append(out.X, f.Row(i)...)
			out.Rows++
		}
	}
	return out
}
