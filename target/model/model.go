// Package model reads model files: Starlark programs that declare parameters, priors and observations, traced
// once into programs that run compiled, for thousands of states at once, with exact gradients.
//
//	mu  = param("mu");  tau = param("tau", positive);  eta = param("eta", shape = len(data["y"]))
//	mu.prior(normal(0, 5)); tau.prior(half_cauchy(5)); eta.prior(normal(0, 1))
//	theta = derived("theta", mu + tau * eta)
//	observe(normal(theta, data["sigma"]), data["y"])
//
// A file has no input, no output, no clock and no imports, and a limit of steps. docs/models.md teaches the
// language. Every density is normalised, so that log Z is the evidence.
package model

import (
	"context"
	"fmt"
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/target"
	"github.com/seed9a7962a8/ito/target/dist"
)

// Options of a compilation. The zero value is usable.
type Options struct {
	Steps uint64   // of Starlark; 0 means 10 million
	Pool  *ad.Pool // for evaluations; nil: the caller's goroutine alone
}

// Kind says what a column of draws is.
type Kind uint8

// The kinds.
const (
	Parameter Kind = iota
	Derived
	Generated
)

func (k Kind) String() string { return [...]string{"parameter", "derived", "generated"}[k] }

// Quantity is something that every draw has.
type Quantity struct {
	Name    string
	Kind    Kind
	Shape   []int  // nil for a number
	Support string // of a parameter, as declared
	Column  int    // its first column
}

// Model is a model file bound to data: an ito.Target over its unconstrained parameters, and the map from them
// to the quantities that draws report. It is safe for concurrent use.
type Model struct {
	file       string
	density    *target.Program
	outs       *ad.Program
	data       []ad.Array
	quantities []Quantity
	params     []*parameter
	width      int
	pool       *ad.Pool
	printed    []string
	dim        int
}

// Compile reads a model file. Its mistakes come back as *Error with file, line and column, those of data as
// *DataError.
func Compile(file, src string, data Data, opt Options) (*Model, error) {
	if opt.Steps == 0 {
		opt.Steps = 10_000_000
	}
	values, err := convert(data)
	if err != nil {
		return nil, err
	}
	f, err := (&syntax.FileOptions{TopLevelControl: true, GlobalReassign: true}).Parse(file, src, 0)
	if err != nil {
		return nil, place(file, err)
	}
	rewriteStmts(f.Stmts)
	names := predeclared(&tracer{}, nil)
	prog, err := starlark.FileProgram(f, names.Has)
	if err != nil {
		return nil, place(file, err)
	}
	r := &runner{file, prog, values, opt.Steps, &history{}}
	m := &Model{file: file, pool: opt.Pool}
	if err := r.discover(m); err != nil {
		return nil, err
	}
	if err := r.trace(m); err != nil {
		return nil, err
	}
	return m, nil
}

// runner runs one parsed file several times.
type runner struct {
	file  string
	prog  *starlark.Program
	data  map[string]any
	steps uint64
	past  *history
}

func (r *runner) run(t *tracer) (err error) {
	t.past = r.past
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
		return err
	}
	m.params, m.printed = t.params, t.printed
	last := t.params[len(t.params)-1]
	m.dim = last.from + last.support.Free()
	slices.SortStableFunc(t.outputs, func(a, b *output) int { return int(a.kind) - int(b.kind) })
	for _, o := range t.outputs {
		q := Quantity{Name: o.name, Kind: o.kind, Shape: o.shape, Column: m.width}
		for _, p := range t.params {
			if p.name == o.name {
				q.Support = p.kind.name
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
			return &Error{File: r.file, Msg: fmt.Sprintf("parameter %q has no prior and enters no observation: the density cannot be normalised", p.name)}
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

// Dim implements ito.Target: the number of unconstrained coordinates.
func (m *Model) Dim() int { return m.dim }

// LogDensity implements ito.Target: the log joint density of parameters and data with the log-Jacobian of the
// supports.
func (m *Model) LogDensity(ctx context.Context, dst []float64, x ito.States) error {
	return m.density.LogDensity(ctx, dst, x)
}

// Gradient implements ito.Target.
func (m *Model) Gradient(ctx context.Context, logp []float64, grad, x ito.States) error {
	return m.density.Gradient(ctx, logp, grad, x)
}

// Quantities are what a draw reports, parameters first, then derived, then generated quantities, in the order
// of the file.
func (m *Model) Quantities() []Quantity { return slices.Clone(m.quantities) }

// Width is the number of columns of a draw.
func (m *Model) Width() int { return m.width }

// Columns names the columns of a draw as CmdStan does: a.1, b.2.3, indices from 1, the first fastest.
func (m *Model) Columns() []string {
	var names []string
	for _, q := range m.quantities {
		idx := make([]int, len(q.Shape))
		for range size(q.Shape) {
			name := q.Name
			for _, i := range idx {
				name += fmt.Sprintf(".%d", i+1)
			}
			names = append(names, name)
			for k := range idx {
				if idx[k]++; idx[k] < q.Shape[k] {
					break
				}
				idx[k] = 0
			}
		}
	}
	return names
}

// Printed is what the file printed, at most 1000 lines.
func (m *Model) Printed() []string { return slices.Clone(m.printed) }

// Draw computes the columns of states x, [N, Width]. Random generated quantities have the address
// (seed, rng.PurposeProgram, step, id of the row).
func (m *Model) Draw(ctx context.Context, dst, x ito.States, seed uint64, step uint32) error {
	if err := dst.Check(); err != nil {
		return err
	}
	if x.D != m.dim || dst.D != m.width || dst.N != x.N {
		return fmt.Errorf("model: states [%d,%d] to draws [%d,%d]; the model has %d coordinates and %d columns", x.N, x.D, dst.N, dst.D, m.dim, m.width)
	}
	return m.outs.Run(ctx, ad.Call{N: x.N, In: append([]ad.Array{ad.F64s(x.X)}, m.data...), Out: []ad.Array{ad.F64s(dst.X)},
		IDs: x.ID, Seed: seed, Purpose: rng.PurposeProgram, Step: step, Pool: m.pool})
}

// Unconstrain writes the unconstrained coordinates u [Dim] of the parameters' columns of a draw, the first
// columns of Columns. It returns a *target.SupportError, wrapped with the parameter's name, for values outside.
func (m *Model) Unconstrain(u, draw []float64) error {
	if len(u) != m.dim || len(draw) < m.widthOfParameters() {
		return fmt.Errorf("model: %d coordinates from %d columns; the model has %d and %d", len(u), len(draw), m.dim, m.widthOfParameters())
	}
	col := 0
	for _, p := range m.params {
		shape := p.support.Shape()
		n := size(shape)
		x := rowMajor(draw[col:col+n], shape)
		if err := p.support.Unconstrain(u[p.from:p.from+p.support.Free()], x); err != nil {
			return fmt.Errorf("model: parameter %q: %w", p.name, err)
		}
		col += n
	}
	return nil
}

func (m *Model) widthOfParameters() int {
	n := 0
	for _, p := range m.params {
		n += size(p.support.Shape())
	}
	return n
}

// rowMajor undoes columnMajor.
func rowMajor(x []float64, shape []int) []float64 {
	out := make([]float64, len(x))
	idx := make([]int, len(shape))
	for _, v := range x {
		at := 0
		for k, i := range idx {
			at = at*shape[k] + i
		}
		out[at] = v
		for k := range idx {
			if idx[k]++; idx[k] < shape[k] {
				break
			}
			idx[k] = 0
		}
	}
	return out
}

// predeclared is what a file may name.
func predeclared(t *tracer, data map[string]any) starlark.StringDict {
	d := t.functions()
	for _, more := range []starlark.StringDict{operators(), supports()} {
		for k, v := range more {
			d[k] = v
		}
	}
	for name, f := range families() {
		d[name] = t.family(name, f)
	}
	d["uniform"] = starlark.NewBuiltin("uniform", t.uniform)
	d["categorical"] = t.categorical("categorical", dist.Categorical)
	d["categorical_logit"] = t.categorical("categorical_logit", dist.CategoricalLogit)
	d["multi_normal"] = starlark.NewBuiltin("multi_normal", t.multiNormal)
	d["dirichlet"] = starlark.NewBuiltin("dirichlet", t.dirichlet)
	d["lkj_corr_cholesky"] = starlark.NewBuiltin("lkj_corr_cholesky", t.lkj)
	d["mixture"] = starlark.NewBuiltin("mixture", t.mixture)
	d["param"] = starlark.NewBuiltin("param", t.param)
	d["observe"] = starlark.NewBuiltin("observe", t.observe)
	d["target"] = starlark.NewBuiltin("target", t.target)
	d["derived"] = starlark.NewBuiltin("derived", t.derived)
	d["generated"] = starlark.NewBuiltin("generated", t.generated)
	d["data"] = &dataset{t, data}
	return d
}

// target adds a log density: target(lp), Stan's target +=.
func (t *tracer) target(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var lp starlark.Value
	if err := starlark.UnpackArgs("target", args, kw, "lp", &lp); err != nil {
		return nil, err
	}
	return starlark.None, t.add(lp)
}

// derived names a quantity that draws report and returns it.
func (t *tracer) derived(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var (
		name string
		v    starlark.Value
	)
	if err := starlark.UnpackArgs("derived", args, kw, "name", &name, "value", &v); err != nil {
		return nil, err
	}
	return t.report(name, Derived, v)
}

// generated names a quantity that only draws need: a value, or a distribution to draw from.
func (t *tracer) generated(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	var (
		name string
		v    starlark.Value
	)
	if err := starlark.UnpackArgs("generated", args, kw, "name", &name, "value", &v); err != nil {
		return nil, err
	}
	if d, ok := v.(*distribution); ok {
		a, err := d.sample()
		if err != nil {
			return nil, err
		}
		v = a
	}
	return t.report(name, Generated, v)
}

func (t *tracer) report(name string, k Kind, v starlark.Value) (starlark.Value, error) {
	if err := t.free(name); err != nil {
		return nil, err
	}
	a, err := t.tensor(v)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", k, name, err)
	}
	t.outputs = append(t.outputs, &output{name, k, a.shape, a})
	return v, nil
}

var _ ito.Target = (*Model)(nil)
