package ad

import "testing"

// Solving, the exponential and eigenvalues: derivatives of every order against differences, and what they are by their
// definitions.
func TestDense(t *testing.T) {
	shifted := func(g *Graph, x Value) Value { return Add(x, g.Const(F64, []float64{4, 0, 0, 0, 5, 0, 0, 0, 7}, 3, 3)) }
	for _, p := range []problem{
		{"solve", [][]int{{3, 3}, {3, 2}}, nil, -1, 1, func(g *Graph, x, _ []Value) Value {
			return Solve(shifted(g, x[0]), x[1])
		}},
		{"inverse", [][]int{{3, 3}}, nil, -1, 1, func(g *Graph, x, _ []Value) Value {
			return Inverse(shifted(g,
				x[0]))
		}},
		{"many solve", [][]int{{2, 3, 3}, {3}}, nil, -1, 1, func(g *Graph, x, _ []Value) Value {
			return Solve(shifted(g, x[0]), Reshape(x[1], 3, 1))
		}},
		{"matrix exp", [][]int{{3, 3}}, nil, -1, 1, func(_ *Graph, x, _ []Value) Value { return MatrixExp(x[0]) }},
		{"eigenvalues", [][]int{{3, 3}}, nil, -1, 1, func(g *Graph, x, _ []Value) Value {
			v, _ := EigenSymmetric(shifted(g, x[0]))
			return v
		}},
		{"eigenvectors", [][]int{{3, 3}}, nil, -1, 1, func(g *Graph, x, _ []Value) Value {
			v, u := EigenSymmetric(shifted(g, x[0]))
			return Concat(0, Reshape(v, 1, 3), u)
		}},
	} {
		first := func(g *Graph, x, w []Value) Value { return scalar(g, p.f(g, x, w)) }
		checkGradient(t, p, first, 2, 1e-6)
		checkTangent(t, p, p.f, 2, 1e-6)
		checkGradient(t, p, func(g *Graph, x, w []Value) Value {
			var s Value
			for _, d := range Grad(first(g, x, w), x...) {
				s = addOrZero(s, scalar(g, Sin(d)))
			}
			return s
		}, 1, 1e-5)
	}
	// A·A⁻¹ = I, e^A·e^{−A} = I, VΛVᵀ = A
	p := problem{"identities", [][]int{{3, 3}}, nil, -1, 1, nil}
	prog := p.build(t, F64, func(g *Graph, x, _ []Value) []Value {
		a := shifted(g, x[0])
		a = Scale(Add(a, Transpose(a)), .5)
		v, u := EigenSymmetric(a)
		zero := Sub(MatMul(a, Inverse(a)), identity(a))
		zero = Add(zero, Sub(MatMul(MatrixExp(a), MatrixExp(Neg(a))), identity(a)))
		return []Value{zero, Sub(MatMul(Mul(u, v), Transpose(u)), a)}
	})
	for k, out := range run64(t, prog, 5, p.draw(5, 1), nil) {
		for _, v := range out {
			if !close64(v, 0, 1e-12) {
				t.Errorf("identity %d is off by %g", k, v)
			}
		}
	}
}
