package model

import (
	"fmt"
	"math"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/seed9a7962a8/ito/ad"
)

// tensor is an array of the language. Data and what is computed from data alone are numbers; what depends on
// a parameter is a traced value. Numbers without axes are Starlark's own int, float and bool.
type tensor struct {
	t       *tracer
	v       ad.Value  // traced; zero for data
	x       []float64 // data, row-major
	shape   []int
	boolean bool // data: the numbers are 0 and 1
	param   *parameter
	name    string    // of a datum as it is
	cells   []float64 // what impute was given, NaN where it put parameters
	lifted  ad.Value  // data: as an input of the program
	uses    set       // parameters that a traced value depends on
}

// set is a set of parameters by number.
type set []uint64

func (s set) has(i int) bool { return i/64 < len(s) && s[i/64]>>(i%64)&1 == 1 }

func (s set) union(o set) set {
	out := append(set(nil), s...)
	for len(out) < len(o) {
		out = append(out, 0)
	}
	for i, w := range o {
		out[i] |= w
	}
	return out
}

func (s set) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

func only(i int) set {
	s := make(set, i/64+1)
	s[i/64] = 1 << (i % 64)
	return s
}

func (a *tensor) isData() bool { return a.v.IsZero() }
func (a *tensor) rank() int    { return len(a.shape) }

func (a *tensor) describe() string {
	switch {
	case a.param != nil && len(a.shape) == 0:
		return fmt.Sprintf("parameter %q", a.param.name)
	case a.param != nil:
		return fmt.Sprintf("parameter %q %v", a.param.name, shapeText(a.shape))
	case a.isData():
		return "data " + shapeText(a.shape)
	case len(a.shape) == 0:
		return "a number"
	}
	return "an array " + shapeText(a.shape)
}

func shapeText(s []int) string { return strings.ReplaceAll(fmt.Sprint(s), " ", ",") }

// String, Type, Freeze and Hash implement starlark.Value.
func (a *tensor) String() string {
	if a.isData() && len(a.x) <= 16 {
		return fmt.Sprintf("array(%v, shape = %s)", a.x, shapeText(a.shape))
	}
	return "<" + a.describe() + ">"
}
func (a *tensor) Type() string          { return "array" }
func (a *tensor) Freeze()               {}
func (a *tensor) Hash() (uint32, error) { return 0, fmt.Errorf("%s cannot be a key", a.describe()) }

// Truth implements starlark.Value. Conditions are checked before they come here; a builtin such as all is not.
func (a *tensor) Truth() starlark.Bool {
	raise("%s has no truth value", a.describe())
	return false
}

// Len implements starlark.Indexable.
func (a *tensor) Len() int {
	if len(a.shape) == 0 {
		return -1
	}
	return a.shape[0]
}

// Index implements starlark.Indexable.
func (a *tensor) Index(i int) starlark.Value {
	v, err := a.t.apply("index", func(v []ad.Value) ad.Value { return ad.At(v[0], 0, i) }, a)
	if err != nil {
		panic(raised{err})
	}
	return v
}

// Slice implements starlark.Sliceable over the first axis.
func (a *tensor) Slice(start, end, step int) starlark.Value {
	if len(a.shape) == 0 {
		raise("%s has no axis to slice", a.describe())
	}
	v, err := a.t.apply("slice", func(v []ad.Value) ad.Value {
		if step > 0 {
			return ad.SliceStep(v[0], 0, start, max(start, end), step)
		}
		var idx []float64
		for i := start; i > end; i += step {
			idx = append(idx, float64(i))
		}
		return ad.Gather(v[0], a.t.current().Const(ad.I32, idx, len(idx)))
	}, a)
	if err != nil {
		panic(raised{err})
	}
	return v
}

func position(f float64, n int, a *tensor, axis int) (int, error) {
	if f != math.Trunc(f) || !(f >= float64(-n) && f < float64(n)) {
		along := ""
		if axis > 0 {
			along = fmt.Sprintf(" along axis %d", axis)
		}
		return 0, fmt.Errorf("index %v is outside %s%s: it goes from 0 to %d", f, a.describe(), along, n-1)
	}
	if f < 0 {
		f += float64(n)
	}
	return int(f), nil
}

// Iterate implements starlark.Iterable over the first axis.
func (a *tensor) Iterate() starlark.Iterator {
	if len(a.shape) == 0 {
		raise("cannot iterate over %s", a.describe())
	}
	return &rows{a: a}
}

type rows struct {
	a *tensor
	i int
}

func (r *rows) Next(p *starlark.Value) bool {
	if r.i >= r.a.Len() {
		return false
	}
	*p = r.a.Index(r.i)
	r.i++
	return true
}
func (r *rows) Done() {}

// Binary implements starlark.HasBinary.
func (a *tensor) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	f, ok := arithmetic[op]
	if !ok {
		return nil, nil
	}
	if _, err := a.t.tensor(y); err != nil {
		return nil, nil // Starlark reports the two types
	}
	args := []starlark.Value{a, y}
	if side == starlark.Right {
		args[0], args[1] = y, a
	}
	return a.t.apply(op.String(), func(v []ad.Value) ad.Value { return f(number(v[0]), number(v[1])) }, args...)
}

var arithmetic = map[syntax.Token]func(a, b ad.Value) ad.Value{
	syntax.PLUS: ad.Add, syntax.MINUS: ad.Sub, syntax.STAR: ad.Mul, syntax.SLASH: ad.Div,
	syntax.SLASHSLASH: func(a, b ad.Value) ad.Value { return ad.Floor(ad.Div(a, b)) },
	syntax.PERCENT: func(a, b ad.Value) ad.Value {
		return ad.Sub(a, ad.Mul(b, ad.Floor(ad.Div(a, b))))
	},
}

// Unary implements starlark.HasUnary.
func (a *tensor) Unary(op syntax.Token) (starlark.Value, error) {
	switch op {
	case syntax.MINUS:
		return a.t.apply("-", func(v []ad.Value) ad.Value { return ad.Neg(v[0]) }, a)
	case syntax.PLUS:
		return a, nil
	}
	return nil, nil
}

// Attr implements starlark.HasAttrs.
func (a *tensor) Attr(name string) (starlark.Value, error) {
	switch name {
	case "shape":
		t := make(starlark.Tuple, len(a.shape))
		for i, s := range a.shape {
			t[i] = starlark.MakeInt(s)
		}
		return t, nil
	case "T":
		if len(a.shape) < 2 {
			return nil, fmt.Errorf("%s has no two axes to transpose", a.describe())
		}
		return a.t.apply("T", func(v []ad.Value) ad.Value { return ad.Transpose(v[0]) }, a)
	case "prior":
		if a.param == nil {
			return nil, fmt.Errorf("%s is not a parameter: only what param returns has a prior", a.describe())
		}
		return starlark.NewBuiltin("prior", a.prior), nil
	}
	return nil, nil
}

// AttrNames implements starlark.HasAttrs.
func (a *tensor) AttrNames() []string { return []string{"T", "prior", "shape"} }
