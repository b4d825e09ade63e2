package model

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
)

// hidden reads the arguments of a hidden Markov model: log densities of the observations [T, K], the transition matrix
// [K, K] with rows from, and the first chances [K].
func (t *tracer) hidden(name string, f func(g *ad.Graph, lo, p, first ad.Value) ad.Value) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		var lo, p, first starlark.Value
		if err := starlark.UnpackArgs(name, args, kw, "log_obs", &lo, "transition", &p, "initial", &first); err != nil {
			return nil, err
		}
		var in [3]*tensor
		for i, v := range []starlark.Value{lo, p, first} {
			a, err := t.tensor(v)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			in[i] = a
		}
		if len(in[0].shape) != 2 {
			return nil, fmt.Errorf("%s: log_obs is %s, not a row of a log density for each state at each time", name,
				in[0].describe())
		}
		k := in[0].shape[1]
		if !equalShapes(in[1].shape, []int{k, k}) || !equalShapes(in[2].shape, []int{k}) {
			return nil, fmt.Errorf("%s: for %d states transition has shape %s and initial %s", name, k,
				shapeText(in[1].shape), shapeText(in[2].shape))
		}
		for i, word := range []string{"transition", "initial"} {
			if err := shares(name, word, in[i+1]); err != nil {
				return nil, err
			}
		}
		return t.apply(name, func(v []ad.Value) ad.Value {
			return f(t.current(), number(v[0]), number(v[1]),
				number(v[2]))
		}, in[0],
			in[1], in[2])
	})
}

// forwardLog is the log likelihood, Σ_t log c_t of the normalised forward recursion a ← (aᵀP) ∘ e^{lo_t}/c_t.
func forwardLog(_ *ad.Graph, lo, p, first ad.Value) ad.Value {
	n, k := lo.Shape()[0], lo.Shape()[1]
	top := ad.MaxOver(lo, 1) // what is taken out of a row, so that nothing underflows
	dens := ad.Exp(ad.Sub(lo, ad.Reshape(top, n, 1)))
	a := ad.Mul(first, ad.At(dens, 0, 0))
	c := ad.Sum(a)
	sum := ad.Add(ad.Log(c), ad.Sum(top))
	if n == 1 {
		return sum
	}
	a = ad.Div(a, c)
	start, xs := []ad.Value{a}, []ad.Value{ad.Slice(dens, 0, 1, n)}
	_, logs := ad.LoopWith(kept(n-1, start), n-1, start, xs, func(_ ad.Value, carry, xs []ad.Value) (
		next, ys []ad.Value) {
		a := ad.Mul(ad.Reshape(ad.MatMul(ad.Reshape(carry[0], 1, k), p), k), xs[0])
		c := ad.Sum(a)
		return []ad.Value{ad.Div(a, c)}, []ad.Value{ad.Log(c)}
	})
	return ad.Add(sum, ad.Sum(logs[0]))
}

// stateChances are P(state at t | all observations): the gradient of the log likelihood in lo.
func stateChances(g *ad.Graph, lo, p, first ad.Value) ad.Value {
	lo = ad.Add(lo, ad.Zeros(lo))
	return ad.Grad(forwardLog(g, lo, p, first), lo)[0]
}

// viterbiPath is the most probable path of states, numbers from 0.
func viterbiPath(g *ad.Graph, lo, p, first ad.Value) ad.Value {
	n, k := lo.Shape()[0], lo.Shape()[1]
	logP := ad.Log(p)
	best := ad.Add(ad.Log(first), ad.At(lo, 0, 0))
	if n == 1 {
		return ad.Reshape(ad.Cast(ad.ArgMax(best, 0), ad.F64), 1)
	}
	last, from := ad.Loop(n-1, []ad.Value{best}, []ad.Value{ad.Slice(lo, 0, 1, n)}, func(_ ad.Value, carry,
		xs []ad.Value) (next, ys []ad.Value) {
		paths := ad.Add(ad.Reshape(carry[0], k, 1), logP)
		return []ad.Value{ad.Add(ad.MaxOver(paths, 0), xs[0])}, []ad.Value{ad.ArgMax(paths, 0)}
	})
	end := ad.ArgMax(last[0], 0)
	back := make([]float64, n-1)
	for i := range back {
		back[i] = float64(n - 2 - i)
	}
	table := ad.Cast(from[0], ad.F64)
	reversed := ad.Gather(table, g.Const(ad.I32, back, len(back)))
	_, path := ad.Loop(n-1, []ad.Value{end}, []ad.Value{reversed}, func(_ ad.Value, carry, xs []ad.Value) (next,
		ys []ad.Value) {
		s := ad.Cast(ad.Gather(xs[0], carry[0]), ad.I32)
		return []ad.Value{s}, []ad.Value{ad.Cast(s, ad.F64)}
	})
	ordered := ad.Gather(path[0], g.Const(ad.I32, back, len(back)))
	return ad.Concat(0, ordered, ad.Reshape(ad.Cast(end, ad.F64), 1))
}
