package info

import "github.com/seed9a7962a8/ito/data/relate"

// Family is what a file of several tables holds.
type Family struct {
	Tables []Table `json:"tables"` // the parent, and its children
}

// Table is one of them.
type Table struct {
	Name     string   `json:"table"`
	Key      string   `json:"key,omitempty"`      // of a child, as `key` gives it
	Count    string   `json:"count,omitempty"`    // the column of the parent with the number of its rows
	Most     int      `json:"most,omitempty"`     // the largest number of rows of one parent
	Siblings string   `json:"siblings,omitempty"` // what a row depends on beside its parent
	Columns  []string `json:"columns"`
	Model    *Model   `json:"model,omitempty"` // nil: nothing of it is learnt but the numbers of rows
}

func describeTables(file string, m *relate.Model) (*Family, error) {
	parent, err := describe(file, m.Parent)
	if err != nil {
		return nil, err
	}
	f := &Family{Tables: []Table{{Name: m.Name, Columns: m.Schema().Names(), Model: parent}}}
	for i := range m.Children {
		c := &m.Children[i]
		t := Table{Name: c.Name, Key: c.Key.String(), Count: c.Count, Most: c.Most, Siblings: c.Siblings,
			Columns: c.Schema.Names()}
		if c.Model != nil {
			if t.Model, err = describe(file, c.Model); err != nil {
				return nil, err
			}
		}
		f.Tables = append(f.Tables, t)
	}
	return f, nil
}
