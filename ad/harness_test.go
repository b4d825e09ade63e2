package ad

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// problem is one program of float64 inputs whose derivatives are checked.
type problem struct {
	name   string
	in     [][]int // shapes of per-sample inputs
	shared [][]int // shapes of shared inputs
	lo, hi float64 // range of the inputs
	f      func(g *Graph, x, w []Value) Value
}

// build compiles outputs made from the problem's inputs.
func (p problem) build(t *testing.T, d DType, extra func(g *Graph, x, w []Value) []Value) *Program {
	t.Helper()
	prog, err := Compile(func(g *Graph) {
		var x, w []Value
		for i, s := range p.in {
			x = append(x, g.Input(fmt.Sprint("x", i), d, s...))
		}
		for i, s := range p.shared {
			w = append(w, g.Shared(fmt.Sprint("w", i), d, s...))
		}
		for i, v := range extra(g, x, w) {
			g.Output(fmt.Sprint("y", i), v)
		}
	})
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	return prog
}

// draw makes inputs for n samples.
func (p problem) draw(n int, seed uint64) [][]float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	var out [][]float64
	fill := func(size int) {
		v := make([]float64, size)
		for i := range v {
			v[i] = p.lo + (p.hi-p.lo)*r.Float64()
		}
		out = append(out, v)
	}
	for _, s := range p.in {
		fill(n * sizeOf(s))
	}
	for _, s := range p.shared {
		fill(sizeOf(s))
	}
	return out
}

func run64(t testing.TB, p *Program, n int, in [][]float64, pool *Pool) [][]float64 {
	t.Helper()
	c := Call{N: n, Seed: 7, Step: 3, Pool: pool}
	for _, x := range in {
		c.In = append(c.In, F64s(x))
	}
	var outs [][]float64
	for _, o := range p.outs {
		size := sizeOf(o.shape)
		if !o.shared {
			size *= n
		}
		if o.dtype != F64 {
			t.Fatalf("output %v is not f64", o)
		}
		outs = append(outs, make([]float64, size))
		c.Out = append(c.Out, F64s(outs[len(outs)-1]))
	}
	if err := p.Run(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	return outs
}

// scalar makes a smooth scalar of a value, so that every element counts differently.
func scalar(g *Graph, y Value) Value {
	if y.DType() != F64 {
		y = Cast(y, F64)
	}
	y = Flatten(y)
	c := make([]float64, y.Size())
	for i := range c {
		c[i] = math.Cos(float64(3*i + 1))
	}
	return Sum(Mul(y, g.Const(F64, c, len(c))))
}

func close64(a, b, tol float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.IsNaN(a) == math.IsNaN(b)
	}
	return math.Abs(a-b) <= tol*(1+math.Abs(a)+math.Abs(b))
}

// checkGradient compares the reverse gradient of the batch's total with central differences.
func checkGradient(t *testing.T, p problem, loss func(g *Graph, x, w []Value) Value, n int, tol float64) {
	t.Helper()
	total := func(g *Graph, x, w []Value) Value {
		l := loss(g, x, w)
		return BatchSum(rowsLike(l, x[0]))
	}
	value := p.build(t, F64, func(g *Graph, x, w []Value) []Value { return []Value{total(g, x, w)} })
	grad := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
		return Grad(total(g, x, w), append(append([]Value(nil), x...), w...)...)
	})
	in := p.draw(n, 11)
	got := run64(t, grad, n, in, nil)
	for i := range in {
		for j := range in[i] {
			if len(in[i]) > 40 && j%7 != 0 {
				continue
			}
			h := 1e-5 * (1 + math.Abs(in[i][j]))
			old := in[i][j]
			in[i][j] = old + h
			up := run64(t, value, n, in, nil)[0][0]
			in[i][j] = old - h
			down := run64(t, value, n, in, nil)[0][0]
			in[i][j] = old
			want := (up - down) / (2 * h)
			if !close64(got[i][j], want, tol) {
				t.Fatalf("%s: input %d element %d: gradient %g, difference quotient %g", p.name, i, j, got[i][j], want)
			}
		}
	}
}

// checkTangent compares forward mode with reverse mode: Σ c·J·v from both sides, and forward mode with differences.
func checkTangent(t *testing.T, p problem, f func(g *Graph, x, w []Value) Value, n int, tol float64) {
	t.Helper()
	value := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
		return []Value{BatchSum(rowsLike(scalar(g, f(g, x, w)), x[0]))}
	})
	tangent := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
		all := append(append([]Value(nil), x...), w...)
		var dirs []Value
		for i, v := range all {
			c := make([]float64, v.Size())
			for j := range c {
				c[j] = math.Sin(float64(5*j + i + 1))
			}
			dirs = append(dirs, rowsLike(g.Const(F64, c, v.Shape()...), v))
		}
		y := scalar(g, f(g, x, w))
		return []Value{BatchSum(rowsLike(JVP([]Value{y}, all, dirs)[0], x[0]))}
	})
	in := p.draw(n, 13)
	got := run64(t, tangent, n, in, nil)[0][0]
	const h = 1e-5
	at := func(s float64) float64 {
		moved := make([][]float64, len(in))
		for i := range in {
			moved[i] = append([]float64(nil), in[i]...)
			size := 0
			if i < len(p.in) {
				size = sizeOf(p.in[i])
			} else {
				size = sizeOf(p.shared[i-len(p.in)])
			}
			for j := range moved[i] {
				moved[i][j] += s * math.Sin(float64(5*(j%size)+i+1))
			}
		}
		return run64(t, value, n, moved, nil)[0][0]
	}
	want := (at(h) - at(-h)) / (2 * h)
	if !close64(got, want, tol) {
		t.Fatalf("%s: tangent %g, difference quotient %g", p.name, got, want)
	}
}
