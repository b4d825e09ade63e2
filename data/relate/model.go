package relate

import (
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
)

// What a row of a child depends on beside its parent.
const (
	Previous = "previous" // the row before it that belongs to the same, and its place
	Place    = "place"    // how many rows before it belong to the same
	None     = "none"     // nothing
)

// Model is what is learnt of several tables.
type Model struct {
	Name     string // of the parent
	Own      int    // columns of the parent that are written; behind them its model has the numbers of rows
	Parent   *ito.Model
	Children []ChildModel
}

// ChildModel is what is learnt of a table of rows that belong to others.
type ChildModel struct {
	Name     string       `json:"name"`
	Key      Key          `json:"key"`
	Count    string       `json:"count"`    // the column of the parent's model that has the number of rows
	Most     int          `json:"most"`     // the largest number of them
	Siblings string       `json:"siblings"` // what a row depends on beside its parent
	Schema   frame.Schema `json:"schema"`   // of its file
	// Model is of its rows in the context of their parents; nil: it has nothing that can be learnt but how many there
	// are
	Model *ito.Model `json:"-"`
}

// Table is the map of the parent's columns.
func (m *Model) Table() *encode.Table { return m.Parent.Encoding.(*encode.Table) }

// Schema is that of the parent's columns which are written.
func (m *Model) Schema() frame.Schema {
	s := m.Table().Schema
	s.Columns = s.Columns[:m.Own]
	return s
}

// ID is that of row place of the child, from 0, of the parent's row with that id: another for all rows, whatever the
// others are.
func (c *ChildModel) ID(parent uint64, place int) uint64 {
	return parent*uint64(max(c.Most, 1)) + uint64(place)
}

// Owner is the inverse of [ChildModel.ID].
func (c *ChildModel) Owner(id uint64) (parent uint64, place int) {
	most := uint64(max(c.Most, 1))
	return id / most, int(id % most)
}

// Columns are those that a row of the child is written with: those of the key are the parent's.
func (m *Model) Columns(c *ChildModel) (s frame.Schema, names []string) {
	s = c.Schema
	s.Columns, names = slices.Clone(s.Columns), s.Names()
	for i, name := range c.Key.Child {
		s.Columns[s.Find(name)] = m.Table().Schema.Columns[m.Table().Schema.Find(c.Key.Parent[i])]
	}
	return s, names
}

// Check reports parts that do not fit each other.
func (m *Model) Check() error {
	bad := func(format string, a ...any) error {
		return &ito.InputError{Where: "tables", What: fmt.Sprintf(format, a...)}
	}
	t, ok := m.Parent.Encoding.(*encode.Table)
	switch {
	case !ok || t.Context != nil:
		return bad("the parent is no table with types")
	case m.Own < 1 || m.Own+len(m.Children) != len(t.Schema.Columns):
		return bad("%d of the parent's %d columns are its own, and it has %d children", m.Own, len(t.Schema.Columns),
			len(m.Children))
	}
	for i := range m.Children {
		c := &m.Children[i]
		if err := c.Schema.Check("table " + c.Name); err != nil {
			return err
		}
		n := t.Schema.Columns[m.Own+i]
		if n.Name != c.Count || n.Kind != frame.Integer || n.Low < 0 || n.High > float64(c.Most) || n.Missing > 0 {
			return bad("%s has no number of rows that fits", c.Name)
		}
		if len(c.Key.Parent) == 0 || len(c.Key.Parent) != len(c.Key.Child) {
			return bad("%s has a key of %d columns for %d", c.Name, len(c.Key.Child), len(c.Key.Parent))
		}
		for j, name := range c.Key.Parent {
			if k := t.Schema.Find(name); k < 0 || k >= m.Own || c.Schema.Find(c.Key.Child[j]) < 0 {
				return bad("%s has a key of columns that there are not", c.Name)
			}
		}
		if !slices.Contains([]string{Previous, Place, None}, c.Siblings) {
			return bad("%s: its rows depend on %q", c.Name, c.Siblings)
		}
		if c.Model == nil {
			continue
		}
		ct, ok := c.Model.Encoding.(*encode.Table)
		want := 0
		if ok && ct.Context != nil {
			want = len(t.Schema.Columns)
			if c.Siblings != None {
				want++
			}
			if c.Siblings == Previous {
				want += len(ct.Schema.Columns)
			}
		}
		if !ok || want == 0 || len(ct.Context.Schema.Columns) != want ||
			len(ct.Schema.Columns) != len(c.Schema.Columns) {
			return bad("the rows of %s are in a context of another table", c.Name)
		}
	}
	return nil
}
