package model

import (
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// zeroKind is what is made of a distribution by zeros that come on their own.
type zeroKind struct {
	// log density at y of chance θ of a zero; lp that of the wrapped at y, lp0 at 0
	density func(zero, theta, lp, lp0 ad.Value, counts bool) ad.Value
	// log chances of at most and more than x ≥ 0 of the wrapped one's, p0 its log mass at 0
	tails func(theta, below, above, lp0 ad.Value) (b, a ad.Value)
	keeps bool // draws of the wrapped that are 0 count as such
}

// zeroInflated is θ[y=0] + (1−θ)p(y).
var zeroInflated = zeroKind{
	density: func(zero, theta, lp, lp0 ad.Value, counts bool) ad.Value {
		lt, rest := ad.Log(theta), ad.Add(log1m(theta), lp)
		return ad.Select(zero, logAdd(lt, rest), rest)
	},
	tails: func(theta, below, above, _ ad.Value) (b, a ad.Value) {
		return logAdd(ad.Log(theta), ad.Add(log1m(theta), below)), ad.Add(log1m(theta), above)
	}, keeps: true}

// hurdle is θ at 0 and (1−θ)p(y)/(1−p(0)) elsewhere.
var hurdle = zeroKind{
	density: func(zero, theta, lp, lp0 ad.Value, counts bool) ad.Value {
		rest := ad.Add(log1m(theta), lp)
		if counts {
			rest = ad.Sub(rest, dist.Log1mExp(lp0))
		}
		return ad.Select(zero, ad.Add(ad.Log(theta), ad.Zeros(rest)), rest)
	},
	tails: func(theta, _, above, lp0 ad.Value) (b, a ad.Value) {
		over := ad.Sub(ad.Add(log1m(theta), above), dist.Log1mExp(lp0))
		return dist.Log1mExp(over), over
	}}

func log1m(x ad.Value) ad.Value { return ad.Log1p(ad.Neg(x)) }

// logAdd is log(eᵃ+eᵇ) where one may be −∞.
func logAdd(a, b ad.Value) ad.Value {
	a, b = ad.Broadcast2("log_add", a, b)
	hi, lo := ad.Max(a, b), ad.Min(a, b)
	none := ad.Less(lo, ad.Shift(ad.Zeros(lo), -1e300))
	d := ad.Sub(ad.Select(none, ad.Zeros(lo), lo), ad.Select(none, ad.Zeros(hi), hi))
	return ad.Select(none, hi, ad.Add(hi, ad.Softplus(d)))
}

// zeros is zero_inflated(theta, distribution) or hurdle(theta, distribution).
func (t *tracer) zeros(name string, k zeroKind) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		var (
			theta starlark.Value
			d     *distribution
		)
		if err := starlark.UnpackArgs(name, args, kw, "theta", &theta, "distribution", &d); err != nil {
			return nil, err
		}
		a, err := t.tensor(theta)
		if err != nil {
			return nil, fmt.Errorf("%s: theta: %w", name, err)
		}
		if err := probability(name, "theta", a); err != nil {
			return nil, err
		}
		switch {
		case d.axes > 0 || d.index || len(d.parts) > 0 || d.lo > 0 || d.truncated || d.lo < 0:
			return nil, fmt.Errorf("%s: %s is not a distribution of numbers from 0 on", name, d.name)
		case !d.integer && name == "zero_inflated":
			return nil, fmt.Errorf("%s: %s has no mass at 0 of its own: use hurdle", name, d.name)
		}
		out := *d
		out.name = name + "(" + d.name + ")"
		out.args = append([]starlark.Value{a}, d.args...)
		out.quantile, out.above, out.tails = nil, nil, nil
		base := *d
		logAt := func(x ad.Value, v []ad.Value) ad.Value {
			lp := base.density(x, v)
			if base.within != nil {
				lp = base.within(lp, x, v)
			}
			return lp
		}
		out.within = nil
		out.density = func(x ad.Value, v []ad.Value) ad.Value {
			zero := ad.Equal(x, ad.Zeros(x))
			in := x
			if !d.integer {
				in = ad.Select(zero, ad.Shift(ad.Zeros(x), 1), x)
			}
			lp := logAt(in, v[1:])
			lp0 := lp
			if d.integer {
				lp0 = logAt(ad.Zeros(ad.Add(x, ad.Zeros(lp))), v[1:])
			}
			lp = ad.Add(lp, ad.Zeros(v[0]))
			zero = ad.Equal(ad.Add(x, ad.Zeros(lp)), ad.Zeros(ad.Add(x, lp)))
			return k.density(zero, v[0], lp, lp0, d.integer)
		}
		if d.tails != nil && d.integer {
			out.tails = func(x ad.Value, v []ad.Value) (below, above ad.Value) {
				b, s := base.guardedTails(x, append([]ad.Value{}, v[1:]...))
				return k.tails(v[0], b, s, logAt(ad.Zeros(b), v[1:]))
			}
		}
		var counts *distribution // above 0, of a hurdle
		if !k.keeps && d.integer && d.tails != nil {
			if counts, err = d.truncate(starlark.MakeInt(1), nil); err != nil {
				return nil, err
			}
		}
		if d.draw != nil {
			out.draw = func(g *ad.Graph, shape []int, v []ad.Value) ad.Value {
				none := ad.Less(g.Uniform(ad.F64, shape...), ad.BroadcastTo(v[0], shape...))
				y := d.draw(g, shape, v[1:])
				if counts != nil {
					y = counts.draw(g, shape, append(slices.Clone(v[1:]), constantLike(v[0], 1)))
				}
				return ad.Select(none, ad.Zeros(y), ad.BroadcastTo(y, shape...))
			}
			if !k.keeps && d.integer && (counts == nil || counts.draw == nil) {
				out.draw = nil
			}
		}
		out.check = d.check
		return &out, nil
	})
}
