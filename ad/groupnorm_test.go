package ad

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func normProblems() []problem {
	return []problem{
		{"group_norm", [][]int{{3, 2, 4}}, [][]int{{4}, {4}}, -1, 1,
			func(g *Graph, x, w []Value) Value { return GroupNorm(x[0], w[0], w[1], 2, 1e-3) }},
		{"group_norm_own", [][]int{{5, 3}, {3}, {3}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return GroupNorm(x[0], x[1], x[2], 3, 1e-3) }},
		{"group_norm_twice", [][]int{{2, 3}}, nil, -1, 1, func(g *Graph, x, w []Value) Value {
			// The scale depends on what is scaled.
			return GroupNorm(x[0], At(x[0], 0, 1), Sum(x[0], 0), 1, 1e-2)
		}},
	}
}

// TestGroupNormIsItsFormula compares the fast routine with the definition, also where the mean is much larger than what
// lies about it.
func TestGroupNormIsItsFormula(t *testing.T) {
	for _, shape := range [][]int{{7, 5, 6}, {1, 12}, {400, 36}, {3, 4096}} {
		c := shape[len(shape)-1]
		p := problem{in: [][]int{shape}, shared: [][]int{{c}, {c}}, lo: -1, hi: 1}
		for _, groups := range []int{1, 2, c} {
			prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
				flat := Reshape(x[0], -1, c)
				return []Value{GroupNorm(x[0], w[0], w[1], groups, 1e-5),
					normFormula(flat, w[0], w[1], normAttr{groups, 0, 1e-5})}
			})
			in := p.draw(2, 3)
			for i := range in[0] {
				in[0][i] += 1000
			}
			got := run64(t, prog, 2, in, nil)
			for i, v := range got[1] {
				if !close64(got[0][i], v, 1e-9) {
					t.Fatalf("%v in %d groups: element %d is %g, want %g", shape, groups, i, got[0][i], v)
				}
			}
		}
	}
}

func TestGroupNormRefusals(t *testing.T) {
	for want, f := range map[string]func(x, a Value){
		"3 groups do not divide the 4 channels": func(x, a Value) { GroupNorm(x, a, a, 3, 1e-5) },
		"0 groups":                              func(x, a Value) { GroupNorm(x, a, a, 0, 1e-5) },
		"scale and shift":                       func(x, a Value) { GroupNorm(x, a, Slice(a, 0, 0, 2), 2, 1e-5) },
		"two axes or more":                      func(x, a Value) { GroupNorm(a, a, a, 2, 1e-5) },
		"ε = NaN":                               func(x, a Value) { GroupNorm(x, a, a, 2, math.NaN()) },
	} {
		err := Trace(func(g *Graph) { f(g.Input("x", F32, 5, 4), g.Shared("a", F32, 4)) })
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestGroupNormBits: a row has the same bits alone.
func TestGroupNormBits(t *testing.T) {
	p := problem{in: [][]int{{9, 9, 8}}, shared: [][]int{{8}, {8}}, lo: -1, hi: 1}
	prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
		y := GroupNorm(x[0], w[0], w[1], 4, 1e-5)
		return []Value{y, VJP([]Value{y}, []Value{Sin(y)}, x)[0]}
	})
	in := p.draw(5, 3)
	all := run64(t, prog, 5, in, nil)
	one := run64(t, prog, 1, [][]float64{in[0][3*648 : 4*648], in[1], in[2]}, nil)
	for i := range one {
		if !slices.Equal(one[i], all[i][3*648:4*648]) {
			t.Errorf("output %d has other bits alone", i)
		}
	}
}
