package task

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/recipe"
)

// SetOf opens data for a model that is there: as its states, with its conditions, by its own transform, encoding and
// levels. Labels is the file of the labels of images. The set must be closed.
func (e *Env) SetOf(m *ito.Model, name, labels string, r Reading) (s recipe.Set, done func(), err error) {
	done = func() {}
	shape := Shape(m)
	if labels != "" && shape == nil {
		return s, done, &ito.InputError{Where: "`labels`", What: "the model is of rows, not of images",
			Do: "leave it out"}
	}
	switch t, typed := m.Encoding.(*encode.Table); {
	case m.Vocabulary != nil || m.Nodes != nil || m.Space.Mask != nil:
		return s, done, &ito.UnsupportedError{What: "data for a model of text or graphs",
			Why: "words and sizes are those of the data that it was trained with", Nearest: "a model of rows or images"}
	case typed:
		f, err := t.Read(name, frame.ReadOptions{Stdin: e.Stdin, Header: r.Header})
		if err != nil {
			return s, done, err
		}
		return recipe.Set{Source: encode.NewSource(t, f), Name: f.Name, Columns: f.Schema.Names(), Encoding: t},
			func() { _ = f.Close() }, nil
	case shape != nil:
		return imagesOf(m, name, labels, r)
	}
	s, err = e.rowsOf(m, name, r)
	return s, done, err
}

// imagesOf opens images for a model of images.
func imagesOf(m *ito.Model, name, labels string, r Reading) (s recipe.Set, done func(), err error) {
	o := data.ImageOptions{Labels: labels, Reading: data.OpenOptions{Header: r.Header}, Conditions: m.Conditions}
	done = func() {}
	images, err := data.OpenImages(name, o)
	if err == nil && images == nil {
		if !Exists(name) {
			return s, done, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
		err = &ito.InputError{Where: name, What: "the model is of images, and it holds none", Do: "give images"}
	}
	if err != nil {
		return s, done, err
	}
	done = func() { _ = images.Close() } // it was read only
	switch shape := (images.Space().Parts)[0].Shape; {
	case !slices.Equal(shape, Shape(m)):
		err = &ito.InputError{Where: name, What: fmt.Sprintf("its images are %v, the model's %v", shape, Shape(m)),
			Do: "give images of the model's size"}
	case len(m.Conditions) > 0 && labels == "":
		err = &ito.InputError{Where: name, What: "the model was trained with labels", Do: "give `labels`"}
	case len(m.Conditions) == 0 && labels != "":
		err = &ito.InputError{Where: "`labels`", What: "the model was trained without labels", Do: "leave it out"}
	case m.Transform.Kind == "none":
		images.Raw()
	case images.Transform.Whole != m.Transform.Whole || images.Transform.High != m.Transform.High:
		err = &ito.InputError{Where: name, What: "its pixels are in other units than the model's",
			Do: "give bytes to a model of bytes"}
	}
	if err != nil {
		return s, func() {}, errors.Join(err, images.Close())
	}
	return recipe.Set{Source: images, Name: images.Name, Transform: m.Transform, Conditions: m.Conditions}, done, nil
}

// rowsOf opens rows of numbers for a model of them.
func (e *Env) rowsOf(m *ito.Model, name string, r Reading) (s recipe.Set, err error) {
	var given []string
	for _, k := range m.Conditions {
		given = append(given, k.Column)
	}
	t, err := e.RowsOf(name, r, m.Columns, given)
	if err != nil {
		return s, err
	}
	rest, taken, err := t.Take(given)
	if err != nil {
		return s, err
	}
	if len(m.Columns) > 0 && !slices.Equal(rest.Columns, m.Columns) {
		if rest, err = named(rest, m.Columns); err != nil {
			return s, err
		}
	}
	if text := m.Provenance.Config; text != "" {
		var was recipe.TrainConfig
		if err := spec.Parse("the model", text, &was); err == nil && len(was.Scale) > 0 {
			if err := rest.Scale(was.Scale); err != nil {
				return s, err
			}
		}
	}
	rows := learn.Data{}
	if rows.X, err = data.Apply(m.Transform, rest); err != nil {
		return s, err
	}
	for i, v := range rest.X { // also of columns that the model does not learn
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return s, &ito.InputError{Where: fmt.Sprintf("%s: row %d", t.Name, i/rest.Cols+1),
				What: fmt.Sprintf("%v is not a finite number", v), Do: "remove the row or fill the value in"}
		}
	}
	if rows.Cond, err = data.EncodeConditions(m.Conditions, taken); err != nil {
		return s, err
	}
	return recipe.Set{Source: rows, Name: t.Name, Transform: m.Transform, Columns: m.Columns,
		Conditions: m.Conditions}, rows.Check()
}

// named are columns of a table by their names.
func named(t *data.Table, wanted []string) (*data.Table, error) {
	out := &data.Table{Name: t.Name, Columns: wanted, Rows: t.Rows, Cols: len(wanted),
		X: make([]float64, t.Rows*len(wanted))}
	for j, w := range wanted {
		from := slices.Index(t.Columns, w)
		if from < 0 {
			return nil, &ito.InputError{Where: t.Name, What: fmt.Sprintf("it has the columns %s, the model %s",
				table.Few(t.Columns), table.Few(wanted)), Do: "give data of the same columns"}
		}
		for i := range t.Rows {
			out.X[i*out.Cols+j] = t.X[i*t.Cols+from]
		}
	}
	return out, nil
}
