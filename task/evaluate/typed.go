package evaluate

import (
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
	f, err := t.Read(a.Data, frame.Options{Stdin: env.Stdin, Header: a.Reading.Header})
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
