package model

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"go.starlark.net/starlark"
)

// Data is what a model file sees as data["name"]: numbers (float64, int), bools, strings, nested slices of
// numbers ([]float64, [][]float64, []any as JSON decodes it; nil is a missing value, NaN) and Arrays.
type Data map[string]any

// Array is an array of numbers in row-major order.
type Array struct {
	Shape []int
	X     []float64
}

// DataError is a datum that a model cannot read.
type DataError struct{ Name, Detail string }

func (e *DataError) Error() string { return fmt.Sprintf("data %q: %s", e.Name, e.Detail) }

// Is matches ito.ErrInput.
func (e *DataError) Is(target error) bool { return target == ito.ErrInput }

// convert reads data once; strings and lists of strings pass as they are.
func convert(d Data) (map[string]any, error) {
	out := map[string]any{}
	for name, v := range d {
		switch v := v.(type) {
		case string, bool:
			out[name] = v
			continue
		case Array:
			if size(v.Shape) != len(v.X) {
				return nil, &DataError{name, fmt.Sprintf("shape %s for %d numbers", shapeText(v.Shape), len(v.X))}
			}
			out[name] = v
			continue
		}
		if texts, ok := strings_(v); ok {
			out[name] = texts
			continue
		}
		a := Array{}
		if err := flatten(reflect.ValueOf(v), 0, &a); err != nil {
			return nil, &DataError{name, err.Error()}
		}
		out[name] = a
	}
	return out, nil
}

func strings_(v any) ([]string, bool) {
	switch v := v.(type) {
	case []string:
		return v, true
	case []any:
		out := make([]string, len(v))
		for i := range v {
			s, ok := v[i].(string)
			if !ok {
				return nil, false
			}
			out[i] = s
		}
		return out, len(out) > 0
	}
	return nil, false
}

// Numbers is a datum as an array of numbers, row-major.
func Numbers(d Data, name string) (shape []int, x []float64, err error) {
	all, err := convert(Data{name: d[name]})
	if err != nil {
		return nil, nil, err
	}
	a, ok := all[name].(Array)
	if !ok {
		return nil, nil, &DataError{name, "it is no number and no array of numbers"}
	}
	return a.Shape, a.X, nil
}

// flatten reads nested slices depth first; the first row of each depth fixes its length.
func flatten(v reflect.Value, depth int, a *Array) error {
	for v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch {
	case !v.IsValid():
		a.X = append(a.X, math.NaN())
	case v.CanFloat():
		a.X = append(a.X, v.Float())
	case v.CanInt():
		a.X = append(a.X, float64(v.Int()))
	case v.Kind() == reflect.Bool:
		x := 0.
		if v.Bool() {
			x = 1
		}
		a.X = append(a.X, x)
	case v.Kind() == reflect.Slice:
		n := v.Len()
		if depth == len(a.Shape) {
			if len(a.X) > 0 {
				return fmt.Errorf("a list stands where the first row has a number")
			}
			a.Shape = append(a.Shape, n)
		} else if a.Shape[depth] != n {
			return fmt.Errorf("rows of %d and of %d elements", a.Shape[depth], n)
		}
		for i := range n {
			if err := flatten(v.Index(i), depth+1, a); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("%s is neither a number nor a list of numbers", v.Kind())
	}
	if depth != len(a.Shape) {
		return fmt.Errorf("a number stands where the first row has a list")
	}
	return nil
}

// errNoData is a model that asks for data and was given none.
var errNoData = errors.New("the model is given none")

// dataset is the value data of a model file.
type dataset struct {
	t *tracer
	d map[string]any
}

func (d *dataset) String() string        { return "data" }
func (d *dataset) Type() string          { return "data" }
func (d *dataset) Freeze()               {}
func (d *dataset) Truth() starlark.Bool  { return len(d.d) > 0 }
func (d *dataset) Hash() (uint32, error) { return 0, fmt.Errorf("data cannot be a key") }

// Get implements starlark.Mapping.
func (d *dataset) Get(k starlark.Value) (starlark.Value, bool, error) {
	name, _ := starlark.AsString(k)
	v, ok := d.d[name]
	if !ok {
		names := make([]string, 0, len(d.d))
		for n := range d.d {
			names = append(names, n)
		}
		if len(names) == 0 {
			return nil, false, fmt.Errorf("there is no data %v: %w", k, errNoData)
		}
		slices.Sort(names)
		if near := suggest.Nearest(name, names); near != "" {
			return nil, false, fmt.Errorf("there is no data %v; did you mean %q?", k, near)
		}
		return nil, false, fmt.Errorf("there is no data %v; there is %s", k, strings.Join(names, ", "))
	}
	switch v := v.(type) {
	case string:
		return starlark.String(v), true, nil
	case bool:
		return starlark.Bool(v), true, nil
	case []string:
		l := make([]starlark.Value, len(v))
		for i, s := range v {
			l[i] = starlark.String(s)
		}
		return starlark.NewList(l), true, nil
	}
	a := v.(Array)
	return (&tensor{t: d.t, x: a.X, shape: a.Shape, name: name}).plain(), true, nil
}
