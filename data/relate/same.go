package relate

import (
	"github.com/seed9a7962a8/ito/data/frame"
)

// Same reports files that hold the rows that the model was trained on, read with its types: a parent and its children,
// in the order of the model's.
func (m *Model) Same(parent string, children []string) bool {
	if len(children) != len(m.Children) {
		return false
	}
	open := func(file string, s frame.Schema) *inferred {
		in, err := frame.Open(file, frame.ReadOptions{})
		if err != nil {
			return nil
		}
		return &inferred{in: in, schema: s, held: frame.DefaultHeld}
	}
	p := open(parent, m.Schema())
	if p == nil {
		return false
	}
	defer p.in.Close()
	t := &Tables{Name: m.Name}
	var keys [][]string
	for _, c := range m.Children {
		keys = append(keys, c.Key.Parent)
	}
	if !p.has(keys) {
		return false
	}
	own, places, err := p.rows(keys)
	if err != nil {
		return false
	}
	defer own.Close()
	defer t.Close()
	t.Own = len(own.Schema.Columns)
	for i := range m.Children {
		s := open(children[i], m.Children[i].Schema)
		if s == nil {
			return false
		}
		defer s.in.Close()
		c := Child{Name: m.Children[i].Name, Key: m.Children[i].Key}
		if !s.has([][]string{c.Key.Child}) || c.read(s, own, places[i], true) != nil {
			return false
		}
		t.Children = append(t.Children, c)
	}
	return t.count(own) == nil && t.Digest() == m.Parent.Provenance.Digest
}

// has reports a table with all columns of keys.
func (s *inferred) has(keys [][]string) bool {
	for _, k := range keys {
		for _, at := range s.places(k) {
			if at < 0 {
				return false
			}
		}
	}
	return true
}
