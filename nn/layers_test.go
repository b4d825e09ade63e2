package nn

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// traced is a network that is a trace: a layer under test.
type traced func(s *Scope, in Inputs) []ad.Value

func (traced) Kind() string                           { return "traced" }
func (f traced) Resolve() (Network, error)            { return f, nil }
func (f traced) Trace(s *Scope, in Inputs) []ad.Value { return f(s, in) }
func one(f func(s *Scope, x ad.Value) ad.Value) traced {
	return func(s *Scope, in Inputs) []ad.Value { return []ad.Value{f(s, in.X[0])} }
}

// between are ports that read arrays of the given shapes and write one.
func between(out []int, in ...[]int) Ports {
	p := Ports{Out: []Port{{Name: "out", Shape: out}}}
	for i, s := range in {
		p.X = append(p.X, Port{Name: fmt.Sprint("x", i), Shape: s})
	}
	return p
}

// layerCase is a layer with what it reads and writes.
type layerCase struct {
	name  string
	net   Network
	ports Ports
	fill  func(row []float64) // makes a row of x legal: tokens, masks; nil: as drawn
}

// drawn are the weights of a case with all its parameters drawn, since initial zeros hide mistakes, and n rows.
func (c layerCase) drawn(t *testing.T, n int) (w *Weights, x, time, cond []float64) {
	t.Helper()
	w, err := New(c.net, c.ports, 1)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	uniform := func(id uint64, n int) []float64 {
		u := make([]float32, n)
		rng.NewKey(5, rng.PurposeUser, 0, 0).Uniforms32(u, n, []uint64{id})
		out := make([]float64, n)
		for i, v := range u {
			out[i] = float64(2*v - 1)
		}
		return out
	}
	for i, v := range uniform(0, len(w.Params)) {
		w.Params[i] += float32(.3 * v)
	}
	x, time = uniform(1, n*c.ports.Reads()), uniform(2, n)
	cond = uniform(3, n*c.ports.CondWidth())
	if net, ok := c.net.(CSDI); ok && net.Steps > 0 {
		for i := range time {
			time[i] = float64(i % net.Steps)
		}
	}
	if c.fill != nil {
		for i := range n {
			c.fill(x[i*c.ports.Reads() : (i+1)*c.ports.Reads()])
		}
	}
	return w, x, time, cond
}

// weightedSum is Σ_i cos(3i+1) out_i, so that every output counts differently.
func weightedSum(g *ad.Graph, out ad.Value) ad.Value {
	c := make([]float64, out.Size())
	for i := range c {
		c[i] = math.Cos(float64(3*i + 1))
	}
	return ad.Sum(ad.Mul(out, g.Const(out.DType(), c, len(c))))
}

// program traces what make returns, on flat rows.
func (c layerCase) program(t *testing.T, w *Weights, d ad.DType, make func(g *ad.Graph, x, time, cond ad.Value,
	params []ad.Value, out ad.Value) []ad.Value) *ad.Program {
	t.Helper()
	p, err := ad.Compile(func(g *ad.Graph) {
		x, time := g.Input("x", d, w.Ports.Reads()), g.Input("t", d, 1)
		cond := w.condition(g, d)
		params := w.Declare(g, d)
		for i, v := range make(g, x, time, cond, params, w.Apply(g, params, x, time, cond)) {
			g.Output(fmt.Sprint("y", i), v)
		}
	})
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	return p
}

func run64(t *testing.T, p *ad.Program, w *Weights, x, time, cond, params []float64, outs ...[]float64) {
	t.Helper()
	call := ad.Call{N: len(time), In: []ad.Array{ad.F64s(x), ad.F64s(time)}}
	if w.Ports.CondWidth() > 0 {
		call.In = append(call.In, ad.F64s(cond))
	}
	call.In = append(call.In, w.Arrays64(params)...)
	for _, o := range outs {
		call.Out = append(call.Out, ad.F64s(o))
	}
	if err := p.Run(context.Background(), call); err != nil {
		t.Fatal(err)
	}
}

// forward is the error of a run in float64.
func (c layerCase) forward(t *testing.T, w *Weights, x, time []float64) error {
	t.Helper()
	p := c.program(t, w, ad.F64, func(_ *ad.Graph, _, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
		return []ad.Value{out}
	})
	in := append([]ad.Array{ad.F64s(x), ad.F64s(time)}, w.Arrays64(w.Params64())...)
	out := make([]float64, len(time)*w.Ports.Writes())
	return p.Run(context.Background(), ad.Call{N: len(time), In: in, Out: []ad.Array{ad.F64s(out)}})
}

// checkLayer compares both modes of differentiation with difference quotients, with respect to parameters, x and
// condition, and rows that run alone with rows of a batch, to the bit.
func checkLayer(t *testing.T, c layerCase) {
	t.Helper()
	const n, h = 3, 1e-5
	w, x, time, cond := c.drawn(t, n)
	params := w.Params64()
	value := c.program(t, w, ad.F64, func(g *ad.Graph, _, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
		return []ad.Value{ad.BatchSum(weightedSum(g, out))}
	})
	at := func() float64 {
		v := make([]float64, 1)
		run64(t, value, w, x, time, cond, params, v)
		return v[0]
	}
	// Reverse mode.
	reals := func(x, time, cond ad.Value) []ad.Value {
		vs := []ad.Value{x}
		if !cond.IsZero() {
			vs = append(vs, cond)
		}
		return vs
	}
	both := c.program(t, w, ad.F64, func(g *ad.Graph, x, time, cond ad.Value, ps []ad.Value, out ad.Value) []ad.Value {
		y := ad.BatchSum(weightedSum(g, out))
		rs := reals(x, time, cond)
		all := slices.Concat(rs, ps)
		grads := ad.Grad(y, all...)
		dirs := make([]ad.Value, len(all))
		for i, v := range all {
			c := make([]float64, v.Size())
			for j := range c {
				c[j] = math.Sin(float64(5*j + i + 1))
			}
			dirs[i] = g.Const(ad.F64, c, v.Shape()...)
			if !v.IsShared() {
				dirs[i] = ad.Rows(dirs[i])
			}
		}
		y1 := ad.BatchSum(weightedSum(g, ad.JVP([]ad.Value{out}, all, dirs)[0]))
		// Reverse mode of forward mode: the second derivative along one direction.
		second := ad.Grad(y1, rs[0])[0]
		return slices.Concat([]ad.Value{y1, second}, grads)
	})
	y1, second, gx := make([]float64, 1), make([]float64, len(x)), make([]float64, len(x))
	gc, gp := make([]float64, len(cond)), make([]float64, len(params))
	outs := [][]float64{y1, second, gx}
	if len(cond) > 0 {
		outs = append(outs, gc)
	}
	for _, tensor := range w.layout {
		outs = append(outs, gp[tensor.Offset:tensor.Offset+tensor.Size()])
	}
	run64(t, both, w, x, time, cond, params, outs...)
	quotient := func(what string, v []float64, i int, got float64) {
		t.Helper()
		old := v[i]
		v[i] = old + h
		up := at()
		v[i] = old - h
		down := at()
		v[i] = old
		if want := (up - down) / (2 * h); math.Abs(got-want) > 2e-7*(1+math.Abs(want)) {
			t.Fatalf("%s: %s %d: gradient %g, difference quotient %g", c.name, what, i, got, want)
		}
	}
	few := func(n int) int { return max(1, n/60) }
	if c.fill == nil {
		for i := 0; i < len(x); i += few(len(x)) {
			quotient("x", x, i, gx[i])
		}
	}
	for i := 0; i < len(cond); i += few(len(cond)) {
		quotient("condition", cond, i, gc[i])
	}
	for _, tensor := range w.layout {
		for i := tensor.Offset; i < tensor.Offset+tensor.Size(); i += max(1, tensor.Size()/5) {
			quotient(tensor.Name, params, i, gp[i])
		}
	}
	// Forward mode, along one direction in everything.
	move := func(s float64, x, cond, params []float64) (a, b, p []float64) {
		a, b, p = slices.Clone(x), slices.Clone(cond), slices.Clone(params)
		k := 0
		for _, v := range [][]float64{a, b} {
			if len(v) == 0 {
				continue
			}
			for j := range v {
				v[j] += s * math.Sin(float64(5*(j%(len(v)/n))+k+1))
			}
			k++
		}
		for _, tensor := range w.layout {
			for j := range tensor.Size() {
				p[tensor.Offset+j] += s * math.Sin(float64(5*j+k+1))
			}
			k++
		}
		return a, b, p
	}
	if c.fill == nil {
		v := [2][]float64{make([]float64, 1), make([]float64, 1)}
		g := [2][]float64{make([]float64, len(x)), make([]float64, len(x))}
		for i, s := range []float64{h, -h} {
			a, b, p := move(s, x, cond, params)
			run64(t, value, w, a, time, b, p, v[i])
			outs := slices.Clone(outs)
			outs[0], outs[1], outs[2] = make([]float64, 1), make([]float64, len(x)), g[i]
			run64(t, both, w, a, time, b, p, outs...)
		}
		if want := (v[0][0] - v[1][0]) / (2 * h); math.Abs(y1[0]-want) > 1e-6*(1+math.Abs(want)) {
			t.Fatalf("%s: tangent %g, difference quotient %g", c.name, y1[0], want)
		}
		for i := range second {
			// The directions of x are those of [checkLayer]: the gradient's own difference along them.
			if want := (g[0][i] - g[1][i]) / (2 * h); math.Abs(second[i]-want) > 1e-5*(1+math.Abs(want)) {
				t.Fatalf("%s: second derivative %d is %g, difference quotient %g", c.name, i, second[i], want)
			}
		}
	}
	c.checkRows(t, w, x, time, cond)
}

// checkRows: float32 rows have the same bits alone and together, on one worker and on two.
func (c layerCase) checkRows(t *testing.T, w *Weights, x, time, cond []float64) {
	t.Helper()
	p := c.program(t, w, ad.F32, func(g *ad.Graph, _, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
		return []ad.Value{out}
	})
	rows := func(from, to int, pool *ad.Pool) []float32 {
		out := make([]float32, (to-from)*w.Ports.Writes())
		cut := func(v []float64, k int) ad.Array { return ad.F32s(narrow(v[from*k : to*k])) }
		call := ad.Call{N: to - from, Pool: pool, In: []ad.Array{cut(x, w.Ports.Reads()), cut(time, 1)},
			Out: []ad.Array{ad.F32s(out)}}
		if w.Ports.CondWidth() > 0 {
			call.In = append(call.In, cut(cond, w.Ports.CondWidth()))
		}
		call.In = append(call.In, w.Arrays(w.Params)...)
		if err := p.Run(context.Background(), call); err != nil {
			t.Fatal(err)
		}
		return out
	}
	pool := ad.NewPool(2)
	defer pool.Close()
	all := rows(0, len(time), pool)
	var each []float32
	for i := range time {
		each = append(each, rows(i, i+1, nil)...)
	}
	if !slices.Equal(all, each) {
		t.Errorf("%s: rows of a batch differ from rows alone", c.name)
	}
}

// layerCases are the layers, small; those with a case of PyTorch of their name are compared with it.
func layerCases() []layerCase {
	return slices.Concat(normCases(), attentionCases(), filmCases(), recurrentCases(), graphCases())
}

func TestLayers(t *testing.T) {
	for _, c := range layerCases() {
		t.Run(c.name, func(t *testing.T) { checkLayer(t, c) })
	}
}

func TestLayersPyTorch(t *testing.T) {
	cases := readTorch(t, "layers.json.gz")
	for _, c := range layerCases() {
		if want, ok := cases[c.name]; ok {
			t.Run(c.name, func(t *testing.T) { checkTorch(t, c, want) })
			delete(cases, c.name)
		}
	}
	for name := range cases {
		t.Errorf("PyTorch's case %s has no layer", name)
	}
}
