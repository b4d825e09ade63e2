package model

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
	"go.starlark.net/starlark"
)

// mixture is mixture(weights, components).
func (t *tracer) mixture(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var (
		w     starlark.Value
		parts *starlark.List
	)
	if err := starlark.UnpackArgs("mixture", args, kw, "weights", &w, "components", &parts); err != nil {
		return nil, err
	}
	a, err := t.tensor(w)
	if err != nil {
		return nil, fmt.Errorf("mixture: %w", err)
	}
	d := &distribution{t: t, name: "mixture", args: []starlark.Value{a}, lo: math.Inf(1), hi: math.Inf(-1)}
	for i := range parts.Len() {
		p, ok := parts.Index(i).(*distribution)
		if !ok {
			return nil, fmt.Errorf("mixture: component %d is %s, not a distribution", i, parts.Index(i).Type())
		}
		if i > 0 && (p.integer != d.integer || p.axes != d.axes) {
			return nil, fmt.Errorf("mixture: %s and %s are of different kinds", d.parts[0].name, p.name)
		}
		d.integer, d.axes = p.integer, p.axes
		d.lo, d.hi = min(d.lo, p.lo), max(d.hi, p.hi)
		d.parts = append(d.parts, p)
	}
	if k := len(d.parts); a.rank() == 0 || a.shape[a.rank()-1] != k || k == 0 {
		return nil, fmt.Errorf("mixture: weights of shape %s for %d components", shapeText(a.shape), k)
	}
	d.mixedTails()
	return d, shares("mixture", "weights", a)
}

// mixedTails are Σ wₖ P(Xₖ ≤ x) and Σ wₖ P(Xₖ > x), where every component has them.
func (d *distribution) mixedTails() {
	var args []starlark.Value
	for _, p := range d.parts {
		if p.tails == nil || p.axes > 0 || p.index {
			return
		}
		args = append(args, p.args...)
	}
	d.args = append(d.args, args...)
	d.tails = func(x ad.Value, a []ad.Value) (below, above ad.Value) {
		logw := ad.Log(a[0])
		var left, right []ad.Value
		for from, i := 1, 0; i < len(d.parts); i++ {
			p := d.parts[i]
			to := from + len(p.args)
			b, s := p.guardedTails(x, append([]ad.Value{}, a[from:to]...))
			left, right, from = append(left, b), append(right, s), to
		}
		return dist.Mixture(logw, left...), dist.Mixture(logw, right...)
	}
}

func (t *tracer) categorical(name string, f func(y, p ad.Value) ad.Value,
	chances func(p ad.Value) ad.Value) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		var p starlark.Value
		if err := starlark.UnpackArgs(name, args, kw, "p", &p); err != nil {
			return nil, err
		}
		a, err := t.tensor(p)
		if err != nil || a.rank() < 1 {
			return nil, fmt.Errorf("%s needs an array with an entry for each category", name)
		}
		if err := finite(name, "p", a); err != nil {
			return nil, err
		}
		if name == "categorical" {
			if err := shares(name, "p", a); err != nil {
				return nil, err
			}
		}
		return &distribution{t: t, name: name, args: []starlark.Value{a}, lo: 0, hi: float64(a.shape[a.rank()-1] - 1),
			integer: true, index: true,
			density: func(y ad.Value, a []ad.Value) ad.Value { return f(y, a[0]) },
			draw: func(g *ad.Graph, shape []int, a []ad.Value) ad.Value {
				return drawCategory(g, chances(a[0]), shape[:len(shape)-1])
			}}, nil
	})
}
