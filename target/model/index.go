package model

import (
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
)

// Get implements starlark.Mapping with numpy's rules: an integer, a slice, None, an array of integers or a mask of
// data for
// each axis. Arrays of indices stand side by side and broadcast against each other, an integer among them too; their
// axes come where the first of them stood.
func (a *tensor) Get(k starlark.Value) (starlark.Value, bool, error) {
	keys := starlark.Tuple{k}
	if t, ok := k.(starlark.Tuple); ok {
		keys = t
	}
	v, err := a.subscript(keys)
	return v, err == nil, err
}

// axisKey is what is done to an axis: one of these.
type axisKey struct {
	at    int      // an integer
	slice *slicing // a slice
	many  *tensor  // indices, not negative
	fresh bool     // a new axis
}

func (a *tensor) subscript(keys starlark.Tuple) (starlark.Value, error) {
	var ks []axisKey
	axis, arrays := 0, 0
	for _, k := range keys {
		if k == starlark.None {
			ks = append(ks, axisKey{fresh: true})
			continue
		}
		if axis >= len(a.shape) {
			return nil, fmt.Errorf("%s has %d axes, not %d", a.describe(), len(a.shape), len(keys))
		}
		more, err := a.axisKeys(axis, k)
		if err != nil {
			return nil, err
		}
		for _, m := range more {
			if m.many != nil {
				arrays++
			}
		}
		ks = append(ks, more...)
		axis += len(more)
	}
	if arrays > 0 {
		return a.gather(ks)
	}
	return a.t.apply("index", func(v []ad.Value) ad.Value {
		x, axis := v[0], 0
		for _, k := range ks {
			switch {
			case k.fresh:
				x = ad.Reshape(x, slices.Insert(slices.Clone(x.Shape()), axis, 1)...)
				axis++
			case k.slice != nil:
				x = a.t.sliced(x, axis, k.slice)
				axis++
			default:
				x = ad.At(x, axis, k.at)
			}
		}
		return x
	}, a)
}

// axisKeys reads a key at an axis; a mask of several axes is several keys.
func (a *tensor) axisKeys(axis int, k starlark.Value) ([]axisKey, error) {
	n := a.shape[axis]
	if s, ok := k.(*slicing); ok {
		if _, _, _, err := s.bounds(n); err != nil {
			return nil, err
		}
		return []axisKey{{slice: s}}, nil
	}
	if l, ok := k.(*starlark.List); ok {
		idx, err := a.t.tensor(l)
		if err != nil {
			return nil, err
		}
		k = idx
	}
	idx, ok := k.(*tensor)
	if !ok {
		f, ok := starlark.AsFloat(k)
		if !ok {
			return nil, fmt.Errorf("an index is %s, not an integer", k.Type())
		}
		i, err := position(f, n, a, axis)
		return []axisKey{{at: i}}, err
	}
	if !idx.isData() {
		return nil, fmt.Errorf("an index depends on a parameter")
	}
	if idx.boolean {
		return a.mask(axis, idx)
	}
	out := &tensor{t: a.t, shape: idx.shape, x: make([]float64, len(idx.x))}
	for i, f := range idx.x {
		j, err := position(f, n, a, axis)
		if err != nil {
			return nil, err
		}
		out.x[i] = float64(j)
	}
	return []axisKey{{many: out}}, nil
}

// mask is the places where a mask is true, an array for each of its axes.
func (a *tensor) mask(axis int, m *tensor) ([]axisKey, error) {
	r := len(m.shape)
	if axis+r > len(a.shape) || !slices.Equal(a.shape[axis:axis+r], m.shape) {
		return nil, fmt.Errorf("a mask of shape %s for %s", shapeText(m.shape), a.describe())
	}
	out := make([]axisKey, r)
	for k := range out {
		out[k].many = &tensor{t: a.t, x: []float64{}}
	}
	for i, v := range m.x {
		if v == 0 {
			continue
		}
		for k, rest := r-1, i; k >= 0; k-- {
			out[k].many.x = append(out[k].many.x, float64(rest%m.shape[k]))
			rest /= m.shape[k]
		}
	}
	for k := range out {
		out[k].many.shape = []int{len(out[k].many.x)}
	}
	return out, nil
}

// gather applies keys among which are arrays of indices.
func (a *tensor) gather(ks []axisKey) (starlark.Value, error) {
	first, last := -1, -1
	for i, k := range ks {
		if k.fresh {
			return nil, fmt.Errorf("an array of indices stands beside None: index first, then x[None]")
		}
		if k.slice == nil {
			if first < 0 {
				first = i
			} else if last != i-1 {
				return nil, fmt.Errorf("arrays of indices and integers beside them stand side by side: write x[…][…]")
			}
			last = i
		}
	}
	// one flat index of the axes first … last
	var shape []int
	for _, k := range ks[first : last+1] {
		if k.many == nil {
			continue
		}
		s, ok := commonShape(shape, k.many.shape)
		if !ok {
			return nil, fmt.Errorf("arrays of indices of shapes %s and %s do not go together", shapeText(shape),
				shapeText(k.many.shape))
		}
		shape = s
	}
	flat := make([]float64, size(shape))
	merged := 1
	for i := first; i <= last; i++ {
		n := a.shape[i]
		merged *= n
		var at []float64
		if ks[i].many != nil {
			at = repeated(ks[i].many, shape)
		}
		for j := range flat {
			flat[j] *= float64(n)
			if at != nil {
				flat[j] += at[j]
			} else {
				flat[j] += float64(ks[i].at)
			}
		}
	}
	return a.t.apply("gather", func(v []ad.Value) ad.Value {
		x := v[0]
		for i, k := range ks {
			if k.slice != nil {
				x = a.t.sliced(x, i, k.slice)
			}
		}
		s := x.Shape()
		x = ad.Reshape(x, slices.Concat(s[:first], []int{merged}, s[last+1:])...)
		if first > 0 {
			x = moved(x, first, 0)
		}
		x = ad.Gather(x, a.t.current().Const(ad.I32, flat, shape...))
		for k := range first { // the axes before it come to the front again
			x = moved(x, len(shape)+k, k)
		}
		return x
	}, a)
}

// moved brings an axis to another place.
func moved(x ad.Value, from, to int) ad.Value {
	perm := make([]int, x.Rank())
	for i := range perm {
		perm[i] = i
	}
	perm = slices.Insert(slices.Delete(perm, from, from+1), to, from)
	return ad.Transpose(x, perm...)
}

func (t *tracer) sliced(x ad.Value, axis int, s *slicing) ad.Value {
	from, to, step, err := s.bounds(x.Shape()[axis])
	switch {
	case err != nil:
		panic(&ad.Error{Op: "slice", Detail: err.Error()})
	case step > 0:
		return ad.SliceStep(x, axis, from, max(from, to), step)
	}
	var idx []float64
	for i := from; i > to; i += step {
		idx = append(idx, float64(i))
	}
	x = moved(x, axis, 0)
	return moved(ad.Gather(x, t.current().Const(ad.I32, idx, len(idx))), 0, axis)
}

// commonShape broadcasts two shapes.
func commonShape(a, b []int) ([]int, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := slices.Clone(a)
	lead := len(a) - len(b)
	for i, k := range b {
		switch {
		case out[lead+i] == 1:
			out[lead+i] = k
		case k != 1 && k != out[lead+i]:
			return nil, false
		}
	}
	return out, true
}
