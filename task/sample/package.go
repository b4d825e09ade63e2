package sample

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/data/relate"
)

// pack is a frictionless data package: https://specs.frictionlessdata.io/data-package.
type pack struct {
	Name      string          `json:"name"`
	Resources []resource      `json:"resources"`
	Settings  json.RawMessage `json:"ito"` // of which the samples are
}

type resource struct {
	Name   string      `json:"name"`
	Path   string      `json:"path"`
	Format string      `json:"format"`
	Schema tableSchema `json:"schema"`
}

type tableSchema struct {
	Fields      []packField  `json:"fields"`
	PrimaryKey  []string     `json:"primaryKey,omitempty"`
	ForeignKeys []foreignKey `json:"foreignKeys,omitempty"`
}

type packField struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type foreignKey struct {
	Fields    []string `json:"fields"`
	Reference struct {
		Resource string   `json:"resource"`
		Fields   []string `json:"fields"`
	} `json:"reference"`
}

// pack describes the folder.
func (f *tableFolder) pack() pack {
	p := pack{Name: f.m.Name, Settings: json.RawMessage(f.config)}
	for i, name := range f.names {
		r := resource{Name: name, Path: name + ".csv", Format: "csv"}
		names := f.formats[i].Schema.Names()
		if f.formats[i].Names != nil {
			names = f.formats[i].Names
		}
		for k := range names {
			r.Schema.Fields = append(r.Schema.Fields, packField{names[k], packType(&f.formats[i].Schema.Columns[k])})
		}
		if i == 0 {
			if len(f.m.Children) > 0 {
				r.Schema.PrimaryKey = f.m.Children[0].Key.Parent
			}
		} else {
			k := f.m.Children[i-1].Key
			key := foreignKey{Fields: k.Child}
			key.Reference.Resource, key.Reference.Fields = f.m.Name, k.Parent
			r.Schema.ForeignKeys = []foreignKey{key}
		}
		p.Resources = append(p.Resources, r)
	}
	return p
}

// packType is the type of a column there.
func packType(c *frame.Column) string {
	switch {
	case c.Kind == frame.Integer:
		return "integer"
	case c.Kind.Numeric():
		return "number"
	}
	return "string"
}

// Related is what a package says of tables of which one has the rows that the others' belong to.
type Related struct {
	Parent   string
	Children []string
	Keys     []relate.Key
}

// ReadPackage reads a data package.
func ReadPackage(text []byte) (r Related, err error) {
	var p pack
	if err := json.Unmarshal(text, &p); err != nil {
		return r, err
	}
	for _, t := range p.Resources {
		switch len(t.Schema.ForeignKeys) {
		case 0:
			if r.Parent != "" {
				return r, fmt.Errorf("%s and %s both belong to no other table", r.Parent, t.Name)
			}
			r.Parent = t.Name
		case 1:
			k := t.Schema.ForeignKeys[0]
			if len(k.Fields) == 0 || len(k.Fields) != len(k.Reference.Fields) {
				return r, fmt.Errorf("the foreign key of %s has no columns, or others than it refers to", t.Name)
			}
			r.Children = append(r.Children, t.Name)
			r.Keys = append(r.Keys, relate.Key{Parent: k.Reference.Fields, Child: k.Fields})
		default:
			return r, fmt.Errorf("%s has %d foreign keys, and one is understood", t.Name, len(t.Schema.ForeignKeys))
		}
	}
	if r.Parent == "" || len(r.Children) == 0 {
		return r, errors.New("it has no table whose rows belong to those of another")
	}
	return r, nil
}
