package relate

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
)

// Side is how one of the tables is read.
type Side struct {
	File    string
	Options frame.ReadOptions
}

// ChildSide is a table of rows that belong to rows of the parent.
type ChildSide struct {
	Side
	Key Key
}

// Tables are a parent and its children.
type Tables struct {
	Name string // of the parent: its file without folder and extension
	// Parent has the rows of the parent. Behind its own columns stands one for each child: how many of its rows belong
	// to the row.
	Parent   *frame.Frame
	Own      int // columns of Parent without these
	Children []Child
	Notes    []string // for people
}

// Name is that of a table: its file without folder and extensions.
func Name(file string) string {
	base := filepath.Base(file)
	for _, packed := range []string{".gz", ""} {
		base = strings.TrimSuffix(base, packed)
		if packed != "" {
			continue
		}
		if ext := filepath.Ext(base); ext != "" && ext != base {
			base = strings.TrimSuffix(base, ext)
		}
	}
	return base
}

// Read reads the tables. The columns of the parent's key are together another in every row, and missing in none. Rows
// of a child that belong to no row of the parent are refused, or with drop left out. All that is wrong with the types
// of all tables comes at once. An error matches ito.ErrInput.
func Read(parent Side, children []ChildSide, drop bool) (*Tables, error) {
	t := &Tables{Name: Name(parent.File)}
	names := map[string]string{t.Name: parent.File}
	for _, c := range children {
		n := Name(c.File)
		if other, twice := names[n]; twice {
			return nil, &ito.InputError{Where: "`child` " + c.File, What: fmt.Sprintf("%s and it are both called %s",
				other, n), Do: "give the files different names"}
		}
		names[n] = c.File
	}
	var wrong []error
	var keys [][]string
	for _, c := range children {
		keys = append(keys, c.Key.Parent)
	}
	p, err := infer(parent, keys, false)
	wrong = append(wrong, err)
	sides := make([]*inferred, len(children))
	for i, c := range children {
		sides[i], err = infer(c.Side, [][]string{c.Key.Child}, true)
		wrong = append(wrong, err)
		if err == nil {
			for _, name := range c.Key.Child {
				sides[i].schema.Columns[sides[i].schema.Find(name)].Reason = "the key of " + t.Name
			}
		}
	}
	defer func() {
		for _, s := range append(sides, p) {
			if s != nil {
				_ = s.in.Close() // it was read only
			}
		}
	}()
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	for _, s := range append([]*inferred{p}, sides...) {
		for _, n := range s.in.Notes {
			t.Notes = append(t.Notes, s.in.Name+": "+n)
		}
	}
	own, places, err := p.rows(keys)
	if err != nil {
		return nil, err
	}
	t.Own = len(own.Schema.Columns)
	for i, s := range sides {
		c := Child{Name: Name(children[i].File), Key: children[i].Key}
		if err := c.read(s, own, places[i], drop); err != nil {
			return t, errors.Join(err, own.Close(), t.Close())
		}
		t.Children = append(t.Children, c)
	}
	return t, errors.Join(t.count(own), own.Close())
}

// Close gives up what the tables hold.
func (t *Tables) Close() error {
	var errs []error
	if t.Parent != nil {
		errs = append(errs, t.Parent.Close())
	}
	for _, c := range t.Children {
		errs = append(errs, c.Frame.Close())
	}
	return errors.Join(errs...)
}
