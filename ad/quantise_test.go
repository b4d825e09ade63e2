package ad

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// bytesProblem is a halfProblem whose first operand is quantised; x has width [out,in] or a kernel.
func (p halfProblem) quantised(t *testing.T, d DType, precision Precision, g Grid) *Program {
	t.Helper()
	prog, err := Compile(func(gr *Graph) {
		gr.Products(precision)
		x, w, c := gr.Input("x", d, p.x...), gr.Shared("w", d, p.w...), gr.Input("c", d, p.y...)
		y := p.f(Quantise(x, g), w)
		gr.Output("y", y)
		gr.Output("dx", VJP([]Value{y}, []Value{c}, []Value{x})[0])
		gr.Output("dw", Grad(BatchSum(Sum(Mul(y, c))), w)[0])
	})
	if err != nil {
		t.Fatal(p.name, err)
	}
	return prog
}

// The integer path is the fake-quantised path: a program of bytes gives what float64 gives for rounded activations and
// rounded weights, but for the rounding of its results; derivatives are those of float32; two workers and other batches
// give the same bytes.
func TestInt8Program(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	pool := NewPool(2)
	defer pool.Close()
	g := Grid{Scale: .02, Zero: 117}
	for _, p := range halfProblems() {
		const n = 301
		draw := func(n int) []float32 {
			x := make([]float32, n)
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
			return x
		}
		x, w, c := draw(n*sizeOf(p.x)), draw(sizeOf(p.w)), draw(n*sizeOf(p.y))
		// weights on grids of their columns, which are rows of the transpose
		turned := p.name == "dense turned"
		k, out := len(w)/p.w[len(p.w)-1], p.w[len(p.w)-1]
		wt := slices.Clone(w)
		if turned {
			k, out = out, k
		} else {
			simd.Transpose32(wt, k, w, out, k, out)
		}
		simd.Columns8(wt, out, k)
		if turned {
			copy(w, wt)
		} else {
			simd.Transpose32(w, out, wt, k, out, k)
		}
		wide := func(x []float32) []float64 {
			y := make([]float64, len(x))
			simd.CvtF32F64(y, x)
			return y
		}
		ref := p.quantised(t, F64, Full, g)
		want := [3][]float64{make([]float64, len(c)), make([]float64, len(x)), make([]float64, len(w))}
		if err := ref.Run(t.Context(), Call{N: n, In: []Array{F64s(wide(x)), F64s(wide(w)), F64s(wide(c))},
			Out: []Array{F64s(want[0]), F64s(want[1]), F64s(want[2])}}); err != nil {
			t.Fatal(p.name, err)
		}
		fast := p.quantised(t, F32, Int8, g)
		got := p.run(t, fast, nil, n, x, w, c)
		fake := p.run(t, p.quantised(t, F32, Full, g), nil, n, x, w, c)
		two := p.run(t, fast, pool, n, x, w, c)
		for i, what := range []string{"y", "dx", "dw"} {
			if !slices.Equal(got[i], two[i]) {
				t.Errorf("%s: %s by two workers is another", p.name, what)
			}
			most, scale := 0., 0.
			for j, v := range want[i] {
				most, scale = max(most, math.Abs(v-float64(got[i][j]))), max(scale, math.Abs(v))
			}
			if most > 3e-6*scale {
				t.Errorf("%s: %s differs from the fake-quantised float64 by %g of %g", p.name, what, most, scale)
			}
		}
		if slices.Equal(got[0], fake[0]) {
			t.Errorf("%s: the program of bytes has the bytes of float32 sums: was it one?", p.name)
		}
		some := p.run(t, fast, nil, 7, x[:7*sizeOf(p.x)], w, c[:7*sizeOf(p.y)])
		if !slices.Equal(some[0], got[0][:len(some[0])]) {
			t.Errorf("%s: seven rows alone are others", p.name)
		}
	}
}

// Rounding is to the nearest of the grid, to its ends, and NaN where x is not finite, in both precisions.
func TestQuantise(t *testing.T) {
	g := Grid{Scale: .5, Zero: 10}
	in := []float64{0, .24, .26, .75, 1.25, -4.9, -5.1, -100, 122.4, 122.6, 1e30, math.Inf(1), math.NaN()}
	want := []float64{0, 0, .5, 1, 1, -5, -5, -5, 122.5, 122.5, 122.5, math.NaN(), math.NaN()}
	for _, d := range []DType{F32, F64} {
		prog, err := Compile(func(gr *Graph) {
			gr.Products(Int8)
			gr.Output("y", Reshape(Quantise(gr.Input("x", d, len(in)), g), 1, len(in)))
		})
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, len(in))
		if d == F64 {
			err = prog.Run(t.Context(), Call{N: 1, In: []Array{F64s(in)}, Out: []Array{F64s(got)}})
		} else {
			x, y := make([]float32, len(in)), make([]float32, len(in))
			simd.CvtF64F32(x, in)
			err = prog.Run(t.Context(), Call{N: 1, In: []Array{F32s(x)}, Out: []Array{F32s(y)}})
			simd.CvtF32F64(got, y)
		}
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v: %v became %v, not %v", d, in, got, want)
		}
	}
	for _, s := range []float32{0, -1, float32(math.NaN()), float32(math.Inf(1)), 1e-45} {
		if _, err := Compile(func(gr *Graph) { gr.Output("y", Quantise(gr.Input("x", F32, 1), Grid{Scale: s})) }); err == nil {
			t.Errorf("a grid of steps of %v", s)
		}
	}
}
