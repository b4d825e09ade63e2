package ad

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func lstmProblems() []problem {
	return []problem{
		{"lstm", [][]int{{3, 8}}, [][]int{{8, 2}}, -1, 1,
			func(g *Graph, x, w []Value) Value { return LSTM(x[0], w[0]) }},
		{"lstm_one", [][]int{{1, 4}}, [][]int{{4, 1}}, -1, 1,
			func(g *Graph, x, w []Value) Value { return LSTM(x[0], w[0]) }},
		{"lstm_own", [][]int{{2, 4}, {4, 1}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return LSTM(x[0], x[1]) }},
	}
}

// naiveLSTM is the definition, unit by unit.
func naiveLSTM(in, u []float64, l, w int) []float64 {
	out, h, c := make([]float64, l*w), make([]float64, w), make([]float64, w)
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for t := range l {
		gate := make([]float64, 4*w)
		for k := range gate {
			gate[k] = in[t*4*w+k]
			for j, v := range h {
				gate[k] += u[k*w+j] * v
			}
		}
		for j := range w {
			c[j] = sigmoid(gate[w+j])*c[j] + sigmoid(gate[j])*math.Tanh(gate[2*w+j])
			h[j] = sigmoid(gate[3*w+j]) * math.Tanh(c[j])
		}
		copy(out[t*w:], h)
	}
	return out
}

// TestLSTM compares the routine with the definition, its gradient with that of the formula, in blocks of all sizes.
func TestLSTM(t *testing.T) {
	for _, s := range [][2]int{{1, 1}, {5, 3}, {7, 40}, {20, 64}} {
		l, w := s[0], s[1]
		for _, d := range []DType{F64, F32} {
			p := problem{in: [][]int{{l, 4 * w}, {l, w}}, shared: [][]int{{4 * w, w}}, lo: -1, hi: 1}
			prog := p.build(t, d, func(g *Graph, x, u []Value) []Value {
				in := x[0]
				all := []Value{}
				for _, h := range []Value{LSTM(in, u[0]), lstmFormula(in, u[0])} {
					grads := Grad(BatchSum(Sum(Mul(h, x[1]))), u[0])
					all = append(all, h, VJP([]Value{h}, x[1:2], x[:1])[0], Rows(grads[0]))
				}
				return all
			})
			const n = 70
			in := p.draw(n, 3)
			got := runAs(t, prog, d, n, in)
			tol := 1e-4
			if d == F64 {
				tol = 1e-10
			}
			near := func(what string, have, want []float64) {
				most := 1.
				for _, v := range want {
					most = max(most, math.Abs(v))
				}
				for i, v := range want {
					if !(math.Abs(have[i]-v) <= tol*most) {
						t.Fatalf("%v of %v: %s at %d is %g, want %g", s, d, what, i, have[i], v)
					}
				}
			}
			for r := range n {
				near("state", got[0][r*l*w:(r+1)*l*w], naiveLSTM(in[0][r*l*4*w:(r+1)*l*4*w], in[2], l, w))
			}
			near("cotangent of the inputs", got[1], got[4])
			near("gradient of the weights", got[2], got[5])
		}
	}
}

// TestLSTMBits: a row has the same bits alone, and in a batch of several blocks; states without a gradient are those
// with one.
func TestLSTMBits(t *testing.T) {
	const l, w, n = 9, 12, 150
	p := problem{in: [][]int{{l, 4 * w}}, shared: [][]int{{4 * w, w}}, lo: -1, hi: 1}
	prog := p.build(t, F64, func(g *Graph, x, u []Value) []Value {
		y := LSTM(x[0], u[0])
		return []Value{y, VJP([]Value{y}, []Value{Sin(y)}, x)[0]}
	})
	alone := p.build(t, F64, func(g *Graph, x, u []Value) []Value { return []Value{LSTM(x[0], u[0])} })
	in := p.draw(n, 3)
	all := run64(t, prog, n, in, nil)
	if states := run64(t, alone, n, in, nil)[0]; !slices.Equal(states, all[0]) {
		t.Error("states have other bits without a gradient")
	}
	for _, r := range []int{0, 77, n - 1} {
		one := run64(t, prog, 1, [][]float64{in[0][r*l*4*w : (r+1)*l*4*w], in[1]}, nil)
		for i, size := range []int{l * w, l * 4 * w} {
			if !slices.Equal(one[i], all[i][r*size:(r+1)*size]) {
				t.Errorf("output %d of row %d has other bits alone", i, r)
			}
		}
	}
}

func TestLSTMRefusals(t *testing.T) {
	for want, f := range map[string]func(x, u Value){
		"are not [L,4W] and [4W,W]": func(x, u Value) { LSTM(x, Slice(u, 0, 0, 4)) },
		"needs inputs":              func(x, u Value) { LSTM(At(x, 0, 0), u) },
	} {
		err := Trace(func(g *Graph) { f(g.Input("x", F32, 5, 8), g.Shared("u", F32, 8, 2)) })
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
