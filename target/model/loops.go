package model

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
)

// inLoop is a failure of a function that a loop traces.
type inLoop struct{ err error }

// traced runs what traces a loop; failures of the functions in it come back as errors.
func (t *tracer) traced(name string, f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			l, ok := p.(inLoop)
			if !ok {
				panic(p)
			}
			err = l.err
		}
	}()
	t.loops++
	defer func() { t.loops-- }()
	if err := ad.Try(f); err != nil {
		return tidy(name, err)
	}
	return nil
}

// outside refuses a word within a function that runs once for a loop.
func (t *tracer) outside(word string) error {
	if t.loops > 0 {
		return fmt.Errorf("%s within a function of scan or ode: it runs once for all steps; return what is needed and "+
			"use it after the loop", word)
	}
	return nil
}

// parts are a value as arrays: a tuple is several, anything else one.
func (t *tracer) parts(name string, v starlark.Value) (parts []*tensor, tuple bool, err error) {
	l, tuple := v.(starlark.Tuple)
	if !tuple {
		l = starlark.Tuple{v}
	}
	for _, p := range l {
		a, err := t.tensor(p)
		if err != nil {
			return nil, false, fmt.Errorf("%s: %w", name, err)
		}
		parts = append(parts, a)
	}
	return parts, tuple, nil
}

// inner is a value of a loop's body.
func (t *tracer) inner(v ad.Value, uses set) *tensor {
	return &tensor{t: t, v: v, shape: v.Shape(), uses: uses}
}

// wrap is parts as the value that a function gets or returns.
func wrap(parts []*tensor, tuple bool) starlark.Value {
	if !tuple {
		return parts[0]
	}
	out := make(starlark.Tuple, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out
}

// mostKept is the number of carries of a loop, in numbers, that are kept for its gradient.
const mostKept = 64 << 10

// kept says that all carries of a loop are kept where they are few enough, and √trips of them otherwise.
func kept(trips int, carry []ad.Value) ad.LoopOptions {
	size := 0
	for _, c := range carry {
		size += c.Size()
	}
	return ad.LoopOptions{KeepAll: trips*size <= mostKept}
}

// scan is scan(f, init, xs, length = None): f(carry, x) returns the next carry and an output, for every entry x of xs
// along its first axis; it returns the last carry and the stacked outputs. It is one compiled loop: the function runs
// once, while the file is read. carry, x and outputs are arrays or tuples of them; xs may be None with a length.
func (t *tracer) scan(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var (
		f        starlark.Callable
		start    starlark.Value
		xs       starlark.Value
		length   starlark.Value
		trips    int
		nothing  bool
		uses     set
		carryTup bool
	)
	if err := starlark.UnpackArgs("scan", args, kw, "f", &f, "init", &start, "xs?", &xs, "length?",
		&length); err != nil {
		return nil, err
	}
	carry, carryTup, err := t.parts("scan: init", start)
	if err != nil {
		return nil, err
	}
	var in []*tensor
	tupleIn := false
	if nothing = xs == nil || xs == starlark.None; nothing {
		n, err := starlark.AsInt32(orNone(length))
		if err != nil || n < 1 || n > largest {
			return nil, fmt.Errorf("scan: without xs it needs a length of at least 1")
		}
		trips = n
	} else {
		if in, tupleIn, err = t.parts("scan: xs", xs); err != nil {
			return nil, err
		}
		for i, a := range in {
			if a.rank() == 0 || i > 0 && a.shape[0] != trips {
				return nil, fmt.Errorf("scan: xs has %s; all have one entry a step", a.describe())
			}
			trips = a.shape[0]
		}
		if trips == 0 {
			return nil, fmt.Errorf("scan: xs is empty")
		}
	}
	for _, a := range append(append([]*tensor{}, carry...), in...) {
		uses = uses.union(a.uses)
	}
	var (
		last, ys []ad.Value
		tupleOut bool
		noOut    bool
	)
	err = t.traced("scan", func() {
		lift := func(l []*tensor) []ad.Value {
			out := make([]ad.Value, len(l))
			for i, a := range l {
				out[i] = number(t.liftOutside(a))
			}
			return out
		}
		first := lift(carry)
		last, ys = ad.LoopWith(kept(trips, first), trips, first, lift(in), func(_ ad.Value, c, x []ad.Value) (
			next, outs []ad.Value) {
			wrapped := func(v []ad.Value, tuple bool) starlark.Value {
				l := make([]*tensor, len(v))
				for i := range v {
					l[i] = t.inner(v[i], uses)
				}
				return wrap(l, tuple)
			}
			x1 := starlark.Value(starlark.None)
			if !nothing {
				x1 = wrapped(x, tupleIn)
			}
			r, err := starlark.Call(th, f, starlark.Tuple{wrapped(c, carryTup), x1}, nil)
			if err != nil {
				panic(inLoop{err})
			}
			both, ok := r.(starlark.Tuple)
			if !ok || len(both) != 2 {
				panic(inLoop{fmt.Errorf("scan: the function returns %s, not (carry, output)", r.Type())})
			}
			parts, tuple, err := t.parts("scan: the carry", both[0])
			if err != nil || tuple != carryTup || len(parts) != len(c) {
				panic(inLoop{fmt.Errorf("scan: the function returns another kind of carry than init: %v", err)})
			}
			for i, p := range parts {
				v := number(t.lift(p))
				if !equalShapes(v.Shape(), c[i].Shape()) {
					panic(inLoop{fmt.Errorf("scan: the carry has shape %s at first and %s after a step",
						shapeText(c[i].Shape()), shapeText(v.Shape()))})
				}
				uses = uses.union(p.uses)
				next = append(next, v)
			}
			if noOut = both[1] == starlark.None; noOut {
				return next, nil
			}
			out, tuple, err := t.parts("scan: the output", both[1])
			if err != nil {
				panic(inLoop{err})
			}
			tupleOut = tuple
			for _, p := range out {
				uses = uses.union(p.uses)
				outs = append(outs, number(t.lift(p)))
			}
			return next, outs
		})
	})
	if err != nil {
		return nil, err
	}
	t.ops += 1
	outer := func(v []ad.Value, tuple bool) starlark.Value {
		l := make([]*tensor, len(v))
		for i := range v {
			l[i] = t.inner(v[i], uses)
		}
		return wrap(l, tuple)
	}
	stacked := starlark.Value(starlark.None)
	if !noOut {
		stacked = outer(ys, tupleOut)
	}
	return starlark.Tuple{outer(last, carryTup), stacked}, nil
}

func orNone(v starlark.Value) starlark.Value {
	if v == nil {
		return starlark.None
	}
	return v
}

func equalShapes(a, b []int) bool { return len(a) == len(b) && shapeText(a) == shapeText(b) }

// liftOutside lifts a value that enters a loop.
func (t *tracer) liftOutside(a *tensor) ad.Value {
	n := t.loops
	if n == 1 {
		t.loops = 0
	}
	defer func() { t.loops = n }()
	return t.lift(a)
}
