package sample

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
)

// cells is the format of samples of a table with types by the name of their file.
func (c *Config) cells(t *encode.Table) (data.Format, error) {
	if c.Trajectory != "" {
		return nil, &ito.InputError{Where: "`trajectory`",
			What: "the states of a table with types are no rows of numbers",
			Do:   "leave it out"}
	}
	f := frame.CSV{Schema: t.Schema, WithID: c.WithID}
	switch strings.ToLower(filepath.Ext(c.Out)) {
	case ".csv":
		return f, nil
	case ".tsv", ".tab":
		f.Delimiter = '\t'
		return f, nil
	case ".npy":
		for _, k := range t.Schema.Columns {
			if !k.Kind.Numeric() {
				return nil, &ito.InputError{Where: "`out` " + c.Out, What: "column " + k.Name + " is " +
					string(k.Kind) +
					", and an npy file holds numbers", Do: "give a name that ends in .csv"}
			}
		}
		d := len(t.Schema.Columns)
		if c.WithID {
			d++
		}
		return data.NPY{Shape: []int{c.N, d}, WithID: c.WithID}, nil
	}
	if info, err := os.Stat(c.Out); c.Out == "-" || err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return f, nil
	}
	return nil, &ito.InputError{Where: "`out` " + c.Out, What: "samples of a table are written as CSV, TSV or npy",
		Do: "give a name that ends in .csv, .tsv or .npy, or -"}
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
	in, err := frame.Open(c.WhereFile, frame.Options{Stdin: env.Stdin, Header: c.Header})
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
