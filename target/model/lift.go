package model

import (
	"fmt"
	"math"
	"slices"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
)

// stack joins the elements of a list along a new first axis.
func (t *tracer) stack(l starlark.Indexable) (*tensor, error) {
	if l.Len() == 0 {
		return &tensor{t: t, x: []float64{}, shape: []int{0}}, nil
	}
	parts := make([]starlark.Value, l.Len())
	data := true
	var first *tensor
	for i := range parts {
		p, err := t.tensor(l.Index(i))
		if err != nil {
			return nil, fmt.Errorf("element %d of a list: %w", i, err)
		}
		if i == 0 {
			first = p
		} else if !slices.Equal(first.shape, p.shape) {
			return nil, fmt.Errorf("a list has elements of shapes %s and %s", shapeText(first.shape),
				shapeText(p.shape))
		}
		parts[i], data = p, data && p.isData()
	}
	shape := append([]int{len(parts)}, first.shape...)
	if data {
		out := &tensor{t: t, shape: shape, boolean: true}
		for _, p := range parts {
			out.boolean = out.boolean && p.(*tensor).boolean
			out.x = append(out.x, p.(*tensor).x...)
		}
		return out, nil
	}
	v, err := t.apply("stack", func(v []ad.Value) ad.Value {
		for i := range v {
			v[i] = number(v[i])
		}
		return ad.Stack(0, v...)
	}, parts...)
	if err != nil {
		return nil, err
	}
	return v.(*tensor), nil
}

// number turns bools into 0 and 1.
func number(v ad.Value) ad.Value {
	if v.DType() == ad.Bool {
		return ad.Cast(v, ad.F64)
	}
	return v
}

// lift makes data an input of the program under construction.
func (t *tracer) lift(a *tensor) ad.Value {
	if !a.isData() {
		return a.v
	}
	if a.lifted.IsZero() && t.loops > 0 { // a constant of the loop's body
		v := t.g.Const(ad.F64, a.x, a.shape...)
		if a.boolean {
			v = ad.NotEqual(v, ad.Zeros(v))
		}
		return v
	}
	if a.lifted.IsZero() {
		if len(a.x) == 1 {
			a.lifted = t.g.Const(ad.F64, a.x, a.shape...)
		} else {
			a.lifted = t.share(a.x, a.shape...)
		}
		if a.boolean {
			a.lifted = ad.NotEqual(a.lifted, ad.Zeros(a.lifted))
		}
	}
	return a.lifted
}

// scalar is an int where x is one, so that sizes and indices in data are usable.
func scalar(x float64) starlark.Value {
	if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		return starlark.MakeInt64(int64(x))
	}
	return starlark.Float(x)
}
