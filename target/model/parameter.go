package model

import (
	"fmt"
	"math"
	"slices"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target"
)

// parameter is what param declares.
type parameter struct {
	name    string
	support target.Support
	kind    *support
	from    int // its first unconstrained coordinate
	prior   bool
	law     *target.Normal // the prior, where it is normal and known
}

// output is a quantity that a draw reports.
type output struct {
	name  string
	kind  Kind
	shape []int
	value *tensor
}

// matrix is a support of one matrix, without a shape.
func matrix(f func(k int) target.Support) func(k int, lead ...int) target.Support {
	return func(k int, _ ...int) target.Support { return f(k) }
}

// matrices are the supports of one matrix.
var matrices = []string{"corr_cholesky", "corr_matrix", "cholesky_cov", "cov_matrix"}

// stochastic is stochastic_matrix(rows, columns): rows that are shares of 1.
func stochastic(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (starlark.Value,
	error) {
	var n, k int
	if err := starlark.UnpackArgs("stochastic_matrix", args, kw, "rows", &n, "columns", &k); err != nil {
		return nil, err
	}
	if n < 1 || k < 2 || n > 1<<16 || k > 1<<16 {
		return nil, fmt.Errorf("stochastic_matrix(%d, %d): needs a row and two columns", n, k)
	}
	return &support{name: fmt.Sprintf("stochastic_matrix(%d, %d)", n, k), lo: math.Inf(-1), hi: math.Inf(1),
		kind: "simplex", make: func(lead []int) (target.Support, error) {
			return target.Simplex(k, append(append([]int{}, lead...), n)...), nil
		}}, nil
}

func shapeOf(v starlark.Value) ([]int, error) {
	switch v := v.(type) {
	case nil, starlark.NoneType:
		return nil, nil
	case starlark.Int:
		return shapeOf(starlark.Tuple{v})
	case *starlark.List, starlark.Tuple:
		var shape []int
		n := 1
		for i, l := 0, v.(starlark.Indexable); i < l.Len(); i++ {
			k, err := starlark.AsInt32(l.Index(i))
			if err != nil || k < 1 || k > largest {
				return nil, fmt.Errorf("a shape has sizes of at least 1, not %v", l.Index(i))
			}
			if n *= k; n > largest {
				return nil, fmt.Errorf("shape %v has too many elements", v)
			}
			shape = append(shape, k)
		}
		return shape, nil
	}
	return nil, fmt.Errorf("a shape is an int or a tuple of ints, not %s", v.Type())
}

// param declares a parameter: param(name, support = real, shape = None, prior = None).
func (t *tracer) param(th *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var (
		name         string
		kind         *support
		shape, prior starlark.Value
	)
	if err := starlark.UnpackArgs("param", args, kw, "name", &name, "support?", &kind, "shape?", &shape, "prior?",
		&prior); err != nil {
		return nil, err
	}
	if err := t.outside("param"); err != nil {
		return nil, err
	}
	if kind == nil {
		kind = t.supports()["real"].(*support)
	}
	if err := t.free(name); err != nil {
		return nil, err
	}
	dims, err := shapeOf(shape)
	if err != nil {
		return nil, fmt.Errorf("param %q: %w", name, err)
	}
	if slices.Contains(matrices, kind.kind) && len(dims) > 0 {
		return nil, fmt.Errorf("param %q: a %s is one matrix; it takes no shape", name, kind.kind)
	}
	s, err := kind.make(dims)
	if err != nil {
		return nil, err
	}
	p := &parameter{name: name, support: s, kind: kind}
	if k := len(t.params); k > 0 {
		p.from = t.params[k-1].from + t.params[k-1].support.Free()
	}
	a := &tensor{t: t, shape: s.Shape(), param: p, uses: only(len(t.params))}
	if kind.ends != nil {
		t.bounds = append(t.bounds, bound{p, kind.ends, s.Shape()})
	}
	err = ad.Try(func() {
		var u ad.Value
		if t.x.IsZero() { // the first run learns how many coordinates there are
			u = t.g.Input(name, ad.F64, s.Free())
		} else {
			u = ad.Slice(t.x, 0, p.from, p.from+s.Free())
		}
		x, j := s.Constrain(u)
		a.v = ad.Reshape(x, s.Shape()...)
		t.us = append(t.us, u)
		if t.jacobian.IsZero() {
			t.jacobian = j
		} else {
			t.jacobian = ad.Add(t.jacobian, j)
		}
	})
	if err != nil {
		return nil, tidy("param", err)
	}
	t.params = append(t.params, p)
	t.outputs = append(t.outputs, &output{name, Parameter, s.Shape(), a})
	if prior != nil && prior != starlark.None {
		if _, err := a.prior(th, nil, starlark.Tuple{prior}, nil); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// free refuses names that CSV columns cannot carry, and names that are taken.
func (t *tracer) free(name string) error {
	ok := name != ""
	for i, c := range name {
		ok = ok && (c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9')
	}
	if !ok || len(name) > 2 && name[len(name)-2:] == "__" {
		return fmt.Errorf("%q is not a name: use letters, digits and underscores, and no two underscores at the end",
			name)
	}
	for _, o := range t.outputs {
		if o.name == name {
			return fmt.Errorf("the name %q is taken", name)
		}
	}
	return nil
}

// prior adds the log density of a parameter.
func (a *tensor) prior(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var d *distribution
	if err := starlark.UnpackArgs("prior", args, kw, "distribution", &d); err != nil {
		return nil, err
	}
	p := a.param
	if err := a.t.outside("prior"); err != nil {
		return nil, err
	}
	if p.prior {
		return nil, fmt.Errorf("parameter %q has a prior already", p.name)
	}
	if d.integer {
		return nil, fmt.Errorf("parameter %q is continuous, %s is not", p.name, d.name)
	}
	if want := d.needs; want != "" && want != p.kind.kind {
		return nil, fmt.Errorf("parameter %q is %s, but %s is a density on a %s: declare param(%q, %s(k))", p.name,
			p.kind.name, d.name, want, p.name, want)
	}
	if p.kind.lo < d.lo && !p.kind.ends.lower() || p.kind.hi > d.hi && !p.kind.ends.upper() {
		return nil, fmt.Errorf("parameter %q is %s, but %s lives on [%g, %g]: declare its support as %s", p.name,
			p.kind.name, d.name, d.lo, d.hi, advice(d.lo, d.hi))
	}
	lp, err := d.log(a, p.kind.ends != nil)
	if err != nil {
		return nil, err
	}
	if err := d.fits("parameter "+fmt.Sprintf("%q", p.name), a, lp); err != nil {
		return nil, err
	}
	p.prior = true
	given := declaredPrior{p: p, d: d, uses: d.uses()}
	if e := p.kind.ends; e != nil {
		for _, b := range []*tensor{e.lo, e.hi} {
			if b != nil {
				given.uses = given.uses.union(b.uses)
			}
		}
	}
	a.t.priors = append(a.t.priors, given)
	if p.kind.kind == "scalar" && math.IsInf(p.kind.lo, -1) && math.IsInf(p.kind.hi, 1) {
		p.law = d.normalLaw(a.shape)
	}
	a.t.contribute(th, Part{Kind: d.partOfPrior(), Name: p.name, Distribution: d.name}, lp)
	return starlark.None, a.t.add(lp)
}

func advice(lo, hi float64) string {
	switch {
	case lo == 0 && math.IsInf(hi, 1):
		return "positive"
	case math.IsInf(hi, 1):
		return fmt.Sprintf("lower(%g)", lo)
	case math.IsInf(lo, -1):
		return fmt.Sprintf("upper(%g)", hi)
	}
	return fmt.Sprintf("interval(%g, %g)", lo, hi)
}
