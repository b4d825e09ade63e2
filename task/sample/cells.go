package sample

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
)

// cells is the format of samples of a table with types by the name of their file.
func (c *Config) cells(s frame.Schema) (data.Format, error) {
	if c.Trajectory != "" {
		return nil, &ito.InputError{Where: "`trajectory`",
			What: "the states of a table with types are no rows of numbers",
			Do:   "leave it out"}
	}
	f := frame.CSV{Schema: s, WithID: c.WithID}
	switch strings.ToLower(filepath.Ext(c.Out)) {
	case ".csv":
		return f, nil
	case ".tsv", ".tab":
		f.Delimiter = '\t'
		return f, nil
	case ".npy":
		for i := range s.Columns {
			if k := &s.Columns[i]; !k.Numbers() {
				return nil, &ito.InputError{Where: "`out` " + c.Out, What: "column " + k.Name + " is " +
					string(k.Kind) +
					", and an npy file holds numbers", Do: "give a name that ends in .csv"}
			}
		}
		d := len(s.Columns)
		if c.WithID {
			d++
		}
		return numbers{data.NPY{Shape: []int{c.N, d}, WithID: c.WithID}, s}, nil
	}
	if info, err := os.Stat(c.Out); c.Out == "-" || err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return f, nil
	}
	return nil, &ito.InputError{Where: "`out` " + c.Out,
		What: "samples of a table are written as CSV, TSV, Parquet or npy",
		Do:   "give a name that ends in .csv, .tsv, .parquet or .npy, or -"}
}

// numbers writes the cells of a table as the numbers that they are written as.
type numbers struct {
	data.NPY
	schema frame.Schema
}

// Rows implements data.Format.
func (f numbers) Rows(w io.Writer, x ito.States) error {
	out := x.Clone()
	for i := range out.N {
		row := out.Row(i)
		for j := range row {
			row[j] = f.schema.Columns[j].Number(row[j])
		}
	}
	return f.NPY.Rows(w, out)
}

// cellNode is a column of a table with types in a Parquet file.
func cellNode(c *frame.Column) parquet.Node {
	switch {
	case c.Kind == frame.Integer:
		return parquet.Optional(parquet.Leaf(parquet.Int64Type))
	case c.Kind.Numeric():
		return parquet.Optional(parquet.Leaf(parquet.DoubleType))
	}
	return parquet.Optional(parquet.String())
}

// cellValue is a cell in column at of such a file.
func cellValue(c *frame.Column, v float64, id uint64, at int) parquet.Value {
	switch {
	case c.Kind.Learnt() && math.IsNaN(v), c.Kind == frame.Text, c.Kind == frame.Constant && c.Missing > 0:
		return parquet.NullValue().Level(0, 0, at)
	case c.Kind == frame.Integer:
		return parquet.Int64Value(int64(v)).Level(0, 1, at)
	case c.Kind.Numeric():
		return parquet.DoubleValue(v).Level(0, 1, at)
	}
	return parquet.ByteArrayValue(c.Append(nil, v, id)).Level(0, 1, at)
}

// requests reads the file of conditions and returns what names its content.
func (c *Config) requests(env *Env, m *ito.Model) (digest string, err error) {
	t, ok := m.Encoding.(*encode.Table)
	switch {
	case !ok:
		return "", &ito.InputError{Where: "`where-file`", What: "the model is of rows of numbers", Do: "give `where`"}
	case c.Where != "":
		return "", &ito.InputError{Where: "`where-file`", What: "`where` gives conditions too",
			Do: "give one of the two"}
	}
	in, err := frame.Open(c.WhereFile, frame.ReadOptions{Stdin: env.Stdin, Header: c.Header})
	if err != nil {
		return "", err
	}
	defer in.Close()
	var s frame.Schema
	for _, name := range in.Columns {
		k := t.Schema.Find(name)
		if k < 0 {
			_, err := t.Rows(&frame.Frame{Schema: frame.Schema{Columns: []frame.Column{{Name: name}}}})
			return "", err
		}
		s.Columns = append(s.Columns, t.Schema.Columns[k])
	}
	f, err := in.Frame(s)
	if err != nil {
		return "", err
	}
	c.Request, err = t.Rows(f)
	return f.Digest(), err
}
