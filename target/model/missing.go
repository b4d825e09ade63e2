package model

import (
	"fmt"
	"math"
	"slices"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
)

// levels is levels(column): the numbers from 0 of the words of a column of text, or of its different values, in sorted
// order, and the list of these.
func (t *tracer) levels(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var v starlark.Value
	if err := starlark.UnpackArgs("levels", args, kw, "column", &v); err != nil {
		return nil, err
	}
	out := &tensor{t: t}
	var names []starlark.Value
	if l, ok := v.(*starlark.List); ok && l.Len() > 0 {
		if _, text := starlark.AsString(l.Index(0)); text {
			words := make([]string, l.Len())
			for i := range words {
				w, ok := starlark.AsString(l.Index(i))
				if !ok {
					return nil, fmt.Errorf("levels: entry %d is %s among words", i, l.Index(i).Type())
				}
				words[i] = w
			}
			sorted := slices.Compact(slices.Sorted(slices.Values(words)))
			for _, w := range words {
				at, _ := slices.BinarySearch(sorted, w)
				out.x = append(out.x, float64(at))
			}
			for _, w := range sorted {
				names = append(names, starlark.String(w))
			}
			out.shape = []int{len(out.x)}
			return starlark.Tuple{out, starlark.NewList(names)}, nil
		}
	}
	a, err := t.vectorOfData("levels", v)
	if err != nil {
		return nil, err
	}
	for i, x := range a.x {
		if math.IsNaN(x) {
			return nil, fmt.Errorf("levels: entry %d is missing", i)
		}
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(a.x)))
	for _, x := range a.x {
		at, _ := slices.BinarySearch(sorted, x)
		out.x = append(out.x, float64(at))
	}
	for _, x := range sorted {
		names = append(names, scalar(x))
	}
	out.shape = []int{len(out.x)}
	return starlark.Tuple{out, starlark.NewList(names)}, nil
}

// impute is impute(name, y, support = real, prior = None): y with a parameter for each of its missing values, in order.
// Where none is missing it is y, and there is no parameter.
func (t *tracer) impute(th *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var name string
	var y, kind, prior starlark.Value
	if err := starlark.UnpackArgs("impute", args, kw, "name", &name, "y", &y, "support?", &kind, "prior?",
		&prior); err != nil {
		return nil, err
	}
	a, err := t.tensor(y)
	if err != nil {
		return nil, fmt.Errorf("impute: %w", err)
	}
	if !a.isData() || a.rank() == 0 {
		return nil, fmt.Errorf("impute: needs an array of data, got %s", a.describe())
	}
	known := &tensor{t: t, shape: []int{len(a.x)}, x: slices.Clone(a.x)}
	at := make([]float64, len(a.x))
	missing := 0
	for i, v := range a.x {
		at[i] = float64(i)
		if math.IsNaN(v) {
			at[i] = float64(len(a.x) + missing)
			known.x[i] = 0
			missing++
		}
	}
	if missing == 0 {
		return a, nil
	}
	call := []starlark.Tuple{{starlark.String("shape"), starlark.MakeInt(missing)}}
	for word, v := range map[string]starlark.Value{"support": kind, "prior": prior} {
		if v != nil && v != starlark.None {
			call = append(call, starlark.Tuple{starlark.String(word), v})
		}
	}
	p, err := t.param(th, b, starlark.Tuple{starlark.String(name)}, call)
	if err != nil {
		return nil, err
	}
	out, err := t.apply("impute", func(v []ad.Value) ad.Value {
		all := ad.Concat(0, v[0], v[1])
		return ad.Reshape(ad.Gather(all, t.current().Const(ad.I32, at, len(at))), a.shape...)
	}, known, p)
	if err != nil {
		return nil, err
	}
	out.(*tensor).cells = a.x
	return out, nil
}
