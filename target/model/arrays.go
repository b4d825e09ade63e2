package model

import (
	"fmt"
	"math"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
)

func (t *tracer) filled(x float64) func(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	return func(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
		var s starlark.Value
		if err := starlark.UnpackArgs("shape", args, kw, "shape", &s); err != nil {
			return nil, err
		}
		shape, err := shapeOf(s)
		if err != nil {
			return nil, err
		}
		a := &tensor{t: t, shape: shape, x: make([]float64, size(shape))}
		for i := range a.x {
			a.x[i] = x
		}
		return a.plain(), nil
	}
}

// arange is arange(n): 0, 1, …, n−1.
func (t *tracer) arange(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var n int
	if err := starlark.UnpackArgs("arange", args, kw, "n", &n); err != nil {
		return nil, err
	}
	if n < 1 || n > largest {
		return nil, fmt.Errorf("arange(%d)", n)
	}
	a := &tensor{t: t, shape: []int{n}, x: make([]float64, n)}
	for i := range a.x {
		a.x[i] = float64(i)
	}
	return a, nil
}

// eye is the identity matrix.
func (t *tracer) eye(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var n int
	if err := starlark.UnpackArgs("eye", args, kw, "n", &n); err != nil {
		return nil, err
	}
	if n < 1 || n*n > largest {
		return nil, fmt.Errorf("eye(%d)", n)
	}
	a := &tensor{t: t, shape: []int{n, n}, x: make([]float64, n*n)}
	for i := range n {
		a.x[i*n+i] = 1
	}
	return a, nil
}

// diagMatrix is diag_matrix(v), the matrix with the vector v on its diagonal.
func (t *tracer) diagMatrix(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var v starlark.Value
	if err := starlark.UnpackArgs("diag_matrix", args, kw, "v", &v); err != nil {
		return nil, err
	}
	a, err := t.tensor(v)
	if err != nil || a.rank() != 1 {
		return nil, fmt.Errorf("diag_matrix needs a vector")
	}
	eye, err := t.eye(starlark.Tuple{starlark.MakeInt(a.shape[0])}, nil)
	if err != nil {
		return nil, err
	}
	return t.apply("diag_matrix", func(v []ad.Value) ad.Value { return ad.Mul(v[0], v[1]) }, a, eye)
}

// concat is concat(list, axis = 0).
func (t *tracer) concat(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var (
		l    *starlark.List
		axis int
	)
	if err := starlark.UnpackArgs("concat", args, kw, "list", &l, "axis?", &axis); err != nil {
		return nil, err
	}
	parts := make([]starlark.Value, l.Len())
	for i := range parts {
		a, err := t.tensor(l.Index(i))
		if err != nil {
			return nil, fmt.Errorf("concat: %w", err)
		}
		if a.rank() == 0 {
			if a, err = t.tensor(starlark.Tuple{l.Index(i)}); err != nil {
				return nil, err
			}
		}
		if axis < 0 {
			axis += a.rank()
		}
		if axis < 0 || axis >= a.rank() {
			return nil, fmt.Errorf("concat: element %d, %s, has no axis %d", i, a.describe(), axis)
		}
		parts[i] = a
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("concat of nothing")
	}
	return t.apply("concat", func(v []ad.Value) ad.Value { return ad.Concat(axis, v...) }, parts...)
}

// reshape is reshape(x, shape); one size may be −1.
func (t *tracer) reshape(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var x starlark.Value
	var s starlark.Value
	if err := starlark.UnpackArgs("reshape", args, kw, "x", &x, "shape", &s); err != nil {
		return nil, err
	}
	l, ok := s.(starlark.Indexable)
	if !ok {
		l = starlark.Tuple{s}
	}
	shape := make([]int, l.Len())
	for i := range shape {
		k, err := starlark.AsInt32(l.Index(i))
		if err != nil {
			return nil, fmt.Errorf("reshape: %w", err)
		}
		shape[i] = k
	}
	return t.apply("reshape", func(v []ad.Value) ad.Value { return ad.Reshape(v[0], shape...) }, x)
}

// array makes an array of nested lists.
func (t *tracer) array(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var x starlark.Value
	if err := starlark.UnpackArgs("array", args, kw, "x", &x); err != nil {
		return nil, err
	}
	a, err := t.tensor(x)
	if err != nil {
		return nil, err
	}
	return a.plain(), nil
}

func (t *tracer) vectorOfData(name string, v starlark.Value) (*tensor, error) {
	a, err := t.tensor(v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !a.isData() || a.rank() != 1 {
		return nil, fmt.Errorf("%s needs a vector of data, got %s", name, a.describe())
	}
	return a, nil
}

// known is known(y): the indices of the values that are not missing.
func (t *tracer) known(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var v starlark.Value
	if err := starlark.UnpackArgs("known", args, kw, "y", &v); err != nil {
		return nil, err
	}
	a, err := t.vectorOfData("known", v)
	if err != nil {
		return nil, err
	}
	out := &tensor{t: t, x: []float64{}}
	for i, f := range a.x {
		if !math.IsNaN(f) {
			out.x = append(out.x, float64(i))
		}
	}
	out.shape = []int{len(out.x)}
	return out, nil
}

// bincount is bincount(indices, n): how often 0, …, n−1 occur.
func (t *tracer) bincount(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var (
		v starlark.Value
		n int
	)
	if err := starlark.UnpackArgs("bincount", args, kw, "indices", &v, "n", &n); err != nil {
		return nil, err
	}
	a, err := t.vectorOfData("bincount", v)
	if err != nil {
		return nil, err
	}
	if n < 1 || n > largest {
		return nil, fmt.Errorf("bincount of %d bins", n)
	}
	out := &tensor{t: t, x: make([]float64, n), shape: []int{n}}
	for i, f := range a.x {
		if f != math.Trunc(f) || !(f >= 0 && f < float64(n)) {
			return nil, fmt.Errorf("bincount: index %v at %d is not one of 0 … %d", f, i, n-1)
		}
		out.x[int(f)]++
	}
	return out, nil
}
