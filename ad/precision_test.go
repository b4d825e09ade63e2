package ad

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// halfProblem is y = f(x,w) and its gradients under a cotangent c, of a batch of n.
type halfProblem struct {
	name    string
	x, w, y []int
	f       func(x, w Value) Value
}

func halfProblems() []halfProblem {
	same := ConvOptions{Pad: [2][2]int{{1, 1}, {1, 1}}}
	down := ConvOptions{Stride: [2]int{2, 2}, Pad: [2][2]int{{1, 1}, {1, 1}}}
	return []halfProblem{
		{"dense", []int{37}, []int{37, 45}, []int{45}, MatMul},
		{"dense of rows", []int{5, 16}, []int{16, 33}, []int{5, 33}, MatMul},
		{"dense turned", []int{20}, []int{31, 20}, []int{31}, func(x, w Value) Value { return MatMulT(x, w, false, true) }},
		{"conv", []int{6, 7, 4}, []int{3, 3, 4, 6}, []int{6, 7, 6},
			func(x, w Value) Value { return Conv2D(x, w, same) }},
		{"conv of odd channels", []int{5, 5, 3}, []int{3, 3, 3, 5}, []int{5, 5, 5},
			func(x, w Value) Value { return Conv2D(x, w, same) }},
		{"conv of strides", []int{8, 8, 4}, []int{3, 3, 4, 6}, []int{4, 4, 6},
			func(x, w Value) Value { return Conv2D(x, w, down) }},
		{"conv of long rows", []int{2, 40, 2}, []int{3, 3, 2, 2}, []int{2, 40, 2},
			func(x, w Value) Value { return Conv2D(x, w, same) }},
	}
}

// compile is the problem's program: y and the gradients at x and, summed over the batch, at w.
func (p halfProblem) compile(t *testing.T, precision Precision) *Program {
	t.Helper()
	prog, err := Compile(func(g *Graph) {
		g.Products(precision)
		x, w, c := g.Input("x", F32, p.x...), g.Shared("w", F32, p.w...), g.Input("c", F32, p.y...)
		y := p.f(x, w)
		g.Output("y", y)
		g.Output("dx", VJP([]Value{y}, []Value{c}, []Value{x})[0])
		g.Output("dw", Grad(BatchSum(Sum(Mul(y, c))), w)[0])
	})
	if err != nil {
		t.Fatal(p.name, err)
	}
	return prog
}

func (p halfProblem) run(t *testing.T, prog *Program, pool *Pool, n int, x, w, c []float32) [3][]float32 {
	t.Helper()
	out := [3][]float32{make([]float32, len(c)), make([]float32, len(x)), make([]float32, len(w))}
	if err := prog.Run(t.Context(), Call{N: n, Pool: pool, In: []Array{F32s(x), F32s(w), F32s(c)},
		Out: []Array{F32s(out[0]), F32s(out[1]), F32s(out[2])}}); err != nil {
		t.Fatal(p.name, err)
	}
	return out
}

// A program of bfloat16 gives what one of float32 gives for rounded operands, but for the order of sums, forward and
// back, and the same bytes by one worker and by two; the float32 program is another.
func TestBF16Program(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	draw := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	round := func(x []float32) []float32 {
		y := make([]float32, len(x))
		simd.RoundBF16(y, x)
		return y
	}
	size := func(shape []int) int {
		n := 1
		for _, s := range shape {
			n *= s
		}
		return n
	}
	pool := NewPool(2)
	defer pool.Close()
	for _, p := range halfProblems() {
		const n = 301
		x, w, c := draw(n*size(p.x)), draw(size(p.w)), draw(n*size(p.y))
		half, full := p.compile(t, BF16), p.compile(t, Full)
		got, plain := p.run(t, half, nil, n, x, w, c), p.run(t, full, nil, n, x, w, c)
		want := p.run(t, full, nil, n, round(x), round(w), round(c))
		two := p.run(t, half, pool, n, x, w, c)
		for k, what := range []string{"y", "dx", "dw"} {
			if !slices.Equal(got[k], two[k]) {
				t.Errorf("%s: %s by two workers is another", p.name, what)
			}
			most, scale, from32 := 0., 0., 0.
			for i, v := range want[k] {
				most = max(most, math.Abs(float64(v-got[k][i])))
				scale = max(scale, math.Abs(float64(v)))
				from32 = max(from32, math.Abs(float64(plain[k][i]-got[k][i])))
			}
			odd := p.name == "conv of odd channels" // whose sums over odd channels stay float32
			if most > 1e-5*scale && !odd || most > .02*scale {
				t.Errorf("%s: %s differs from float32 of rounded operands by %g of %g", p.name, what, most, scale)
			}
			if from32 < 1e-4*scale && !(odd && k < 2) {
				t.Errorf("%s: %s is the one of float32 but for %g of %g", p.name, what, from32, scale)
			}
		}
	}
}
