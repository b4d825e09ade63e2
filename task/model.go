package task

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/store"
)

// LoadModel reads a model and the SHA-256 of its file in hexadecimal digits.
func LoadModel(path string) (*ito.Model, string, error) {
	return store.LoadModelDigest(path)
}

// WithDelta is a model with the delta of a file on it.
func WithDelta(m *ito.Model, file string) (*ito.Model, error) {
	m, _, err := Merge(m, file)
	return m, err
}

// Merge is WithDelta with the word of the adaptation.
func Merge(m *ito.Model, file string) (_ *ito.Model, adaptation string, err error) {
	d, err := store.LoadDelta(file, m)
	if err != nil {
		return nil, "", err
	}
	if adaptation, err = nn.AdaptationWord(d.Adaptation); err != nil {
		return nil, "", err
	}
	m, err = d.Apply(m)
	return m, adaptation, err
}

// Changed counts the weights of two networks of one shape, and those that differ in a bit.
func Changed(a, b *ito.Model) (weights, changed int) {
	x, y := a.Field.(*field.Net).Weights.Params, b.Field.(*field.Net).Weights.Params
	for i, v := range x {
		if math.Float32bits(v) != math.Float32bits(y[i]) {
			changed++
		}
	}
	return len(x), changed
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
