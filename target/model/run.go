package model

import (
	"errors"
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target"
)

// runner runs one parsed file several times.
type runner struct {
	file    string
	prog    *starlark.Program
	data    map[string]any
	steps   uint64
	past    *history
	replace [][]float64
	expects bool // the file has matrices whose entries are to be looked at
}

func (r *runner) run(t *tracer) (err error) {
	t.past, t.replace = r.past, r.replace
	th := &starlark.Thread{Name: r.file, Print: func(_ *starlark.Thread, s string) {
		if len(t.printed) < 1000 {
			t.printed = append(t.printed, s)
		}
	}}
	th.SetMaxExecutionSteps(r.steps)
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(raised)
			if !ok {
				panic(p)
			}
			err = at(r.file, th.CallStack(), e.err.Error())
		}
	}()
	if _, err := r.prog.Init(th, predeclared(t, r.data)); err != nil {
		return place(r.file, err)
	}
	if len(t.params) == 0 {
		return &Error{File: r.file, Msg: "the model declares no parameter"}
	}
	return nil
}

// discover runs the file to learn its parameters and to compute what follows from data alone.
func (r *runner) discover(m *Model) error {
	t := &tracer{}
	var err error
	if _, cerr := ad.Compile(func(g *ad.Graph) {
		t.g = g
		t.share = func(x []float64, shape ...int) ad.Value { return g.Shared("data", ad.F64, shape...) }
		if err = r.run(t); err == nil {
			err = r.proper(t)
		}
	}); cerr != nil {
		return &Error{File: r.file, Msg: cerr.Error()}
	}
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			e.Printed = t.printed
		}
		return err
	}
	m.params, m.printed, m.explicit, r.expects = t.params, t.printed, t.explicit, len(t.expected) > 0
	last := t.params[len(t.params)-1]
	m.dim = last.from + last.support.Free()
	slices.SortStableFunc(t.outputs, func(a, b *output) int { return int(a.kind) - int(b.kind) })
	for _, o := range t.outputs {
		q := Quantity{Name: o.name, Kind: o.kind, Shape: o.shape, Column: m.width}
		for _, p := range t.params {
			if p.name == o.name {
				q.Support, q.Free = p.kind.name, p.support.Free()
			}
		}
		m.quantities = append(m.quantities, q)
		m.width += size(o.shape)
	}
	return nil
}

// proper refuses an unbounded parameter on which the density does not depend.
func (r *runner) proper(t *tracer) error {
	for i, p := range t.params {
		if !p.kind.bounded() && !t.uses.has(i) {
			return &Error{File: r.file, Msg: fmt.Sprintf("parameter %q has no prior and enters no observation: the "+
				"density cannot be normalised", p.name)}
		}
	}
	return nil
}

func (r *runner) trace(m *Model) (err error) {
	defer func() { // a file that fails now but did not before: the limit of steps
		if p := recover(); p != nil {
			e, ok := p.(raised)
			if !ok {
				panic(p)
			}
			err = e.err
		}
	}()
	m.density, err = target.Compile(m.dim, m.pool, func(tr *target.Trace) ad.Value {
		t := &tracer{g: tr.G, x: tr.X, share: tr.Data}
		if e := r.run(t); e != nil {
			panic(raised{e})
		}
		if t.lp.IsZero() {
			return t.jacobian
		}
		return ad.Add(t.lp, t.jacobian)
	})
	if err != nil {
		return &Error{File: r.file, Msg: err.Error()}
	}
	m.outs, err = ad.Compile(func(g *ad.Graph) {
		t := &tracer{g: g, x: g.Input("x", ad.F64, m.dim)}
		t.share = func(x []float64, shape ...int) ad.Value {
			m.data = append(m.data, ad.F64s(x))
			return g.Shared(fmt.Sprintf("data%d", len(m.data)), ad.F64, shape...)
		}
		if e := r.run(t); e != nil {
			panic(raised{e})
		}
		slices.SortStableFunc(t.outputs, func(a, b *output) int { return int(a.kind) - int(b.kind) })
		cols := make([]ad.Value, len(t.outputs))
		for i, o := range t.outputs {
			cols[i] = columnMajor(number(t.lift(o.value)))
		}
		all := ad.Concat(0, cols...)
		if all.IsShared() {
			all = ad.Rows(all)
		}
		g.Output("draw", all)
	})
	if err != nil {
		return &Error{File: r.file, Msg: err.Error()}
	}
	return nil
}

// columnMajor flattens with the first index running fastest, as CmdStan writes arrays.
func columnMajor(v ad.Value) ad.Value {
	if v.Rank() > 1 {
		perm := make([]int, v.Rank())
		for i := range perm {
			perm[i] = len(perm) - 1 - i
		}
		v = ad.Transpose(v, perm...)
	}
	return ad.Flatten(v)
}
