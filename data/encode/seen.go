package encode

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/rng"
)

// Names are those of the values of a state: of the columns, and where one has several with a number behind.
func (t *Table) Names() []string {
	var out []string
	for i := range t.Parts {
		name, d := t.column(i).Name, t.widths[i]
		for k := range d {
			if d == 1 {
				out = append(out, name)
			} else {
				out = append(out, fmt.Sprintf("%s.%d", name, k+1))
			}
		}
	}
	return out
}

// States are rows of cells as states, in which all columns weigh alike. Jitter has the address of the row.
func (t *Table) States(cells ito.States) (ito.States, error) {
	if cells.D != len(t.Schema.Columns) {
		return ito.States{}, fmt.Errorf("encode: rows of %d cells for %d columns", cells.D, len(t.Schema.Columns))
	}
	out := cells.Like(t.dim)
	key := rng.NewKey(0, rng.PurposeData, stepRead, subJitter)
	u := make([]float64, t.dim)
	for i := range cells.N {
		key.Uniforms64(u, len(u), cells.ID[i:i+1])
		t.Encode(out.Row(i), cells.Row(i), u)
	}
	return out, nil
}

// MeetsAll reports a row of the data that is what a request of one row asks for.
func (q *Request) MeetsAll(row []float64) bool {
	w := &q.rows[0]
	for k, g := range q.table.Given {
		if v := row[q.table.Parts[g].Column]; w.there[k] && v != w.cells[k] && !(v != v && w.cells[k] != w.cells[k]) {
			return false
		}
	}
	return q.Meets(row, 0)
}

// Read reads a table whose columns are those of the map, by their names; what it has beside is left out. Its rows may
// break the constraints.
func (t *Table) Read(name string, o frame.ReadOptions) (*frame.Frame, error) {
	in, err := frame.Open(name, o)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	s := t.Schema
	s.Rules = nil
	return in.Frame(s)
}
