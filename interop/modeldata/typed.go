package modeldata

import (
	"bytes"
	"slices"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/target/model"
)

// typed reads a table as every command reads one: any delimiter and decimal comma, any quotes, ends of lines,
// byte-order mark or UTF-16, Parquet and lines of JSON, gzipped or not. Columns of numbers are vectors; a column of
// anything else is its cells, which stop a model that wants numbers of it and no other, and then there is no whole
// table, rows.
func typed(name string, b []byte) (model.Data, bool) {
	in, err := frame.Open("-", frame.ReadOptions{Stdin: bytes.NewReader(b)})
	if err != nil {
		return nil, false
	}
	defer in.Close()
	s, err := in.Numbered()
	if err != nil {
		return nil, false
	}
	f, err := in.Frame(s)
	if err != nil || slices.Contains(s.Names(), "rows") {
		return nil, false
	}
	data := model.Data{}
	rows := model.Array{Shape: []int{f.Rows, len(s.Columns)}, X: make([]float64, f.Rows*len(s.Columns))}
	whole, numbers := true, false
	for k := range s.Columns {
		c := &s.Columns[k]
		if !c.Numbers() || c.Kind.Levelled() && coded(c) {
			cells := make([]any, f.Rows)
			for i := range cells {
				cells[i] = string(c.Append(nil, f.Row(i)[k], 0))
			}
			data[c.Name], whole = cells, false
			continue
		}
		numbers = true
		v := make([]float64, f.Rows)
		for i := range v {
			v[i] = c.Number(f.Row(i)[k])
			rows.X[i*len(s.Columns)+k] = v[i]
		}
		data[c.Name] = model.Array{Shape: []int{f.Rows}, X: v}
	}
	if whole {
		data["rows"] = rows
	}
	return data, numbers
}

// coded reports levels with zeros before them, which are no amounts.
func coded(c *frame.Column) bool {
	return slices.ContainsFunc(c.Levels, func(l string) bool { return len(l) > 1 && l[0] == '0' && l[1] != '.' })
}
