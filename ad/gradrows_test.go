package ad

import (
	"math"
	"testing"
)

// Gradients by rows are those of each row alone, and their sum is the gradient.
func TestGradRows(t *testing.T) {
	w, x := []float32{.5, -1, 2, .25, 1, -2}, []float32{1, 2, 3, -4, 5, 6, .5, .25}
	const n = 4
	grad, rows, l := make([]float32, 6), make([]float32, 6*n), make([]float32, 1)
	trace := func(g *Graph) {
		a, b := g.Shared("a", F32, 2, 2), g.Shared("b", F32, 2)
		h := Tanh(Add(MatMul(Reshape(g.Input("x", F32, 2), 1, 2), a), Reshape(b, 1, 2)))
		loss := BatchMean(Sum(Square(h)))
		out, by := Grad(loss, a, b), GradRows(loss, a, b)
		g.Output("l", loss)
		g.Output("grad", Concat(0, Reshape(out[0], 4), out[1]))
		g.Output("rows", Concat(0, Reshape(by[0], 4), by[1]))
	}
	p, err := Compile(trace)
	if err != nil {
		t.Fatal(err)
	}
	run := func(x, rows []float32) {
		if err := p.Run(t.Context(), Call{N: len(x) / 2, In: []Array{F32s(w[:4]), F32s(w[4:]), F32s(x)},
			Out: []Array{F32s(l), F32s(grad), F32s(rows)}}); err != nil {
			t.Fatal(err)
		}
	}
	run(x, rows)
	for k := range grad {
		sum := float32(0)
		for i := range n {
			sum += rows[6*i+k]
		}
		if math.Abs(float64(sum-grad[k])) > 1e-6 {
			t.Errorf("%d: %g and %g", k, sum, grad[k])
		}
	}
	for i := range n {
		one := make([]float32, 6)
		run(x[2*i:2*i+2], one)
		for k, v := range grad {
			if math.Abs(float64(v/n-rows[6*i+k])) > 1e-6 || v == 0 {
				t.Errorf("row %d, %d: %g alone, %g among others", i, k, v/n, rows[6*i+k])
			}
		}
	}
}
