package ad

import (
	"fmt"
	"slices"
	"testing"
)

// columned compiles what build does, by columns where that is possible, and says whether it was.
func (p problem) columned(t *testing.T, f func(g *Graph, x, w []Value) []Value) (rows, cols *Program, possible bool) {
	t.Helper()
	trace := func(g *Graph) {
		var x, w []Value
		for i, s := range p.in {
			x = append(x, g.Input(fmt.Sprint("x", i), F64, s...))
		}
		for i, s := range p.shared {
			w = append(w, g.Shared(fmt.Sprint("w", i), F64, s...))
		}
		for i, v := range f(g, x, w) {
			g.Output(fmt.Sprint("y", i), v)
		}
	}
	rows, err := Compile(trace)
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	if cols, err = CompileColumns(trace); err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	g := newGraph(nil)
	trace(g)
	return rows, cols, newPlanner(&Program{}, g, nil, func(int) bool { return true }).inColumns()
}

// Every operation of the package, with its gradient and the gradient's tangent, gives by columns what it gives by
// rows; and a row gives the same bytes in every batch.
func TestColumnsEqualRows(t *testing.T) {
	possible := map[string]bool{}
	index := func(g *Graph) Value { return g.Const(I32, []float64{2, 0, 2, 1}, 4) }
	for _, p := range append(problems(),
		problem{name: "gather_columns", in: [][]int{{3}}, lo: -1, hi: 1,
			f: func(g *Graph, x, w []Value) Value { return Gather(Exp(x[0]), index(g)) }},
		problem{name: "gather_rows", in: [][]int{{3, 2}}, lo: -1, hi: 1,
			f: func(g *Graph, x, w []Value) Value { return Gather(Exp(x[0]), index(g)) }}) {
		rows, cols, ok := p.columned(t, func(g *Graph, x, w []Value) []Value {
			y := p.f(g, x, w)
			out := []Value{y}
			if y.DType() != F64 {
				out[0] = Cast(y, F64)
			}
			grads := Grad(scalar(g, y), x...)
			out = append(out, grads...)
			for i, v := range JVP(grads, x, x) {
				out = append(out, rowsLike(v, x[i]))
			}
			for i := range out {
				out[i] = rowsLike(out[i], x[0])
			}
			return out
		})
		possible[p.name] = ok
		const n = 600
		in := p.draw(n, 5)
		want, got := run64(t, rows, n, in, nil), run64(t, cols, n, in, nil)
		for o := range want {
			for i := range want[o] {
				if !close64(got[o][i], want[o][i], 1e-12) {
					t.Fatalf("%s: output %d element %d: %v by columns, %v by rows", p.name, o, i, got[o][i], want[o][i])
				}
			}
		}
		if !ok {
			continue
		}
		for _, cut := range [][2]int{{0, 1}, {3, 8}, {100, 117}, {599, 600}} {
			part := make([][]float64, len(in))
			for i, x := range in {
				if part[i] = x; i < len(p.in) {
					size := sizeOf(p.in[i])
					part[i] = x[cut[0]*size : cut[1]*size]
				}
			}
			for o, y := range run64(t, cols, cut[1]-cut[0], part, nil) {
				size := len(got[o]) / n
				if !slices.Equal(y, got[o][cut[0]*size:cut[1]*size]) {
					t.Errorf("%s: rows %v of output %d are other bytes in a smaller batch", p.name, cut, o)
				}
			}
		}
	}
	for _, name := range []string{"add", "pow", "exp", "lgamma", "cast", "select", "sum_mid", "logsumexp", "softmax",
		"slice", "pad", "concat", "transpose", "broadcast", "matmul_vector", "matmul_column", "matmul_shared",
		"matmul_left", "map", "gather_columns", "gather_rows"} {
		if !possible[name] {
			t.Errorf("%s has no form by columns", name)
		}
	}
}
