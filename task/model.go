package task

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/store"
)

// LoadModel reads a model and the SHA-256 of its file in hexadecimal digits.
func LoadModel(path string) (*ito.Model, string, error) {
	return store.LoadModelDigest(path)
}

// Columns names the columns of a model's samples, which are d.
func Columns(m *ito.Model, d int) []string {
	if m.Nodes != nil {
		return append([]string{"n"}, data.DefaultColumns(d-1)...)
	}
	if len(m.Columns) == d {
		return m.Columns
	}
	return data.DefaultColumns(d)
}

// Width is the number of columns of a model's samples.
func Width(m *ito.Model) int {
	if len(m.Columns) > 0 {
		return len(m.Columns)
	}
	d := path.DataDim(m.Path, m.Path.Dim())
	if d == 0 {
		d = m.Space.Dim()
	}
	columns, _ := m.Transform.Dims(d)
	if m.Nodes != nil {
		columns++ // their number
	}
	return columns
}

// Fits refuses more samples than memory has room for, where they are compared all at once. setting is what says how
// many.
func Fits(setting string, n, columns int) error {
	const most = 1 << 30 // numbers: 8 GB
	if n > most/max(columns, 1) {
		return &ito.InputError{Where: "`" + setting + "`",
			What: fmt.Sprintf("%d samples of %d columns are more than %d numbers", n, columns, most), Do: "give less"}
	}
	return nil
}

// Shape is the shape of a model's samples; nil: they are rows of numbers.
func Shape(m *ito.Model) []int {
	if p := m.Space.Parts; len(p) == 1 && len(p[0].Shape) > 1 {
		return p[0].Shape
	}
	return nil
}
