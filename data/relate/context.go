package relate

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
)

// The rows of a child are in the context of
//
//	[the parent's row, the numbers of its children's rows included | the row's place, from 1 | the row before it]
//
// where the last two are there as its Siblings say, and the row before the first is missing.

// Fit makes the map of a child's columns in the context of parents with the map parent. ok is false where the child has
// no column that can be learnt.
func (t *Tables) Fit(c *Child, parent *encode.Table, siblings string) (m *encode.Table, ok bool, err error) {
	for _, k := range c.Frame.Schema.Columns {
		ok = ok || k.Kind.Learnt()
	}
	if !ok {
		return nil, false, nil
	}
	if m, err = encode.Fit(c.Frame, []string{}); err != nil {
		return nil, true, err
	}
	around := []encode.Beside{{Prefix: t.Name, Table: parent}}
	if siblings != None {
		p, err := c.placeTable()
		if err != nil {
			return nil, true, err
		}
		around = append(around, encode.Beside{Prefix: c.Name, Table: p})
	}
	if siblings == Previous {
		around = append(around, encode.Beside{Prefix: "previous", Table: m})
	}
	context, err := encode.Around(around...)
	if err != nil {
		return nil, true, err
	}
	return m, true, m.Within(context)
}

// placeTable is the map of the place of a row.
func (c *Child) placeTable() (*encode.Table, error) {
	s := frame.Schema{Columns: []frame.Column{{Name: "place", Kind: frame.Integer, Rows: c.Frame.Rows, Low: 1,
		High: float64(c.Most), Step: 1}}}
	f, err := frame.Build(c.Name, s, heldOf(c.Frame), func(add func([]float64) error) error {
		row := []float64{0}
		for _, p := range c.Place {
			row[0] = float64(p + 1)
			if err := add(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if c.Most == 1 { // nothing varies
		return &encode.Table{Schema: s}, nil
	}
	return encode.Fit(f, nil)
}

// Source is what training draws the child's rows from.
func (t *Tables) Source(c *Child, m *encode.Table, siblings string) *encode.Source {
	w := writer{siblings: siblings, parent: len(t.Parent.Schema.Columns)}
	context := func(cells []float64, row int) {
		var before []float64
		if k := c.Before[row]; k >= 0 && siblings == Previous {
			before = c.Frame.Row(int(k))
		}
		w.write(cells, t.Parent.Row(int(c.Of[row])), int(c.Place[row]), before)
	}
	return encode.NewSource(m, c.Frame).Around(context, fmt.Sprintf("%s by %s, %s, %d left out", t.Parent.Digest(),
		c.Key,
		siblings, c.Orphans)+" "+digest(c.Of))
}

// writer writes contexts.
type writer struct {
	siblings string
	parent   int // columns
}

func (w writer) write(cells, parent []float64, place int, before []float64) {
	copy(cells, parent[:w.parent])
	at := w.parent
	if w.siblings == None {
		return
	}
	cells[at] = float64(place + 1)
	if w.siblings != Previous {
		return
	}
	if before == nil {
		for k := at + 1; k < len(cells); k++ {
			cells[k] = math.NaN()
		}
		return
	}
	copy(cells[at+1:], before)
}

// Context writes that of a sample: the row of its parent, its place from 0, and the row before it, nil where there is
// none.
func (c *ChildModel) Context(cells, parent []float64, place int, before []float64) {
	writer{c.Siblings, len(parent)}.write(cells, parent, place, before)
}
