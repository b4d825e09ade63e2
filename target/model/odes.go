package model

import (
	"fmt"
	"math"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	itoode "github.com/seed9a7962a8/ito/ode"
	"github.com/seed9a7962a8/ito/ode/traced"
)

// equation is dy/dt = f(t, y) of a vector y, as a trace.
type equation func(t, y ad.Value) ad.Value

// stepper is a step of length h from (t, y): the state after it and an estimate of its error, zero where there is none.
type stepper func(f equation, t, h, y ad.Value) (next, err ad.Value)

// ode is ode(f, y0, times, params = None, t0 = 0, method = "tsit5", steps = None, rtol = 1e-6, atol = 1e-8, max_steps =
// None): the states [T, d] at increasing times of dy/dt = f(t, y), or f(t, y, params), from y0 at t0. With steps there
// are that many equal ones between two times, and a state that grows beyond all bounds is NaN; otherwise their length
// follows the error, of at most max_steps in all, and a state that is not reached is NaN, which the density refuses.
// method "stiff" is linearly implicit.
func (t *tracer) ode(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var (
		f                  starlark.Callable
		y0, times, params  starlark.Value
		steps, most, begin starlark.Value
		method             = "tsit5"
		rtol, atol         = 1e-6, 1e-8
		nsteps, mostSteps  int
	)
	if err := starlark.UnpackArgs("ode", args, kw, "f", &f, "y0", &y0, "times", &times, "params?", &params, "t0?",
		&begin,
		"method?", &method, "steps?", &steps, "rtol?", &number64{&rtol}, "atol?", &number64{&atol}, "max_steps?",
		&most); err != nil {
		return nil, err
	}
	if begin == nil {
		begin = starlark.MakeInt(0)
	}
	start, err := t.tensor(y0)
	if err != nil {
		return nil, fmt.Errorf("ode: y0: %w", err)
	}
	if start.rank() != 1 || start.shape[0] == 0 {
		return nil, fmt.Errorf("ode: y0 is %s, not a vector", start.describe())
	}
	grid, err := t.tensor(times)
	if err != nil || !grid.isData() || grid.rank() != 1 || len(grid.x) == 0 {
		return nil, fmt.Errorf("ode: times are a vector of data")
	}
	t0, err := t.tensor(begin)
	if err != nil || !t0.isData() || t0.rank() != 0 {
		return nil, fmt.Errorf("ode: t0 is a number of data")
	}
	before := t0.x[0]
	for i, v := range grid.x {
		if !(v > before) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("ode: times[%d] is %v, not after %v", i, v, before)
		}
		before = v
	}
	if !(rtol > 0) || !(atol > 0) {
		return nil, fmt.Errorf("ode: rtol and atol are positive")
	}
	step, order := explicit, 5.
	switch method {
	case "tsit5":
	case "stiff":
		step, order = implicit4, 4
	default:
		return nil, fmt.Errorf(`ode: method is "tsit5" or "stiff", not %q`, method)
	}
	if nsteps, err = optional("steps", steps, 0); err != nil {
		return nil, err
	}
	if mostSteps, err = optional("max_steps", most, 50+10*len(grid.x)); err != nil {
		return nil, err
	}
	if nsteps > 0 && method == "tsit5" {
		t.explicit = true
	}
	uses := start.uses
	field := equation(func(at, y ad.Value) ad.Value {
		a := starlark.Tuple{t.inner(at, nil), t.inner(y, uses)}
		if params != nil && params != starlark.None {
			a = append(a, params)
		}
		r, err := starlark.Call(th, f, a, nil)
		if err != nil {
			panic(inLoop{err})
		}
		dy, err := t.tensor(r)
		if err != nil {
			panic(inLoop{fmt.Errorf("ode: the right-hand side: %w", err)})
		}
		if !equalShapes(dy.shape, start.shape) {
			panic(inLoop{fmt.Errorf("ode: the right-hand side has shape %s for a state of shape %s",
				shapeText(dy.shape),
				shapeText(start.shape))})
		}
		uses = uses.union(dy.uses)
		return number(t.lift(dy))
	})
	var out ad.Value
	err = t.traced("ode", func() {
		y := number(t.liftOutside(start))
		if nsteps > 0 {
			out = fixedSteps(t.g, field, step, method, y, t0.x[0], grid.x, nsteps)
		} else {
			out = adaptiveSteps(t.g, field, step, order, y, t0.x[0], grid.x, mostSteps, rtol, atol)
		}
	})
	if err != nil {
		return nil, err
	}
	return t.inner(out, uses), nil
}

func optional(word string, v starlark.Value, none int) (int, error) {
	if v == nil || v == starlark.None {
		return none, nil
	}
	n, err := starlark.AsInt32(v)
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, fmt.Errorf("ode: %s is a number of steps, from 1 to a million", word)
	}
	return n, nil
}

// wild is where a solution by steps of fixed length counts as lost: an explicit method with steps too long for a stiff
// equation multiplies its state at every step.
const wild = 1e100

// fixedSteps are n equal steps between two times. A state beyond wild, or not a number, is NaN: as an infinity it would
// be a density of 0, and the parameters where the method fails would be left out without a word.
func fixedSteps(g *ad.Graph, f equation, step stepper, method string, y ad.Value, t0 float64, times []float64, n int,
) ad.Value {
	grid, at := []float64{t0}, make([]float64, len(times))
	before := t0
	for i, v := range times {
		for k := 1; k < n; k++ {
			grid = append(grid, before+(v-before)*float64(k)/float64(n))
		}
		grid = append(grid, v)
		at[i] = float64(len(grid) - 1)
		before = v
	}
	ts := g.Const(ad.F64, grid, len(grid))
	keep := traced.ReverseOptions{KeepAll: kept(len(grid)-1, []ad.Value{y}).KeepAll}
	var s traced.Solution
	if method == "tsit5" {
		m := traced.ODE{Tableau: itoode.Tsit5, ReverseOptions: keep}
		s = m.Integrate(func(t ad.Value, x []ad.Value) []ad.Value {
			return []ad.Value{f(t, x[0])}
		}, ts, y)
	} else {
		s = traced.March(keep, ts, []ad.Value{y}, nil, func(at traced.At, x []ad.Value) []ad.Value {
			next, _ := step(f, at.T, at.H, x[0])
			return []ad.Value{next}
		})
	}
	out := ad.Gather(s.Path()[0], g.Const(ad.I32, at, len(at)))
	bound := ad.Shift(ad.Zeros(out), wild)
	return ad.Select(ad.Less(ad.Abs(out), bound), out, ad.Shift(ad.Zeros(out), math.NaN()))
}

// adaptiveSteps choose their length by the error, which the gradient takes as given. An iteration is a step that is
// tried;
// a row that has arrived stands still.
func adaptiveSteps(g *ad.Graph, f equation, step stepper, order float64, y ad.Value, t0 float64, times []float64,
	most int,
	rtol, atol float64) ad.Value {
	n := len(times)
	c := func(v float64) ad.Value { return g.Scalar(ad.F64, v) }
	ends := g.Const(ad.F64, times, n)
	first := (times[n-1] - t0) / 100
	carry := []ad.Value{c(t0), c(first), c(0), y}
	o := kept(most, carry)
	_, ys := ad.LoopWith(o, most, carry, nil, func(_ ad.Value, s, _ []ad.Value) (next, outs []ad.Value) {
		t, h, k, y := s[0], s[1], s[2], s[3]
		done := ad.GreaterEqual(k, c(float64(n)))
		end := ad.Gather(ends, ad.Cast(ad.Min(k, c(float64(n-1))), ad.I32))
		left := ad.Sub(end, t)
		hits := ad.GreaterEqual(h, ad.Scale(left, 1-1e-10))
		step1 := ad.Select(done, c(0), ad.Select(hits, left, h))
		y1, e := step(f, t, step1, y)
		scale := ad.Shift(ad.Scale(ad.Max(ad.Abs(y), ad.Abs(y1)), rtol), atol)
		err := ad.StopGradient(ad.Sqrt(ad.Mean(ad.Square(ad.Div(e, scale)))))
		ok := ad.And(ad.LessEqual(err, c(1)), ad.Not(done))
		factor := ad.Scale(ad.Exp(ad.Scale(ad.Log(ad.Max(err, c(1e-8))), -1/order)), .9)
		factor = ad.Max(ad.Min(factor, c(5)), c(.2))
		factor = ad.Select(ad.LessEqual(err, c(1e300)), factor, c(.2)) // NaN too
		h1 := ad.Mul(step1, factor)
		h1 = ad.Select(ad.And(ok, hits), ad.Max(h, h1), h1)
		h1 = ad.StopGradient(ad.Select(done, h, h1))
		arrived := ad.And(ok, hits)
		t1 := ad.Select(arrived, end, ad.Select(ok, ad.Add(t, step1), t))
		wide := func(b ad.Value) ad.Value {
			v := ad.BroadcastTo(ad.Cast(b, ad.F64), y.Shape()...)
			return ad.NotEqual(v, ad.Zeros(v))
		}
		y2 := ad.Select(wide(ok), y1, y)
		mark := ad.Select(arrived, k, c(-1))
		k1 := ad.Select(arrived, ad.Shift(k, 1), k)
		return []ad.Value{t1, h1, k1, y2}, []ad.Value{y2, mark}
	})
	// the state after the iteration that arrived at each time
	hit := ad.Cast(ad.Equal(ad.Reshape(ys[1], 1, most), ad.Reshape(g.Iota(ad.F64, n), n, 1)), ad.F64)
	out := ad.MatMul(hit, ys[0])
	reached := ad.Reshape(ad.Sum(hit, 1), n, 1)
	none := ad.Equal(ad.Add(reached, ad.Zeros(out)), ad.Zeros(out))
	return ad.Select(none, ad.Shift(ad.Zeros(out), math.NaN()), out)
}

// explicit is a step of Tsit5.
func explicit(f equation, t, h, y ad.Value) (next, err ad.Value) {
	tb := itoode.Tsit5
	var k []ad.Value
	sum := func(w []float64) ad.Value {
		var s ad.Value
		for j, wj := range w {
			if wj == 0 || j >= len(k) {
				continue
			}
			if v := ad.Scale(k[j], wj); s.IsZero() {
				s = v
			} else {
				s = ad.Add(s, v)
			}
		}
		return s
	}
	for i, a := range tb.A {
		x := y
		if i > 0 {
			x = ad.Add(y, ad.Mul(h, sum(a)))
		}
		k = append(k, f(ad.Add(t, ad.Scale(h, tb.C[i])), x))
	}
	return ad.Add(y, ad.Mul(h, sum(tb.B))), ad.Mul(h, sum(tb.E))
}

// implicit4 is a step of order 4 by extrapolation of the linearly implicit Euler rule with 1, 2, 3 and 4 steps
// (Deuflhard 1985, SIAM Review 27; Hairer and Wanner, Solving ODEs II, IV.9): (I − hJ)(y_{i+1} − y_i) = h f(t_{i+1},
// y_i), J the Jacobian at the start. Its error is estimated by the extrapolation of order 3. Cost: ten evaluations, a
// tangent for each coordinate and four factorisations.
func implicit4(f equation, t, h, y ad.Value) (next, err ad.Value) {
	d := y.Shape()[0]
	at := f(t, y)
	cols := make([]ad.Value, d)
	for i := range cols {
		unit := ad.Pad(ad.Shift(ad.Zeros(ad.Slice(y, 0, 0, 1)), 1), 0, i, d-1-i)
		if !y.IsShared() {
			unit = ad.Rows(unit)
		}
		cols[i] = ad.JVP([]ad.Value{at}, []ad.Value{y}, []ad.Value{unit})[0]
	}
	j := ad.Stack(1, cols...)
	eye := ad.Stack(0, units(y)...)
	const m = 4
	var rows [m][m]ad.Value
	for k := range m {
		n := float64(k + 1)
		hk := ad.Scale(h, 1/n)
		w := ad.Sub(eye, ad.Mul(hk, j))
		x := y
		for i := range k + 1 {
			r := ad.Mul(hk, f(ad.Add(t, ad.Scale(h, float64(i+1)/n)), x))
			x = ad.Add(x, ad.Solve(w, r))
		}
		rows[k][0] = x
		for l := 1; l <= k; l++ { // T_{k,l} = T_{k,l−1} + (T_{k,l−1} − T_{k−1,l−1})/(n_k/n_{k−l} − 1)
			ratio := n/float64(k-l+1) - 1
			rows[k][l] = ad.Add(rows[k][l-1], ad.Scale(ad.Sub(rows[k][l-1], rows[k-1][l-1]), 1/ratio))
		}
	}
	return rows[m-1][m-1], ad.Sub(rows[m-1][m-1], rows[m-1][m-2])
}

// units are the unit vectors of the state's space.
func units(y ad.Value) []ad.Value {
	d := y.Shape()[0]
	out := make([]ad.Value, d)
	for i := range out {
		out[i] = ad.Pad(ad.Shift(ad.Zeros(ad.Slice(y, 0, 0, 1)), 1), 0, i, d-1-i)
	}
	return out
}
