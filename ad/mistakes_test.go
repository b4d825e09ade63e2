package ad

import (
	"context"
	"errors"
	"testing"
)

func TestRangeErrorNamesTheRow(t *testing.T) {
	p, err := Compile(func(g *Graph) {
		i := g.Input("i", I32, 2)
		g.Output("y", Gather(g.Shared("table", F32, 3), i))
	})
	if err != nil {
		t.Fatal(err)
	}
	err = p.Run(context.Background(), Call{N: 200,
		In: []Array{I32s(func() []int32 { x := make([]int32, 400); x[301] = 3; return x }()),
			F32s([]float32{1, 2, 3})},
		Out: []Array{F32s(make([]float32, 400))}})
	var r *RangeError
	if !errors.As(err, &r) || r.Row != 150 || r.Index != 3 || r.Limit != 3 || r.Op != "gather" {
		t.Errorf("got %v", err)
	}
}

func TestMistakesNameOperationAndShapes(t *testing.T) {
	for name, c := range map[string]struct {
		f    func(g *Graph)
		want string
	}{
		"shapes": {func(g *Graph) { Add(g.Input("a", F32, 2), g.Input("b", F32, 3)) },
			"ad: add: shapes do not agree: per-sample f32[2] and per-sample f32[3]"},
		"dtypes": {func(g *Graph) { Mul(g.Input("a", F32, 2), g.Shared("b", F64, 2)) },
			"ad: mul: dtypes differ: per-sample f32[2] and shared f64[2]; use Cast"},
		"matmul": {func(g *Graph) { MatMul(g.Input("a", F32, 2, 3), g.Shared("b", F32, 4, 2)) },
			"ad: matmul: per-sample f32[2,3] and shared f32[4,2] do not agree"},
		"axis": {func(g *Graph) { Sum(g.Input("a", F32, 2), 1) },
			"ad: sum: axis 1 does not exist in per-sample f32[2]"},
		"reshape": {func(g *Graph) { Reshape(g.Input("a", F32, 2), 3) },
			"ad: reshape: per-sample f32[2] does not fit shape [3]"},
		"int": {func(g *Graph) { Exp(g.Input("a", I32, 2)) }, "ad: exp: needs a float, got per-sample i32[2]"},
		"grad": {func(g *Graph) { a := g.Input("a", F32, 2); Grad(a, a) },
			"ad: grad: needs a scalar, got per-sample f32[2]"},
		"carry": {func(g *Graph) {
			a := g.Input("a", F32, 2)
			Loop(2, []Value{a}, nil, func(i Value, c, _ []Value) ([]Value, []Value) { return []Value{Sum(c[0])}, nil })
		}, "ad: loop: carry 0 is per-sample f32[2] on the way in and per-sample f32[] on the way out"},
		"batchsum": {func(g *Graph) {
			a := g.Input("a", F32)
			Loop(2, []Value{a}, nil, func(i Value, c, _ []Value) ([]Value,
				[]Value) {
				return []Value{Mul(c[0], BatchSum(c[0]))}, nil
			})
		}, "ad: batch_sum: is not possible inside a loop; return the summand and sum it outside"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compile(c.f)
			var e *Error
			if !errors.As(err, &e) || err.Error() != c.want {
				t.Errorf("got  %v\nwant %v", err, c.want)
			}
		})
	}
	p := mlp(t, F32, 8)
	if err := p.Run(context.Background(), Call{N: 2}); err == nil {
		t.Error("a call without arrays was accepted")
	}
	c := mlpCall(p, 3)
	c.In[0].F32 = c.In[0].F32[1:]
	if err := p.Run(context.Background(), c); err == nil {
		t.Error("a short input was accepted")
	}
}
