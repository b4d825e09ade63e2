package model

import (
	"fmt"
	"math"
	"slices"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// observe adds the log density of data, or of any value, under a distribution: observe(distribution, y). With censored
// = "left" or "right", or an array of −1, 0 and 1, an entry of y says only that the value was at most y or more than
// y; with upto = z that it was in (y, z].
func (t *tracer) observe(th *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var (
		d                 *distribution
		y, censored, upto starlark.Value
	)
	if err := starlark.UnpackArgs("observe", args, kw, "distribution", &d, "y", &y, "censored?", &censored, "upto?",
		&upto); err != nil {
		return nil, err
	}
	if err := t.outside("observe"); err != nil {
		return nil, err
	}
	a, err := t.tensor(y)
	if err != nil {
		return nil, fmt.Errorf("observe: %w", err)
	}
	t.looking = true
	defer func() { t.looking = false }()
	if k := len(t.observed); t.replace != nil && k < len(t.replace) {
		a = &tensor{t: t, x: t.replace[k], shape: a.shape, name: a.name}
	}
	if a.isData() {
		if err := d.takes(a); err != nil {
			return nil, err
		}
	} else if d.integer {
		return nil, fmt.Errorf("observe: %s is a distribution of integers, %s is continuous", d.name, a.describe())
	}
	var lp starlark.Value
	switch {
	case censored != nil && censored != starlark.None && upto != nil && upto != starlark.None:
		return nil, fmt.Errorf("observe: either censored or upto")
	case censored != nil && censored != starlark.None:
		lp, err = d.censored(a, censored)
	case upto != nil && upto != starlark.None:
		lp, err = d.within2(a, upto)
	default:
		lp, err = d.log(a, !a.isData())
	}
	if err != nil {
		return nil, err
	}
	if err := d.fits("observe: the data", a, lp); err != nil {
		return nil, err
	}
	t.note(d, a, lp, censored != nil || upto != nil)
	said := Part{Kind: LikelihoodPart, Name: a.name, Distribution: d.name}
	if !a.isData() {
		if said.Kind = d.partOfPrior(); a.param != nil {
			said.Name = a.param.name
		}
	}
	t.contribute(th, said, lp)
	return starlark.None, t.add(lp)
}

// censored is the log chance of what is known: log P(X ≤ y) where the sign is −1, log P(X > y) where it is 1, and the
// log density where it is 0.
func (d *distribution) censored(a *tensor, how starlark.Value) (starlark.Value, error) {
	var signs []float64
	switch s := how.(type) {
	case starlark.String:
		switch s {
		case "left":
			signs = slices.Repeat([]float64{-1}, size(a.shape))
		case "right":
			signs = slices.Repeat([]float64{1}, size(a.shape))
		default:
			return nil, fmt.Errorf(`observe: censored is "left", "right", or an array of −1, 0 and 1, not %q`,
				string(s))
		}
	default:
		c, err := d.t.tensor(how)
		if err != nil || !c.isData() {
			return nil, fmt.Errorf(`observe: censored is "left", "right", or an array of data of −1, 0 and 1`)
		}
		if signs = repeated(c, a.shape); signs == nil {
			return nil, fmt.Errorf("observe: censored has shape %s, the data %s", shapeText(c.shape),
				shapeText(a.shape))
		}
		for i, v := range signs {
			if v != -1 && v != 0 && v != 1 {
				return nil, fmt.Errorf("observe: censored[%d] is %v, not one of −1, 0 and 1", i, v)
			}
		}
	}
	if err := d.hasTails("censored observations"); err != nil {
		return nil, err
	}
	exact, err := d.log(a, !a.isData())
	if err != nil {
		return nil, err
	}
	return d.t.apply(d.name, func(v []ad.Value) ad.Value {
		below, above := d.guardedTails(number(v[0]), v[2:])
		sign, _ := ad.Broadcast2("censored", d.t.current().Const(ad.F64, signs, a.shape...), below)
		lp := ad.BroadcastTo(v[1], below.Shape()...)
		zero := ad.Zeros(sign)
		return ad.Select(ad.Less(sign, zero), below, ad.Select(ad.Greater(sign, zero), above, lp))
	}, append([]starlark.Value{a, exact}, d.args...)...)
}

// within2 is log P(y < X ≤ z).
func (d *distribution) within2(a *tensor, upto starlark.Value) (starlark.Value, error) {
	z, err := d.t.tensor(upto)
	if err != nil {
		return nil, fmt.Errorf("observe: upto: %w", err)
	}
	if err := d.hasTails("observations within bounds"); err != nil {
		return nil, err
	}
	if to := repeated(z, a.shape); z.isData() && a.isData() {
		if to == nil {
			return nil, fmt.Errorf("observe: upto has shape %s, the data %s", shapeText(z.shape), shapeText(a.shape))
		}
		for i, v := range to {
			if !(v > a.x[i]) {
				return nil, fmt.Errorf("observe: upto[%d] is %v, not above the data, %v", i, v, a.x[i])
			}
		}
	}
	return d.t.apply(d.name, func(v []ad.Value) ad.Value {
		fa, sa := d.guardedTails(number(v[0]), v[2:])
		fb, sb := d.guardedTails(number(v[1]), v[2:])
		return dist.Between(fa, sa, fb, sb)
	}, append([]starlark.Value{a, z}, d.args...)...)
}

func (d *distribution) hasTails(what string) error {
	if d.tails == nil {
		return fmt.Errorf("%s has no distribution function, which %s need", d.name, what)
	}
	return nil
}

// guardedTails are the tails at any x: 0 and 1 outside the support, those of the integer below for counts.
func (d *distribution) guardedTails(x ad.Value, a []ad.Value) (below, above ad.Value) {
	for i := range a {
		a[i] = number(a[i])
	}
	if d.integer {
		x = ad.Floor(x)
	}
	constant := func(c float64) ad.Value { return ad.Shift(ad.Zeros(x), c) }
	safe := 1.
	switch {
	case d.integer, math.IsInf(d.lo, -1) && math.IsInf(d.hi, 1):
		safe = 0
	case !math.IsInf(d.lo, 0) && !math.IsInf(d.hi, 0):
		safe = .5 * (d.lo + d.hi)
	case math.IsInf(d.hi, 1):
		safe = d.lo + 1
	default:
		safe = d.hi - 1
	}
	// bounds at infinity are ends as well
	low, high := ad.LessEqual(x, constant(max(d.lo, -math.MaxFloat64))), ad.GreaterEqual(x, constant(min(d.hi,
		math.MaxFloat64)))
	if d.integer {
		low = ad.Less(x, constant(d.lo))
	}
	in := ad.Select(high, constant(safe), ad.Select(low, constant(safe), x))
	below, above = d.tails(in, a)
	end := func(v ad.Value, where ad.Value, c float64) ad.Value {
		w := ad.NotEqual(ad.Add(ad.Cast(where, ad.F64), ad.Zeros(v)), ad.Zeros(v))
		return ad.Select(w, ad.Shift(ad.Zeros(v), c), v)
	}
	below, above = end(below, low, math.Inf(-1)), end(above, low, 0)
	below, above = end(below, high, 0), end(above, high, math.Inf(-1))
	return below, above
}

// Attr implements starlark.HasAttrs: d.log(x) is the log density, elementwise; d.cdf, d.ccdf, d.log_cdf and d.log_ccdf
// the chances of at most and of more than x; d.quantile(p).
func (d *distribution) Attr(name string) (starlark.Value, error) {
	if !slices.Contains(d.AttrNames(), name) {
		return nil, nil
	}
	word := "x"
	if name == "quantile" {
		word = "p"
	}
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		var x starlark.Value
		if err := starlark.UnpackArgs(name, args, kw, word, &x); err != nil {
			return nil, err
		}
		switch name {
		case "log":
			return d.log(x, true)
		case "quantile":
			return d.quantileAt(x)
		}
		if err := d.hasTails("d." + name); err != nil {
			return nil, err
		}
		return d.t.apply(d.name, func(v []ad.Value) ad.Value {
			below, above := d.guardedTails(number(v[0]), v[1:])
			out := below
			if name == "ccdf" || name == "log_ccdf" {
				out = above
			}
			if name == "cdf" || name == "ccdf" {
				out = ad.Exp(out)
			}
			return out
		}, append([]starlark.Value{x}, d.args...)...)
	}), nil
}

// AttrNames implements starlark.HasAttrs.
func (d *distribution) AttrNames() []string {
	return []string{"ccdf", "cdf", "log", "log_ccdf", "log_cdf", "quantile"}
}

func (d *distribution) quantileAt(p starlark.Value) (starlark.Value, error) {
	if d.quantile == nil {
		return nil, fmt.Errorf("%s has no quantile", d.name)
	}
	a, err := d.t.tensor(p)
	if err != nil {
		return nil, err
	}
	if err := probability(d.name+".quantile", "p", a); err != nil {
		return nil, err
	}
	return d.t.apply(d.name, func(v []ad.Value) ad.Value {
		for i := range v {
			v[i] = number(v[i])
		}
		x := v[0]
		for _, b := range v[1:] {
			x = ad.Add(x, ad.Zeros(b))
		}
		return d.quantile(x, v[1:])
	}, append([]starlark.Value{a}, d.args...)...)
}
