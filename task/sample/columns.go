package sample

import (
	"fmt"
	"io"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/task"
)

// Written are the places among the model's columns of those that are written, in their order; nil: all of them.
func (c *Config) Written(m *ito.Model) ([]int, error) {
	if len(c.Columns) == 0 {
		return nil, nil
	}
	_, table := m.Encoding.(*encode.Table)
	if m.Space.Mask != nil || m.Vocabulary != nil || task.Shape(m) != nil || m.Encoding != nil && !table {
		return nil, &ito.InputError{Where: "`columns`", What: "the samples are no rows with columns of their own",
			Do: "leave it out"}
	}
	all := task.Columns(m, task.Width(m))
	var at []int
	for _, name := range c.Columns {
		k := slices.Index(all, name)
		switch {
		case k < 0:
			return nil, &ito.InputError{Where: "`columns`", What: fmt.Sprintf("the model has no column %q", name),
				Do: suggest.Among(name, all)}
		case slices.Contains(at, k):
			return nil, &ito.InputError{Where: "`columns`", What: fmt.Sprintf("%q is there twice", name),
				Do: "name it once"}
		}
		at = append(at, k)
	}
	return at, nil
}

// Pick takes columns of a list, all of them where at is nil.
func Pick[T any](all []T, at []int) []T {
	if at == nil {
		return all
	}
	out := make([]T, len(at))
	for i, k := range at {
		out[i] = all[k]
	}
	return out
}

// PickRows takes columns of rows, all of them where at is nil.
func PickRows(x ito.States, at []int) ito.States {
	if at == nil {
		return x
	}
	out := x.Like(len(at))
	for i := range x.N {
		row, from := out.Row(i), x.Row(i)
		for j, k := range at {
			row[j] = from[k]
		}
	}
	return out
}

// pickSchema takes columns of a schema.
func pickSchema(s frame.Schema, at []int) frame.Schema {
	s.Columns = Pick(s.Columns, at)
	return s
}

// picked writes some of the columns of rows.
type picked struct {
	data.Format
	at []int
}

// Rows implements data.Format.
func (p picked) Rows(w io.Writer, x ito.States) error { return p.Format.Rows(w, PickRows(x, p.at)) }

// kindOf is a format without what is picked.
func kindOf(f data.Format) data.Format {
	if p, ok := f.(picked); ok {
		return p.Format
	}
	return f
}
