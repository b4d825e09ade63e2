// Package traced integrates differential equations inside a traced program of package ad: the methods of package ode,
// and those of stochastic equations, over values that can be differentiated with respect to the initial state, to
// whatever the right-hand side looks at, and to time.
//
// A state is one value or several, its parts; a right-hand side is a Go function from values to values, written for one
// sample. Steps are static: a grid of K+1 times makes K iterations of one loop ([ad.LoopWith]), whose reverse pass
// keeps √K states unless something else is asked for. Rounding apart, a step is that of package ode. Mistakes of shape
// panic with an *ad.Error while tracing, as those of package ad do.
package traced

import (
	"fmt"

	"github.com/seed9a7962a8/ito/ad"
)

// ReverseOptions say what the reverse pass of an integration keeps.
type ReverseOptions struct {
	// KeepAll keeps the state and the noise of every step, instead of √K states: more memory, an evaluation less.
	KeepAll bool
}

// At is where a step begins and ends.
type At struct {
	K     ad.Value   // its number, from 0; a shared i32
	T, T1 ad.Value   // times at both ends
	H     ad.Value   // T1 − T, of either sign
	In    []ad.Value // this step's entries of the per-step inputs
}

// Solution is an integration that has been traced. What is not used of it is not computed.
type Solution struct {
	X     []ad.Value // the parts at the end
	start []ad.Value
	after []ad.Value // [K, …] after each step
}

// Path is the state at every time of the grid: parts [K+1, …].
func (s Solution) Path() []ad.Value {
	out := make([]ad.Value, len(s.after))
	for i, y := range s.after {
		first := ad.Reshape(s.start[i], append([]int{1}, s.start[i].Shape()...)...)
		if !y.IsShared() {
			first = ad.Rows(first)
		}
		out[i] = ad.Concat(0, first, y)
	}
	return out
}

// March carries x through every time of a grid by a one-step map, which returns the parts at the end of its step. It is
// what the methods of this package are made of, and has room for others. times is [K+1], shared or per-sample, in
// either direction, and may be a constant; in are per-step inputs [K, …].
func March(o ReverseOptions, times ad.Value, x, in []ad.Value, step func(at At, x []ad.Value) []ad.Value) Solution {
	return march(o, nil, times, x, in, step)
}

// oneStep is a map over one step of a grid.
type oneStep func(at At, x []ad.Value) []ad.Value

func march(o ReverseOptions, inverse oneStep, times ad.Value, x, in []ad.Value, step oneStep) Solution {
	k := steps(times)
	if len(x) == 0 {
		fail("march", "a state has one part or more")
	}
	t, t1 := ad.Slice(times, 0, 0, k), ad.Slice(times, 0, 1, k+1)
	xs := append([]ad.Value{t, t1, ad.Sub(t1, t)}, in...)
	at := func(i ad.Value, xs []ad.Value) At { return At{K: i, T: xs[0], T1: xs[1], H: xs[2], In: xs[3:]} }
	lo := ad.LoopOptions{KeepAll: o.KeepAll}
	if inverse != nil && !o.KeepAll {
		lo.Inverse = func(i ad.Value, next, xs []ad.Value) []ad.Value { return inverse(at(i, xs), next) }
	}
	last, after := ad.LoopWith(lo, k, x, xs, func(i ad.Value, x, xs []ad.Value) (next, ys []ad.Value) {
		next = step(at(i, xs), x)
		return next, next
	})
	return Solution{X: last, start: x, after: after}
}

// steps is the number of steps of a grid.
func steps(times ad.Value) int {
	if times.IsZero() || times.Rank() != 1 || times.Shape()[0] < 1 || !times.DType().Float() {
		fail("march", "a grid is a vector of one time or more, got %s", times)
	}
	return times.Shape()[0] - 1
}

// along is x + h·v, in the dtype of x; a zero v is nothing.
func along(x, h, v ad.Value) ad.Value {
	if v.IsZero() {
		return x
	}
	return ad.Add(x, ad.Mul(ad.Cast(h, x.DType()), v))
}

func fail(op, format string, args ...any) {
	panic(&ad.Error{Op: "traced " + op, Detail: fmt.Sprintf(format, args...)})
}
