package model

import (
	"fmt"
	"math"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// truncate restricts a family to lower ≤ x ≤ upper and normalises it: normal(0, 1, lower = 0). The bounds may depend on
// parameters and have an entry for each number.
func (d *distribution) truncate(lower, upper starlark.Value) (*distribution, error) {
	ends := [2]*tensor{}
	for i, v := range []starlark.Value{lower, upper} {
		if v == nil || v == starlark.None {
			continue
		}
		word := []string{"lower", "upper"}[i]
		a, err := d.t.tensor(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", d.name, word, err)
		}
		for _, x := range a.x {
			if math.IsNaN(x) {
				return nil, fmt.Errorf("%s: %s is not a number", d.name, word)
			}
		}
		if len(a.x) == 1 && len(a.shape) == 0 && (i == 0 && a.x[0] <= d.lo && !(d.integer && a.x[0] == d.lo) ||
			i == 1 && a.x[0] >= d.hi) {
			continue // bounds nothing
		}
		ends[i] = a
	}
	if ends[0] == nil && ends[1] == nil {
		return d, nil
	}
	if d.tails == nil {
		return nil, fmt.Errorf("%s has no distribution function, so it cannot be truncated", d.name)
	}
	if ends[0] != nil && ends[1] != nil && ends[0].isData() && ends[1].isData() {
		for i, lo := range ends[0].x {
			hi := ends[1].x[min(i, len(ends[1].x)-1)]
			if lo > hi || !d.integer && lo == hi {
				return nil, fmt.Errorf("%s: nothing is from lower = %v to upper = %v", d.name, lo, hi)
			}
		}
	}
	out := *d
	out.args = append([]starlark.Value{}, d.args...)
	at := [2]int{-1, -1}
	out.truncated = true
	for i, e := range ends {
		if e == nil {
			continue
		}
		at[i] = len(out.args)
		out.args = append(out.args, e)
		if e.isData() {
			lo, hi := math.Inf(1), math.Inf(-1)
			for _, x := range e.x {
				lo, hi = min(lo, x), max(hi, x)
			}
			if i == 0 {
				out.lo = max(d.lo, lo)
			} else {
				out.hi = min(d.hi, hi)
			}
		}
	}
	if d.integer {
		out.lo, out.hi = math.Ceil(out.lo), math.Floor(out.hi)
	}
	k := len(d.args)
	// the tails of the whole at the bounds: of what is below lower, and of what is at most upper
	bounds := func(a []ad.Value) (fa, sa, fb, sb ad.Value) {
		if at[0] >= 0 {
			lo := number(a[at[0]])
			if d.integer {
				lo = ad.Shift(ad.Neg(ad.Floor(ad.Neg(lo))), -1)
			}
			fa, sa = d.guardedTails(lo, append([]ad.Value{}, a[:k]...))
		}
		if at[1] >= 0 {
			fb, sb = d.guardedTails(number(a[at[1]]), append([]ad.Value{}, a[:k]...))
		}
		return fa, sa, fb, sb
	}
	mass := func(a []ad.Value) ad.Value {
		fa, sa, fb, sb := bounds(a)
		switch {
		case at[1] < 0:
			return sa
		case at[0] < 0:
			return fb
		}
		return dist.Between(both(fa, fb), both(sa, sb), both(fb, fa), both(sb, sa))
	}
	out.density = func(x ad.Value, a []ad.Value) ad.Value { return ad.Sub(d.density(x, a[:k]), mass(a)) }
	out.within = func(lp, x ad.Value, a []ad.Value) ad.Value {
		if d.within != nil {
			lp = d.within(lp, x, a[:k])
		}
		none := ad.Shift(ad.Zeros(lp), math.Inf(-1))
		x = ad.Add(x, ad.Zeros(lp))
		if at[0] >= 0 {
			lp = ad.Select(ad.Less(x, ad.BroadcastTo(number(a[at[0]]), lp.Shape()...)), none, lp)
		}
		if at[1] >= 0 {
			lp = ad.Select(ad.Greater(x, ad.BroadcastTo(number(a[at[1]]), lp.Shape()...)), none, lp)
		}
		return lp
	}
	out.check = func(y *tensor) error {
		if d.check != nil {
			if err := d.check(y); err != nil {
				return err
			}
		}
		return d.beyond(y, ends)
	}
	out.tails = func(x ad.Value, a []ad.Value) (below, above ad.Value) {
		fx, sx := d.guardedTails(x, append([]ad.Value{}, a[:k]...))
		fa, sa, fb, sb := bounds(a)
		m := mass(a)
		below, above = fx, sx
		if at[0] >= 0 {
			below = dist.Between(both(fa, fx), both(sa, sx), both(fx, fa), both(sx, sa))
		}
		if at[1] >= 0 {
			above = dist.Between(both(fx, fb), both(sx, sb), both(fb, fx), both(sb, sx))
		}
		return ad.Sub(below, m), ad.Sub(above, m)
	}
	out.quantile, out.draw, out.above = nil, nil, nil
	if d.quantile == nil {
		return &out, nil
	}
	out.quantile = func(p ad.Value, a []ad.Value) ad.Value {
		fa, sa, fb, sb := bounds(a)
		from, to := ad.Zeros(p), ad.Shift(ad.Zeros(p), 1)
		if at[0] >= 0 {
			from = ad.Exp(fa)
		}
		if at[1] >= 0 {
			to = ad.Exp(fb)
		}
		u := ad.Add(from, ad.Mul(p, ad.Sub(to, from)))
		// where what is left has no digits of a chance below, draws would stand on its edge: they are no numbers
		lost := ad.LessEqual(ad.Sub(to, from), ad.Scale(ad.Add(to, from), 1e-13))
		lost = ad.NotEqual(ad.Add(ad.Cast(lost, ad.F64), ad.Zeros(u)), ad.Zeros(u))
		q := d.quantile(ad.Select(lost, constantLike(u, .5), u), a[:k])
		u, lost = both(u, q), ad.NotEqual(both(ad.Cast(lost, ad.F64), q), ad.Zeros(q))
		q = ad.Select(lost, constantLike(q, math.NaN()), both(q, u))
		if at[0] >= 0 && (d.above != nil || d.integer) {
			// log of the chance above: log S(a) + log(1 − p(1 − S(b)/S(a)))
			cut := p
			if at[1] >= 0 {
				cut = ad.Mul(p, ad.Neg(ad.Expm1(ad.Sub(sb, sa))))
			}
			s := both(ad.Add(sa, ad.Log1p(ad.Neg(cut))), q)
			right := ad.Less(s, constantLike(s, -math.Ln2))
			s = ad.Select(right, s, constantLike(s, -1))
			var over ad.Value
			if d.integer {
				least := ad.Neg(ad.Floor(ad.Neg(number(a[at[0]]))))
				over = d.countAbove(s, both(least, s), a[:k])
			} else {
				over = d.above(s, a[:k])
			}
			q = ad.Select(right, both(over, q), q)
		}
		if at[0] >= 0 {
			q = ad.Max(q, ad.Add(number(a[at[0]]), ad.Zeros(q)))
		}
		if at[1] >= 0 {
			q = ad.Min(q, ad.Add(number(a[at[1]]), ad.Zeros(q)))
		}
		if d.integer { // bounds may lie between integers
			if at[0] >= 0 {
				q = ad.Neg(ad.Floor(ad.Neg(q)))
			}
			q = ad.Floor(q)
		}
		return q
	}
	out.draw = func(g *ad.Graph, shape []int, a []ad.Value) ad.Value {
		for i := range a {
			a[i] = spread(a[i], shape)
		}
		return out.quantile(g.Uniform(ad.F64, shape...), a)
	}
	return &out, nil
}

func both(a, b ad.Value) ad.Value { return ad.Add(a, ad.Zeros(b)) }

// beyond refuses data outside bounds of data, by the entry.
func (d *distribution) beyond(y *tensor, ends [2]*tensor) error {
	for k, e := range ends {
		if e == nil || !e.isData() {
			continue
		}
		bound := repeated(e, y.shape)
		for i, v := range bound {
			if k == 0 && y.x[i] < v || k == 1 && y.x[i] > v {
				return fmt.Errorf("observe: data[%d] is %v, outside %s = %v of %s", i, y.x[i],
					[]string{"lower", "upper"}[k], v, d.name)
			}
		}
	}
	return nil
}
