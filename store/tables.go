package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/relate"
)

const (
	kindTables = "tables"
	keyTables  = "ito.tables"
)

// tablesHeader is the metadata of a file of a model of several tables, as JSON. The tensors of the parent's model have
// names that begin with 0, those of child i with i+1 and a point.
type tablesHeader struct {
	Name     string        `json:"name"`
	Own      int           `json:"own"`
	Parent   modelHeader   `json:"parent"`
	Children []childHeader `json:"children"`
}

type childHeader struct {
	relate.ChildModel
	Of *modelHeader `json:"model,omitempty"` // nil: nothing of its rows is learnt
}

func tablePrefix(i int) string { return strconv.Itoa(i) + "." }

// SaveTables writes a model of several tables as [SaveModel] does.
func SaveTables(file string, m *relate.Model) error {
	f, err := tablesFile(m)
	if err != nil {
		return inFile(err, file)
	}
	return Save(file, f)
}

func tablesFile(m *relate.Model) (*File, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	out := &File{}
	take := func(i int, of *ito.Model) (modelHeader, error) {
		h, f, err := partsOf(of)
		if err != nil {
			return h, err
		}
		for _, t := range f.Tensors {
			t.Name = tablePrefix(i) + t.Name
			out.Tensors = append(out.Tensors, t)
		}
		return h, nil
	}
	h := tablesHeader{Name: m.Name, Own: m.Own}
	var err error
	if h.Parent, err = take(0, m.Parent); err != nil {
		return nil, err
	}
	for i, c := range m.Children {
		one := childHeader{ChildModel: c}
		if c.Model != nil {
			of, err := take(i+1, c.Model)
			if err != nil {
				return nil, err
			}
			one.Of = &of
		}
		h.Children = append(h.Children, one)
	}
	text, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("tables: %w", err)
	}
	out.Metadata = map[string]string{keyVersion: strconv.Itoa(networkVersion), keyKind: kindTables,
		keyTables: string(text)}
	return out, nil
}

// ErrTables is a file that holds a model of several tables where one of one table is asked for.
var ErrTables = errors.New("a model of several tables")

// LoadTables reads what [SaveTables] wrote, and checks it as [LoadModel] does; digest is the SHA-256 of the file in
// hexadecimal digits.
func LoadTables(file string) (m *relate.Model, digest string, err error) {
	err = OpenWith(file, func(f *File, sum string) (err error) {
		m, err = parseTables(f)
		digest = sum
		return inFile(err, file)
	})
	if err != nil {
		return nil, "", err
	}
	return m, digest, nil
}

func parseTables(f *File) (*relate.Model, error) {
	if kind := f.Metadata[keyKind]; kind != kindTables {
		return nil, &FormatError{What: fmt.Sprintf("it holds a %s, not a model of several tables", kindName(kind)),
			Do: useOf[kind]}
	}
	d := json.NewDecoder(strings.NewReader(f.Metadata[keyTables]))
	d.DisallowUnknownFields()
	var h tablesHeader
	err := d.Decode(&h)
	if err == nil {
		if _, e := d.Token(); e != io.EOF {
			err = errors.New("something follows it")
		}
	}
	if err != nil {
		return nil, notModel("%s: %v", keyTables, err)
	}
	files := make([]File, 1+len(h.Children))
	for _, t := range f.Tensors {
		number, name, ok := strings.Cut(t.Name, ".")
		i, err := strconv.Atoi(number)
		if !ok || err != nil || i < 0 || i >= len(files) || strconv.Itoa(i) != number {
			return nil, notModel("tensor %s is of no table", t.Name)
		}
		t.Name = name
		files[i].Tensors = append(files[i].Tensors, t)
	}
	m := &relate.Model{Name: h.Name, Own: h.Own}
	if m.Parent, err = modelOf(h.Parent, &files[0]); err != nil {
		return nil, err
	}
	for i, c := range h.Children {
		switch {
		case c.Of != nil:
			if c.Model, err = modelOf(*c.Of, &files[i+1]); err != nil {
				return nil, err
			}
		case len(files[i+1].Tensors) > 0:
			return nil, notModel("table %s has tensors and no model", c.Name)
		}
		m.Children = append(m.Children, c.ChildModel)
	}
	if err := m.Check(); err != nil {
		return nil, notModel("%v", err)
	}
	return m, nil
}
