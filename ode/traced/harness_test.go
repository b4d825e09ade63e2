package traced_test

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

// program is a compiled program of float64 inputs and outputs.
type program struct {
	t     testing.TB
	p     *ad.Program
	sizes []int // of the outputs of one row; negative: shared
}

// compiled traces f, whose outputs get their places in order.
func compiled(t testing.TB, f func(g *ad.Graph) []ad.Value) program {
	t.Helper()
	r := program{t: t}
	var err error
	r.p, err = ad.Compile(func(g *ad.Graph) {
		for _, v := range f(g) {
			g.Output("", v)
			if v.IsShared() {
				r.sizes = append(r.sizes, -v.Size())
			} else {
				r.sizes = append(r.sizes, v.Size())
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// run runs n rows of the given ids, nil for 0, 1, …
func (r program) run(n int, ids []uint64, pool *ad.Pool, in ...[]float64) [][]float64 {
	r.t.Helper()
	c := ad.Call{N: n, IDs: ids, Seed: 3, Purpose: 5, Step: 7, Pool: pool}
	for _, x := range in {
		c.In = append(c.In, ad.F64s(x))
	}
	var out [][]float64
	for _, s := range r.sizes {
		out = append(out, make([]float64, max(-s, s*n)))
		c.Out = append(c.Out, ad.F64s(out[len(out)-1]))
	}
	if err := r.p.Run(context.Background(), c); err != nil {
		r.t.Fatal(err)
	}
	return out
}

// differences compares the gradient of the first output, summed over its rows, with central differences of every input
// number: outputs 1, 2, … are the gradients with respect to the inputs.
func (r program) differences(what string, n int, tol float64, in ...[]float64) {
	r.t.Helper()
	sum := func() float64 {
		s := 0.
		for _, v := range r.run(n, nil, nil, in...)[0] {
			s += v
		}
		return s
	}
	got := r.run(n, nil, nil, in...)[1:]
	for i, x := range in {
		for j, v := range x {
			h := 1e-5 * (1 + math.Abs(v))
			x[j] = v + h
			up := sum()
			x[j] = v - h
			down := sum()
			x[j] = v
			want := (up - down) / (2 * h)
			if !(math.Abs(got[i][j]-want) <= tol*(1+math.Abs(want))) {
				r.t.Errorf("%s: input %d, number %d: gradient %.9g, differences %.9g", what, i, j, got[i][j], want)
			}
		}
	}
}

// wave is [n] numbers between −1 and 1.
func wave(n int, phase float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Sin(1.7*float64(i) + phase)
	}
	return x
}

// even is a grid of k equal steps.
func even(from, to float64, k int) []float64 {
	g := make([]float64, k+1)
	for i := range g {
		g[i] = from + (to-from)*float64(i)/float64(k)
	}
	g[k] = to
	return g
}

// uneven is a grid of k steps of different length.
func uneven(from, to float64, k int) []float64 {
	g := even(0, 1, k)
	for i, u := range g {
		g[i] = from + (to-from)*(u+.3*u*(1-u))
	}
	return g
}

func constant(g *ad.Graph, x []float64) ad.Value { return g.Const(ad.F64, x, len(x)) }
