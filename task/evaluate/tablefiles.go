package evaluate

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task"
)

// reader opens tables; standard input is kept, since it is read more than once.
type reader struct {
	c     *Config
	env   *Env
	stdin []byte
	read  bool
	made  map[string]*joined // tables that are made of others, by their names; nil: there are none
}

func (r *reader) input(name string, o frame.ReadOptions) (*frame.Input, error) {
	o.NA = r.c.NA
	if j := r.made[name]; j != nil {
		return j.open(name, o)
	}
	if name == "-" && r.env.Stdin != nil && !r.read {
		var err error
		if r.stdin, err = io.ReadAll(r.env.Stdin); err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		r.read = true
	}
	if r.read {
		o.Stdin = bytes.NewReader(r.stdin)
		r.env.Stdin = bytes.NewReader(r.stdin) // for who reads it as numbers
	}
	o.Header = r.c.Header
	return frame.Open(name, o)
}

// asked are the settings of tables for the data, with the columns to be left out that are there.
func (r *reader) asked(columns []string) (frame.ReadOptions, error) {
	o := frame.ReadOptions{Types: r.c.Types, Columns: r.c.Columns, Ignore: among(r.c.Ignore, columns),
		DropMissing: r.c.DropMissing, Decimal: r.c.Decimal, Delimiter: r.c.Delimiter, Rules: r.c.Constraint}
	var err error
	if r.c.Schema != "" {
		o.Schema, err = frame.LoadSchema(r.c.Schema)
	}
	return o, err
}

// schema finds out what a table's columns are.
func (r *reader) schema(name string) (s frame.Schema, err error) {
	in, err := r.input(name, frame.ReadOptions{})
	if err != nil {
		return s, err
	}
	defer in.Close()
	ignore := among(r.c.Ignore, in.Columns)
	again, err := r.input(name, frame.ReadOptions{Ignore: ignore})
	if err != nil {
		return s, err
	}
	defer again.Close()
	return again.Infer()
}

// typed reports that the sides are compared as tables with types: what is no table, or all numbers, is not.
func (r *reader) typed() (bool, error) {
	switch {
	case r.c.Typed.As == "numbers" && r.c.Typed.asked():
		return false, errNumbers
	case r.c.Typed.As == "numbers" || r.env.Open != nil:
		return false, nil
	case r.c.table():
		return true, nil
	}
	sides := []string{r.c.Samples, r.c.Against}
	for _, name := range sides {
		if name != "-" && (task.KindOf(name) == task.NPY || !task.Exists(name) || r.env.IsDraws(name)) {
			return false, nil
		}
	}
	plain := 0
	for _, name := range sides {
		s, err := r.schema(name)
		if err != nil {
			return false, err
		}
		if numbers(s) {
			plain++
		}
	}
	return plain < 2, nil
}

// among are the names that columns have.
func among(names, columns []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(columns, n) })
}

// like reads a table as one of these columns, which another has. Columns that it has beside them are extra.
func (r *reader) like(name string, columns []frame.Column, other string) (f *frame.Frame, extra []string, err error) {
	in, err := r.input(name, frame.ReadOptions{})
	if err != nil {
		return nil, nil, err
	}
	in.Close()
	var o frame.ReadOptions
	var missing []string
	for _, c := range columns {
		if !slices.Contains(in.Columns, c.Name) {
			missing = append(missing, c.Name)
			continue
		}
		o.Columns = append(o.Columns, c.Name)
		kind := string(frame.Category)
		switch {
		case c.Kind.Numeric():
			kind = string(frame.Real)
		case c.Kind == frame.Time:
			kind = "time:" + c.Layout
		}
		if !strings.Contains(c.Name, "=") {
			o.Types = append(o.Types, c.Name+"="+kind)
		}
	}
	if len(missing) > 0 {
		return nil, nil, &ito.InputError{Where: in.Name, What: fmt.Sprintf("it has no column %s, and %s has; its "+
			"columns are %s", strings.Join(missing, ", "), other, table.Few(in.Columns)), Do: "add it, or `ignore` it"}
	}
	for _, n := range in.Columns {
		if !slices.Contains(o.Columns, n) {
			extra = append(extra, n)
		}
	}
	if in, err = r.input(name, o); err != nil {
		return nil, nil, err
	}
	defer in.Close()
	s, err := in.Infer()
	for _, c := range columns {
		if k := s.Find(c.Name); err == nil && (k < 0 || !fits(c.Kind, s.Columns[k].Kind)) {
			err = &ito.InputError{Where: in.Name + ": column " + c.Name, What: fmt.Sprintf("it is %s, where %s has %s",
				s.Columns[k].Kind, other, c.Kind), Do: "give columns of one type, or `ignore` it"}
		}
	}
	if err == nil {
		f, err = in.Frame(s)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("with the types of %s: %w", other, err)
	}
	return f, extra, nil
}
