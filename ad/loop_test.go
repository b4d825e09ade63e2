package ad

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// lattice is a loop whose body has an inverse, under options: a carry in two parts, per-iteration inputs and outputs, a
// captured matrix, noise, and a value that may be marked.
func lattice(o LoopOptions, trips int, noisy float64, mark func(Value) Value) func(g *Graph, x, w []Value) Value {
	return func(g *Graph, x, w []Value) Value {
		noise := g.Stream()
		push := func(i, q, in Value) Value {
			if noisy > 0 {
				in = Add(in, Scale(noise.Normal(i, q.DType(), 2), noisy))
			}
			return Scale(Tanh(mark(Add(MatMul(q, w[0]), in))), .1)
		}
		if o.Inverse != nil {
			o.Inverse = func(i Value, next, xs []Value) []Value {
				q := Sub(next[1], Scale(Sin(next[0]), .1))
				return []Value{Sub(next[0], push(i, q, xs[0])), q}
			}
		}
		last, ys := LoopWith(o, trips, x[:2], x[2:], func(i Value, c, in []Value) ([]Value, []Value) {
			p := Add(c[0], push(i, c[1], in[0]))
			return []Value{p, Add(c[1], Scale(Sin(p), .1))}, []Value{Mul(p, Cast(i, p.DType()))}
		})
		return Concat(0, last[0], last[1], Flatten(ys[0]))
	}
}

// inverse asks for lattice's own.
var inverse = LoopOptions{Inverse: func(Value, []Value, []Value) []Value { return nil }}

func plain(v Value) Value { return v }

// loopProblems are loops under every option, with and without marks, alone, short and nested.
func loopProblems() []problem {
	in := func(trips int) [][]int { return [][]int{{2}, {2}, {trips, 2}} }
	w := [][]int{{2, 2}}
	ps := []problem{
		{"loop_kept", in(23), w, -.5, .5, lattice(LoopOptions{KeepAll: true}, 23, 0, plain)},
		{"loop_kept_one", in(1), w, -.5, .5, lattice(LoopOptions{KeepAll: true}, 1, 0, Keep)},
		{"loop_kept_marked", in(5), w, -.5, .5, lattice(LoopOptions{KeepAll: true}, 5, 0, Keep)},
		{"loop_marked", in(23), w, -.5, .5, lattice(LoopOptions{}, 23, 0, Keep)},
		{"loop_inverse", in(7), w, -.5, .5, lattice(inverse, 7, 0, plain)},
		{"loop_inverse_marked", in(4), w, -.5, .5, lattice(inverse, 4, 0, Keep)},
	}
	nested := problem{"loop_kept_nested", [][]int{{2}}, w, -1, 1, func(g *Graph, x, w []Value) Value {
		last, _ := LoopWith(LoopOptions{KeepAll: true}, 3, x, nil, func(i Value, c, _ []Value) ([]Value, []Value) {
			inner, _ := LoopWith(LoopOptions{KeepAll: true}, 2, c, nil, func(j Value, d, _ []Value) ([]Value, []Value) {
				return []Value{Sin(Keep(MatMul(d[0], w[0])))}, nil
			})
			return []Value{Keep(inner[0])}, nil
		})
		return last[0]
	}}
	return append(ps, nested)
}

// Whatever a reverse pass keeps, and whether marks are kept or made again, values and gradients have the same bits; an
// inverse makes its own rounding.
func TestLoopOptionsShareBits(t *testing.T) {
	for _, trips := range []int{0, 1, 5, 16, 17, 60} {
		p := problem{in: [][]int{{2}, {2}, {trips, 2}}, shared: [][]int{{2, 2}}, lo: -.5, hi: .5}
		run := func(o LoopOptions, mark func(Value) Value) [][]float64 {
			prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
				y := scalar(g, lattice(o, trips, .1, mark)(g, x, w))
				return append([]Value{y}, Grad(BatchSum(y), x[0], x[1], x[2], w[0])...)
			})
			return run64(t, prog, 5, p.draw(5, 3), nil)
		}
		want := run(LoopOptions{}, plain)
		all := LoopOptions{KeepAll: true}
		for name, got := range map[string][][]float64{
			"marked": run(LoopOptions{}, Keep), "kept": run(all, plain), "kept, marked": run(all, Keep),
			"inverse": run(inverse, plain), "inverse, marked": run(inverse, Keep),
		} {
			for i := range want {
				for j, v := range want[i] {
					exact := name[:2] != "in" || i == 0
					if exact && got[i][j] != v || math.Abs(got[i][j]-v) > 1e-9*(1+math.Abs(v)) {
						t.Fatalf("%d, %s: output %d element %d is %v, want %v", trips, name, i, j, got[i][j], v)
					}
				}
			}
		}
	}
}

// What is marked costs no operations in the reverse pass; the memory of a reverse pass grows with trips, with its root,
// or not at all.
func TestLoopOptionsCost(t *testing.T) {
	const trips = 900
	compiled := func(o LoopOptions, mark func(Value) Value) *Program {
		p, err := Compile(func(g *Graph) {
			x := []Value{g.Input("p", F64, 2), g.Input("q", F64, 2), g.Shared("in", F64, trips, 2)}
			w := []Value{g.Shared("w", F64, 2, 2)}
			y := scalar(g, Slice(lattice(o, trips, .1, mark)(g, x, w), 0, 0, 4))
			g.Output("gradient", Grad(BatchSum(y), w[0])[0])
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	row := func(p *Program) int { return p.arena / p.rows }
	root, none := compiled(LoopOptions{}, plain), compiled(inverse, plain)
	all := compiled(LoopOptions{KeepAll: true}, plain)
	if a := row(all); a < trips*32 || a > trips*40 {
		t.Errorf("all: %d bytes a row", a)
	}
	if r := row(root); r > 4*30*32 || r < 30*32 {
		t.Errorf("checkpoints: %d bytes a row", r)
	}
	if n := row(none); n > 1000 {
		t.Errorf("inverse: %d bytes a row", n)
	}
	for _, c := range []struct {
		name  string
		o     LoopOptions
		least float64
	}{{"checkpoints", LoopOptions{}, 2}, {"all", LoopOptions{KeepAll: true}, 1}} {
		// What is marked is 2·2·2 of a product, two sums, a scaled normal: 16 operations a run of the body.
		saved := compiled(c.o, plain).Operations() - compiled(c.o, Keep).Operations()
		if saved < c.least*16*trips {
			t.Errorf("%s: marks save %g operations an iteration", c.name, saved/trips)
		}
	}
}

// What no iteration changes is made once, and its gradient is not made row by row: a product of shared matrices in the
// body costs nothing a row, and the cotangent that it gets is summed over the batch before it is multiplied.
func TestLoopInvariants(t *testing.T) {
	const trips, m = 10, 40
	build := func(inside bool) *Program {
		p, err := Compile(func(g *Graph) {
			x, a, b := g.Input("x", F64, m), g.Shared("a", F64, m, m), g.Shared("b", F64, m, m)
			product := func() Value { return MatMul(Tanh(a), b) }
			once := product()
			last, _ := Loop(trips, []Value{x}, nil, func(_ Value, c, _ []Value) ([]Value, []Value) {
				w := once
				if inside {
					w = product()
				}
				row := At(w, 0, 3)
				return []Value{Tanh(Add(MatMul(c[0], w), row))}, nil
			})
			loss := BatchSum(Sum(last[0]))
			g.Output("loss", loss)
			for _, v := range Grad(loss, a, b) {
				g.Output("gradient", v)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	in, out := build(true), build(false)
	if in.Operations() != out.Operations() || in.arena != out.arena {
		t.Errorf("inside %g operations and %d bytes, outside %g and %d",
			in.Operations(), in.arena, out.Operations(), out.arena)
	}
	p := problem{in: [][]int{{m}}, shared: [][]int{{m, m}, {m, m}}, lo: -.3, hi: .3}
	a, b := run64(t, in, 9, p.draw(9, 1), nil), run64(t, out, 9, p.draw(9, 1), nil)
	for i := range a {
		for j, v := range a[i] {
			if v != b[i][j] {
				t.Fatalf("output %d element %d is %v inside and %v outside", i, j, v, b[i][j])
			}
		}
	}
}

// Stacks of a loop do not make its blocks small: the body alone has to fit into the cache.
func TestBlocksOfLoops(t *testing.T) {
	p, err := Compile(func(g *Graph) {
		x, w := g.Input("x", F32, 64), g.Shared("w", F32, 64, 64)
		all := LoopOptions{KeepAll: true}
		last, _ := LoopWith(all, 200, []Value{x}, nil, func(_ Value, c, _ []Value) ([]Value, []Value) {
			return []Value{Tanh(MatMul(c[0], w))}, nil
		})
		g.Output("gradient", Grad(BatchSum(Sum(last[0])), w)[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.rows != 128 {
		t.Errorf("blocks of %d rows, %d bytes of arena", p.rows, p.arena)
	}
}

// An entry of a stream is what Normal draws at that iteration, at any place and as often as asked; an index outside is
// refused.
func TestStream(t *testing.T) {
	p, err := Compile(func(g *Graph) {
		x, at := g.Input("x", F64), g.Shared("at", I32)
		_, ys := Loop(5, []Value{x}, nil, func(i Value, c, _ []Value) ([]Value, []Value) {
			return c, []Value{g.Normal(F64, 3)}
		})
		s := g.Stream()
		_, zs := Loop(5, []Value{x}, nil, func(i Value, c, _ []Value) ([]Value, []Value) {
			return c, []Value{s.Normal(Sub(g.Scalar(I32, 4), i), F64, 3)}
		})
		g.Output("loop", ys[0])
		g.Output("backward", zs[0])
		g.Output("alone", s.Normal(at, F64, 3))
	})
	if err != nil {
		t.Fatal(err)
	}
	out := [][]float64{make([]float64, 30), make([]float64, 30), make([]float64, 6)}
	call := Call{N: 2, In: []Array{F64s(make([]float64, 2)), I32s([]int32{2})}, Seed: 5, IDs: []uint64{9, 7}}
	for _, o := range out {
		call.Out = append(call.Out, F64s(o))
	}
	if err := p.Run(context.Background(), call); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		for slot := range uint32(2) {
			want, k := make([]float64, 6), i
			rng.NewKey(5, 0, 0, slot<<indexBits|uint32(i)).Normals64(want, 3, call.IDs)
			if slot == 1 {
				k = 4 - i
			}
			for r := range 2 {
				for j := range 3 {
					if got := out[slot][r*15+k*3+j]; got != want[r*3+j] {
						t.Fatalf("slot %d, iteration %d: %v, want %v", slot, i, got, want[r*3+j])
					}
				}
			}
		}
	}
	for j, v := range out[2] {
		if v != out[1][j/3*15+2*3+j%3] {
			t.Errorf("entry 2 alone is %v", out[2])
		}
	}
	for _, i := range []int32{-1, 1 << indexBits} {
		call.In[1] = I32s([]int32{i})
		var outside *RangeError
		if err := p.Run(context.Background(), call); !errors.As(err, &outside) || outside.Index != int(i) {
			t.Errorf("index %d: %v", i, err)
		}
	}
}

// Mistakes of the options are told while tracing.
func TestLoopOptionMistakes(t *testing.T) {
	still := func(o LoopOptions) func(x Value) {
		return func(x Value) {
			LoopWith(o, 2, []Value{x}, nil, func(_ Value, c, _ []Value) ([]Value, []Value) { return c, nil })
		}
	}
	both := LoopOptions{KeepAll: true, Inverse: inverse.Inverse}
	narrower := LoopOptions{Inverse: func(_ Value, c, _ []Value) []Value { return []Value{Sum(c[0])} }}
	for want, f := range map[string]func(x Value){
		"ad: loop: what is kept needs no inverse":            still(both),
		"ad: loop: the inverse returns 0 carries, 1 went in": still(inverse),

		"ad: loop: carry 0 is per-sample f64[2] on the way in and per-sample f64[] on the way back": still(narrower),
		"ad: random: the index of a stream is a shared i32 scalar, got per-sample f64[2]": func(x Value) {
			x.n.g.root.Stream().Normal(x, F64)
		},
		"ad: random: the zero Stream": func(x Value) { Stream{}.Normal(x, F64) },
	} {
		_, err := Compile(func(g *Graph) { f(g.Input("x", F64, 2)) })
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
