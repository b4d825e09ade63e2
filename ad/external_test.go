package ad

import (
	"context"
	"errors"
	"math"
	"testing"
)

// cubes is x³·s of an external vector and scalar, whose derivatives are external too where that is asked for.
var cubes = &External{Name: "cubes", Out: 3,
	Rows: func(_ context.Context, ids []uint64, in [][]float64, out []float64) error {
		for i := range ids {
			for j := range 3 {
				v := in[0][3*i+j]
				out[3*i+j] = v * v * v * in[1][i]
			}
		}
		return nil
	},
	VJP: func(in []Value, out, c Value) []Value {
		return []Value{Mul(c, slope(in)), Dot(c, Mul(Square(in[0]), in[0]))}
	},
	JVP: func(in []Value, out Value, t []Value) Value {
		return Add(Mul(slope(in), t[0]), Mul(Mul(Square(in[0]), in[0]), t[1]))
	},
}

func slope(in []Value) Value { return Scale(Mul(Square(in[0]), in[1]), 3) }

func externalProblems() []problem {
	stopped := func(g *Graph, x, w []Value) Value { return Square(FiniteGradient(Sin(x[0]))) }
	cubed := func(x []Value) Value { return cubes.Of(x[0], Sin(x[1])) }
	return []problem{
		{"external_loop", [][]int{{3}, {}}, nil, -1, 1, func(g *Graph, x, w []Value) Value {
			last, _ := LoopWith(LoopOptions{KeepAll: true}, 4, x, nil, func(i Value, c, _ []Value) ([]Value, []Value) {
				return []Value{Add(Scale(c[0], .5), Scale(Keep(cubed(c)), .1)), Scale(c[1], .9)}, nil
			})
			return last[0]
		}},
		{"finite", [][]int{{3}}, nil, -1, 1, stopped}, {"finite_scalar", [][]int{{}}, nil, -1, 1, stopped},
	}
}

// An external operation has the values and derivatives of its parts, alone and composed, for any batch and number of
// workers, and mapped has its values.
func TestExternal(t *testing.T) {
	p := problem{"external", [][]int{{3}, {}}, nil, -1, 1, func(g *Graph, x, w []Value) Value {
		return cubes.Of(x[0], Sin(x[1]))
	}}
	checkGradient(t, p, func(g *Graph, x, w []Value) Value { return scalar(g, p.f(g, x, w)) }, 3, 1e-7)
	checkTangent(t, p, p.f, 3, 1e-7)
	checkGradient(t, p, func(g *Graph, x, w []Value) Value {
		return scalar(g, Grad(scalar(g, p.f(g, x, w)), x[0])[0])
	}, 3, 1e-6)
	checkMapEqualsParts(t, p)
	pool := NewPool(3)
	defer pool.Close()
	prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
		y := scalar(g, p.f(g, x, w))
		return append([]Value{y}, Grad(BatchSum(y), x...)...)
	})
	in := p.draw(700, 2)
	want, got := run64(t, prog, 700, in, nil), run64(t, prog, 700, in, pool)
	one := run64(t, prog, 1, [][]float64{in[0][30:33], in[1][10:11]}, nil)
	for i := range want {
		for j, v := range want[i] {
			if got[i][j] != v {
				t.Fatalf("output %d element %d: %v with three workers, %v alone", i, j, got[i][j], v)
			}
		}
	}
	if one[0][0] != want[0][10] {
		t.Errorf("row 10 alone is %v, among others %v", one[0][0], want[0][10])
	}
}

// Its error is the run's, and ends it; its context is the run's.
func TestExternalError(t *testing.T) {
	type word struct{}
	bad := errors.New("no density there")
	e := &External{Name: "density", Out: 1}
	e.Rows = func(ctx context.Context, ids []uint64, in [][]float64, out []float64) error {
		if ctx.Value(word{}) != "here" {
			t.Error("another context")
		}
		for i := range out {
			if out[i] = in[0][i]; in[0][i] > 2 {
				return bad
			}
		}
		return nil
	}
	prog, err := Compile(func(g *Graph) { g.Output("y", e.Of(g.Input("x", F64))) })
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.WithValue(context.Background(), word{}, "here")
	run := func(x float64) error {
		return prog.Run(ctx, Call{N: 1, In: []Array{F64s([]float64{x})}, Out: []Array{F64s(make([]float64, 1))}})
	}
	if err := run(3); !errors.Is(err, bad) || err.Error() != "density: no density there" {
		t.Errorf("%v", err)
	}
	if err := run(1); err != nil {
		t.Errorf("the next run: %v", err)
	}
	_, err = Compile(func(g *Graph) {
		x := g.Input("x", F64)
		g.Output("y", Grad(Sum(e.Of(x)), x)[0])
	})
	if err == nil || err.Error() != "ad: density: has no reverse derivative" {
		t.Errorf("%v", err)
	}
	_, err = Compile(func(g *Graph) { g.Output("y", e.Of(g.Input("x", F32))) })
	if err == nil || err.Error() != "ad: density: needs vectors of float64, got per-sample f32[]" {
		t.Errorf("%v", err)
	}
}

// A run that is cancelled ends within an iteration of its loop, and the next run is whole.
func TestExternalCancelled(t *testing.T) {
	calls, stop := 0, func() {}
	e := &External{Name: "slow", Out: 1}
	e.Rows = func(_ context.Context, ids []uint64, in [][]float64, out []float64) error {
		if calls++; calls == 5 {
			stop()
		}
		copy(out, in[0])
		return nil
	}
	prog, err := Compile(func(g *Graph) {
		last, _ := Loop(1000, []Value{g.Input("x", F64, 1)}, nil, func(_ Value, c, _ []Value) ([]Value, []Value) {
			return []Value{e.Of(c[0])}, nil
		})
		g.Output("y", last[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	run := func() error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		stop = cancel
		return prog.Run(ctx, Call{N: 1, In: []Array{F64s([]float64{3})}, Out: []Array{F64s(make([]float64, 1))}})
	}
	if err := run(); !errors.Is(err, context.Canceled) || calls != 5 {
		t.Errorf("%v after %d calls", err, calls)
	}
	if err := run(); err != nil || calls != 1005 {
		t.Errorf("the next run: %v after %d calls", err, calls-5)
	}
}

// Within keeps what is finite of anything, in short and long vectors of both types.
func TestWithin(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	edge := []float64{1, inf, -2, nan, -inf, 1 << 60, -(1 << 60), 1 << 61, 0, math.Copysign(0, -1), 1e300}
	for _, n := range []int{1, 5, 11, 600} {
		x, v := make([]float64, n), make([]float64, n)
		for i := range x {
			v[i], x[i] = float64(i), edge[(i*7+n)%len(edge)]
		}
		prog, err := Compile(func(g *Graph) {
			a, b := g.Input("v", F64, n), g.Input("x", F64, n)
			g.Output("y", Within(a, b))
			g.Output("narrow", Cast(Within(Cast(a, F32), Cast(b, F32)), F64))
			g.Output("number", Within(b, b))
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, plain := range []bool{false, true} {
			in := x
			if plain {
				in = v
			}
			out := run64(t, prog, 1, [][]float64{v, in}, nil)
			for i := range v {
				want, number := v[i], in[i]
				if !(math.Abs(in[i]) <= 1<<60) {
					want, number = 0, 0
				}
				if out[0][i] != want || out[1][i] != want || out[2][i] != number {
					t.Fatalf("%d elements, x = %v: %v, %v in float32, %v of itself", n, in[i], out[0][i], out[1][i],
						out[2][i])
				}
			}
		}
	}
}

// A cotangent that is infinite or no number stops at FiniteGradient, in its own row only; what is finite passes
// unchanged.
func TestFiniteGradient(t *testing.T) {
	prog, err := Compile(func(g *Graph) {
		x, w := g.Input("x", F64, 2), g.Shared("w", F64, 2)
		y := FiniteGradient(Mul(x, w))
		g.Output("loss", BatchSum(Sum(Sqrt(y))))
		g.Output("gradient", Grad(BatchSum(Sum(Sqrt(y))), w)[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	loss, grad := make([]float64, 1), make([]float64, 2)
	x := []float64{4, 9, 0, 16, -1, 1, 25, 1}
	call := Call{N: 4, In: []Array{F64s(x), F64s([]float64{1, 1})}, Out: []Array{F64s(loss), F64s(grad)}}
	if err := prog.Run(context.Background(), call); err != nil {
		t.Fatal(err)
	}
	// ½√x of rows 0 and 3; the second elements of rows 1 and 2 are lost with their neighbours.
	if grad[0] != 1+2.5 || grad[1] != 1.5+.5 || !math.IsNaN(loss[0]) {
		t.Errorf("loss %v, gradient %v", loss, grad)
	}
}
