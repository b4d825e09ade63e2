package model

import (
	"fmt"
	"math"
	"slices"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// distribution is a value like normal(mu, sigma).
type distribution struct {
	t       *tracer
	name    string
	args    []starlark.Value
	lo, hi  float64 // support of an element
	integer bool
	needs   string // the support that a parameter must have, "" for any
	axes    int    // that one density covers: 0 for numbers, 1 for vectors, 2 for matrices
	density func(x ad.Value, a []ad.Value) ad.Value
	draw    func(g *ad.Graph, shape []int, a []ad.Value) ad.Value // nil: no draws
	parts   []*distribution                                       // of a mixture
	index   bool                                                  // x are indices
	// −∞ outside a support that the parameters bound; nil: lo and hi say all
	within func(lp, x ad.Value, a []ad.Value) ad.Value
	check  func(x *tensor) error // of data, beyond lo, hi and integer; nil: none
	// log P(X ≤ x) and log P(X > x) inside the support, and the quantile; nil: none
	tails     func(x ad.Value, a []ad.Value) (below, above ad.Value)
	quantile  func(p ad.Value, a []ad.Value) ad.Value
	above     func(s ad.Value, a []ad.Value) ad.Value // the quantile of a log chance above; nil: none
	truncated bool                                    // guarded everywhere: what bounds it may depend on parameters
}

func (d *distribution) String() string        { return d.name + "(…)" }
func (d *distribution) Type() string          { return "distribution" }
func (d *distribution) Freeze()               {}
func (d *distribution) Truth() starlark.Bool  { return true }
func (d *distribution) Hash() (uint32, error) { return 0, fmt.Errorf("a distribution cannot be a key") }

// log traces the log density at x; guard adds −∞ outside the support.
func (d *distribution) log(x starlark.Value, guard bool) (starlark.Value, error) {
	a, err := d.t.tensor(x)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	if d.truncated {
		guard = true
	} else if a.param != nil && a.param.kind.lo >= d.lo && a.param.kind.hi <= d.hi {
		guard = false
	}
	if d.index {
		return d.logIndex(a)
	}
	if len(d.parts) > 0 {
		return d.logMixture(a, guard)
	}
	return d.t.apply(d.name, func(v []ad.Value) ad.Value {
		for i := range v {
			v[i] = number(v[i])
		}
		x := v[0]
		lp := d.density(x, v[1:])
		if guard && d.axes == 0 {
			lp = dist.Within(lp, x, d.lo, d.hi)
		}
		if guard && d.within != nil {
			lp = d.within(lp, x, v[1:])
		}
		if guard && d.integer && a.isData() {
			off := ad.Cast(ad.NotEqual(x, ad.Floor(x)), ad.F64)
			for range d.axes {
				off = ad.Sum(off, -1)
			}
			off = ad.Add(off, ad.Zeros(lp))
			lp = ad.Select(ad.Equal(off, ad.Zeros(off)), lp, ad.Shift(ad.Zeros(lp), math.Inf(-1)))
		}
		return lp
	}, append([]starlark.Value{a}, d.args...)...)
}

func (d *distribution) logIndex(a *tensor) (starlark.Value, error) {
	if !a.isData() {
		return nil, fmt.Errorf("%s: the categories are data; sum them out where they are unknown", d.name)
	}
	return d.t.apply(d.name, func(v []ad.Value) ad.Value {
		x, shape, p := a.x, a.shape, number(v[0])
		lead, k := p.Shape()[:p.Rank()-1], p.Shape()[p.Rank()-1]
		for _, c := range x {
			if !(c >= 0 && c < float64(k)) || c != math.Trunc(c) {
				panic(&ad.Error{Op: d.name, Detail: fmt.Sprintf("category %v is not one of 0 … %d", c, k-1)})
			}
		}
		if len(lead) > 0 && len(x) == 1 { // one category under every row
			x, shape = slices.Repeat(x, size(lead)), lead
		}
		if len(lead) > 0 && !slices.Equal(shape, lead) {
			panic(&ad.Error{Op: d.name, Detail: fmt.Sprintf("categories of shape %s for rows of shape %s: there is "+
				"one row for each, or one for all", shapeText(shape), shapeText(lead))})
		}
		return d.density(d.t.current().Const(ad.I32, x, shape...), []ad.Value{p})
	}, d.args[0])
}

func (d *distribution) logMixture(a *tensor, guard bool) (starlark.Value, error) {
	args := []starlark.Value{d.args[0]}
	for _, p := range d.parts {
		lp, err := p.log(a, guard || p.lo > d.lo || p.hi < d.hi || p.within != nil)
		if err != nil {
			return nil, err
		}
		args = append(args, lp)
	}
	return d.t.apply(d.name, func(v []ad.Value) ad.Value { return dist.Mixture(ad.Log(v[0]), v[1:]...) }, args...)
}

// fits refuses a density whose shape is not that of what it is about: numbers would be repeated unseen.
func (d *distribution) fits(what string, x *tensor, lp starlark.Value) error {
	l, err := d.t.tensor(lp)
	if err != nil {
		return err
	}
	if len(x.shape) < d.axes {
		return fmt.Errorf("%s has shape %s; %s needs %d axes", what, shapeText(x.shape), d.name, d.axes)
	}
	if want := x.shape[:len(x.shape)-d.axes]; !slices.Equal(l.shape, want) {
		return fmt.Errorf("%s has shape %s, but %s has shape %s", what, shapeText(x.shape), d.name,
			shapeText(append(slices.Clone(l.shape), x.shape[len(x.shape)-d.axes:]...)))
	}
	return nil
}

// takes checks data against the support.
func (d *distribution) takes(a *tensor) error {
	for _, p := range d.parts {
		if p.check != nil && p.axes > 0 { // numbers that one component alone cannot take have no mass there
			if err := p.check(a); err != nil {
				return err
			}
		}
	}
	if d.check != nil {
		if err := d.check(a); err != nil {
			return err
		}
	}
	for i, v := range a.x {
		switch {
		case math.IsNaN(v):
			return fmt.Errorf("observe: the data %s miss a value at %d: observe y[known(y)] instead",
				shapeText(a.shape), i)
		case d.integer && v != math.Trunc(v), v < d.lo, v > d.hi, math.IsInf(v, 0):
			kind := "numbers"
			if d.integer {
				kind = "integers"
			}
			return fmt.Errorf("observe: data[%d] is %v; %s takes %s of [%g, %g]", i, v, d.name, kind, d.lo, d.hi)
		}
	}
	return nil
}
