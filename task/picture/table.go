package picture

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/task"
)

// tableOf is a table whose columns have types.
type tableOf struct {
	label string
	f     *frame.Frame
	tell  func(string)
}

func (tableOf) what() string { return "a table with types" }

// open opens a table of the name, where the reader of tables takes it.
func (c *Config) open(env *task.Env, name string, o frame.ReadOptions) (*frame.Input, error) {
	o.Header, o.Stdin = c.Header, env.Stdin
	in, err := frame.Open(name, o)
	if err == nil && len(c.Ignore) > 0 {
		o.Ignore = slices.DeleteFunc(slices.Clone(c.Ignore), func(n string) bool {
			return !slices.Contains(in.Columns, n)
		})
		in.Close()
		in, err = frame.Open(name, o)
	}
	return in, err
}

// typed reports that a file is to be drawn as a table with types: some cell of it is no number, or is missing, or it is
// written as no reader of numbers takes it.
func (c *Config) typed(env *task.Env, name string) (bool, error) {
	if env.Open != nil || name == "-" || env.IsDraws(name) || c.Images != "" || slices.Contains(data.Names(), name) {
		return false, nil
	}
	switch task.KindOf(name) {
	case task.Safetensors, task.JSONText, task.NPY:
		return false, nil
	}
	in, err := c.open(env, name, frame.ReadOptions{})
	if err != nil {
		return false, nil //nolint:nilerr // the reader of numbers describes what is wrong
	}
	defer in.Close()
	if in.Format == "npy" || in.Format == "zip" {
		return false, nil
	}
	s, err := in.Infer()
	if err != nil {
		return false, err
	}
	for i := range s.Columns {
		k := &s.Columns[i]
		plain := k.Missing == 0 && (k.Kind.Numeric() || k.Kind == frame.Constant && k.Numbers() ||
			k.Kind == frame.Identifier && !k.Hex && strings.Trim(k.Prefix, "0123456789") == "" ||
			k.Kind.Levelled() && k.Numbers() && !coded(k))
		if !plain {
			return true, nil
		}
	}
	return !in.Usual, nil
}

// coded reports levels with zeros before them, which are no amounts.
func coded(c *frame.Column) bool {
	return slices.ContainsFunc(c.Levels, func(l string) bool {
		return len(l) > 1 && l[0] == '0' && l[1] != '.'
	})
}

// table reads a file as a table, with the types of another, if there is one: levels are its own.
func (c *Config) table(env *task.Env, name, label string, as *frame.Schema) (tableOf, error) {
	o := frame.ReadOptions{}
	if as != nil {
		in, err := c.open(env, name, o)
		if err != nil {
			return tableOf{}, err
		}
		in.Close()
		for i := range as.Columns {
			k := &as.Columns[i]
			if !slices.Contains(in.Columns, k.Name) || strings.Contains(k.Name, "=") || !k.Kind.Learnt() {
				continue
			}
			switch {
			case k.Kind.Numeric():
				o.Types = append(o.Types, k.Name+"=real")
			case k.Kind == frame.Time:
				o.Types = append(o.Types, k.Name+"=time:"+k.Layout)
			default:
				o.Types = append(o.Types, k.Name+"=category")
			}
		}
	}
	in, err := c.open(env, name, o)
	if err != nil {
		return tableOf{}, err
	}
	defer in.Close()
	s, err := in.Infer()
	if err != nil {
		return tableOf{}, err
	}
	for _, n := range in.Notes {
		env.Tell(in.Name + ": " + n)
	}
	f, err := in.Frame(s)
	return tableOf{label, f, env.Tell}, err
}

// draw draws tables over each other: the columns of the first, which the others must have.
func (t tableOf) draw(all []drawable) (plot.Figure, error) {
	var left []string
	var axes []plot.Axis
	var sets []plot.Set
	var columns []*frame.Column
	for i := range t.f.Schema.Columns {
		k := &t.f.Schema.Columns[i]
		if !k.Kind.Learnt() {
			left = append(left, fmt.Sprintf("%s (%s)", k.Name, k.Kind))
			continue
		}
		a := plot.Axis{Name: k.Name}
		switch {
		case k.Kind.Levelled():
			a.Levels = slices.Clone(k.Levels)
		case k.Kind == frame.Time:
			a.Write = func(v float64) string { return string(k.Append(nil, v, 0)) }
		}
		axes, columns = append(axes, a), append(columns, k)
	}
	if len(axes) == 0 {
		return plot.Figure{}, &ito.InputError{Where: t.f.Name, What: "none of its columns can be drawn: " +
			strings.Join(left, ", "), Do: "give others"}
	}
	for _, d := range all {
		f := d.(tableOf).f
		s := plot.Set{Name: d.(tableOf).label, D: len(axes), X: make([]float64, f.Rows*len(axes))}
		for j, k := range columns {
			at := f.Schema.Find(k.Name)
			if at < 0 {
				return plot.Figure{}, &ito.InputError{Where: f.Name, What: "it has no column " + k.Name + ", and " +
					t.f.Name + " has", Do: "add it, or `ignore` it"}
			}
			cell := reader(k, &f.Schema.Columns[at], &axes[j])
			for r := range f.Rows {
				s.X[r*s.D+j] = cell(f.Row(r)[at])
			}
		}
		sets = append(sets, s)
	}
	fig, more, err := plot.Mixed(axes, sets...)
	if left = append(left, more...); len(left) > 0 && err == nil {
		t.tell("left out: " + strings.Join(left, ", "))
	}
	return fig, err
}

// reader turns cells of a column from into those of an axis, which is of column k: new levels stand behind.
func reader(k, from *frame.Column, a *plot.Axis) func(v float64) float64 {
	level := func(w string) float64 {
		at := slices.Index(a.Levels, w)
		if at < 0 {
			at = len(a.Levels)
			a.Levels = append(a.Levels, w)
		}
		return float64(at)
	}
	switch {
	case from.Kind == frame.Constant:
		v := math.NaN()
		if from.Missing == 0 {
			if a.Levels != nil {
				v = level(from.Value)
			} else if w, err := k.Parse(from.Value); err == nil {
				v = w
			}
		}
		return func(float64) float64 { return v }
	case a.Levels == nil:
		return func(v float64) float64 { return v }
	}
	codes := make([]float64, len(from.Levels))
	for l, w := range from.Levels {
		codes[l] = level(w)
	}
	return func(v float64) float64 {
		if v != v {
			return v
		}
		return codes[int(v)]
	}
}
