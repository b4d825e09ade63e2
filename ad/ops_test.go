package ad

import (
	"math"
	"slices"
	"testing"
)

func unaryProblem(name string, lo, hi float64, f func(Value) Value) problem {
	return problem{name: name, in: [][]int{{3}}, lo: lo, hi: hi,
		f: func(g *Graph, x, w []Value) Value { return f(x[0]) }}
}

func binaryProblem(name string, lo, hi float64, f func(a, b Value) Value) problem {
	return problem{name: name, in: [][]int{{2, 3}}, shared: [][]int{{3}}, lo: lo, hi: hi,
		f: func(g *Graph, x, w []Value) Value { return f(x[0], w[0]) }}
}

// spd makes a well-conditioned symmetric positive definite matrix of any matrix.
func spd(g *Graph, a Value) Value {
	d := a.Shape()[a.Rank()-1]
	eye := make([]float64, d*d)
	for i := range d {
		eye[i*d+i] = float64(d)
	}
	return Add(MatMulT(a, a, false, true), g.Const(F64, eye, d, d))
}

// problems holds every differentiable operation of the package.
func problems() []problem {
	ps := []problem{
		unaryProblem("neg", -2, 2, Neg), unaryProblem("abs", .1, 2, Abs), unaryProblem("abs-", -2, -.1, Abs),
		unaryProblem("sqrt", .2, 3, Sqrt), unaryProblem("recip", .3, 2, Recip), unaryProblem("square", -2, 2, Square),
		unaryProblem("exp", -2, 2, Exp), unaryProblem("log", .2, 4, Log), unaryProblem("log1p", -.5, 3, Log1p),
		unaryProblem("expm1", -1, 1, Expm1), unaryProblem("tanh", -2, 2, Tanh), unaryProblem("sigmoid", -3, 3, Sigmoid),
		unaryProblem("softplus", -3, 3, Softplus), unaryProblem("sin", -3, 3, Sin), unaryProblem("cos", -3, 3, Cos),
		unaryProblem("erf", -2, 2, Erf), unaryProblem("log_ndtr", -6, 2, LogNdtr), unaryProblem("lgamma", .3, 5,
			Lgamma),
		unaryProblem("digamma", .3, 5, Digamma), unaryProblem("digamma-", -.7, -.3, Digamma),
		unaryProblem("trigamma", .3, 5, func(x Value) Value { return Polygamma(1, x) }),
		unaryProblem("stirling", .2, 5, Stirling), unaryProblem("stirling_far", 15, 30, Stirling),
		unaryProblem("log1p_square", -3, 3, Log1pSquare), unaryProblem("log1m_exp", -3, -.1, log1mExp),
		binaryProblem("deviance", .5, 4, func(a, b Value) Value { return Deviance(a, b, Sub(Log(b), Log(a))) }),
		binaryProblem("deviance_log", .5, 4,
			func(a, b Value) Value { return DevianceLog(a, Log(b), Sub(Log(b), Log(a))) }),
		unaryProblem("silu", -4, 4, SiLU), unaryProblem("gelu", -3, 3, GELU),
		unaryProblem("cast", -2, 2, func(x Value) Value { return Cast(Sin(x), F64) }),
		unaryProblem("scale", -2, 2, func(x Value) Value { return Shift(Scale(x, 3), 2) }),
		binaryProblem("add", -2, 2, Add), binaryProblem("sub", -2, 2, Sub), binaryProblem("mul", -2, 2, Mul),
		binaryProblem("div", .5, 2, Div), binaryProblem("max", -2, 2, Max), binaryProblem("min", -2, 2, Min),
		binaryProblem("pow", .5, 2, Pow),
		binaryProblem("scalar", -2, 2, func(a, b Value) Value { return Mul(a, Sum(b)) }),
		binaryProblem("select", -2, 2, func(a, b Value) Value { return Select(Less(a, b), Square(a), Mul(a, b)) }),
		{"sum", [][]int{{2, 3, 4}}, nil, -1, 1, func(g *Graph, x, w []Value) Value { return Square(Sum(x[0], 0, 2)) }},
		{"sum_last", [][]int{{2, 20}}, nil, -1, 1, func(g *Graph, x, w []Value) Value { return Square(Sum(x[0], 1)) }},
		{"sum_mid", [][]int{{2, 3, 4}}, nil, -1, 1, func(g *Graph, x, w []Value) Value { return Square(Sum(x[0], 1)) }},
		{"mean", [][]int{{2, 3}}, nil, -1, 1, func(g *Graph, x, w []Value) Value { return Square(Mean(x[0], -1)) }},
		{"max_over", [][]int{{3, 4}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(MaxOver(x[0], 1)) }},
		{"min_over", [][]int{{3, 4}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(MinOver(x[0], 0)) }},
		{"logsumexp", [][]int{{3, 4}}, nil, -3, 3, func(g *Graph, x, w []Value) Value { return LogSumExp(x[0], 1) }},
		{"softmax", [][]int{{3, 4}}, nil, -3, 3, func(g *Graph, x, w []Value) Value { return Softmax(x[0], 0) }},
		{"log_softmax", [][]int{{3, 4}}, nil, -3, 3, func(g *Graph, x, w []Value) Value { return LogSoftmax(x[0], 1) }},
		{"sort", [][]int{{2, 5}}, nil, -3, 3, func(g *Graph, x, w []Value) Value { return Square(Sort(x[0], 1)) }},
		{"cumsum", [][]int{{2, 5}}, nil, -1, 1, func(g *Graph, x, w []Value) Value { return Square(CumSum(x[0], 0)) }},
		{"reshape", [][]int{{2, 6}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(Reshape(x[0], 3, -1)) }},
		{"transpose", [][]int{{2, 3, 4}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(Transpose(x[0], 2, 0, 1)) }},
		{"slice", [][]int{{3, 7}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(SliceStep(x[0], 1, 1, 6, 2)) }},
		{"at", [][]int{{3, 4}}, nil, -1, 1, func(g *Graph, x, w []Value) Value { return Square(At(x[0], 0, 1)) }},
		{"pad", [][]int{{3, 2}}, nil, -1, 1, func(g *Graph, x, w []Value) Value { return Square(Pad(x[0], 1, 1, 2)) }},
		{"diag", [][]int{{3, 3}}, nil, -1, 1, func(g *Graph, x, w []Value) Value { return Square(Diag(x[0])) }},
		{"concat", [][]int{{2, 3}, {2, 1}}, [][]int{{2, 2}}, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(Concat(1, x[0], w[0], x[1])) }},
		{"stack", [][]int{{3}, {3}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(Stack(1, x[0], x[1])) }},
		{"broadcast", [][]int{{2, 1, 3}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(BroadcastTo(x[0], 2, 2, 4, 3)) }},
		{"gather", [][]int{{4, 2}}, [][]int{{3, 2}}, -1, 1, func(g *Graph, x, w []Value) Value {
			idx := g.Const(I32, []float64{2, 0, 2}, 3)
			return Mul(Gather(x[0], idx), Gather(w[0], idx))
		}},
		{"gather_own", [][]int{{3}}, [][]int{{4, 2}}, -1, 1, func(g *Graph, x, w []Value) Value {
			return Mul(Gather(w[0], ArgSort(x[0], 0)), Reshape(x[0], 3, 1))
		}},
		{"scatter_add", [][]int{{3, 2}}, nil, -1, 1, func(g *Graph, x, w []Value) Value {
			return Square(ScatterAdd(x[0], g.Const(I32, []float64{1, 3, 1}, 3), 4))
		}},
		{"take_along", [][]int{{2, 4}}, nil, -1, 1, func(g *Graph, x, w []Value) Value {
			return Square(TakeAlong(x[0], g.Const(I32, []float64{3, 0, 1, 1}, 2, 2), 1))
		}},
		{"matmul", [][]int{{2, 3}, {3, 4}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(MatMul(x[0], x[1])) }},
		{"matmul_shared", [][]int{{2, 3}}, [][]int{{3, 4}}, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(MatMul(x[0], w[0])) }},
		{"matmul_left", [][]int{{3, 2}}, [][]int{{4, 3}}, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(MatMul(w[0], x[0])) }},
		{"matmul_vector", [][]int{{3}}, [][]int{{3, 4}}, -1, 1,
			func(g *Graph, x, w []Value) Value { return Tanh(MatMul(x[0], w[0])) }},
		{"matmul_column", [][]int{{3}}, [][]int{{4, 3}}, -1, 1,
			func(g *Graph, x, w []Value) Value { return Tanh(MatMul(w[0], x[0])) }},
		{"matmul_batched", [][]int{{2, 3, 4}, {2, 4, 3}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(MatMul(x[0], x[1])) }},
		{"matmul_lead", [][]int{{2, 3, 4}}, [][]int{{4, 5}}, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(MatMul(x[0], w[0])) }},
		{"cholesky", [][]int{{3, 3}}, nil, -1, 1, func(g *Graph, x, w []Value) Value { return Cholesky(spd(g, x[0])) }},
		{"cholesky_batched", [][]int{{2, 3, 3}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Cholesky(spd(g, x[0])) }},
		{"solve", [][]int{{3, 3}, {3, 2}}, nil, -1, 1, func(g *Graph, x, w []Value) Value {
			return TriangularSolve(Cholesky(spd(g, x[0])), x[1], false)
		}},
		{"solve_t", [][]int{{3, 3}, {3}}, nil, -1, 1, func(g *Graph, x, w []Value) Value {
			return TriangularSolve(Cholesky(spd(g, x[0])), x[1], true)
		}},
		{"logdet", [][]int{{3, 3}}, nil, -1, 1, func(g *Graph, x, w []Value) Value { return LogDet(spd(g, x[0])) }},
		{"batch_sum", [][]int{{3}}, [][]int{{3}}, -1, 1, func(g *Graph, x, w []Value) Value {
			return Mul(x[0], Tanh(BatchSum(Mul(x[0], w[0]))))
		}},
		{"batch_mean", [][]int{{2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(Sub(x[0], BatchMean(x[0]))) }},
		{"batch_logsumexp", [][]int{{2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Mul(x[0], BatchLogSumExp(Square(x[0]))) }},
		{"random", [][]int{{2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Square(Add(x[0], g.Normal(F64, 2))) }},
		{"within", [][]int{{3}}, [][]int{{3}}, -1, 1, func(g *Graph, x, w []Value) Value {
			// A product with 2⁶⁰ and more lies outside for some of the rows.
			return Mul(Within(Sin(x[0]), Scale(Exp(Scale(w[0], 2)), 1<<59)), Within(x[0], x[0]))
		}},
		{"stop", [][]int{{2}}, nil, -1, 1,
			func(g *Graph, x, w []Value) Value { return Add(Square(x[0]), Scale(StopGradient(Sign(x[0])), 0)) }},
		{"map", [][]int{{4, 2}}, [][]int{{2, 3}}, -1, 1, func(g *Graph, x, w []Value) Value {
			return Map1(func(r Value) Value { return Tanh(MatMul(r, w[0])) }, 0, x[0])
		}},
	}
	for _, trips := range []int{1, 5, 23} {
		ps = append(ps, problem{"loop" + string(rune('a'+trips)), [][]int{{2}, {trips, 2}}, [][]int{{2, 2}}, -1, 1,
			func(g *Graph, x, w []Value) Value {
				last, ys := Loop(trips, []Value{x[0]}, []Value{x[1]}, func(i Value, c, in []Value) ([]Value, []Value) {
					next := Tanh(Add(MatMul(c[0], w[0]), in[0]))
					return []Value{next}, []Value{Mul(next, Cast(i, F64))}
				})
				return Concat(0, last[0], Flatten(ys[0]))
			}})
	}
	ps = append(ps, problem{"loop_nested", [][]int{{2}}, [][]int{{2, 2}}, -1, 1, func(g *Graph, x, w []Value) Value {
		last, _ := Loop(19, []Value{x[0]}, nil, func(i Value, c, _ []Value) ([]Value, []Value) {
			inner, _ := Loop(3, []Value{c[0]}, nil, func(j Value, d, _ []Value) ([]Value, []Value) {
				return []Value{Sin(Add(MatMul(d[0], w[0]), Scale(g.Normal(F64, 2), .1)))}, nil
			})
			return inner, nil
		})
		return last[0]
	}}, problem{"loop_swap", [][]int{{2}, {2}}, nil, -1, 1, func(g *Graph, x, w []Value) Value {
		last, _ := Loop(3, []Value{x[0], x[1]}, nil, func(i Value, c, _ []Value) ([]Value,
			[]Value) {
			return []Value{c[1], c[0]}, nil
		})
		return Mul(last[0], Square(last[1]))
	}}, problem{"loop_shared", [][]int{{2}}, [][]int{{2}}, -1, 1, func(g *Graph, x, w []Value) Value {
		last, _ := Loop(20, []Value{w[0]}, nil, func(i Value, c, _ []Value) ([]Value,
			[]Value) {
			return []Value{Sin(Shift(c[0], .1))}, nil
		})
		return Mul(last[0], x[0])
	}})
	return slices.Concat(ps, loopProblems(), externalProblems(), convProblems(), normProblems(), layerProblems(),
		lstmProblems())
}

func TestGradients(t *testing.T) {
	for _, p := range problems() {
		t.Run(p.name, func(t *testing.T) {
			checkGradient(t, p, func(g *Graph, x, w []Value) Value { return scalar(g, p.f(g, x, w)) }, 3, 2e-7)
		})
	}
}

func TestTangents(t *testing.T) {
	for _, p := range problems() {
		t.Run(p.name, func(t *testing.T) { checkTangent(t, p, p.f, 3, 2e-7) })
	}
}

// Second derivatives: the gradient of a scalar of the gradient. Third: reverse over forward over reverse.
func TestHigherDerivatives(t *testing.T) {
	for _, p := range problems() {
		second := func(g *Graph, x, w []Value) Value {
			var s Value
			all := append(append([]Value(nil), x...), w...)
			for _, d := range Grad(scalar(g, p.f(g, x, w)), all...) {
				s = addOrZero(s, scalar(g, Sin(d)))
			}
			return s
		}
		third := func(g *Graph, x, w []Value) Value {
			all := append(append([]Value(nil), x...), w...)
			var dirs []Value
			for _, v := range all {
				dirs = append(dirs, rowsLike(full(v, .7), v))
			}
			var s Value
			for _, d := range JVP(Grad(scalar(g, p.f(g, x, w)), all...), all, dirs) {
				s = addOrZero(s, scalar(g, d))
			}
			return s
		}
		t.Run(p.name, func(t *testing.T) {
			checkGradient(t, p, second, 2, 1e-6)
			checkGradient(t, p, third, 2, 2e-6)
		})
	}
}

// Every operation under Map and inside a loop: values and gradients.
func TestUnderMapAndLoop(t *testing.T) {
	for _, p := range problems() {
		overBatch := p.name == "batch_sum" || p.name == "batch_mean" || p.name == "batch_logsumexp"
		mapped := p
		mapped.in = nil
		for _, s := range p.in {
			mapped.in = append(mapped.in, append([]int{3}, s...))
		}
		underMap := func(g *Graph, x, w []Value) Value {
			return Map(func(xs []Value) []Value { return []Value{p.f(g, xs, w)} }, 0, x...)[0]
		}
		inLoop := func(g *Graph, x, w []Value) Value {
			last, _ := Loop(2, x, nil, func(i Value, c, _ []Value) ([]Value, []Value) {
				s := scalar(g, p.f(g, c, w))
				next := make([]Value, len(c))
				for j := range c {
					next[j] = Add(c[j], Scale(BroadcastTo(Reshape(Tanh(s)), c[j].Shape()...), .01))
				}
				return next, nil
			})
			var s Value
			for _, l := range last {
				s = addOrZero(s, scalar(g, Square(l)))
			}
			return s
		}
		t.Run(p.name, func(t *testing.T) {
			checkGradient(t, mapped, func(g *Graph, x, w []Value) Value { return scalar(g, underMap(g, x, w)) }, 2,
				1e-6)
			checkTangent(t, mapped, underMap, 2, 1e-6)
			if !overBatch { // which does not live in loops
				checkGradient(t, p, inLoop, 2, 1e-6)
			}
			if p.name != "random" && p.name != "loop_nested" {
				checkMapEqualsParts(t, p)
			}
		})
	}
}

// checkMapEqualsParts runs a program under Map and entry by entry: the bits agree.
func checkMapEqualsParts(t *testing.T, p problem) {
	t.Helper()
	mapped := p
	mapped.in = nil
	for _, s := range p.in {
		mapped.in = append(mapped.in, append([]int{3}, s...))
	}
	whole := mapped.build(t, F64, func(g *Graph, x, w []Value) []Value {
		return Map(func(xs []Value) []Value { return []Value{Cast(p.f(g, xs, w), F64)} }, 0, x...)
	})
	parts := mapped.build(t, F64, func(g *Graph, x, w []Value) []Value {
		var ys []Value
		for k := range 3 {
			var xs []Value
			for _, v := range x {
				xs = append(xs, At(v, 0, k))
			}
			ys = append(ys, Cast(p.f(g, xs, w), F64))
		}
		return []Value{Stack(0, ys...)}
	})
	in := mapped.draw(2, 17)
	a, b := run64(t, whole, 2, in, nil)[0], run64(t, parts, 2, in, nil)[0]
	for i := range a {
		if !close64(a[i], b[i], 1e-13) {
			t.Fatalf("%s: element %d is %g under Map and %g alone", p.name, i, a[i], b[i])
		}
	}
}

func TestValues(t *testing.T) {
	p := problem{in: [][]int{{3}}}
	prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
		v := x[0]
		return []Value{
			LogSumExp(v, 0), Cast(ArgMax(v, 0), F64), Cast(ArgSort(v, 0), F64), CumSum(v, 0), Sort(v, 0), MaxOver(v),
			Softmax(v, 0),
			Cast(Less(v, Zeros(v)), F64), LogNdtr(v), Floor(v), Sign(v),
		}
	})
	got := run64(t, prog, 2, [][]float64{{1, -2, .5, 3, 3, -40}}, nil)
	lse := func(x ...float64) float64 {
		s := 0.0
		for _, v := range x {
			s += math.Exp(v)
		}
		return math.Log(s)
	}
	want := [][]float64{
		{lse(1, -2, .5), lse(3, 3, -40)}, {0, 0}, {1, 2, 0, 2, 0, 1}, {1, -1, -.5, 3, 6, -34}, {-2, .5, 1, -40, 3, 3},
		{1, 3},
		nil, {0, 1, 0, 0, 0, 1},
		{math.Log(.8413447460685429), math.Log(.022750131948179195), math.Log(.6914624612740131),
			math.Log(.9986501019683699), math.Log(.9986501019683699), -804.6084420137539},
		{1, -2, 0, 3, 3, -40}, {1, -1, 1, 1, 1, -1},
	}
	for i, w := range want {
		for j := range w {
			if !close64(got[i][j], w[j], 1e-14) {
				t.Errorf("output %d element %d: %g, want %g", i, j, got[i][j], w[j])
			}
		}
	}
}
